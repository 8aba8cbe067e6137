/* The landscape's part of a plan. */
#include <math.h>
#include <string.h>

#include "host/error.h"
#include "host/plan.h"
#include "host/settings.h"

/* keys and list in, constants of coordinate j out: one function a landscape, from the catalogue. */
typedef void setup_function(const double *keys, const double *list, int j, double *constants);

#define ESC_SETUP_SINGLE(name)                                                                     \
  static void setup_##name(const double *keys, const double *list, int j, double *constants)       \
  {                                                                                                \
    _Static_assert(sizeof(esc_##name) <= ESC_LANDSCAPE_CONSTANTS_MAX * sizeof(double), #name);     \
    esc_##name##_keys key;                                                                         \
    esc_##name c;                                                                                  \
    memcpy(&key, keys, sizeof key);                                                                \
    esc_##name##_setup(&key, list, j, &c);                                                         \
    memcpy(constants, &c, sizeof c);                                                               \
  }
#define ESC_SETUP_CHAIN(name)                 ESC_SETUP_SINGLE(name)
#define ESC_SETUP_NETWORK(name)               /* plan_network.c */
#define ESC_SETUP_LANDSCAPE(name, shape, ...) ESC_SETUP_##shape(name)
ESC_LANDSCAPE_CATALOGUE(ESC_SETUP_LANDSCAPE)

#define ESC_ROW_SINGLE(name)  setup_##name
#define ESC_ROW_CHAIN(name)   setup_##name
#define ESC_ROW_NETWORK(name) NULL
#define ESC_LANDSCAPE_ROW(name, shape, dimension, lo, hi, ...)                                     \
  {ESC_ROW_##shape(name), ESC_SHAPE_##shape, dimension},
static const struct {
  setup_function *setup;
  int shape, dimension;
} landscapes[] = {ESC_LANDSCAPE_CATALOGUE(ESC_LANDSCAPE_ROW)};

static double key_value(const esc_entry *entry, const esc_resolved *resolved, const char *name,
                        double otherwise)
{
  for (int k = 0; k < entry->key_count; k++)
    if (strcmp(entry->keys[k].name, name) == 0)
      return resolved->value[k];
  return otherwise;
}

static esc_status own_function(esc_plan *plan, const esc_landscape *landscape)
{
  if (landscape->dimension < 1 || landscape->dimension > ESC_DIMENSION_MAX)
    return esc_fail_at("landscape.dimension", "expected 1 to %d, found %d", ESC_DIMENSION_MAX,
                       landscape->dimension);
  plan->dimension = landscape->dimension;
  plan->landscape = -1;
  plan->landscape_function = landscape->function;
  plan->landscape_context = landscape->context;
  return ESC_STATUS_OK;
}

esc_status esc_plan_landscape(esc_planned *planned, const esc_landscape *landscape)
{
  esc_plan *const plan = &planned->plan;
  if (!landscape)
    return esc_fail_at("landscape", "expected a landscape, found nothing");
  if (!esc_is_sized(landscape->scale) || landscape->scale == 0.0)
    return esc_fail_at("landscape.scale",
                       "expected a number that is not 0, of at most 1e30 in size, found %g",
                       landscape->scale);
  plan->landscape_scale = landscape->scale;
  if (landscape->function)
    return own_function(plan, landscape);

  const esc_entry *entry;
  esc_resolved keys;
  esc_status status = esc_find_entry(ESC_CATALOGUE_LANDSCAPES, landscape->name, "a landscape",
                                     "landscape.name", &entry, &plan->landscape);
  if (status)
    return status;
  status = esc_resolve_settings(entry, landscape->settings, landscape->setting_count, "landscape",
                                &keys);
  if (status)
    return status;
  if (landscapes[plan->landscape].shape == ESC_SHAPE_NETWORK)
    return esc_plan_network_of(planned, landscape, &keys);
  if (landscape->data)
    return esc_fail_at("landscape.data", "expected none, found some: %s has no data",
                       landscape->name);
  const int fixed = landscapes[plan->landscape].dimension;
  const double asked = fixed ? fixed : key_value(entry, &keys, "dimension", 1.0);
  const int least = landscapes[plan->landscape].shape == ESC_SHAPE_CHAIN ? 2 : 1;
  const double dimension = keys.list ? (double)keys.list_count : asked;
  if (dimension < least || dimension > ESC_DIMENSION_MAX)
    return esc_fail_at(keys.list ? "landscape.spectrum" : "landscape.dimension",
                       "expected %d to %d dimensions, found %.0f", least, ESC_DIMENSION_MAX,
                       dimension);
  if (plan->landscape == ESC_LANDSCAPE_power_well && !(keys.value[1] > keys.value[0]))
    return esc_fail_at("landscape.q", "expected more than p = %g, found %g", keys.value[0],
                       keys.value[1]);
  plan->dimension = (int)dimension;
  plan->landscape_shape = landscapes[plan->landscape].shape;
  for (int j = 0; j < plan->dimension; j++)
    landscapes[plan->landscape].setup(keys.value, keys.list, j, plan->landscape_constants[j]);
  return ESC_STATUS_OK;
}
