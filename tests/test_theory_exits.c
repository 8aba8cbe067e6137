/* The engine against the printed tables of exits in docs/exact_values.md: times, shares and factors
 * of survival of every experiment there, and the presence near the top and the minima. As in
 * test_theory.c a value passes within five standard errors, a false alarm of 6e-7 under another
 * seed, and half a unit of its last printed digit; the seed is fixed. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reference_chain.h"
#include "tests/support.h"
#include "tests/support_theory.h"

static int same_run(const ref_printed_exit *a, const ref_printed_exit *b)
{
  return a->p == b->p && a->q == b->q && a->cauchy == b->cauchy && a->lr == b->lr &&
         a->sigma == b->sigma && a->lower == b->lower && a->upper == b->upper &&
         a->start == b->start;
}

/* A rough mean of T, for the number of trajectories: that of any row of the run. */
static double rough_mean(const ref_printed_exit *row)
{
  double mean = 0.0;
  for (int k = 0; k < ref_printed_exit_count; k++) {
    ref_printed_exit other = ref_printed_exits[k];
    if (other.quantity != REF_MEAN)
      continue;
    const int exact = same_run(&other, row);
    other.start = row->start;
    if (exact || (mean == 0.0 && same_run(&other, row)))
      mean = other.value;
  }
  return mean;
}

static support_case printed(const ref_printed_exit *row)
{
  const int well = row->lower < -2.0;
  const char *const landscape = row->p == 0.0   ? "quadratic"
                                : row->q == 0.0 ? "power_maximum"
                                : well          ? "double_well"
                                                : "power_well";
  const double mean = rough_mean(row), most = mean > 1e5 ? 5e8 : 1e9;
  support_case c =
      support_begin_million(landscape, row->cauchy ? "stable" : "gaussian", "sgd", row->lr);
  if (row->p == 0.0)
    support_number(&c.landscape_keys, "k", 0.0);
  else if (!well)
    support_number(&c.landscape_keys, "p", row->p);
  if (row->q > 0.0 && !well)
    support_number(&c.landscape_keys, "q", row->q);
  if (row->cauchy)
    support_number(&c.noise_keys[0], "alpha", 1.0);
  c.noise[0].scale = row->sigma;
  support_start_at(&c, row->start);
  c.experiment.outside[0] = well ? -(double)INFINITY : row->lower;
  c.experiment.outside[1] = row->upper;
  c.experiment.stop_steps = (int64_t)fmin(1e3 + 100.0 * mean, 2e9);
  if (mean * SUPPORT_MILLION > most)
    c.experiment.trajectories = (int64_t)(most / mean);
  return c;
}

/* The factor of survival, from two steps well past the faster modes: given the first number the
 * second is binomial. */
static void check_factor(const esc_report *report, double factor, double unit, const char *what)
{
  const double first = (double)report->curves.alive[0], second = (double)report->curves.alive[1];
  const double steps = (double)(report->curves.steps[1] - report->curves.steps[0]);
  const double p = pow(factor, steps);
  support_check_exact(second / first, p, sqrt(p * (1.0 - p) / first), unit * steps, what);
}

static void check_row(const ref_printed_exit *row, const esc_report *report)
{
  const double n = (double)report->trajectories, unit = 0.5 * row->unit;
  const esc_times *const times = &report->exit_steps;
  char what[200];
  snprintf(what, sizeof what, "%s: lr %g, sigma %g, from %g to %g, quantity %d", row->source,
           row->lr, row->sigma, row->start, row->upper, (int)row->quantity);
  switch (row->quantity) {
  case REF_MEAN:
    support_check_exact(times->mean.value, row->value, times->sd / sqrt(n), unit, what);
    break;
  case REF_SD: /* as if exponential, the heaviest tail these have */
    support_check_exact(times->sd, row->value, row->value * sqrt(2.0 / n), unit, what);
    break;
  case REF_SD_OVER_MEAN:
    support_check_exact(times->sd / times->mean.value, row->value, 1.0 / sqrt(n), unit, what);
    break;
  case REF_P_RIGHT:
    support_check_share(&support_outcome(report, "right")->fraction, report->trajectories,
                        row->value, unit, what);
    break;
  case REF_FACTOR:
    check_factor(report, row->value, unit, what);
    break;
  }
}

/* Runs each experiment of the rows from..to once and checks all of its rows. */
static void check_printed(int from, int to)
{
  esc_device *const device = support_device(NULL, 2);
  for (int k = from; k < to; k++) {
    int seen = 0;
    for (int j = from; j < k; j++)
      seen |= same_run(&ref_printed_exits[j], &ref_printed_exits[k]);
    if (seen)
      continue;
    support_case c = printed(&ref_printed_exits[k]);
    const double mean = rough_mean(&ref_printed_exits[k]);
    const int64_t steps[2] = {(int64_t)(1.5 * mean), (int64_t)(3.5 * mean)};
    c.observe.steps = steps;
    c.observe.step_count = 2;
    esc_result *result;
    const esc_report *const report = support_run(device, &c, &result);
    for (int j = k; j < to; j++)
      if (same_run(&ref_printed_exits[j], &ref_printed_exits[k]))
        check_row(&ref_printed_exits[j], report);
    esc_result_free(result);
  }
  esc_device_close(device);
}

/* The first row at or after `from` whose source is another. */
static int next_source(int from)
{
  int k = from;
  while (k < ref_printed_exit_count &&
         strcmp(ref_printed_exits[k].source, ref_printed_exits[from].source) == 0)
    k++;
  return k;
}

/* The n-th table of printed exits. */
static void check_table(int n)
{
  int from = 0;
  for (int k = 0; k < n; k++)
    from = next_source(from);
  cr_assert(from < ref_printed_exit_count);
  check_printed(from, next_source(from));
}

Test(exits, parabolic_maximum)
{
  check_table(0);
}

Test(exits, flat_quartic)
{
  check_table(1);
}

Test(exits, free_walk)
{
  check_table(2);
}

Test(exits, cauchy_walk)
{
  check_table(3);
}

Test(exits, double_well)
{
  check_table(4);
}

Test(exits, family)
{
  check_table(5);
  int rest = 0;
  for (int k = 0; k < 6; k++)
    rest = next_source(rest);
  cr_assert_eq(rest, ref_printed_exit_count, "a table is not tested");
}

static void check_presence(const ref_printed_presence *row, const esc_report *report, int at)
{
  support_check_share(&report->nears[0].fraction[at], SUPPORT_MILLION, row->near_top, 1e-6,
                      "near the top");
  esc_estimate both = report->nears[1].fraction[at];
  both.value += report->nears[2].fraction[at].value;
  if (row->near_minimum >= 0.0)
    support_check_share(&both, SUPPORT_MILLION, row->near_minimum, 1e-6, "near a minimum");
}

/* P(|x| < .3) and P(||x| - 1| < .2) from 0, for `count` rows of one landscape. */
static void check_presences(esc_device *device, const ref_printed_presence *rows, int count)
{
  static const double points[3] = {0.0, -1.0, 1.0};
  static const char *const names[3] = {"top", "left", "right"};
  support_case c = support_begin_million("power_well", "gaussian", "sgd", rows->lr);
  int64_t steps[8];
  esc_near nears[3];
  for (int b = 0; b < 3; b++) {
    nears[b] = (esc_near)ESC_NEAR_INIT(names[b]);
    nears[b].point = &points[b];
    nears[b].point_count = 1;
    nears[b].radius = b ? 0.2 : 0.3;
  }
  for (int k = 0; k < count; k++)
    steps[k] = rows[k].step;
  support_number(&c.landscape_keys, "p", rows->p);
  support_number(&c.landscape_keys, "q", rows->q);
  c.noise[0].scale = rows->sigma;
  c.experiment.stop_steps = steps[count - 1];
  c.observe.steps = steps;
  c.observe.step_count = count;
  c.observe.nears = nears;
  c.observe.near_count = 3;
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  for (int k = 0; k < count; k++)
    check_presence(&rows[k], report, k);
  esc_result_free(result);
}

Test(exits, presence)
{
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0, next; k < ref_printed_presence_count; k = next) {
    for (next = k + 1; next < ref_printed_presence_count; next++)
      if (ref_printed_presences[next].p != ref_printed_presences[k].p)
        break;
    check_presences(device, &ref_printed_presences[k], next - k);
  }
  esc_device_close(device);
}
