/* Rules with every key filled in. Keys come from the catalogues (the value given, else the
 * default), so that a new rule needs no line here. */
#include "resolved_rules.h"

#include <math.h>
#include <string.h>

typedef struct setting_list {
  const esc_setting *settings;
  int count;
} setting_list;

static const esc_entry *find_entry(esc_catalogue catalogue, const char *name)
{
  int count = 0;
  const esc_entry *entries = esc_catalogue_entries(catalogue, &count);
  for (int i = 0; name && i < count; i++)
    if (!strcmp(entries[i].name, name))
      return &entries[i];
  return NULL;
}

static const esc_setting *find_setting(setting_list list, const char *key)
{
  for (int i = 0; i < list.count; i++)
    if (!strcmp(list.settings[i].key, key))
      return &list.settings[i];
  return NULL;
}

static json_t *choice(const char *choices, int index)
{
  for (; index > 0 && strchr(choices, '|'); index--)
    choices = strchr(choices, '|') + 1;
  return json_stringn(choices, strcspn(choices, "|"));
}

static json_t *whole_or_real(double value)
{
  if (value == rint(value) && fabs(value) < 9e15)
    return json_integer((json_int_t)value);
  return esc_json_number(value);
}

/* Whether a key without a value has one all the same. A default outside the key's own range (a
 * count of 0) stands for "not given", and must not be written down. */
static bool has_default(const esc_key *key)
{
  if (key->kind == ESC_KEY_LIST || isnan(key->value))
    return false;
  return !(key->kind == ESC_KEY_NUMBER && key->range == ESC_RANGE_COUNT && key->value < 1.0);
}

/* Whether a key is written down: it was given, or has a default. */
static bool has_value(const esc_key *key, const esc_setting *given)
{
  if (given && (given->word || given->list))
    return true;
  if (isnan(given ? given->value : key->value) || (!given && !has_default(key)))
    return false;
  return key->kind != ESC_KEY_WORD || key->choices;
}

/* The value of a key that has one; NULL where memory ran out. */
static json_t *resolved_value(esc_json_builder *builder, const esc_key *key,
                              const esc_setting *given)
{
  const double number = given ? given->value : key->value;
  if (given && given->word)
    return json_string(given->word);
  if (given && given->list)
    return esc_json_numbers(builder, given->list, given->list_count);
  switch (key->kind) {
  case ESC_KEY_WORD:
    return choice(key->choices, (int)number);
  case ESC_KEY_SWITCH:
    return json_boolean(number != 0.0);
  default:
    return key->range == ESC_RANGE_COUNT ? whole_or_real(number) : esc_json_number(number);
  }
}

/* Puts every key of an entry, but those the object has already. */
static void put_settings(esc_json_builder *builder, json_t *object, const esc_entry *entry,
                         setting_list list)
{
  for (int i = 0; entry && i < entry->key_count; i++) {
    const esc_key *key = &entry->keys[i];
    const esc_setting *given = find_setting(list, key->name);
    if (has_value(key, given) && !json_object_get(object, key->name))
      esc_json_put(builder, object, key->name, resolved_value(builder, key, given));
  }
}

static json_t *rows_list(esc_json_builder *builder, const double *first, int64_t rows, int width,
                         int columns)
{
  json_t *list = json_array();
  for (int64_t i = 0; i < rows; i++)
    esc_json_append(builder, list, esc_json_numbers(builder, first + i * width, columns));
  return list;
}

/* A network's rows themselves, wherever they came from. */
static void put_data(esc_json_builder *builder, json_t *object, const esc_network_data *data)
{
  const int width = data->inputs + data->targets;
  json_object_del(object, "data");
  esc_json_put(builder, object, "inputs",
               rows_list(builder, data->values, data->rows, width, data->inputs));
  esc_json_put(builder, object, "targets",
               rows_list(builder, data->values + data->inputs, data->rows, width, data->targets));
}

json_t *esc_resolved_landscape(esc_json_builder *builder, const esc_landscape *landscape)
{
  json_t *object = json_object();
  if (landscape->function) {
    esc_json_put(builder, object, "name", json_string("function of the caller"));
    return object;
  }
  const setting_list list = {landscape->settings, landscape->setting_count};
  esc_json_put(builder, object, "name", json_string(landscape->name));
  put_settings(builder, object, find_entry(ESC_CATALOGUE_LANDSCAPES, landscape->name), list);
  for (int i = 0; i < list.count; i++)
    if (list.settings[i].list) /* a spectrum says the dimension itself */
      json_object_del(object, "dimension");
  if (landscape->data)
    put_data(builder, object, landscape->data);
  esc_json_put(builder, object, "scale", esc_json_number(landscape->scale));
  return object;
}

static json_t *covariance_rows(esc_json_builder *builder, const esc_noise *noise)
{
  const int width = (int)lround(sqrt(noise->covariance_count));
  json_t *rows = json_array();
  for (int j = 0; j < width; j++)
    esc_json_append(builder, rows,
                    esc_json_numbers(builder, noise->covariance + (ptrdiff_t)j * width, width));
  return rows;
}

static void put_noise_size(esc_json_builder *builder, json_t *object, const esc_noise *noise)
{
  if (!isnan(noise->anneal[0])) {
    json_t *anneal = json_object();
    esc_json_put(builder, anneal, "eta0", esc_json_number(noise->anneal[0]));
    esc_json_put(builder, anneal, "gamma", esc_json_number(noise->anneal[1]));
    esc_json_put(builder, object, "anneal", anneal);
  } else if (noise->covariance) {
    esc_json_put(builder, object, "covariance", covariance_rows(builder, noise));
  } else if (noise->scales) {
    esc_json_put(builder, object, "scale",
                 esc_json_numbers(builder, noise->scales, noise->scale_count));
  } else if (!isnan(noise->variance)) {
    esc_json_put(builder, object, "variance", esc_json_number(noise->variance));
  } else {
    esc_json_put(builder, object, "scale",
                 esc_json_number(isnan(noise->scale) ? 1.0 : noise->scale));
  }
}

static json_t *noise_object(esc_json_builder *builder, const esc_noise *noise)
{
  json_t *object = json_object();
  const setting_list list = {noise->settings, noise->setting_count};
  esc_json_put(builder, object, "law", json_string(noise->law));
  if (!strcmp(noise->law, "none"))
    return object;
  put_settings(builder, object, find_entry(ESC_CATALOGUE_NOISES, noise->law), list);
  put_noise_size(builder, object, noise);
  if (isfinite(noise->clip))
    esc_json_put(builder, object, "clip", esc_json_number(noise->clip));
  if (noise->sparse != 1.0)
    esc_json_put(builder, object, "sparse", esc_json_number(noise->sparse));
  if (noise->state_scale[0] != 1.0 || noise->state_scale[1] != 0.0)
    esc_json_put(builder, object, "state_scale", esc_json_numbers(builder, noise->state_scale, 2));
  if (noise->proportional_to == ESC_PROPORTIONAL_TO_LOSS)
    esc_json_put(builder, object, "proportional_to", json_string("loss"));
  esc_json_put(builder, object, "on",
               json_string(noise->target == ESC_NOISE_ON_PARAMETER ? "parameter" : "gradient"));
  return object;
}

json_t *esc_resolved_noise(esc_json_builder *builder, const esc_experiment *experiment)
{
  if (experiment->noise_count == 0)
    return json_pack("{ss}", "law", "none");
  if (experiment->noise_count == 1)
    return noise_object(builder, &experiment->noises[0]);
  json_t *list = json_array();
  for (int i = 0; i < experiment->noise_count; i++)
    esc_json_append(builder, list, noise_object(builder, &experiment->noises[i]));
  return list;
}

static const char *decay_name(const esc_update_rule *optimizer, const esc_entry *entry)
{
  const int decoupled = optimizer->decay == ESC_DECAY_DEFAULT
                            ? entry && entry->decoupled
                            : optimizer->decay == ESC_DECAY_DECOUPLED;
  return decoupled ? "decoupled" : "coupled";
}

static json_t *schedule_object(esc_json_builder *builder, const esc_update_rule *optimizer)
{
  json_t *object = json_object();
  const char *kind = optimizer->schedule ? optimizer->schedule : "constant";
  const setting_list list = {optimizer->schedule_settings, optimizer->schedule_setting_count};
  esc_json_put(builder, object, "kind", json_string(kind));
  put_settings(builder, object, find_entry(ESC_CATALOGUE_SCHEDULES, kind), list);
  return object;
}

json_t *esc_resolved_optimizer(esc_json_builder *builder, const esc_update_rule *optimizer)
{
  json_t *object = json_object();
  const esc_entry *entry = find_entry(ESC_CATALOGUE_OPTIMIZERS, optimizer->name);
  const setting_list list = {optimizer->settings, optimizer->setting_count};
  const double own_decay = entry ? entry->weight_decay : 0.0;
  const double decay = isnan(optimizer->weight_decay) ? own_decay : optimizer->weight_decay;
  const double lr = isnan(optimizer->lr) && entry ? entry->lr : optimizer->lr;
  esc_json_put(builder, object, "name", json_string(optimizer->name));
  esc_json_put(builder, object, "lr", esc_json_number(lr));
  put_settings(builder, object, entry, list);
  esc_json_put(builder, object, "weight_decay", esc_json_number(decay));
  esc_json_put(builder, object, "decay", json_string(decay_name(optimizer, entry)));
  if (isfinite(optimizer->clip_update))
    esc_json_put(builder, object, "clip_update", esc_json_number(optimizer->clip_update));
  if (isfinite(optimizer->project[0]) || isfinite(optimizer->project[1]))
    esc_json_put(builder, object, "project", esc_json_numbers(builder, optimizer->project, 2));
  esc_json_put(builder, object, "schedule", schedule_object(builder, optimizer));
  return object;
}
