/* The table of a sweep around its lines: what ran, the fits, and what to beware of. */
#include "sweep_table.h"

#include <inttypes.h>
#include <math.h>

#include "host/io/short_number.h"
#include "paragraph.h"
#include "setting_text.h"
#include "sweep_cells.h"

enum { WARNINGS = 8, FITS = 12 };

static void print_fit(const esc_sweep_record *record, const esc_sweep_fit *fit, FILE *stream)
{
  char series[400];
  esc_paragraph lines = {stream, 0};
  esc_sweep_fit_series(record, fit, series, sizeof series);
  if (series[0])
    esc_paragraph_say(&lines, "%s:", series);
  if (isnan(fit->fit.exponent.value)) {
    esc_paragraph_say(&lines, "no power law: fewer than 3 points with %s above 0", fit->law->y);
    esc_paragraph_end(&lines);
    return;
  }
  const double uncertainty = esc_short_uncertainty(fit->fit.exponent);
  esc_paragraph_say(&lines, "%s grows as %s to the power %s (95 %% %s .. %s)", fit->law->y,
                    fit->law->x, esc_short_estimate(fit->fit.exponent).text,
                    esc_short_rounded(fit->fit.exponent.low, uncertainty).text,
                    esc_short_rounded(fit->fit.exponent.high, uncertainty).text);
  if (fit->fit.p_value < 1e-12)
    esc_paragraph_say(&lines, "but the points are off the line (p below 1e-12):");
  else if (fit->fit.p_value < 0.05)
    esc_paragraph_say(&lines, "but the points are off the line (p %.2g):", fit->fit.p_value);
  if (fit->slopes)
    esc_paragraph_say(&lines, "%slocal slopes %s to %s", fit->fit.p_value < 0.05 ? "" : "with ",
                      esc_short_estimate(fit->slopes[0]).text,
                      esc_short_estimate(fit->slopes[fit->count - 2]).text);
  if (fit->theory)
    esc_paragraph_say(&lines, "(theory: %s%s)", esc_short_plain(fit->theory->value).text,
                      fit->theory->kind == ESC_PREDICTION_EXACT ? "" : ", in the limit");
  esc_paragraph_end(&lines);
}

static void print_fits(const esc_sweep_record *record, const esc_sweep_fits *fits, FILE *stream)
{
  for (int64_t i = 0; i < fits->count && i < FITS; i++) {
    fputs(i == 0 ? "\n" : "", stream);
    print_fit(record, &fits->list[i], stream);
  }
  if (fits->count > FITS)
    fprintf(stream, "(and %lld more fits: result.json)\n", (long long)(fits->count - FITS));
}

static void print_size(const esc_sweep_record *record, FILE *stream)
{
  const esc_sweep_axes *const axes = record->axes;
  esc_paragraph lines = {stream, 0};
  esc_paragraph_say(&lines, "sweep of");
  for (int i = 0; i < axes->axis_count; i++)
    esc_paragraph_say(&lines, "%s%s (%" PRId64 " value%s)%s", i ? "and " : "", axes->axes[i].path,
                      axes->axes[i].count, axes->axes[i].count == 1 ? "" : "s",
                      i + 1 == axes->axis_count && !axes->zip ? ":" : "");
  if (axes->zip)
    esc_paragraph_say(&lines, "side by side:");
  if (record->interrupted) {
    esc_paragraph_count(&lines, record->whole);
    esc_paragraph_say(&lines, "of");
  }
  esc_paragraph_count(&lines, record->point_count);
  esc_paragraph_say(&lines, "points,");
  esc_paragraph_count(&lines, record->trajectories);
  esc_paragraph_say(&lines, "trajectories%s", record->interrupted ? " (interrupted)" : "");
  esc_paragraph_end(&lines);
}

static void print_warnings(const esc_sweep_record *record, FILE *stream)
{
  const int count = record->warning_count;
  for (int i = 0; i < count && i < WARNINGS; i++) {
    esc_paragraph lines = {stream, 0};
    fputs(i == 0 ? "\n" : "", stream);
    esc_paragraph_say(&lines, "warning (%s of the points, first %" PRId64 "): %s",
                      esc_short_count(record->warnings[i].points).text, record->warnings[i].first,
                      record->warnings[i].sentence);
    esc_paragraph_end(&lines);
  }
  if (count > WARNINGS)
    fprintf(stream, "(and %d more warnings: result.json)\n", count - WARNINGS);
}

static void print_end(const esc_sweep_record *record, FILE *stream)
{
  const double rate = (double)record->steps_total / record->seconds;
  fprintf(stream, "\n%s steps in %s s", esc_short_amount((double)record->steps_total).text,
          esc_short_rounded(record->seconds, 0.5 * record->seconds).text);
  if (isfinite(rate))
    fprintf(stream, ", %s steps/s", esc_short_amount(rate).text);
  fprintf(stream, " (%s)\n", record->machine);
}

esc_status esc_sweep_table_print(const esc_sweep_record *record, const esc_experiment *experiment,
                                 const char *title, const esc_sweep_fits *fits, FILE *stream)
{
  if (title && title[0])
    fprintf(stream, "%s\n", title);
  esc_setting_print(experiment, stream);
  print_size(record, stream);
  const esc_status status = esc_sweep_cells_print(record, stream);
  print_fits(record, fits, stream);
  if (record->unpredicted > 0)
    fprintf(stream, "\ntheory knows nothing of %s of the points\n",
            esc_short_count(record->unpredicted).text);
  if (record->unreached > 0)
    fprintf(stream, "\n%s of the points did not become as precise as `until` asks\n",
            esc_short_count(record->unreached).text);
  print_warnings(record, stream);
  print_end(record, stream);
  return status;
}
