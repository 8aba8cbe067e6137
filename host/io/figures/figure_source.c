/* Reading result.json for the figures. */
#include "figure_source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"
#include "host/io/short_number.h"

/* Steps that span more than this are drawn on a logarithmic axis. */
static const double log_span = 50.0;

const json_t *esc_figure_find(const json_t *object, const char *path)
{
  char key[64];
  while (object && *path) {
    const size_t length = strcspn(path, ".");
    if (length >= sizeof key)
      return NULL;
    memcpy(key, path, length);
    key[length] = '\0';
    object = json_object_get(object, key);
    path += length + (path[length] == '.');
  }
  return object;
}

double esc_figure_number(const json_t *value)
{
  const char *text = json_string_value(value);
  if (json_is_number(value))
    return json_number_value(value);
  if (text && !strcmp(text, ".inf"))
    return (double)INFINITY;
  if (text && !strcmp(text, "-.inf"))
    return -(double)INFINITY;
  return (double)NAN;
}

double esc_figure_at(const json_t *list, size_t i)
{
  return esc_figure_number(json_array_get(list, i));
}

double esc_figure_low(const json_t *intervals, size_t i)
{
  return esc_figure_at(json_array_get(intervals, i), 0);
}

double esc_figure_high(const json_t *intervals, size_t i)
{
  return esc_figure_at(json_array_get(intervals, i), 1);
}

esc_estimate esc_figure_estimate(const json_t *value, const json_t *interval)
{
  const esc_estimate estimate = {esc_figure_number(value), esc_figure_at(interval, 0),
                                 esc_figure_at(interval, 1)};
  return estimate;
}

bool esc_figure_log_steps(const json_t *steps)
{
  const size_t count = json_array_size(steps);
  for (size_t i = 0; i < count; i++)
    if (esc_figure_at(steps, i) > 0.0)
      return count - i > 2 && esc_figure_at(steps, count - 1) > log_span * esc_figure_at(steps, i);
  return false;
}

static const char *text_at(const json_t *root, const char *path, const char *otherwise)
{
  const char *text = json_string_value(esc_figure_find(root, path));
  return text ? text : otherwise;
}

static void describe_noise(const json_t *noise, char *text, size_t size)
{
  const json_t *first = json_is_array(noise) ? json_array_get(noise, 0) : noise;
  const double variance = esc_figure_number(json_object_get(first, "variance"));
  const double scale = esc_figure_number(json_object_get(first, "scale"));
  const char *law = text_at(first, "law", "noise");
  if (json_array_size(noise) > 1)
    snprintf(text, size, "%zu noise sources", json_array_size(noise));
  else if (!strcmp(law, "none"))
    snprintf(text, size, "no noise");
  else if (!isnan(variance))
    snprintf(text, size, "%s noise of variance %s", law, esc_short_plain(variance).text);
  else if (!isnan(scale))
    snprintf(text, size, "%s noise of scale %s", law, esc_short_plain(scale).text);
  else
    snprintf(text, size, "%s noise", law);
}

/* What is swept has no one value. */
static void describe_sweep(esc_figure_source *source, const json_t *sweep)
{
  const double count = esc_figure_number(json_object_get(source->root, "trajectories"));
  snprintf(source->setting, sizeof source->setting, "sweep of %zu points, %s trajectories",
           json_array_size(json_object_get(sweep, "points")),
           isnan(count) ? "?" : esc_short_count((int64_t)count).text);
}

static void describe_setting(esc_figure_source *source)
{
  char noise[128];
  const json_t *sweep = json_object_get(source->root, "sweep");
  if (sweep) {
    describe_sweep(source, sweep);
    return;
  }
  const double lr = esc_figure_number(esc_figure_find(source->root, "experiment.optimizer.lr"));
  const double count = esc_figure_number(json_object_get(source->root, "trajectories"));
  describe_noise(esc_figure_find(source->root, "experiment.noise"), noise, sizeof noise);
  snprintf(source->setting, sizeof source->setting, "%s%s%s, %s, %s trajectories",
           text_at(source->root, "experiment.optimizer.name", "optimizer"),
           isnan(lr) ? "" : ", lr ", isnan(lr) ? "" : esc_short_plain(lr).text, noise,
           isnan(count) ? "?" : esc_short_count((int64_t)count).text);
}

esc_status esc_figure_source_open(esc_figure_source *source, const char *folder)
{
  json_error_t error;
  const size_t size = strlen(folder) + sizeof "/result.json";
  char *path = malloc(size);
  if (!path)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  snprintf(path, size, "%s/result.json", folder);
  json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  esc_status status = ESC_STATUS_OK;
  if (!root && (json_error_code(&error) == json_error_out_of_memory || error.text[0] == '\0'))
    status = esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "%s: out of memory", path);
  else if (!root && error.line < 0)
    status =
        esc_io_fail(ESC_STATUS_IO, "%s: there is no result here to draw (%s)", path, error.text);
  else if (!root)
    status = esc_io_fail(ESC_STATUS_IO, "%s:%d: not JSON: %s", path, error.line, error.text);
  else if (!json_is_object(json_object_get(root, "outcomes")) &&
           !json_is_object(json_object_get(root, "sweep")))
    status = esc_io_fail(ESC_STATUS_IO, "%s: not a result of escapement (no outcomes in it)", path);
  free(path);
  if (status != ESC_STATUS_OK) {
    json_decref(root);
    return status;
  }
  *source = (esc_figure_source){.folder = folder, .root = root};
  const double dimension = esc_figure_number(json_object_get(root, "dimension"));
  source->dimension = dimension >= 1.0 && dimension <= 1e6 ? (int)dimension : 1;
  snprintf(
      source->title, sizeof source->title, "%s",
      text_at(root, "experiment.title", text_at(root, "experiment.landscape.name", "escapement")));
  describe_setting(source);
  return ESC_STATUS_OK;
}

void esc_figure_source_close(esc_figure_source *source)
{
  json_decref(source->root);
  source->root = NULL;
}
