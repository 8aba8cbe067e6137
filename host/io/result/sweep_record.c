/* What is kept of a sweep while it runs. */
#include "sweep_record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"
#include "predictions_json.h"
#include "result_json_parts.h"
#include "yaml_json.h"

/* Histograms of more bins than these stay out of result.json: it holds one for each point. */
enum { MOST_BINS = 64 };

/* How many different warnings are told apart. */
enum { MOST_WARNINGS = 64 };

/* Where a point stands in the text of result.json: sweep, points, the point. */
enum { POINT_DEPTH = 3, ORIGIN_DEPTH = 1 };

static esc_status no_memory(void)
{
  return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

esc_status esc_sweep_record_begin(esc_sweep_record *record, const esc_sweep_axes *axes)
{
  *record = (esc_sweep_record){.axes = axes, .point_count = axes->points};
  record->points = calloc((size_t)axes->points, sizeof *record->points);
  return record->points ? ESC_STATUS_OK : no_memory();
}

/* --- as JSON --- */

static json_t *point_values(esc_json_builder *builder, const esc_sweep_axes *axes, int64_t point)
{
  json_t *const values = json_object();
  for (int i = 0; i < axes->axis_count; i++)
    esc_json_put(builder, values, axes->axes[i].path,
                 esc_yaml_json(builder, esc_sweep_axes_value(axes, i, point)));
  return values;
}

static json_t *point_object(esc_json_builder *builder, const esc_sweep_record *record,
                            int64_t point, const esc_report *report, const esc_sweep_theory *theory)
{
  json_t *const object = json_object();
  esc_json_put(builder, object, "point", json_integer(point));
  esc_json_put(builder, object, "values", point_values(builder, record->axes, point));
  esc_json_put_report(builder, object, report, MOST_BINS);
  if (theory)
    esc_json_put_predictions(builder, object, theory->predictions, report);
  if (theory && theory->reason)
    esc_json_put(builder, object, "predictions_note", json_string(theory->reason));
  return object;
}

/* Takes the tree over and gives its text; NULL where memory ran out. */
static char *text_of(json_t *tree, const esc_json_builder *builder, int members)
{
  char *text = NULL;
  size_t size = 0;
  FILE *const stream = tree && !builder->failed ? open_memstream(&text, &size) : NULL;
  bool written = stream && (members ? esc_json_write_members(tree, ORIGIN_DEPTH, stream)
                                    : esc_json_write_value(tree, POINT_DEPTH, stream));
  json_decref(tree);
  written = stream && fclose(stream) == 0 && written;
  if (written)
    return text;
  free(text);
  return NULL;
}

static int is_swept(const esc_sweep_record *record, const char *path)
{
  for (int i = 0; i < record->axes->axis_count; i++)
    if (strcmp(record->axes->axes[i].path, path) == 0)
      return 1;
  return 0;
}

/* What is the same for all points is told once; what is swept stands with each. */
static void drop_swept(json_t *origin, const esc_sweep_record *record)
{
  for (int i = 0; i < record->axes->axis_count; i++) {
    const char *const path = record->axes->axes[i].path;
    json_object_del(origin, path);
    if (strncmp(path, "landscape", strlen("landscape")) == 0)
      json_object_del(origin, "dimension");
  }
}

static void name_machine(esc_sweep_record *record, const esc_report *report)
{
  const int math = !is_swept(record, "math"), state = !is_swept(record, "state");
  snprintf(record->machine, sizeof record->machine, "%s %s%s%s%s%s", report->backend, report->isa,
           math ? ", " : "", math ? report->math : "", state ? ", " : "",
           state ? report->state : "");
}

static esc_status keep_json(esc_sweep_record *record, int64_t point, const esc_report *report,
                            const esc_sweep_theory *theory)
{
  esc_json_builder builder = {false};
  if (!record->origin) {
    json_t *const origin = json_object();
    esc_json_put_origin(&builder, origin, report);
    drop_swept(origin, record);
    record->origin = text_of(origin, &builder, 1);
    record->dimension = report->dimension;
    name_machine(record, report);
  }
  record->points[point].json =
      record->origin ? text_of(point_object(&builder, record, point, report, theory), &builder, 0)
                     : NULL;
  return record->points[point].json ? ESC_STATUS_OK : no_memory();
}

/* --- as a row --- */

typedef struct row {
  esc_sweep_record *record;
  esc_sweep_point *point;
  int next; /* the column that the next name will have if all rows are alike */
  bool no_memory;
} row;

static int new_column(esc_sweep_record *record, const char *name)
{
  const size_t size = sizeof *record->columns;
  char(*const grown)[ESC_QUANTITY_NAME] =
      realloc(record->columns, ((size_t)record->column_count + 1) * size);
  if (!grown)
    return -1;
  record->columns = grown;
  snprintf(grown[record->column_count], size, "%s", name);
  return record->column_count++;
}

int esc_sweep_record_column(const esc_sweep_record *record, const char *name)
{
  for (int i = 0; i < record->column_count; i++)
    if (strcmp(record->columns[i], name) == 0)
      return i;
  return -1;
}

/* Room for as many values as there are columns, those that are not there NaN. */
static bool widen(row *to, int count)
{
  esc_sweep_point *const point = to->point;
  if (count <= point->value_count)
    return true;
  esc_estimate *const grown = realloc(point->values, (size_t)count * sizeof *grown);
  if (!grown)
    return false;
  for (int i = point->value_count; i < count; i++)
    grown[i] = (esc_estimate){(double)NAN, (double)NAN, (double)NAN};
  point->values = grown;
  point->value_count = count;
  return true;
}

static void keep_value(void *context, const char *name, esc_estimate value)
{
  row *const to = context;
  esc_sweep_record *const record = to->record;
  const bool same = to->next < record->column_count && strcmp(record->columns[to->next], name) == 0;
  int column = same ? to->next : esc_sweep_record_column(record, name);
  if (column < 0)
    column = new_column(record, name);
  if (column < 0 || !widen(to, record->column_count)) {
    to->no_memory = true;
    return;
  }
  to->point->values[column] = value;
  to->next = column + 1;
}

esc_estimate esc_sweep_record_value(const esc_sweep_record *record, int64_t point, int column)
{
  const esc_sweep_point *const from = &record->points[point];
  if (column >= 0 && column < from->value_count)
    return from->values[column];
  return (esc_estimate){(double)NAN, (double)NAN, (double)NAN};
}

/* --- warnings --- */

static esc_status keep_warning(esc_sweep_record *record, int64_t point, const char *sentence)
{
  for (int i = 0; i < record->warning_count; i++)
    if (strcmp(record->warnings[i].sentence, sentence) == 0) {
      record->warnings[i].points++;
      return ESC_STATUS_OK;
    }
  if (record->warning_count == MOST_WARNINGS)
    return ESC_STATUS_OK;
  esc_sweep_warning *const grown =
      realloc(record->warnings, ((size_t)record->warning_count + 1) * sizeof *grown);
  if (!grown)
    return no_memory();
  record->warnings = grown;
  grown[record->warning_count] = (esc_sweep_warning){strdup(sentence), 1, point};
  if (!grown[record->warning_count].sentence)
    return no_memory();
  record->warning_count++;
  return ESC_STATUS_OK;
}

esc_status esc_sweep_record_add(esc_sweep_record *record, int64_t point, const esc_report *report,
                                const esc_sweep_theory *theory)
{
  row to = {record, &record->points[point], 0, false};
  esc_quantities_visit(report, keep_value, &to);
  esc_predictions_visit(theory ? theory->predictions : NULL, report, keep_value, &to);
  esc_status status = to.no_memory ? no_memory() : keep_json(record, point, report, theory);
  for (int i = 0; i < report->warning_count && !status; i++)
    status = keep_warning(record, point, report->warnings[i]);
  if (status)
    return status;
  to.point->trajectories = report->trajectories;
  to.point->trajectories_asked = report->trajectories_asked;
  record->done++;
  record->unpredicted += theory && !theory->predictions;
  record->whole += !report->interrupted;
  record->unreached += report->precision == ESC_PRECISION_NOT_REACHED;
  record->trajectories += report->trajectories;
  record->steps_total += report->steps_total;
  return ESC_STATUS_OK;
}

void esc_sweep_record_free(esc_sweep_record *record)
{
  for (int64_t i = 0; record->points && i < record->point_count; i++) {
    free(record->points[i].json);
    free(record->points[i].values);
  }
  for (int i = 0; i < record->warning_count; i++)
    free(record->warnings[i].sentence);
  free(record->points);
  free(record->columns);
  free(record->warnings);
  free(record->origin);
}
