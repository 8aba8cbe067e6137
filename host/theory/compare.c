/* A prediction against a result: the number that the prediction names is looked up in the report.
 */
#include <math.h>
#include <string.h>

#include "escapement/theory.h"
#include "host/error.h"
#include "host/intervals.h"
#include "host/theory/special_functions.h"

/* What the report says under a name. */
typedef struct esc_measured {
  esc_estimate estimate;
  int64_t count; /* that it is formed from */
  int fraction;  /* of count */
  int variance;
} esc_measured;

static const esc_measured nothing = {{(double)NAN, (double)NAN, (double)NAN}, 0, 0, 0};

/* If `path` begins with `head`, what follows; else NULL. */
static const char *after(const char *path, const char *head)
{
  const size_t length = strlen(head);
  return strncmp(path, head, length) == 0 ? path + length : NULL;
}

/* If `rest` is NAME followed by `tail`. */
static int is_named(const char *rest, const char *name, const char *tail)
{
  const char *const end = after(rest, name);
  return end && strcmp(end, tail) == 0;
}

static esc_measured fraction(esc_estimate estimate, int64_t count)
{
  return (esc_measured){.estimate = estimate, .count = count, .fraction = 1};
}

static esc_measured of_moments(const esc_moments *moments, const char *part)
{
  if (strcmp(part, "mean") == 0)
    return (esc_measured){.estimate = moments->mean, .count = moments->count};
  if (strcmp(part, "variance") == 0)
    return (esc_measured){.estimate = moments->variance, .count = moments->count, .variance = 1};
  return nothing;
}

/* An sd with its interval: the mean's, for times near exponential; only its value is used. */
static esc_measured of_times(const esc_times *times, int64_t all, const char *part)
{
  const esc_estimate sd = {times->sd, (double)NAN, (double)NAN};
  if (strcmp(part, "mean") == 0)
    return (esc_measured){.estimate = times->mean, .count = times->count};
  if (strcmp(part, "restricted_mean") == 0)
    return (esc_measured){.estimate = times->restricted_mean, .count = all};
  if (strcmp(part, "mean_of_exited") == 0)
    return (esc_measured){.estimate = times->mean_of_exited, .count = times->count};
  if (strcmp(part, "sd") == 0)
    return (esc_measured){.estimate = sd, .count = times->count};
  static const char *const names[3] = {"quantiles.0.05", "quantiles.0.5", "quantiles.0.95"};
  for (int k = 0; k < 3; k++)
    if (strcmp(part, names[k]) == 0)
      return (esc_measured){.estimate = times->quantiles[k], .count = times->count};
  return nothing;
}

static esc_measured of_exit_steps(const esc_report *report, const char *part)
{
  const char *const by = after(part, "by.");
  for (int k = 0; by && k < report->outcome_count; k++) {
    const esc_outcome *const outcome = &report->outcomes[k];
    const char *const rest = after(by, outcome->name);
    if (rest && rest[0] == '.')
      return of_times(&outcome->exit_steps, outcome->count, rest + 1);
  }
  if (strcmp(part, "rate.per_step") == 0)
    return (esc_measured){.estimate = report->rate.per_step, .count = report->rate.events};
  return by ? nothing : of_times(&report->exit_steps, report->episodes, part);
}

static esc_measured of_curves(const esc_report *report, const char *part, int64_t step)
{
  int64_t at = 0;
  while (at < report->curves.step_count && report->curves.steps[at] != step)
    at++;
  if (at == report->curves.step_count)
    return nothing;
  const char *const moments = after(part, "moments."), *const near = after(part, "near.");
  const char *const incidence = after(part, "incidence."), *const stuck = after(part, "stuck.");
  if (strcmp(part, "survival") == 0 && report->curves.survival)
    return fraction(report->curves.survival[at], report->trajectories);
  if (moments && report->curves.moments && report->dimension == 1)
    return of_moments(&report->curves.moments[at], moments);
  for (int b = 0; near && b < report->near_count; b++)
    if (is_named(near, report->nears[b].name, ".fraction"))
      return fraction(report->nears[b].fraction[at], report->trajectories);
  for (int b = 0; stuck && b < report->near_count; b++)
    if (is_named(stuck, report->nears[b].name, ".fraction"))
      return fraction(report->nears[b].stuck[at], report->trajectories);
  for (int k = 0; incidence && k < report->outcome_count; k++)
    if (is_named(incidence, report->outcomes[k].name, "") && report->outcomes[k].incidence)
      return fraction(report->outcomes[k].incidence[at], report->episodes);
  return nothing;
}

static esc_measured of_final(const esc_report *report, const char *part)
{
  static const char *const names[3] = {"quantiles.0.05", "quantiles.0.5", "quantiles.0.95"};
  if (report->dimension != 1 || !report->final)
    return nothing;
  for (int k = 0; report->final_quantiles && k < 3; k++)
    if (strcmp(part, names[k]) == 0)
      return (esc_measured){.estimate = report->final_quantiles[k], .count = report->trajectories};
  return of_moments(report->final, part);
}

static esc_measured look_up(const esc_report *report, const esc_prediction *prediction)
{
  const char *const of = prediction->of;
  const char *const outcomes = after(of, "outcomes."), *const times = after(of, "exit_steps.");
  const char *const curves = after(of, "curves."), *const final = after(of, "final.");
  for (int k = 0; outcomes && k < report->outcome_count; k++)
    if (is_named(outcomes, report->outcomes[k].name, ".fraction"))
      return fraction(report->outcomes[k].fraction, report->episodes);
  for (int k = 0; strcmp(of, "correlation") == 0 && k < report->correlation_count; k++)
    if (report->correlation_lags[k] == prediction->step && report->dimension == 1)
      return (esc_measured){.estimate = report->correlation[k], .count = report->trajectories};
  if (times)
    return of_exit_steps(report, times);
  if (curves)
    return of_curves(report, curves, prediction->step);
  return final ? of_final(report, final) : nothing;
}

/* --- the distance --- */

static double sign_of(double x)
{
  return x < 0.0 ? -1.0 : 1.0;
}

/* Shares with few events (or few others) are not normal: the normal point of the middle of the
 * binomial probability of so many. Where even that is 0 the plain distance, 7 at least. */
static double rare_z(double share, int64_t count, double predicted, double plain)
{
  const double n = (double)count, k = round(share * n);
  const double at_most = k < n ? 1.0 - esc_beta_below(predicted, k + 1.0, n - k) : 1.0;
  const double less = k > 0.0 ? 1.0 - esc_beta_below(predicted, k, n - k + 1.0) : 0.0;
  const double middle = 0.5 * (at_most + less);
  const double more = 1.0 - middle;
  if (middle < 1e-12 || more < 1e-12)
    return sign_of(plain) * fmax(fabs(plain), 7.0);
  return esc_normal_point(middle);
}

static void distance(const esc_measured *measured, const esc_prediction *prediction,
                     esc_comparison *c)
{
  const double off = c->measured - prediction->value;
  const double beyond = sign_of(off) * fmax(fabs(off) - c->slack, 0.0);
  const double predicted = c->measured - beyond; /* the nearest that the prediction allows */
  const double n = (double)measured->count;
  const double nearest = fmin(fmax(predicted, 0.0), 1.0);
  if (measured->variance && isnan(prediction->deviation))
    return;
  c->z = beyond == 0.0 ? 0.0 : beyond / c->standard_error;
  if (measured->fraction && beyond != 0.0 && n * nearest * (1.0 - nearest) < 1000.0)
    c->z = nearest > 0.0 && nearest < 1.0 ? rare_z(c->measured, measured->count, nearest, c->z)
                                          : sign_of(beyond) * (double)INFINITY;
}

/* The share that has ended in no way yet may still become anything. */
static double not_ended(const esc_report *report)
{
  double share = 0.0;
  for (int k = 0; k < report->outcome_count; k++)
    if (strcmp(report->outcomes[k].name, "running") == 0 ||
        strcmp(report->outcomes[k].name, "diverged") == 0)
      share += report->outcomes[k].fraction.value;
  return share;
}

static void compare(const esc_report *report, const esc_prediction *prediction, esc_comparison *c)
{
  const esc_measured measured = look_up(report, prediction);
  const esc_estimate e = measured.estimate;
  if (prediction->against || isnan(e.value))
    return;
  c->measured = e.value;
  c->ratio = prediction->value != 0.0 ? e.value / prediction->value : (double)NAN;
  c->standard_error = prediction->deviation >= 0.0 && measured.count > 0
                          ? prediction->deviation / sqrt((double)measured.count)
                          : 0.5 * (e.high - e.low) / ESC_Z95;
  c->slack = prediction->error + (prediction->eventual ? not_ended(report) : 0.0);
  if (prediction->kind == ESC_PREDICTION_EXACT)
    distance(&measured, prediction, c);
}

esc_status esc_compare(const esc_report *report, const esc_prediction *prediction,
                       esc_comparison *comparison)
{
  if (!report || !prediction || !prediction->of || !comparison)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "expected a report, a prediction and a comparison, found NULL");
  esc_status status = esc_check_size("prediction", prediction->struct_size, sizeof *prediction);
  if (!status)
    status = esc_check_size("comparison", comparison->struct_size, sizeof *comparison);
  if (status)
    return status;
  esc_comparison c = ESC_COMPARISON_INIT;
  compare(report, prediction, &c);
  c.struct_size = comparison->struct_size;
  *comparison = c;
  return ESC_STATUS_OK;
}
