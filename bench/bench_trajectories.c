/* Steps per second of the ensemble engine, per core or on a GPU, for the common combinations,
 * beside what limits it (the random numbers alone, measured in turn with them) and what a user
 * would otherwise write (a scalar loop over Philox and libm, NumPy), all in one run; and what the
 * command takes from the shell's prompt. Each row is checked before it is timed, timed several
 * times in turn with the others, and shown with its spread; a noisy run is flagged.
 *
 *   bench_trajectories [--json] [--backend cpu|cuda] [--isa auto|baseline|avx2|avx512]
 *                      [--seconds S] [--only TEXT] [--check]
 *
 * --seconds: about how long a CPU may take. --only: the rows whose name has TEXT in it, and not the
 * command. --check: only the checks: exact rows against the plain loops of the CPU in bits, fast
 * ones in distribution. A GPU takes several thousand times as many trajectories. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_clock.h"
#include "bench/trajectory_rows.h"
#include "bench/trajectory_yardsticks.h"

#define GPU_SHARE 5000.0 /* times the trajectories of a core */
/* Of the command: 1e9 steps on a CPU, 1e12 on a GPU; a trajectory has 7055.28 in the mean. */
#define COMMAND_STEPS_CPU 1e9
#define COMMAND_STEPS_GPU 1e12
#define MEAN_STEPS        7055.28

enum { MOST_ROWS = 32 };

typedef struct settings {
  esc_device_options device;
  const char *only;
  double share;
  int json, check_only, on_gpu;
  char isa[32];
} settings;

typedef struct measured {
  bench_rounds rate;
  double mean_steps, lane_efficiency;
} measured;

typedef struct table {
  measured row[MOST_ROWS];
  bench_rounds words, scalar, numpy; /* rates */
  bench_rounds command;              /* seconds */
  double command_steps;
} table;

static int is_measured(const settings *set, const trajectory_row *row)
{
  return trajectory_row_fits(row, set->device.backend) &&
         (!set->only || strstr(row->name, set->only));
}

/* --- measuring --- */

/* It also has the kernels compiled before the clock runs. */
static int check_all(const settings *set)
{
  int good = 1;
#if ESC_BENCH_CUDA
  if (set->on_gpu && !yardstick_device_words_right()) {
    fprintf(stderr, "bench_trajectories: the words of the ceiling are not those of the CPU\n");
    good = 0;
  }
#endif
  for (int i = 0; i < trajectory_row_count; i++)
    if (is_measured(set, &trajectory_rows[i]))
      good &= trajectory_row_check(&trajectory_rows[i], &set->device);
  return good;
}

static double words_rate(const settings *set)
{
#if ESC_BENCH_CUDA
  if (set->on_gpu)
    return yardstick_device_words();
#endif
  return set->on_gpu ? 0.0 : yardstick_words(set->isa, set->share);
}

static void measure_command(const settings *set, table *t, int k)
{
  const double steps = set->on_gpu ? COMMAND_STEPS_GPU : COMMAND_STEPS_CPU;
  const double share = set->share < 1.0 ? set->share : 1.0;
  const int64_t trajectories = (int64_t)(steps * share / MEAN_STEPS) + 1;
  if (k == 0 && set->on_gpu) /* its kernel goes into the cache on disk */
    yardstick_command(set->device.backend, 1, &t->command_steps);
  t->command.round[k] =
      k > 0 && t->command.round[0] == 0.0
          ? 0.0
          : yardstick_command(set->device.backend, trajectories, &t->command_steps);
}

static int measure_round(const settings *set, table *t, int k)
{
  trajectory_figures figures;
  for (int i = 0; i < trajectory_row_count; i++) {
    if (!is_measured(set, &trajectory_rows[i]))
      continue;
    if (!trajectory_row_run(&trajectory_rows[i], &set->device, set->share, &figures))
      return 0;
    t->row[i].rate.round[k] = figures.rate;
    t->row[i].mean_steps = figures.mean_steps;
    t->row[i].lane_efficiency = figures.lane_efficiency;
  }
  t->words.round[k] = words_rate(set);
  if (!set->on_gpu) {
    t->scalar.round[k] = yardstick_scalar(set->share);
    t->numpy.round[k] = k > 0 && t->numpy.round[0] == 0.0 ? 0.0 : yardstick_numpy();
  }
  if (!set->only)
    measure_command(set, t, k);
  return 1;
}

static int measure(settings *set, table *t)
{
  set->share *= set->on_gpu ? GPU_SHARE : 1.0;
  for (int k = 0; k < BENCH_ROUNDS; k++)
    if (!measure_round(set, t, k))
      return 0;
  for (int i = 0; i < trajectory_row_count; i++)
    bench_summarise(&t->row[i].rate);
  bench_summarise(&t->words);
  bench_summarise(&t->scalar);
  bench_summarise(&t->numpy);
  bench_summarise(&t->command);
  return 1;
}

/* --- what follows from it --- */

/* Steps per second if the random words were all. */
static double ceiling(const table *t, int i)
{
  return t->words.median / trajectory_rows[i].words;
}

static double rate_of(const table *t, const char *name)
{
  for (int i = 0; i < trajectory_row_count; i++)
    if (strcmp(trajectory_rows[i].name + strspn(trajectory_rows[i].name, " "), name) == 0)
      return t->row[i].rate.median;
  return 0.0;
}

static void print_ratio(const char *what, double a, double b)
{
  if (a > 0.0 && b > 0.0)
    printf("  %-42s %8.2f\n", what, a / b);
}

static void print_cost(const char *what, double without, double with)
{
  if (without > 0.0 && with > 0.0)
    printf("  %-42s %7.1f%%\n", what, 100.0 * (without / with - 1.0));
}

static void print_ratios(const table *t)
{
  const double plain = rate_of(t, "sgd, double well, gaussian");
  const double fast = rate_of(t, "double well, fast"), walk = rate_of(t, "walk without exits");
  printf("\nratios\n");
  print_ratio("sgd to the scalar loop", plain, t->scalar.median);
  print_ratio("sgd to NumPy", plain, t->numpy.median);
  print_ratio("fast to exact", fast, plain);
  print_cost("exits of 7055 steps cost", plain, rate_of(t, "exits of 7055 steps"));
  print_cost("exits of 7055 steps cost, fast", fast, rate_of(t, "exits of 7055 steps, fast"));
  print_cost("exits of 100 steps cost", walk, rate_of(t, "exits of 100 steps"));
  print_cost("exits of 40 steps cost", walk, rate_of(t, "exits of 40 steps"));
  print_cost("exits of 40 steps cost, fast", rate_of(t, "walk, fast"),
             rate_of(t, "exits of 40 steps, fast"));
  print_ratio("two threads to one", 2.0 * rate_of(t, "two threads"), plain);
  print_cost("momentum costs", plain, rate_of(t, "momentum"));
  print_ratio("sgd to adam", plain, rate_of(t, "adam"));
  print_ratio("gaussian to stable", walk, rate_of(t, "sgd, stable 1.5"));
  if (t->command.median > 0.0)
    printf("\nfrom the shell's prompt: %.3g steps in %.2f s (spread %.1f%%)\n", t->command_steps,
           t->command.median, 100.0 * t->command.spread);
}

/* --- printing --- */

static void print_line(const char *name, const bench_rounds *rate)
{
  printf("%-38s %10.3g %7.1f%%", name, rate->median, 100.0 * rate->spread);
}

static void print_table(const settings *set, const table *t)
{
  printf("steps per second%s, %s, median of %d (spread); ceiling: its random words alone\n\n",
         set->on_gpu ? "" : " per core", set->isa, BENCH_ROUNDS);
  printf("%-38s %10s %8s %10s %8s %7s %9s\n", "", "rate", "spread", "ceiling", "of it", "lanes",
         "mean T");
  for (int i = 0; i < trajectory_row_count; i++) {
    const measured *const m = &t->row[i];
    if (!is_measured(set, &trajectory_rows[i]))
      continue;
    print_line(trajectory_rows[i].name, &m->rate);
    printf(" %10.3g %7.1f%% %6.1f%% %9.4g%s\n", ceiling(t, i),
           100.0 * m->rate.median / ceiling(t, i), 100.0 * m->lane_efficiency, m->mean_steps,
           m->rate.spread > BENCH_NOISY ? "  noisy" : "");
  }
  print_line("random words alone, words", &t->words);
  printf("\n");
  if (!set->on_gpu) {
    print_line("scalar Philox and libm loop", &t->scalar);
    printf("\n");
    print_line("the same loop in NumPy (0: none here)", &t->numpy);
    printf("\n");
  }
  print_ratios(t);
}

static void print_json_row(const char *name, const bench_rounds *rate)
{
  printf("  {\"name\": \"%s\", \"median\": %.6g, \"spread\": %.4f", name + strspn(name, " "),
         rate->median, rate->spread);
}

static void print_json(const settings *set, const table *t)
{
  printf("{\"benchmark\": \"trajectories\", \"version\": \"%s\", \"backend\": \"%s\", "
         "\"isa\": \"%s\", \"unit\": \"steps per second%s\", \"rows\": [\n",
         esc_version(), set->device.backend, set->isa, set->on_gpu ? "" : " per core");
  for (int i = 0; i < trajectory_row_count; i++) {
    if (!is_measured(set, &trajectory_rows[i]))
      continue;
    print_json_row(trajectory_rows[i].name, &t->row[i].rate);
    printf(", \"ceiling\": %.6g, \"lane_efficiency\": %.4f, \"mean_steps\": %.6g},\n",
           ceiling(t, i), t->row[i].lane_efficiency, t->row[i].mean_steps);
  }
  if (!set->on_gpu) {
    print_json_row("scalar Philox and libm loop", &t->scalar);
    printf("},\n");
    print_json_row("the same loop in NumPy (0: none here)", &t->numpy);
    printf("},\n");
  }
  print_json_row("random words alone, words", &t->words);
  printf("}\n],\n\"command\": {\"steps\": %.6g, \"seconds\": %.4g, \"spread\": %.4f}}\n",
         t->command_steps, t->command.median, t->command.spread);
}

/* --- the program --- */

static int read_options(int argc, char **argv, settings *set)
{
  static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                          {"backend", required_argument, NULL, 'b'},
                                          {"isa", required_argument, NULL, 'i'},
                                          {"only", required_argument, NULL, 'o'},
                                          {"seconds", required_argument, NULL, 's'},
                                          {"check", no_argument, NULL, 'c'},
                                          {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == 'j')
      set->json = 1;
    else if (option == 'c')
      set->check_only = 1;
    else if (option == 'i')
      set->device.isa = optarg;
    else if (option == 'o')
      set->only = optarg;
    else if (option == 'b' && (strcmp(optarg, "cpu") == 0 || strcmp(optarg, "cuda") == 0))
      set->device.backend = optarg;
    else if (option == 's' && atof(optarg) > 0.0)
      set->share = atof(optarg) / 20.0; /* the whole takes about twenty seconds */
    else
      return 0;
  }
  return 1;
}

/* What it is measured on; the device's own name goes with it. */
static int look_at_device(settings *set)
{
  esc_device_info info = ESC_DEVICE_INFO_INIT;
  esc_device *device = NULL;
  if (esc_device_open(&set->device, &device) || esc_device_describe(device, &info))
    return 0;
  snprintf(set->isa, sizeof set->isa, "%s", info.isa);
  esc_device_close(device);
  set->on_gpu = strcmp(set->device.backend, "cuda") == 0;
  return 1;
}

int main(int argc, char **argv)
{
  settings set = {ESC_DEVICE_OPTIONS_INIT, NULL, 1.0, 0, 0, 0, ""};
  static table t;
  set.device.backend = "cpu";
  if (!read_options(argc, argv, &set)) {
    fprintf(stderr, "usage: bench_trajectories [--json] [--backend cpu|cuda] [--isa ISA]\n"
                    "                          [--seconds S] [--only TEXT] [--check]\n");
    return 2;
  }
  if (!look_at_device(&set)) {
    fprintf(stderr, "bench_trajectories: %s\n", esc_last_error());
    return 3;
  }
  if (!check_all(&set))
    return 1;
  if (set.check_only)
    return 0;
  if (!measure(&set, &t))
    return 1;
  (set.json ? print_json : print_table)(&set, &t);
  return 0;
}
