/* The points of a sweep as series. */
#include "sweep_series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"
#include "host/io/result/json_builder.h"
#include "host/io/short_number.h"

/* A swept value in few letters; false where memory ran out. */
static bool value_text(const json_t *value, char *text, size_t size)
{
  if (json_is_string(value)) {
    snprintf(text, size, "%s", json_string_value(value));
    return true;
  }
  if (json_is_number(value)) {
    snprintf(text, size, "%s", esc_short_plain(json_number_value(value)).text);
    return true;
  }
  char *const line = esc_json_line(value);
  snprintf(text, size, "%.60s", line ? line : "");
  const bool made = line != NULL;
  free(line);
  return made;
}

/* The last part of a path, or the whole where another of the keys ends so too. */
static const char *short_key(const json_t *values, const char *key)
{
  const char *const point = strrchr(key, '.');
  const char *other;
  json_t *value;
  json_object_foreach((json_t *)values, other, value)
  {
    const char *const end = strrchr(other, '.');
    if (point && strcmp(other, key) != 0 && strcmp(end ? end + 1 : other, point + 1) == 0)
      return key;
  }
  return point ? point + 1 : key;
}

bool esc_sweep_series_name(const json_t *values, const char *but, char *name, size_t size)
{
  const char *key;
  json_t *value;
  name[0] = '\0';
  json_object_foreach((json_t *)values, key, value)
  {
    char text[80] = "";
    const size_t used = strlen(name);
    if (strcmp(key, but) == 0)
      continue;
    if (!value_text(value, text, sizeof text))
      return false;
    snprintf(name + used, size - used, "%s%.60s %s", used ? ", " : "", short_key(values, key),
             text);
  }
  return true;
}

/* What is fitted is shown against the key it is fitted against, else against the first key. */
static const char *key_of(const json_t *root, const json_t *sweep, const char *of)
{
  const json_t *const fit = json_array_get(json_object_get(root, "fits"), 0);
  const char *const y = json_string_value(json_object_get(fit, "y"));
  if (y && of && strcmp(y, of) == 0)
    return json_string_value(json_object_get(fit, "x"));
  return json_string_value(json_array_get(json_object_get(sweep, "keys"), 0));
}

static bool all_numbers(const esc_sweep_series *series)
{
  for (size_t i = 0; i < json_array_size(series->points); i++) {
    const json_t *const values = json_object_get(json_array_get(series->points, i), "values");
    if (!json_is_number(json_object_get(values, series->key)))
      return false;
  }
  return true;
}

/* The index of a value that is no number, which is new if it has not been met. */
static double word_index(esc_sweep_series *series, json_t *value)
{
  for (size_t i = 0; i < json_array_size(series->words); i++)
    if (json_equal(json_array_get(series->words, i), value))
      return (double)i;
  if (json_array_append(series->words, value))
    return (double)NAN;
  return (double)(json_array_size(series->words) - 1);
}

static size_t series_index(esc_sweep_series *series, const char *name)
{
  for (size_t s = 0; s < series->series_count; s++)
    if (strcmp(series->names[s], name) == 0)
      return s;
  snprintf(series->names[series->series_count], sizeof *series->names, "%s", name);
  return series->series_count++;
}

static int compare_points(const void *a, const void *b)
{
  const esc_series_point *const p = a, *const q = b;
  if (p->series != q->series)
    return p->series < q->series ? -1 : 1;
  return (p->x > q->x) - (p->x < q->x);
}

/* With zip the keys go side by side, and all points are one series. */
static bool add_points(esc_sweep_series *series, bool zip)
{
  for (size_t i = 0; i < json_array_size(series->points); i++) {
    char name[sizeof *series->names] = "";
    const json_t *const values = json_object_get(json_array_get(series->points, i), "values");
    json_t *const value = json_object_get(values, series->key);
    if (!zip && !esc_sweep_series_name(values, series->key, name, sizeof name))
      return false;
    series->list[series->count++] =
        (esc_series_point){series->numbers ? json_number_value(value) : word_index(series, value),
                           i, series_index(series, name)};
  }
  qsort(series->list, series->count, sizeof *series->list, compare_points);
  return true;
}

esc_status esc_sweep_series_gather(esc_sweep_series *series, const json_t *root)
{
  const json_t *const sweep = json_object_get(root, "sweep");
  *series = (esc_sweep_series){.points = json_object_get(sweep, "points"),
                               .shown = json_object_get(sweep, "shown")};
  series->of = json_string_value(json_object_get(series->shown, "of"));
  series->key = key_of(root, sweep, series->of);
  const size_t count = json_array_size(series->points);
  if (!series->of || !series->key || count == 0)
    return ESC_STATUS_OK;
  series->list = calloc(count, sizeof *series->list);
  series->names = calloc(count, sizeof *series->names);
  series->words = json_array();
  if (!series->list || !series->names || !series->words)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  series->numbers = all_numbers(series);
  return add_points(series, json_is_true(json_object_get(sweep, "zip")))
             ? ESC_STATUS_OK
             : esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

void esc_sweep_series_free(esc_sweep_series *series)
{
  free(series->list);
  free(series->names);
  json_decref(series->words);
}
