/* result.json of a sweep. The points are text already and may be many: they are written one by one
 * between what comes before and after them. */
#include "sweep_json.h"

#include <string.h>

#include "host/io/experiment/experiment_file.h"
#include "host/io/io_error.h"
#include "json_builder.h"
#include "resolved_experiment.h"
#include "sweep_shown.h"
#include "yaml_json.h"

typedef struct writing {
  const esc_experiment_file *file;
  const esc_sweep_record *record;
  const esc_sweep_fits *fits;
  FILE *stream;
} writing;

/* What a part of the root holds: its members are put into `object`. */
typedef void put_function(esc_json_builder *builder, json_t *object, const writing *w);

static void put_extent(esc_json_builder *builder, json_t *root, const writing *w)
{
  const esc_sweep_record *const record = w->record;
  const double seconds = record->seconds;
  esc_json_put(builder, root, "trajectories", json_integer(record->trajectories));
  esc_json_put(builder, root, "interrupted", json_boolean(record->interrupted));
  esc_json_put(builder, root, "steps_total", json_integer(record->steps_total));
  esc_json_put(builder, root, "seconds", esc_json_number(seconds));
  esc_json_put(builder, root, "steps_per_second",
               esc_json_number((double)record->steps_total / seconds));
  json_t *const list = json_array();
  for (int i = 0; i < record->warning_count; i++) {
    json_t *const warning = json_object();
    esc_json_put(builder, warning, "sentence", json_string(record->warnings[i].sentence));
    esc_json_put(builder, warning, "points", json_integer(record->warnings[i].points));
    esc_json_put(builder, warning, "first_point", json_integer(record->warnings[i].first));
    esc_json_append(builder, list, warning);
  }
  esc_json_put(builder, root, "warnings", list);
}

/* A column of the table, with a number for each point that has a result. */
static void put_column(esc_json_builder *builder, json_t *object, const char *name,
                       const esc_sweep_record *record, const char *column)
{
  const int index = esc_sweep_record_column(record, column);
  json_t *const values = json_array(), *const intervals = json_array();
  for (int64_t k = 0; k < record->point_count; k++) {
    const esc_estimate value = esc_sweep_record_value(record, k, index);
    if (!record->points[k].json)
      continue;
    esc_json_append(builder, values, esc_json_number(value.value));
    esc_json_append(builder, intervals, esc_json_interval(value));
  }
  esc_json_put(builder, object, name, values);
  if (strcmp(name, "values") == 0)
    esc_json_put(builder, object, "ci95", intervals);
  else
    json_decref(intervals);
}

/* The number that the figure is about, and what theory says of it, point by point. */
static void put_shown(esc_json_builder *builder, json_t *object, const esc_sweep_record *record)
{
  static const char *const methods[] = {"theory", "numeric"};
  const int shown = esc_sweep_shown(record);
  json_t *const about = json_object();
  if (shown >= 0) {
    const char *const of = record->columns[shown];
    esc_json_put(builder, about, "of", json_string(of));
    put_column(builder, about, "values", record, of);
    for (size_t m = 0; m < 2; m++) {
      char name[2 * ESC_QUANTITY_NAME];
      snprintf(name, sizeof name, "%s.%s", methods[m], of);
      if (esc_sweep_record_column(record, name) >= 0)
        put_column(builder, about, methods[m], record, name);
    }
    char ratio[2 * ESC_QUANTITY_NAME];
    snprintf(ratio, sizeof ratio, "theory.%s.ratio", of);
    if (esc_sweep_record_column(record, ratio) >= 0)
      esc_json_put(builder, about, "theory_is_a_limit", json_true());
  }
  esc_json_put(builder, object, "shown", about);
}

static void put_sweep(esc_json_builder *builder, json_t *object, const writing *w)
{
  const esc_sweep_record *const record = w->record;
  const esc_sweep_axes *const axes = record->axes;
  json_t *const keys = json_array();
  for (int i = 0; i < axes->axis_count; i++)
    esc_json_append(builder, keys, json_string(axes->axes[i].path));
  esc_json_put(builder, object, "keys", keys);
  esc_json_put(builder, object, "zip", json_boolean(axes->zip));
  esc_json_put(builder, object, "common_noise", json_boolean(axes->common_noise));
  put_shown(builder, object, record);
  esc_json_put(builder, object, "points_asked", json_integer(axes->points));
  esc_json_put(builder, object, "points_done", json_integer(record->whole));
}

/* The resolved experiment of point 0; but the parts that are swept, whose defaults may be other
 * ones at every point, and what is about the whole stand as in the file. It runs the same again. */
static json_t *experiment_object(esc_json_builder *builder, const esc_experiment_file *file,
                                 const esc_sweep_record *record)
{
  const esc_sweep_axes *const axes = esc_experiment_file_sweep(file);
  static const char *const whole[] = {"sweep", "predict", "fit"};
  json_t *const object =
      esc_resolved_experiment(builder, esc_experiment_file_experiment(file),
                              esc_experiment_file_title(file), record->dimension);
  for (int i = 0; i < axes->axis_count; i++) {
    char key[64];
    snprintf(key, sizeof key, "%.*s", (int)strcspn(axes->axes[i].path, ".["), axes->axes[i].path);
    const esc_yaml_node *const node = esc_experiment_file_node(file, key);
    json_object_del(object, key);
    if (node)
      esc_json_put(builder, object, key, esc_yaml_json(builder, node));
  }
  for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
    const esc_yaml_node *const node = esc_experiment_file_node(file, whole[i]);
    if (node)
      esc_json_put(builder, object, whole[i], esc_yaml_json(builder, node));
  }
  return object;
}

/* The values of the keys that are not x. */
static json_t *series_object(esc_json_builder *builder, const esc_sweep_axes *axes,
                             const esc_sweep_fit *fit)
{
  json_t *const series = json_object();
  for (int i = 0; i < axes->axis_count && !axes->zip; i++)
    if (strcmp(axes->axes[i].path, fit->law->x) != 0)
      esc_json_put(builder, series, axes->axes[i].path,
                   esc_yaml_json(builder, esc_sweep_axes_value(axes, i, fit->first)));
  return series;
}

static json_t *fit_object(esc_json_builder *builder, const esc_sweep_axes *axes,
                          const esc_sweep_fit *fit)
{
  const esc_json_slice slopes = {fit->slopes ? fit->count - 1 : 0, 1};
  json_t *const object = json_object();
  esc_json_put(builder, object, "x", json_string(fit->law->x));
  esc_json_put(builder, object, "y", json_string(fit->law->y));
  esc_json_put(builder, object, "series", series_object(builder, axes, fit));
  esc_json_put(builder, object, "points", json_integer(fit->count));
  esc_json_put(builder, object, "exponent", esc_json_number(fit->fit.exponent.value));
  esc_json_put(builder, object, "ci95", esc_json_interval(fit->fit.exponent));
  esc_json_put_estimate(builder, object, "factor", fit->fit.factor);
  esc_json_put(builder, object, "chi_square", esc_json_number(fit->fit.chi_square));
  esc_json_put(builder, object, "degrees", json_integer(fit->fit.degrees));
  esc_json_put(builder, object, "p_value", esc_json_number(fit->fit.p_value));
  esc_json_put(builder, object, "local_slopes", esc_json_values(builder, fit->slopes, slopes));
  esc_json_put(builder, object, "local_slopes_ci95",
               esc_json_intervals(builder, fit->slopes, slopes));
  if (fit->theory) {
    const bool exact = fit->theory->kind == ESC_PREDICTION_EXACT;
    esc_json_put(builder, object, "predicted", esc_json_number(fit->theory->value));
    esc_json_put(builder, object, "kind", json_string(exact ? "exact" : "asymptotic"));
    esc_json_put(builder, object, "source", json_string(fit->theory->source));
  }
  return object;
}

static void put_end(esc_json_builder *builder, json_t *root, const writing *w)
{
  json_t *const list = json_array();
  for (int64_t i = 0; i < w->fits->count; i++)
    esc_json_append(builder, list, fit_object(builder, w->record->axes, &w->fits->list[i]));
  esc_json_put(builder, root, "fits", list);
  esc_json_put(builder, root, "experiment", experiment_object(builder, w->file, w->record));
}

/* The members that `put` makes, on lines of their own. */
static esc_status write_members(const writing *w, put_function *put, int depth)
{
  esc_json_builder builder = {false};
  json_t *const object = json_object();
  put(&builder, object, w);
  const bool made = object && !builder.failed;
  const bool written = made && esc_json_write_members(object, depth, w->stream);
  json_decref(object);
  if (written)
    return ESC_STATUS_OK;
  return made && ferror(w->stream)
             ? esc_io_fail(ESC_STATUS_IO, "the result could not be written")
             : esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "the result: out of memory");
}

static void write_points(const writing *w)
{
  const char *comma = "";
  fputs(",\n    \"points\": [", w->stream);
  for (int64_t k = 0; k < w->record->point_count; k++) {
    if (!w->record->points[k].json)
      continue;
    fprintf(w->stream, "%s\n      %s", comma, w->record->points[k].json);
    comma = ",";
  }
  fputs("\n    ]\n  },", w->stream);
}

esc_status esc_sweep_json_write(const esc_experiment_file *file, const esc_sweep_record *record,
                                const esc_sweep_fits *fits, FILE *stream)
{
  const writing w = {file, record, fits, stream};
  fprintf(stream, "{%s,", record->origin ? record->origin : "");
  esc_status status = write_members(&w, put_extent, 1);
  fputs(",\n  \"sweep\": {", stream);
  if (!status)
    status = write_members(&w, put_sweep, 2);
  write_points(&w);
  if (!status)
    status = write_members(&w, put_end, 1);
  fputs("\n}\n", stream);
  if (status)
    return status;
  return fflush(stream) || ferror(stream)
             ? esc_io_fail(ESC_STATUS_IO, "the result could not be written")
             : ESC_STATUS_OK;
}
