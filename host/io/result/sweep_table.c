/* The table of a sweep. Its cells are texts first, so that columns are as wide as they need;
 * columns that no longer fit into the line are left to sweep.csv. */
#include "sweep_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/experiment/read_values.h"
#include "host/io/io_error.h"
#include "host/io/short_number.h"
#include "paragraph.h"
#include "setting_text.h"
#include "sweep_shown.h"
#include "yaml_json.h"

enum {
  ROWS = 40,
  COLUMNS = 48,
  CELL = 44,
  LINE_WIDTH = 80,
  VALUE_WIDTH = 14,
  WARNINGS = 8,
  FITS = 12
};

typedef struct cells {
  char text[COLUMNS][ROWS + 1][CELL]; /* row 0: the title */
  int64_t point[ROWS];
  int rows, columns;
  int width; /* of the columns so far */
} cells;

static void put(cells *table, int row, const char *text)
{
  snprintf(table->text[table->columns][row], CELL, "%s", text);
}

/* Keeps the column that was just filled in, if it fits. */
static void keep_column(cells *table, bool needed)
{
  size_t width = 0;
  for (int row = 0; row <= table->rows; row++) {
    const size_t length = strlen(table->text[table->columns][row]);
    width = length > width ? length : width;
  }
  const int with = table->width + (int)width + (table->columns > 0 ? 2 : 0);
  if (table->columns + 1 >= COLUMNS || (!needed && with > LINE_WIDTH))
    return;
  table->width = with;
  table->columns++;
}

/* The last part of a path, or the whole where another key ends so too. */
static const char *short_path(const esc_sweep_axes *axes, int axis)
{
  const char *const path = axes->axes[axis].path;
  const char *const last = strrchr(path, '.');
  for (int i = 0; last && i < axes->axis_count; i++) {
    const char *const other = strrchr(axes->axes[i].path, '.');
    if (i != axis && strcmp(other ? other + 1 : axes->axes[i].path, last + 1) == 0)
      return path;
  }
  return last ? last + 1 : path;
}

/* A swept value in at most 14 letters; false where memory ran out. */
static bool put_value(const esc_yaml_node *node, int row, cells *table)
{
  double number = 0.0;
  if (esc_node_number(node, &number)) {
    put(table, row, esc_short_plain(number).text);
    return true;
  }
  char *const text = esc_yaml_text(node);
  if (text && strlen(text) > VALUE_WIDTH)
    memcpy(text + VALUE_WIDTH - 2, "..", sizeof "..");
  const bool made = text != NULL;
  put(table, row, made ? text : "");
  free(text);
  return made;
}

static esc_status put_values(const esc_sweep_record *record, cells *table)
{
  for (int i = 0; i < record->axes->axis_count; i++) {
    put(table, 0, short_path(record->axes, i));
    for (int row = 0; row < table->rows; row++) {
      if (!put_value(esc_sweep_axes_value(record->axes, i, table->point[row]), row + 1, table))
        return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
    }
    keep_column(table, true);
  }
  return ESC_STATUS_OK;
}

static void put_numbers(const esc_sweep_record *record, int column, const char *title, bool needed,
                        cells *table)
{
  put(table, 0, title);
  for (int row = 0; row < table->rows; row++)
    put(table, row + 1,
        esc_short_estimate(esc_sweep_record_value(record, table->point[row], column)).text);
  keep_column(table, needed);
}

static void put_intervals(const esc_sweep_record *record, int column, cells *table)
{
  put(table, 0, "95 % interval");
  for (int row = 0; row < table->rows; row++) {
    const esc_estimate value = esc_sweep_record_value(record, table->point[row], column);
    const double uncertainty = esc_short_uncertainty(value);
    char text[80] = "-";
    if (!isnan(uncertainty))
      snprintf(text, sizeof text, "%s .. %s", esc_short_rounded(value.low, uncertainty).text,
               esc_short_rounded(value.high, uncertainty).text);
    put(table, row + 1, text);
  }
  keep_column(table, false);
}

static void put_plain(const esc_sweep_record *record, int column, const char *title,
                      const char *format, cells *table)
{
  put(table, 0, title);
  for (int row = 0; row < table->rows; row++) {
    char text[CELL] = "-";
    const double value = esc_sweep_record_value(record, table->point[row], column).value;
    if (isfinite(value))
      snprintf(text, sizeof text, strcmp(format, "z") == 0 ? "%+.2f" : "%.5g", value);
    put(table, row + 1, text);
  }
  keep_column(table, false);
}

/* What theory says of the number in the column before, and how far the points are from it. */
static void put_theory(const esc_sweep_record *record, const char *shown, cells *table)
{
  static const char *const methods[] = {"theory", "numeric"}, *const against[] = {"z", "ratio"};
  for (size_t m = 0; m < 2; m++) {
    char name[2 * ESC_QUANTITY_NAME];
    snprintf(name, sizeof name, "%s.%s", methods[m], shown);
    const int column = esc_sweep_record_column(record, name);
    if (column < 0)
      continue;
    const int columns = table->columns;
    put_plain(record, column, methods[m], "", table);
    for (size_t a = 0; a < 2 && table->columns > columns; a++) {
      snprintf(name, sizeof name, "%s.%s.%s", methods[m], shown, against[a]);
      const int beside = esc_sweep_record_column(record, name);
      if (beside >= 0)
        put_plain(record, beside, against[a], against[a], table);
    }
  }
}

static bool is_above_zero(const esc_sweep_record *record, int column)
{
  for (int64_t k = 0; k < record->point_count; k++)
    if (esc_sweep_record_value(record, k, column).value > 0.0)
      return true;
  return false;
}

/* The shares of those outcomes that there were. */
static void put_shares(const esc_sweep_record *record, int shown, cells *table)
{
  static const char head[] = "outcomes.", tail[] = ".fraction";
  for (int c = 0; c < record->column_count; c++) {
    const char *const name = record->columns[c];
    if (strncmp(name, head, sizeof head - 1) != 0 || c == shown || !is_above_zero(record, c))
      continue;
    char title[VALUE_WIDTH + 1];
    const size_t length = strlen(name) - (sizeof head - 1) - (sizeof tail - 1);
    snprintf(title, sizeof title, "%.*s", (int)length, name + sizeof head - 1);
    put_numbers(record, c, title, false, table);
    put_theory(record, name, table);
  }
}

static void print_cells(const cells *table, FILE *stream)
{
  int widths[COLUMNS] = {0};
  for (int c = 0; c < table->columns; c++)
    for (int row = 0; row <= table->rows; row++) {
      const int length = (int)strlen(table->text[c][row]);
      widths[c] = length > widths[c] ? length : widths[c];
    }
  for (int row = 0; row <= table->rows; row++) {
    for (int c = 0; c < table->columns; c++)
      fprintf(stream, "%s%*s", c ? "  " : "", widths[c], table->text[c][row]);
    fputc('\n', stream);
  }
}

static esc_status print_points(const esc_sweep_record *record, FILE *stream)
{
  const int shown = esc_sweep_shown(record);
  cells *const table = calloc(1, sizeof *table);
  if (!table)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  for (int64_t k = 0; k < record->point_count && table->rows < ROWS; k++)
    if (record->points[k].json)
      table->point[table->rows++] = k;
  const esc_status status = put_values(record, table);
  if (!status && shown >= 0) {
    put_numbers(record, shown, record->columns[shown], true, table);
    put_intervals(record, shown, table);
    put_theory(record, record->columns[shown], table);
    put_shares(record, shown, table);
    fputc('\n', stream);
    print_cells(table, stream);
    if (record->done > table->rows)
      fprintf(stream, "(and %s more points: sweep.csv has them all)\n",
              esc_short_count(record->done - table->rows).text);
  }
  free(table);
  return status;
}

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
  const esc_status status = print_points(record, stream);
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
