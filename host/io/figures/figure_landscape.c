/* From experiment.landscape of result.json back to an esc_landscape. */
#include "figure_landscape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"

static size_t numbers_in(const json_t *object)
{
  const char *key;
  json_t *value;
  size_t count = 0;
  json_object_foreach((json_t *)object, key, value) count += json_array_size(value);
  return count;
}

/* One key of the JSON object as a setting; lists are copied to *numbers, which moves on. */
static esc_setting setting_from(const char *key, const json_t *value, double **numbers)
{
  esc_setting setting = ESC_NUMBER(key, esc_figure_number(value));
  if (json_is_boolean(value))
    setting.value = json_is_true(value) ? 1.0 : 0.0;
  if (json_is_string(value))
    setting.word = json_string_value(value);
  if (!json_is_array(value))
    return setting;
  setting.list = *numbers;
  setting.list_count = (int64_t)json_array_size(value);
  for (size_t i = 0; i < json_array_size(value); i++)
    *(*numbers)++ = esc_figure_at(value, i);
  return setting;
}

static void fill(esc_figure_landscape *landscape, const json_t *object)
{
  const char *key;
  json_t *value;
  double *next = landscape->numbers;
  int count = 0;
  json_object_foreach((json_t *)object, key, value)
  {
    if (!strcmp(key, "name"))
      landscape->landscape.name = json_string_value(value);
    else if (!strcmp(key, "scale"))
      landscape->landscape.scale = esc_figure_number(value);
    else
      landscape->settings[count++] = setting_from(key, value, &next);
  }
  landscape->landscape.settings = landscape->settings;
  landscape->landscape.setting_count = count;
}

esc_status esc_figure_landscape_open(esc_figure_landscape *landscape,
                                     const esc_figure_source *source, bool *there)
{
  const json_t *object = esc_figure_find(source->root, "experiment.landscape");
  const double lr = esc_figure_number(esc_figure_find(source->root, "experiment.optimizer.lr"));
  *there = false;
  *landscape = (esc_figure_landscape){.landscape = ESC_LANDSCAPE_INIT(NULL),
                                      .info = ESC_LANDSCAPE_INFO_INIT};
  if (!json_is_string(json_object_get(object, "name")))
    return ESC_STATUS_OK;
  landscape->settings = calloc(json_object_size(object) + 1, sizeof *landscape->settings);
  landscape->numbers = calloc(numbers_in(object) + 1, sizeof *landscape->numbers);
  const bool room = landscape->settings && landscape->numbers;
  if (room) {
    fill(landscape, object);
    *there = esc_landscape_describe(&landscape->landscape, lr > 0.0 ? lr : 1e-3,
                                    &landscape->info) == ESC_STATUS_OK;
  }
  if (!*there)
    esc_figure_landscape_close(landscape);
  return room ? ESC_STATUS_OK : esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

void esc_figure_landscape_close(esc_figure_landscape *landscape)
{
  free(landscape->settings);
  free(landscape->numbers);
  landscape->settings = NULL;
  landscape->numbers = NULL;
}
