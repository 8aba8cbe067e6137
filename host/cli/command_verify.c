/* escapement verify: every instruction set of this machine and its GPU against the plain loops, in
 * bits, and the estimates against exact values. A line for each comparison; 1 if any of them fails.
 */
#include "command.h"

#include <math.h>
#include <stdio.h>

#include "interrupt.h"
#include "options.h"
#include "verify_bits.h"
#include "verify_cases.h"

/* With fixed seeds this either always passes or always fails; under a change of the seed five
 * standard errors fail once in a million. */
static const double most_errors = 5.0;
enum { REPLAYS = 32 };

/* What is compared: a backend, of the CPU with an instruction set. */
typedef struct subject {
  const char *backend, *isa;
  int threads;
} subject;

static const subject plain = {"cpu", "baseline", 1}, best = {"cpu", "auto", 0},
                     gpu = {"cuda", "auto", 0};
static const char *const sets[] = {"baseline", "avx2", "avx512"};
enum { SETS = sizeof sets / sizeof sets[0] };

static int line(const char *name, const char *state, const char *what, const char *verdict)
{
  printf("%-32s %-4s %-34s %s\n", name, state, what, verdict);
  fflush(stdout);
  return 0;
}

static int broken(const char *name, const char *state, const char *what)
{
  char verdict[160];
  snprintf(verdict, sizeof verdict, "FAILED: %.140s", esc_last_error());
  line(name, state, what, verdict);
  return 1;
}

static esc_status run_on(const subject *on, const esc_verify_case *which, esc_device **device,
                         esc_result **result)
{
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  esc_run_options run_options = ESC_RUN_OPTIONS_INIT;
  run_options.cancel = esc_interrupted;
  options.backend = on->backend;
  options.isa = on->isa;
  options.threads = on->threads;
  const esc_status status = esc_device_open(&options, device);
  return status ? status : esc_run(*device, &which->experiment, &run_options, result);
}

/* One of them against the baseline's report, and its own replays. */
static int compare_with(const subject *on, const esc_verify_case *which, const esc_report *baseline,
                        const char *state)
{
  char what[64];
  esc_device *device = NULL;
  esc_result *result = NULL;
  snprintf(what, sizeof what, "%s%s", on == &gpu ? "cuda" : on->isa,
           on == &gpu         ? ""
           : on->threads == 1 ? ", 1 thread"
                              : ", all threads");
  esc_status status = run_on(on, which, &device, &result);
  const char *differs = NULL;
  if (!status) {
    const esc_report *const report = esc_result_report(result);
    differs = esc_reports_differ(baseline, report);
    if (!differs)
      differs = esc_replays_differ(device, &which->experiment, report, REPLAYS, &status);
  }
  int failed = differs != NULL;
  char verdict[96];
  snprintf(verdict, sizeof verdict, differs ? "FAILED: %s differs" : "same bits",
           differs ? differs : "");
  if (status)
    failed = broken(which->name, state, what);
  else
    line(which->name, state, what, verdict);
  esc_result_free(result);
  esc_device_close(device);
  return failed;
}

static int compare_bits(esc_verify_case *which, esc_state state, int has_gpu)
{
  const char *const state_name = state == ESC_STATE_F32 ? "f32" : "f64";
  esc_device *device = NULL;
  esc_result *result = NULL;
  int failures = 0;
  which->experiment.state = state;
  if (run_on(&plain, which, &device, &result))
    failures = broken(which->name, state_name, "baseline, 1 thread");
  for (int i = 0; i < SETS && !failures && result; i++)
    if (esc_isa_available(sets[i])) {
      const subject on = {"cpu", sets[i], 0};
      failures += compare_with(&on, which, esc_result_report(result), state_name);
    }
  if (has_gpu && !failures && result)
    failures += compare_with(&gpu, which, esc_result_report(result), state_name);
  esc_result_free(result);
  esc_device_close(device);
  return failures;
}

/* The estimate that the exact value is about, and its standard error. */
static esc_estimate estimate_of(const esc_verify_case *which, const esc_report *report,
                                double *error)
{
  const double exact = which->exact, n = (double)report->trajectories;
  esc_estimate estimate = {ESC_NAN_, ESC_NAN_, ESC_NAN_};
  if (which->exact_kind == ESC_EXACT_RIGHT) {
    estimate = report->outcomes[1].fraction; /* left, right */
    *error = sqrt(exact * (1.0 - exact) / n);
  } else if (which->exact_kind == ESC_EXACT_MEAN_STEPS) {
    estimate = report->exit_steps.mean;
    *error = report->exit_steps.sd / sqrt(n);
  } else {
    estimate = report->final[0].variance;
    *error = exact * sqrt(2.0 / n); /* a normal law */
  }
  return estimate;
}

static int compare_exact(esc_verify_case *which, const subject *on, esc_math math)
{
  esc_device *device = NULL;
  esc_result *result = NULL;
  int failed = 0;
  which->experiment.math = math;
  if (run_on(on, which, &device, &result)) {
    failed = broken(which->name, "f32", "exact value");
  } else {
    char what[64], verdict[64];
    double error = ESC_NAN_;
    const double value = estimate_of(which, esc_result_report(result), &error).value;
    const double z = (value - which->exact) / error;
    failed = !(fabs(z) < most_errors);
    snprintf(what, sizeof what, "%s%.8g, exact %.8g",
             on != &gpu              ? ""
             : math == ESC_MATH_FAST ? "fast: "
                                     : "cuda: ",
             value, which->exact);
    snprintf(verdict, sizeof verdict, "%sz = %+.2f", failed ? "FAILED: " : "", z);
    line(which->name, "f32", what, verdict);
  }
  esc_result_free(result);
  esc_device_close(device);
  return failed;
}

/* Whether the GPU takes part. Where there is none that is said, and is no failure. */
static int finds_gpu(void)
{
  const char *why = "";
  const int there = esc_backend_available("cuda", &why);
  if (!there)
    printf("cuda is not compared: %s\n", why);
  return there;
}

static int verify(void)
{
  const int has_gpu = finds_gpu();
  int failures = 0;
  esc_verify_case which;
  esc_interrupt_watch();
  for (int i = 0; !esc_interrupted(NULL) && esc_verify_bits_case(i, &which); i++)
    failures +=
        compare_bits(&which, ESC_STATE_F32, has_gpu) + compare_bits(&which, ESC_STATE_F64, has_gpu);
  for (int i = 0; !esc_interrupted(NULL) && esc_verify_exact_case(i, &which); i++) {
    failures += compare_exact(&which, &best, ESC_MATH_EXACT);
    if (has_gpu) /* fast agrees in distribution alone */
      failures +=
          compare_exact(&which, &gpu, ESC_MATH_EXACT) + compare_exact(&which, &gpu, ESC_MATH_FAST);
  }
  if (esc_interrupted(NULL))
    return ESC_EXIT_INTERRUPTED;
  if (failures)
    printf("%d comparison%s FAILED\n", failures, failures == 1 ? "" : "s");
  else
    printf("all comparisons passed\n");
  return failures ? ESC_EXIT_FAILED : ESC_EXIT_DONE;
}

int esc_command_verify(int argc, char **argv)
{
  esc_options options;
  int status = esc_options_read(&options, argc, argv, ESC_FOR_OTHERS);
  if (!status && options.operand_count > 0)
    status =
        esc_usage_error(argv[0], "expected nothing more, found \"%.60s\"", options.operands[0]);
  else if (!status && options.help)
    printf(
        "escapement verify\n\nCompares the instruction sets of this machine and its GPU with each "
        "other, bit\nby bit, and estimates with exact values. Status 1 if one of them fails.\n");
  else if (!status)
    status = verify();
  esc_options_free(&options);
  return status;
}
