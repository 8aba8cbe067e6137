/* The lines of a sweep's table, a point each. Their cells are texts first, so that columns are as
 * wide as they need; columns that no longer fit into the line are left to sweep.csv. */
#include "sweep_cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/experiment/read_values.h"
#include "host/io/io_error.h"
#include "host/io/short_number.h"
#include "sweep_shown.h"
#include "yaml_json.h"

enum { ROWS = 40, COLUMNS = 48, CELL = 44, LINE_WIDTH = 80, VALUE_WIDTH = 14 };

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

static double theory_value(const esc_sweep_record *record, int64_t point, const char *method,
                           const char *shown, const char *after)
{
  char name[2 * ESC_QUANTITY_NAME];
  snprintf(name, sizeof name, "%s.%s%s", method, shown, after);
  return esc_sweep_record_value(record, point, esc_sweep_record_column(record, name)).value;
}

/* What is exact goes before a limit, what is written down before what is solved. */
static const char *method_of(const esc_sweep_record *record, int64_t point, const char *shown)
{
  static const char *const methods[] = {"theory", "numeric"}, *const kinds[] = {".z", ""};
  for (size_t kind = 0; kind < 2; kind++)
    for (size_t m = 0; m < 2; m++)
      if (isfinite(theory_value(record, point, methods[m], shown, kinds[kind])))
        return methods[m];
  return methods[0];
}

/* The column of a number ("": what is predicted; ".z", ".ratio"), if any point has one. */
static void put_theory_column(const esc_sweep_record *record, const char *shown, const char *after,
                              cells *table)
{
  bool any = false;
  put(table, 0, after[0] ? after + 1 : "theory");
  for (int row = 0; row < table->rows; row++) {
    char text[CELL] = "-";
    const int64_t point = table->point[row];
    const char *const method = method_of(record, point, shown);
    const double value = theory_value(record, point, method, shown, after);
    if (isfinite(value))
      snprintf(text, sizeof text, strcmp(after, ".z") == 0 ? "%+.2f" : "%.5g", value);
    any = any || isfinite(value);
    put(table, row + 1, text);
  }
  if (any)
    keep_column(table, false);
}

/* What theory says of the number in the column before, and how far the points are from it. */
static void put_theory(const esc_sweep_record *record, const char *shown, cells *table)
{
  const int columns = table->columns;
  put_theory_column(record, shown, "", table);
  if (table->columns == columns)
    return;
  put_theory_column(record, shown, ".z", table);
  put_theory_column(record, shown, ".ratio", table);
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

esc_status esc_sweep_cells_print(const esc_sweep_record *record, FILE *stream)
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
