/* The table: one function per block of lines. Columns are as wide as the longest outcome or ball
 * needs, within 80. */
#include "result_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "host/io/short_number.h"
#include "paragraph.h"
#include "predictions_json.h"
#include "setting_text.h"

enum {
  NAME_LEAST = 9,
  NAME_MOST = 16,
  COORDINATES_MOST = 4,
  LAGS_MOST = 8,
  PREDICTIONS_MOST = 20,
  ROWS_MOST = 12
};

static int name_width(const esc_report *report)
{
  size_t width = NAME_LEAST;
  for (int i = 0; i < report->outcome_count; i++)
    if (strlen(report->outcomes[i].name) > width)
      width = strlen(report->outcomes[i].name);
  for (int i = 0; i < report->near_count; i++)
    if (strlen(report->nears[i].name) > width)
      width = strlen(report->nears[i].name);
  return width > NAME_MOST ? NAME_MOST : (int)width;
}

/* "low .. high" to the precision of its estimate; "-" where there is no interval. */
static void interval_text(esc_estimate estimate, char *text, size_t size)
{
  const double uncertainty = esc_short_uncertainty(estimate);
  if (isnan(estimate.low) || isnan(estimate.high))
    snprintf(text, size, "-");
  else
    snprintf(text, size, "%s .. %s", esc_short_rounded(estimate.low, uncertainty).text,
             esc_short_rounded(estimate.high, uncertainty).text);
}

static void print_outcomes(const esc_report *report, FILE *stream)
{
  const int width = name_width(report);
  fprintf(stream, "\n%-*s %14s %10s   %s\n", width, "outcome", "count", "share", "95 % interval");
  for (int i = 0; i < report->outcome_count; i++) {
    const esc_outcome *outcome = &report->outcomes[i];
    char interval[80];
    interval_text(outcome->fraction, interval, sizeof interval);
    fprintf(stream, "%-*.*s %14s %10s   %s\n", width, width, outcome->name,
            esc_short_count(outcome->count).text,
            outcome->count == 0 ? "0" : esc_short_estimate(outcome->fraction).text, interval);
  }
}

/* Times are whole numbers: a quantile needs no decimals, and none where nothing was reached. */
static esc_short_number quantile_text(esc_estimate quantile)
{
  if (isnan(quantile.value) || fabs(quantile.value) >= 1e8)
    return esc_short_rounded(quantile.value, (double)NAN);
  return esc_short_count((int64_t)llrint(quantile.value));
}

static void print_times(const char *name, int width, const esc_times *times, bool restricted,
                        FILE *stream)
{
  const esc_estimate mean = restricted ? times->restricted_mean : times->mean_of_exited;
  char interval[80];
  interval_text(mean, interval, sizeof interval);
  fprintf(stream, "%-*.*s %10s  %-21s %9s %9s %9s\n", width, width, name,
          esc_short_estimate(mean).text, interval, quantile_text(times->quantiles[0]).text,
          quantile_text(times->quantiles[1]).text, quantile_text(times->quantiles[2]).text);
}

static bool is_exit(const esc_outcome *outcome)
{
  return strcmp(outcome->name, "running") != 0 && strcmp(outcome->name, "diverged") != 0;
}

static int exits_of_some_kind(const esc_report *report)
{
  int kinds = 0;
  for (int i = 0; i < report->outcome_count; i++)
    kinds += is_exit(&report->outcomes[i]) && report->outcomes[i].count > 0;
  return kinds;
}

static void print_exit_steps(const esc_experiment *experiment, const esc_report *report,
                             FILE *stream)
{
  const int width = name_width(report);
  const int kinds = exits_of_some_kind(report);
  const bool some_did_not = isnan(report->exit_steps.mean.value);
  const bool restricted = some_did_not && !experiment->renew;
  if (kinds == 0)
    return;
  fprintf(stream, "\n%-*s %10s  %-21s %9s %9s %9s\n", width, "exit step", "mean", "95 % interval",
          "5 %", "median", "95 %");
  print_times(some_did_not ? "all*" : "all", width, &report->exit_steps, restricted, stream);
  for (int i = 0; (kinds > 1 || restricted) && i < report->outcome_count; i++)
    if (is_exit(&report->outcomes[i]) && report->outcomes[i].count > 0)
      print_times(report->outcomes[i].name, width, &report->outcomes[i].exit_steps, false, stream);
  if (restricted)
    fprintf(stream, "* the mean of min(exit step, %s): some never exited\n",
            esc_short_count(experiment->stop_steps).text);
  else if (some_did_not)
    fputs("* of the episodes that exited\n", stream);
}

static void print_rate(const esc_report *report, FILE *stream)
{
  char interval[80];
  if (report->rate.events == 0 || isnan(report->rate.per_step.value))
    return;
  interval_text(report->rate.per_step, interval, sizeof interval);
  fprintf(stream, "\nexit rate per step  %s  %s", esc_short_estimate(report->rate.per_step).text,
          interval);
  if (report->rate.after > 0)
    fprintf(stream, "  after step %s", esc_short_count(report->rate.after).text);
  fputc('\n', stream);
}

static void print_moments(const char *name, const esc_moments *moments, FILE *stream)
{
  char interval[80];
  interval_text(moments->mean, interval, sizeof interval);
  fprintf(stream, "%-*s %10s  %-21s %10s\n", NAME_MOST, name,
          esc_short_estimate(moments->mean).text, interval,
          esc_short_estimate(moments->variance).text);
}

static void print_final(const esc_report *report, FILE *stream)
{
  char name[32];
  if (!report->final || report->dimension <= 0)
    return;
  fprintf(stream, "\n%-*s %10s  %-21s %10s\n", NAME_MOST, "last position", "mean", "95 % interval",
          "variance");
  for (int j = 0; j < report->dimension && j < COORDINATES_MOST; j++) {
    snprintf(name, sizeof name, report->dimension > 1 ? "x%d" : "x", j + 1);
    print_moments(name, &report->final[j], stream);
  }
  if (report->dimension > COORDINATES_MOST)
    fprintf(stream, "(and %d more coordinates: result.json)\n",
            report->dimension - COORDINATES_MOST);
  if (report->final_loss.count > 0)
    print_moments("loss", &report->final_loss, stream);
  for (int i = 0; i < report->outcome_count; i++) {
    const esc_outcome *outcome = &report->outcomes[i];
    if (!outcome->overshoot || outcome->overshoot->count == 0)
      continue;
    snprintf(name, sizeof name, "beyond %.9s", outcome->name);
    print_moments(name, outcome->overshoot, stream);
  }
}

/* The share at the last observed step, or "-" where no steps were observed. */
static esc_short_number last_share(const esc_estimate *curve, int64_t steps)
{
  const esc_estimate none = {(double)NAN, (double)NAN, (double)NAN};
  return esc_short_estimate(curve && steps > 0 ? curve[steps - 1] : none);
}

static void print_nears(const esc_report *report, FILE *stream)
{
  const int width = name_width(report);
  const int64_t steps = report->curves.step_count;
  char at[48] = "in it";
  if (report->near_count == 0)
    return;
  if (steps > 0)
    snprintf(at, sizeof at, "in it at %s", esc_short_count(report->curves.steps[steps - 1]).text);
  fprintf(stream, "\n%-*s %20s %10s %12s   %s\n", width, "ball", at, "stuck", "steps in it",
          "95 % interval");
  for (int i = 0; i < report->near_count; i++) {
    const esc_near_report *ball = &report->nears[i];
    char interval[80];
    interval_text(ball->residence, interval, sizeof interval);
    fprintf(stream, "%-*.*s %20s %10s %12s   %s\n", width, width, ball->name,
            last_share(ball->fraction, steps).text, last_share(ball->stuck, steps).text,
            esc_short_estimate(ball->residence).text, interval);
  }
}

static void print_basins(const esc_report *report, FILE *stream)
{
  if (report->basin_count == 0)
    return;
  fprintf(stream, "\n%-*s %14s %10s   %s\n", 2 * NAME_MOST, "basin (of the last position)", "count",
          "share", "95 % interval");
  for (int i = 0; i < report->basin_count; i++) {
    const esc_basin *basin = &report->basins[i];
    char name[96];
    char interval[80];
    snprintf(name, sizeof name, "(%s, %s)", esc_short_rounded(basin->low, (double)NAN).text,
             esc_short_rounded(basin->high, (double)NAN).text);
    interval_text(basin->fraction, interval, sizeof interval);
    fprintf(stream, "%-*s %14s %10s   %s\n", 2 * NAME_MOST, name,
            esc_short_count(basin->count).text, esc_short_estimate(basin->fraction).text, interval);
  }
}

static void print_settled_row(const char *name, int64_t count, esc_estimate fraction, FILE *stream)
{
  char interval[80];
  interval_text(fraction, interval, sizeof interval);
  fprintf(stream, "%-*s %14s %10s   %s\n", 2 * NAME_MOST, name, esc_short_count(count).text,
          esc_short_estimate(fraction).text, interval);
}

/* By point where these are few, else by loss. */
static void print_settled(const esc_report *report, FILE *stream)
{
  const bool by_point = report->settled.other == 0 && report->settled.point_count <= ROWS_MOST &&
                        report->dimension <= COORDINATES_MOST;
  const int rows = by_point ? report->settled.point_count : report->settled.level_count;
  if (report->settled.of == 0)
    return;
  fprintf(stream, "\n%-*s %14s %10s   %s\n", 2 * NAME_MOST,
          by_point ? "settles at" : "settles at a loss of", "count", "share", "95 % interval");
  for (int i = 0; i < rows && i < ROWS_MOST; i++) {
    const esc_basin_point *point = &report->settled.points[i];
    const esc_basin_level *level = &report->settled.levels[i];
    char name[128];
    size_t used = 0;
    for (int j = 0; by_point && j < report->dimension; j++)
      used += (size_t)snprintf(name + used, sizeof name - used, "%s%.4g", j ? ", " : "(",
                               point->point[j]);
    if (by_point)
      snprintf(name + used, sizeof name - used, ")");
    else
      snprintf(name, sizeof name, "%.4g", fabs(level->loss) < 1e-9 ? 0.0 : level->loss);
    print_settled_row(name, by_point ? point->count : level->count,
                      by_point ? point->fraction : level->fraction, stream);
  }
  if (rows > ROWS_MOST)
    fprintf(stream, "(and %d more: result.json)\n", rows - ROWS_MOST);
  fprintf(stream, "of the first %s", esc_short_count(report->settled.of).text);
  if (report->settled.unsettled > 0)
    fprintf(stream, "; %s settled nowhere", esc_short_count(report->settled.unsettled).text);
  fputs("\n", stream);
}

static void print_correlation(const esc_report *report, FILE *stream)
{
  esc_paragraph lines = {stream, 0};
  if (report->correlation_count == 0)
    return;
  fputc('\n', stream);
  esc_paragraph_say(&lines, "correlation at lag");
  for (int i = 0; i < report->correlation_count && i < LAGS_MOST; i++) {
    const esc_estimate *row = &report->correlation[(int64_t)i * report->dimension];
    esc_paragraph_say(&lines, "%s:", esc_short_count(report->correlation_lags[i]).text);
    const int shown = report->dimension < COORDINATES_MOST ? report->dimension : COORDINATES_MOST;
    const bool last = i + 1 == report->correlation_count || i + 1 == LAGS_MOST;
    for (int j = 0; j < shown; j++)
      esc_paragraph_say(&lines, "%s%s", esc_short_estimate(row[j]).text,
                        j + 1 == shown && !last ? "," : "");
  }
  esc_paragraph_end(&lines);
}

static void print_tail(const esc_report *report, FILE *stream)
{
  const esc_tail_index *const tail = report->tail_index;
  char hill[80], block[80];
  if (!tail)
    return;
  interval_text(tail->hill, hill, sizeof hill);
  interval_text(tail->block, block, sizeof block);
  fprintf(stream, "\ntail index by Hill %s (%s), by blocks %s (%s)\n",
          esc_short_estimate(tail->hill).text, hill, esc_short_estimate(tail->block).text, block);
}

/* "curves.survival at 100" */
static void prediction_name(const esc_prediction *prediction, char *text, size_t size)
{
  const int used = snprintf(text, size, "%.60s", prediction->of);
  if (prediction->step >= 0 && used > 0 && (size_t)used < size)
    snprintf(text + used, size - (size_t)used, " at %" PRId64, prediction->step);
  if (prediction->against)
    snprintf(text + used, size - (size_t)used, ": exponent of %.40s", prediction->against);
}

static void print_prediction(const esc_predictions *predictions, const esc_report *report, int i,
                             FILE *stream)
{
  esc_comparison c;
  const esc_prediction *const p = esc_prediction_compared(predictions, report, i, &c);
  const bool exact = p->kind == ESC_PREDICTION_EXACT;
  const double error = isnan(c.standard_error) ? (double)NAN : 2.0 * c.standard_error;
  char name[160], against[64] = "-";
  prediction_name(p, name, sizeof name);
  if (isfinite(exact ? c.z : c.ratio))
    snprintf(against, sizeof against, exact ? "z %+.2f" : "ratio %.4f", exact ? c.z : c.ratio);
  fprintf(stream, "%-34s %12s %12s   %s%s\n", name, esc_short_rounded(p->value, error).text,
          esc_short_rounded(c.measured, error).text, against, p->numeric ? " (numeric)" : "");
}

static void print_predictions(const esc_predictions *predictions, const esc_report *report,
                              FILE *stream)
{
  const int count = esc_predictions_count(predictions);
  if (count > 0)
    fprintf(stream, "\n%-34s %12s %12s   %s\n", "theory", "predicted", "measured", "against it");
  for (int i = 0; i < count && i < PREDICTIONS_MOST; i++)
    print_prediction(predictions, report, i, stream);
  if (count > PREDICTIONS_MOST)
    fprintf(stream, "(and %d more predictions: result.json)\n", count - PREDICTIONS_MOST);
  if (count > 0 && esc_predictions_note(predictions)[0]) {
    esc_paragraph lines = {stream, 0};
    esc_paragraph_say(&lines, "%s", esc_predictions_note(predictions));
    esc_paragraph_end(&lines);
  }
}

static void print_until(const esc_experiment *experiment, const esc_report *report, FILE *stream)
{
  if (report->precision == ESC_PRECISION_NOT_ASKED || !experiment->until)
    return;
  esc_paragraph lines = {stream, 0};
  fputc('\n', stream);
  esc_paragraph_say(&lines, "%s to %s of its value (asked for %s%s)", experiment->until->of,
                    esc_short_rounded(report->relative_error, (double)NAN).text,
                    esc_short_plain(experiment->until->relative_error).text,
                    report->precision == ESC_PRECISION_REACHED ? "" : ": not reached");
  esc_paragraph_end(&lines);
}

static void print_warnings(const esc_report *report, FILE *stream)
{
  for (int i = 0; i < report->warning_count; i++) {
    esc_paragraph lines = {stream, 0};
    fputs(i == 0 ? "\n" : "", stream);
    esc_paragraph_say(&lines, "warning: %s", report->warnings[i]);
    esc_paragraph_end(&lines);
  }
}

static void print_speed(const esc_report *report, FILE *stream)
{
  fprintf(stream, "\n%s steps in %s s", esc_short_amount((double)report->steps_total).text,
          esc_short_rounded(report->seconds, 0.5 * report->seconds).text);
  if (isfinite(report->steps_per_second))
    fprintf(stream, ", %s steps/s", esc_short_amount(report->steps_per_second).text);
  fprintf(stream, " (%s %s, %s, %s)\n", report->backend ? report->backend : "-",
          report->isa ? report->isa : "-", report->math ? report->math : "-",
          report->state ? report->state : "-");
}

void esc_result_table_print(const esc_experiment *experiment, const esc_result_about *about,
                            const esc_report *report, FILE *stream)
{
  if (!experiment || !experiment->landscape || !experiment->optimizer || !report || !stream)
    return;
  if (about && about->title && about->title[0])
    fprintf(stream, "%s\n", about->title);
  esc_setting_print(experiment, stream);
  esc_size_print(experiment, report, stream);
  print_outcomes(report, stream);
  print_exit_steps(experiment, report, stream);
  print_rate(report, stream);
  print_final(report, stream);
  print_nears(report, stream);
  print_basins(report, stream);
  print_settled(report, stream);
  print_correlation(report, stream);
  print_tail(report, stream);
  if (about)
    print_predictions(about->predictions, report, stream);
  print_until(experiment, report, stream);
  print_warnings(report, stream);
  print_speed(report, stream);
}
