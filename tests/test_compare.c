/* A prediction against a report made by hand: the number that each name means, its standard error,
 * z and ratio; and z of shares of rare events against the binomial law. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/support.h"

enum { N = 10000 };
#define Z95 1.959963984540054

static esc_estimate about(double value, double error)
{
  return (esc_estimate){value, value - Z95 * error, value + Z95 * error};
}

/* Every number of the report another one. */
typedef struct made {
  esc_outcome outcomes[4];
  esc_moments final, moments[2];
  esc_estimate quantiles[3], survival[2], incidence[2], near[2], stuck[2], correlation;
  int64_t steps[2], lag;
  esc_near_report nears;
  esc_report report;
} made;

static void make(made *m)
{
  static const char *const names[4] = {"left", "right", "running", "diverged"};
  static const double shares[4] = {0.3, 0.6, 0.08, 0.02};
  memset(m, 0, sizeof *m);
  for (int k = 0; k < 4; k++) {
    m->outcomes[k].name = names[k];
    m->outcomes[k].count = (int64_t)(shares[k] * N);
    m->outcomes[k].fraction = about(shares[k], 0.01);
    m->outcomes[k].exit_steps.mean_of_exited = about(10.0 + k, 0.5);
  }
  m->outcomes[1].incidence = m->incidence;
  for (int k = 0; k < 2; k++) {
    m->steps[k] = 5 + 5 * k;
    m->survival[k] = about(0.9 - 0.1 * k, 0.01);
    m->incidence[k] = about(0.2 + 0.1 * k, 0.01);
    m->near[k] = about(0.4 + 0.1 * k, 0.01);
    m->stuck[k] = about(0.7 - 0.1 * k, 0.01);
    m->moments[k] = (esc_moments){N, about(1.0 + k, 0.1), about(3.0 + k, 0.2)};
  }
  for (int k = 0; k < 3; k++)
    m->quantiles[k] = about(20.0 + k, 0.3);
  m->lag = 7;
  m->correlation = about(0.25, 0.02);
  m->final = (esc_moments){N, about(-1.0, 0.1), about(6.0, 0.2)};
  m->nears = (esc_near_report){"top", m->near, m->stuck, about(8.0, 1.0)};
  esc_report *const r = &m->report;
  r->struct_size = sizeof *r;
  r->dimension = 1;
  r->trajectories = r->episodes = N;
  r->outcome_count = 4, r->outcomes = m->outcomes;
  r->exit_steps.count = N;
  r->exit_steps.mean = about(50.0, 2.0);
  r->exit_steps.sd = 49.0;
  r->exit_steps.restricted_mean = about(48.0, 2.0);
  r->exit_steps.mean_of_exited = about(47.0, 2.0);
  r->exit_steps.quantiles[1] = about(33.0, 2.0);
  r->rate.per_step = about(0.02, 0.001);
  r->final = &m->final, r->final_quantiles = m->quantiles;
  r->curves.step_count = 2, r->curves.steps = m->steps;
  r->curves.survival = m->survival, r->curves.moments = m->moments;
  r->near_count = 1, r->nears = &m->nears;
  r->correlation_count = 1, r->correlation_lags = &m->lag, r->correlation = &m->correlation;
}

static esc_prediction predicted(const char *of, int64_t step, double value)
{
  return (esc_prediction){.struct_size = sizeof(esc_prediction),
                          .of = of,
                          .step = step,
                          .value = value,
                          .deviation = (double)NAN};
}

static esc_comparison compared(const made *m, esc_prediction p)
{
  esc_comparison c = ESC_COMPARISON_INIT;
  cr_assert_eq(esc_compare(&m->report, &p, &c), ESC_STATUS_OK, "%s", esc_last_error());
  return c;
}

Test(compare, names)
{
  static const struct {
    const char *of;
    int64_t step;
    double measured, error;
  } rows[] = {
      {"outcomes.right.fraction", -1, 0.6, 0.01},
      {"outcomes.left.fraction", -1, 0.3, 0.01},
      {"exit_steps.mean", -1, 50.0, 2.0},
      {"exit_steps.restricted_mean", -1, 48.0, 2.0},
      {"exit_steps.mean_of_exited", -1, 47.0, 2.0},
      {"exit_steps.quantiles.0.5", -1, 33.0, 2.0},
      {"exit_steps.by.right.mean_of_exited", -1, 11.0, 0.5},
      {"exit_steps.rate.per_step", -1, 0.02, 0.001},
      {"curves.survival", 10, 0.8, 0.01},
      {"curves.incidence.right", 5, 0.2, 0.01},
      {"curves.near.top.fraction", 10, 0.5, 0.01},
      {"curves.stuck.top.fraction", 5, 0.7, 0.01},
      {"curves.moments.mean", 10, 2.0, 0.1},
      {"final.mean", -1, -1.0, 0.1},
      {"final.quantiles.0.95", -1, 22.0, 0.3},
      {"correlation", 7, 0.25, 0.02},
  };
  made m;
  make(&m);
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    const double value = rows[k].measured - 2.5 * rows[k].error;
    const esc_comparison c = compared(&m, predicted(rows[k].of, rows[k].step, value));
    cr_assert_float_eq(c.measured, rows[k].measured, 1e-15, "%s", rows[k].of);
    cr_assert_float_eq(c.standard_error, rows[k].error, 1e-12, "%s", rows[k].of);
    cr_assert_float_eq(c.ratio, rows[k].measured / value, 1e-12, "%s", rows[k].of);
    cr_assert_float_eq(c.z, 2.5, 1e-9, "%s: %g", rows[k].of, c.z);
  }
  static const char *const absent[] = {"outcomes.up.fraction",
                                       "exit_steps.survival_factor",
                                       "curves.near.bottom.fraction",
                                       "curves.survival",
                                       "correlation",
                                       "final",
                                       "",
                                       "exit_steps.by.up.mean"};
  for (size_t k = 0; k < sizeof absent / sizeof *absent; k++) {
    const esc_comparison c = compared(&m, predicted(absent[k], 6, 1.0));
    cr_assert(isnan(c.measured) && isnan(c.z) && isnan(c.ratio), "%s", absent[k]);
  }
}

Test(compare, kinds)
{
  made m;
  make(&m);
  esc_prediction p = predicted("exit_steps.mean", -1, 40.0);
  p.kind = ESC_PREDICTION_ASYMPTOTIC;
  esc_comparison c = compared(&m, p);
  cr_assert(isnan(c.z) && c.ratio == 1.25);
  p.against = "optimizer.lr";
  cr_assert(isnan(compared(&m, p).measured));

  p = predicted("exit_steps.mean", -1, 40.0);
  p.deviation = 200.0; /* of one trajectory: an error of 2, the known instead of the measured */
  p.error = 4.0;       /* 10 off, 4 of them the prediction's own */
  c = compared(&m, p);
  cr_assert_float_eq(c.standard_error, 2.0, 1e-12);
  cr_assert_float_eq(c.z, 3.0, 1e-12);
  p.error = 11.0;
  cr_assert_eq(compared(&m, p).z, 0.0);

  p = predicted("outcomes.right.fraction", -1, 0.72); /* .1 may still end there, or not */
  p.eventual = 1;
  p.deviation = 0.5;
  c = compared(&m, p);
  cr_assert_float_eq(c.slack, 0.1, 1e-15);
  cr_assert_float_eq(c.z, -0.02 / 0.005, 1e-9);

  p = predicted("final.variance", -1, 5.0); /* no fourth moment, no z */
  c = compared(&m, p);
  cr_assert(isnan(c.z) && c.measured == 6.0);
  p.deviation = 25.0;
  cr_assert_float_eq(compared(&m, p).z, 4.0, 1e-12);
  cr_assert(isnan(compared(&m, predicted("exit_steps.sd", -1, 40.0)).z));
}

/* k of 10000 events where p 10000 = 2 are expected: z is the normal point of the middle of the
 * binomial probability (by scipy). */
Test(compare, rare_events)
{
  static const double cases[3][2] = {{0, -1.4935}, {1, -0.6109}, {9, 3.6301}};
  made m;
  make(&m);
  for (int k = 0; k < 3; k++) {
    esc_prediction p = predicted("outcomes.left.fraction", -1, 2.0 / N);
    p.deviation = sqrt(2.0 / N);
    m.outcomes[0].fraction = about(cases[k][0] / N, 1e-4);
    const esc_comparison c = compared(&m, p);
    cr_assert_float_eq(c.z, cases[k][1], 2e-3, "%g: z %g", cases[k][0], c.z);
  }
  m.outcomes[0].fraction = about(400.0 / N, 1e-4); /* beyond all tails: still far, still finite */
  esc_prediction p = predicted("outcomes.left.fraction", -1, 2.0 / N);
  p.deviation = sqrt(2.0 / N);
  cr_assert(compared(&m, p).z > 100.0 && isfinite(compared(&m, p).z));
}

Test(compare, refusals)
{
  made m;
  make(&m);
  const esc_prediction p = predicted("final.mean", -1, 0.0);
  esc_prediction small = p;
  small.struct_size = 8;
  esc_comparison c = ESC_COMPARISON_INIT;
  cr_assert_eq(esc_compare(NULL, &p, &c), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_compare(&m.report, NULL, &c), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_compare(&m.report, &p, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_compare(&m.report, &small, &c), ESC_STATUS_BAD_ARGUMENT);
  cr_assert(isnan(c.measured), "touched");
  c.struct_size = 8;
  cr_assert_eq(esc_compare(&m.report, &p, &c), ESC_STATUS_BAD_ARGUMENT);
}
