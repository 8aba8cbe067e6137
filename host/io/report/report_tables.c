/* The tables of report.html: numbers as the printed table rounds them. */
#include "report_tables.h"

#include <math.h>
#include <string.h>

#include "host/io/figures/figure_source.h"
#include "host/io/short_number.h"
#include "html_text.h"

/* More rows than these are left to sweep.csv. */
enum { POINTS_MOST = 1000 };

#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

static void count_cell(const json_t *value, FILE *stream)
{
  const double number = esc_figure_number(value);
  esc_html_cell(isnan(number) ? "-" : esc_short_count((int64_t)number).text, stream);
}

/* The value and its interval, in two cells. */
static void estimate_cells(const json_t *value, const json_t *interval, FILE *stream)
{
  char text[80] = "-";
  const esc_estimate estimate = esc_figure_estimate(value, interval);
  const double uncertainty = esc_short_uncertainty(estimate);
  if (!isnan(estimate.low) && !isnan(estimate.high))
    snprintf(text, sizeof text, "%s \xe2\x80\xa6 %s",
             esc_short_rounded(estimate.low, uncertainty).text,
             esc_short_rounded(estimate.high, uncertainty).text);
  esc_html_cell(esc_short_estimate(estimate).text, stream);
  esc_html_cell(text, stream);
}

static void number_cell(const json_t *value, FILE *stream)
{
  esc_html_cell(esc_short_rounded(esc_figure_number(value), (double)NAN).text, stream);
}

static void outcome_table(const json_t *outcomes, FILE *stream)
{
  static const char *const columns[] = {"outcome", "count", "share", "95 % interval"};
  const char *name;
  json_t *outcome;
  esc_html_table_begin(columns, COUNT(columns), stream);
  json_object_foreach((json_t *)outcomes, name, outcome)
  {
    esc_html_row_begin(stream);
    esc_html_cell(name, stream);
    count_cell(json_object_get(outcome, "count"), stream);
    estimate_cells(json_object_get(outcome, "fraction"), json_object_get(outcome, "ci95"), stream);
    esc_html_row_end(stream);
  }
  esc_html_table_end(stream);
}

static void time_row(const char *name, const json_t *times, FILE *stream)
{
  const json_t *const quantiles = json_object_get(times, "quantiles");
  esc_html_row_begin(stream);
  esc_html_cell(name, stream);
  count_cell(json_object_get(times, "count"), stream);
  estimate_cells(json_object_get(times, "mean_of_exited"),
                 json_object_get(times, "mean_of_exited_ci95"), stream);
  number_cell(json_object_get(quantiles, "0.05"), stream);
  number_cell(json_object_get(quantiles, "0.5"), stream);
  number_cell(json_object_get(quantiles, "0.95"), stream);
  esc_html_row_end(stream);
}

static void time_table(const json_t *times, FILE *stream)
{
  static const char *const columns[] = {
      "exit step", "count", "mean of those that exited", "95 % interval", "5 %", "median", "95 %"};
  const char *name;
  json_t *one;
  if (!(esc_figure_number(json_object_get(times, "count")) > 0.0))
    return;
  esc_html_table_begin(columns, COUNT(columns), stream);
  time_row("all", times, stream);
  json_object_foreach(json_object_get(times, "by"), name, one) time_row(name, one, stream);
  esc_html_table_end(stream);
}

static void final_table(const json_t *final, FILE *stream)
{
  static const char *const columns[] = {"last position", "mean", "95 % interval", "variance"};
  const json_t *const means = json_object_get(final, "mean");
  const size_t count = json_array_size(means);
  if (count == 0)
    return;
  esc_html_table_begin(columns, COUNT(columns), stream);
  for (size_t j = 0; j < count; j++) {
    char name[32] = "x";
    if (count > 1)
      snprintf(name, sizeof name, "x%zu", j + 1);
    esc_html_row_begin(stream);
    esc_html_cell(name, stream);
    estimate_cells(json_array_get(means, j), json_array_get(json_object_get(final, "mean_ci95"), j),
                   stream);
    number_cell(json_array_get(json_object_get(final, "variance"), j), stream);
    esc_html_row_end(stream);
  }
  esc_html_table_end(stream);
}

static void text_cell(const json_t *value, FILE *stream)
{
  const char *const text = json_string_value(value);
  esc_html_cell(text ? text : "", stream);
}

static void prediction_row(const json_t *prediction, FILE *stream)
{
  char name[200], against[64] = "-";
  const char *const of = json_string_value(json_object_get(prediction, "of"));
  const json_t *const step = json_object_get(prediction, "step");
  const double z = esc_figure_number(json_object_get(prediction, "z"));
  const double ratio = esc_figure_number(json_object_get(prediction, "ratio"));
  snprintf(name, sizeof name, step ? "%.100s at %lld" : "%.100s", of ? of : "",
           (long long)json_integer_value(step));
  if (!isnan(z))
    snprintf(against, sizeof against, "z %+.2f", z);
  else if (!isnan(ratio))
    snprintf(against, sizeof against, "ratio %.4f", ratio);
  esc_html_row_begin(stream);
  esc_html_cell(name, stream);
  number_cell(json_object_get(prediction, "predicted"), stream);
  number_cell(json_object_get(prediction, "measured"), stream);
  esc_html_cell(against, stream);
  text_cell(json_object_get(prediction, "kind"), stream);
  text_cell(json_object_get(prediction, "source"), stream);
  esc_html_row_end(stream);
}

static void prediction_table(const json_t *predictions, FILE *stream)
{
  static const char *const columns[] = {"theory",     "predicted", "measured",
                                        "against it", "kind",      "source"};
  if (json_array_size(predictions) == 0)
    return;
  esc_html_table_begin(columns, COUNT(columns), stream);
  for (size_t i = 0; i < json_array_size(predictions); i++)
    prediction_row(json_array_get(predictions, i), stream);
  esc_html_table_end(stream);
}

void esc_report_tables(const json_t *root, FILE *stream)
{
  outcome_table(json_object_get(root, "outcomes"), stream);
  time_table(json_object_get(root, "exit_steps"), stream);
  final_table(json_object_get(root, "final"), stream);
  prediction_table(json_object_get(root, "predictions"), stream);
}

/* --- sweeps --- */

static void value_cell(const json_t *value, FILE *stream)
{
  const char *const text = json_string_value(value);
  if (json_is_number(value))
    esc_html_cell(esc_short_plain(json_number_value(value)).text, stream);
  else if (text || !value)
    esc_html_cell(text ? text : "", stream);
  else
    esc_html_value_cell(value, stream);
}

static void point_row(const json_t *sweep, size_t i, FILE *stream)
{
  const json_t *const shown = json_object_get(sweep, "shown");
  const json_t *const point = json_array_get(json_object_get(sweep, "points"), i);
  const json_t *const keys = json_object_get(sweep, "keys");
  esc_html_row_begin(stream);
  for (size_t k = 0; k < json_array_size(keys); k++)
    value_cell(json_object_get(json_object_get(point, "values"),
                               json_string_value(json_array_get(keys, k))),
               stream);
  count_cell(json_object_get(point, "trajectories"), stream);
  estimate_cells(json_array_get(json_object_get(shown, "values"), i),
                 json_array_get(json_object_get(shown, "ci95"), i), stream);
  for (size_t m = 0; m < 2; m++) {
    const json_t *const theory = json_object_get(shown, m ? "numeric" : "theory");
    if (theory)
      number_cell(json_array_get(theory, i), stream);
  }
  esc_html_row_end(stream);
}

static void point_table(const json_t *sweep, FILE *stream)
{
  const char *columns[24];
  int count = 0;
  const json_t *const keys = json_object_get(sweep, "keys");
  const json_t *const shown = json_object_get(sweep, "shown");
  const char *const of = json_string_value(json_object_get(shown, "of"));
  for (size_t k = 0; k < json_array_size(keys) && count < 16; k++)
    columns[count++] = json_string_value(json_array_get(keys, k));
  columns[count++] = "trajectories";
  columns[count++] = of ? of : "";
  columns[count++] = "95 % interval";
  if (json_object_get(shown, "theory"))
    columns[count++] = json_object_get(shown, "theory_is_a_limit") ? "theory, a limit" : "theory";
  if (json_object_get(shown, "numeric"))
    columns[count++] = "theory, solved";
  const size_t rows = json_array_size(json_object_get(sweep, "points"));
  esc_html_table_begin(columns, count, stream);
  for (size_t i = 0; i < rows && i < POINTS_MOST; i++)
    point_row(sweep, i, stream);
  esc_html_table_end(stream);
  if (rows > POINTS_MOST)
    fprintf(stream, "<p>The first %d of %zu points; sweep.csv has them all.</p>\n", POINTS_MOST,
            rows);
}

static void fit_row(const json_t *fit, FILE *stream)
{
  json_t *const series = json_object_get(fit, "series");
  esc_html_row_begin(stream);
  text_cell(json_object_get(fit, "y"), stream);
  text_cell(json_object_get(fit, "x"), stream);
  value_cell(json_object_size(series) ? series : NULL, stream);
  count_cell(json_object_get(fit, "points"), stream);
  estimate_cells(json_object_get(fit, "exponent"), json_object_get(fit, "ci95"), stream);
  number_cell(json_object_get(fit, "predicted"), stream);
  esc_html_row_end(stream);
}

void esc_report_sweep_tables(const json_t *root, FILE *stream)
{
  static const char *const columns[] = {"power law of",  "in",    "series", "points", "exponent",
                                        "95 % interval", "theory"};
  const json_t *const fits = json_object_get(root, "fits");
  point_table(json_object_get(root, "sweep"), stream);
  if (json_array_size(fits) == 0)
    return;
  esc_html_table_begin(columns, COUNT(columns), stream);
  for (size_t i = 0; i < json_array_size(fits) && i < POINTS_MOST; i++)
    fit_row(json_array_get(fits, i), stream);
  esc_html_table_end(stream);
}
