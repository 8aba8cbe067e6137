/* sweep.csv, with the quoting of RFC 4180. */
#include "sweep_csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"
#include "json_builder.h"
#include "yaml_json.h"

static void write_text(const char *text, FILE *stream)
{
  const bool quoted = text[strcspn(text, ",\"\r\n")] != '\0';
  if (quoted)
    fputc('"', stream);
  for (; *text; text++) {
    if (*text == '"')
      fputc('"', stream);
    fputc(*text, stream);
  }
  if (quoted)
    fputc('"', stream);
}

static void write_number(double value, FILE *stream)
{
  fputc(',', stream);
  if (!isnan(value))
    fprintf(stream, "%.*g", (int)esc_json_digits(value), value);
}

/* Whether any point has an interval for a column. */
static bool has_interval(const esc_sweep_record *record, int column)
{
  for (int64_t k = 0; k < record->point_count; k++) {
    const esc_estimate value = esc_sweep_record_value(record, k, column);
    if (!isnan(value.low) || !isnan(value.high))
      return true;
  }
  return false;
}

static void write_head(const esc_sweep_record *record, const bool *intervals, FILE *stream)
{
  fputs("point", stream);
  for (int i = 0; i < record->axes->axis_count; i++) {
    fputc(',', stream);
    write_text(record->axes->axes[i].path, stream);
  }
  fputs(",trajectories", stream);
  for (int c = 0; c < record->column_count; c++) {
    const char *const name = record->columns[c];
    fprintf(stream, intervals[c] ? ",%s,%s_low,%s_high" : ",%s", name, name, name);
  }
  fputc('\n', stream);
}

static esc_status write_row(const esc_sweep_record *record, int64_t k, const bool *intervals,
                            FILE *stream)
{
  fprintf(stream, "%lld", (long long)k);
  for (int i = 0; i < record->axes->axis_count; i++) {
    char *const text = esc_yaml_text(esc_sweep_axes_value(record->axes, i, k));
    if (!text)
      return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
    fputc(',', stream);
    write_text(text, stream);
    free(text);
  }
  fprintf(stream, ",%lld", (long long)record->points[k].trajectories);
  for (int c = 0; c < record->column_count; c++) {
    const esc_estimate value = esc_sweep_record_value(record, k, c);
    write_number(value.value, stream);
    if (intervals[c]) {
      write_number(value.low, stream);
      write_number(value.high, stream);
    }
  }
  fputc('\n', stream);
  return ESC_STATUS_OK;
}

esc_status esc_sweep_csv_write(const esc_sweep_record *record, FILE *stream)
{
  bool *const intervals = calloc((size_t)record->column_count + 1, sizeof *intervals);
  if (!intervals)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  for (int c = 0; c < record->column_count; c++)
    intervals[c] = has_interval(record, c);
  write_head(record, intervals, stream);
  esc_status status = ESC_STATUS_OK;
  for (int64_t k = 0; k < record->point_count && !status; k++)
    if (record->points[k].json)
      status = write_row(record, k, intervals, stream);
  free(intervals);
  return status;
}
