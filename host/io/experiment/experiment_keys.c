/* The keys of an experiment file: its root, and the parts that name a rule of a catalogue
 * (landscape, noise, optimizer, schedule). Start, stop and observe have files of their own. */
#include "experiment_parts.h"

#include <stdio.h>
#include <string.h>

#include "host/io/suggest.h"
#include "network_keys.h"
#include "read_values.h"

#define PART(name, read, needed)                                                                   \
  {                                                                                                \
    name, read, 0, NULL, needed                                                                    \
  }
#define APART(name)                                                                                \
  {                                                                                                \
    name, read_apart, 0, NULL, NULL                                                                \
  }
#define LATER(name)                                                                                \
  {                                                                                                \
    name, esc_read_later, 0, NULL, NULL                                                            \
  }

static const char *const catalogue_words[] = {"an optimizer", "a landscape", "a noise law",
                                              "an observer", "a schedule"};

static esc_status unknown_name(esc_reader *reader, const esc_yaml_node *node,
                               esc_catalogue catalogue, const esc_entry *entries, int count)
{
  char nearest[128];
  esc_suggestion suggestion = {node->text, NULL, 0};
  for (int i = 0; i < count; i++)
    esc_suggest(&suggestion, entries[i].name);
  esc_suggestion_text(&suggestion, nearest, sizeof nearest);
  return esc_reader_fail(reader, node, "expected %s that is known, found \"%.40s\"%s",
                         catalogue_words[catalogue], node->text,
                         nearest[0] ? nearest : " (`escapement list` shows them)");
}

static esc_status entry_of(esc_reader *reader, const esc_yaml_node *node, esc_catalogue catalogue,
                           const esc_entry **entry)
{
  int count = 0;
  const esc_entry *const entries = esc_catalogue_entries(catalogue, &count);
  char expected[64];
  snprintf(expected, sizeof expected, "the name of %s", catalogue_words[catalogue]);
  if (!node || node->kind != ESC_YAML_SCALAR || node->text[0] == '\0')
    return esc_reader_expected(reader, node, expected);
  for (int i = 0; i < count; i++)
    if (strcmp(entries[i].name, node->text) == 0) {
      *entry = &entries[i];
      return ESC_STATUS_OK;
    }
  return unknown_name(reader, node, catalogue, entries, count);
}

esc_status esc_read_entry(esc_reader *reader, const esc_yaml_node *node, const char *name_key,
                          esc_catalogue catalogue, const esc_entry **entry)
{
  if (node->kind != ESC_YAML_MAPPING)
    return esc_reader_expected(reader, node, "a mapping of keys");
  const esc_yaml_node *const name = esc_yaml_child(node, name_key);
  const size_t mark = esc_reader_enter(reader, name_key);
  esc_status status = ESC_STATUS_OK;
  if (name) {
    status = entry_of(reader, name, catalogue, entry);
  } else {
    status = esc_reader_fail(reader, node, "expected the name of %s, found nothing",
                             catalogue_words[catalogue]);
  }
  esc_reader_leave(reader, mark);
  return status;
}

esc_status esc_read_items(esc_reader *reader, const esc_yaml_node *node, int most,
                          const char *expected, esc_read_function *read, size_t size, void *items)
{
  if (node->kind != ESC_YAML_LIST || node->count > most)
    return esc_reader_expected(reader, node, expected);
  char *item = items;
  int64_t index = 0;
  for (const esc_yaml_node *child = node->first; child; child = child->next, item += size) {
    const size_t mark = esc_reader_enter_index(reader, index++);
    const esc_status status = read(reader, child, NULL, item);
    esc_reader_leave(reader, mark);
    if (status)
      return status;
  }
  return ESC_STATUS_OK;
}

static const esc_key_row landscape_rows[] = {
    {"name", esc_read_text, offsetof(esc_landscape, name), NULL, NULL},
    {"scale", esc_read_number, offsetof(esc_landscape, scale), NULL, NULL},
    {0}};

/* A network's; `data` is the first, because it may be a key of the catalogue instead. */
static const esc_key_row network_rows[] = {
    {"data", esc_read_together, 0, NULL, NULL},
    {"inputs", esc_read_together, 0, NULL, NULL},
    {"targets", esc_read_together, 0, NULL, NULL},
    {"name", esc_read_text, offsetof(esc_landscape, name), NULL, NULL},
    {"scale", esc_read_number, offsetof(esc_landscape, scale), NULL, NULL},
    {0}};

esc_status esc_read_landscape(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                              void *field)
{
  (void)row;
  esc_landscape *const landscape = &((esc_experiment_parts *)field)->landscape;
  const esc_entry *entry = NULL;
  esc_status status = esc_read_entry(reader, node, "name", ESC_CATALOGUE_LANDSCAPES, &entry);
  if (status)
    return status;
  const esc_rule_slot rule = {entry, &landscape->settings, &landscape->setting_count};
  if (strcmp(entry->name, "network") != 0)
    return esc_read_mapping(reader, node, landscape_rows, &rule, landscape);
  status = esc_read_mapping(reader, node, network_rows + esc_names_built_in_data(node), &rule,
                            landscape);
  return status ? status : esc_read_network_data(reader, node, landscape);
}

/* scale: one number, or one per dimension. */
static esc_status read_scale(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  esc_noise *const noise = field;
  if (node->kind != ESC_YAML_LIST)
    return esc_read_number(reader, node, row, &noise->scale);
  int64_t count = 0;
  if (node->count < 1 || node->count > 64)
    return esc_reader_expected(reader, node, "a number, or a list of 1 to 64 numbers");
  const esc_status status = esc_read_numbers(reader, node, 0, &noise->scales, &count);
  noise->scale_count = (int)count;
  return status;
}

/* covariance: a list of rows, as many numbers in each as there are rows. */
static esc_status read_covariance(esc_reader *reader, const esc_yaml_node *node,
                                  const esc_key_row *row, void *field)
{
  (void)row;
  esc_noise *const noise = field;
  if (node->kind != ESC_YAML_LIST || node->count < 1 || node->count > 64)
    return esc_reader_expected(reader, node, "a list of 1 to 64 rows of numbers");
  const size_t width = (size_t)node->count;
  double *const numbers = esc_arena_take_array(reader->arena, width * width, sizeof *numbers);
  if (!numbers)
    return esc_reader_no_memory();
  int64_t i = 0;
  for (const esc_yaml_node *item = node->first; item; item = item->next, i++) {
    const double *values = NULL;
    int64_t count = 0;
    const size_t mark = esc_reader_enter_index(reader, i);
    esc_status status = esc_read_numbers(reader, item, 0, &values, &count);
    if (!status && count != node->count)
      status = esc_reader_expected(reader, item, "as many numbers in each row as there are rows");
    esc_reader_leave(reader, mark);
    if (status)
      return status;
    memcpy(numbers + (size_t)i * width, values, width * sizeof *numbers);
  }
  noise->covariance = numbers;
  noise->covariance_count = (int)(width * width);
  return ESC_STATUS_OK;
}

static const esc_key_row anneal_rows[] = {
    {"eta0", esc_read_number, 0, NULL, "a number above 0"},
    {"gamma", esc_read_number, sizeof(double), NULL, "a number not below 0"},
    {0}};

static esc_status read_anneal(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                              void *field)
{
  (void)row;
  return esc_read_mapping(reader, node, anneal_rows, NULL, field);
}

static const esc_key_row noise_rows[] = {
    {"law", esc_read_text, offsetof(esc_noise, law), NULL, NULL},
    {"scale", read_scale, 0, NULL, NULL},
    {"variance", esc_read_number, offsetof(esc_noise, variance), NULL, NULL},
    {"clip", esc_read_extended, offsetof(esc_noise, clip), NULL, NULL},
    {"sparse", esc_read_number, offsetof(esc_noise, sparse), NULL, NULL},
    {"state_scale", esc_read_pair, offsetof(esc_noise, state_scale), NULL, NULL},
    {"anneal", read_anneal, offsetof(esc_noise, anneal), NULL, NULL},
    {"on", esc_read_word, offsetof(esc_noise, target), "gradient|parameter", NULL},
    {"covariance", read_covariance, 0, NULL, NULL},
    {"proportional_to", esc_read_word, offsetof(esc_noise, proportional_to), "none|loss", NULL},
    {0}};

static esc_status read_source(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                              void *field)
{
  (void)row;
  esc_noise *const noise = field;
  *noise = (esc_noise)ESC_NOISE_INIT(NULL);
  const esc_entry *entry = NULL;
  const esc_status status = esc_read_entry(reader, node, "law", ESC_CATALOGUE_NOISES, &entry);
  if (status)
    return status;
  const esc_rule_slot rule = {entry, &noise->settings, &noise->setting_count};
  return esc_read_mapping(reader, node, noise_rows, &rule, noise);
}

esc_status esc_read_noise(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                          void *field)
{
  esc_experiment_parts *const parts = field;
  parts->experiment.noises = parts->noises;
  parts->experiment.noise_count = 1;
  if (node->kind == ESC_YAML_MAPPING)
    return read_source(reader, node, row, parts->noises);
  parts->experiment.noise_count = node->kind == ESC_YAML_LIST ? (int)node->count : 0;
  return esc_read_items(reader, node, ESC_FILE_NOISES,
                        "a mapping of keys, or a list of at most 8 of them", read_source,
                        sizeof *parts->noises, parts->noises);
}

static const esc_key_row schedule_rows[] = {
    {"kind", esc_read_text, offsetof(esc_update_rule, schedule), NULL, NULL}, {0}};

static esc_status read_schedule(esc_reader *reader, const esc_yaml_node *node,
                                const esc_key_row *row, void *field)
{
  (void)row;
  esc_update_rule *const optimizer = field;
  const esc_entry *entry = NULL;
  const esc_status status = esc_read_entry(reader, node, "kind", ESC_CATALOGUE_SCHEDULES, &entry);
  if (status)
    return status;
  const esc_rule_slot rule = {entry, &optimizer->schedule_settings,
                              &optimizer->schedule_setting_count};
  return esc_read_mapping(reader, node, schedule_rows, &rule, optimizer);
}

/* ESC_DECAY_DEFAULT has no word: it is the key left out. */
static esc_status read_decay(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  int index = 0;
  const esc_status status = esc_read_word(reader, node, row, &index);
  if (!status)
    *(esc_decay *)field = index == 0 ? ESC_DECAY_COUPLED : ESC_DECAY_DECOUPLED;
  return status;
}

static const esc_key_row optimizer_rows[] = {
    {"name", esc_read_text, offsetof(esc_update_rule, name), NULL, NULL},
    {"lr", esc_read_number, offsetof(esc_update_rule, lr), NULL, NULL},
    {"weight_decay", esc_read_number, offsetof(esc_update_rule, weight_decay), NULL, NULL},
    {"decay", read_decay, offsetof(esc_update_rule, decay), "coupled|decoupled", NULL},
    {"clip_update", esc_read_extended, offsetof(esc_update_rule, clip_update), NULL, NULL},
    {"project", esc_read_interval, offsetof(esc_update_rule, project), NULL, NULL},
    {"schedule", read_schedule, 0, NULL, NULL},
    {0}};

esc_status esc_read_optimizer(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                              void *field)
{
  (void)row;
  esc_update_rule *const optimizer = &((esc_experiment_parts *)field)->optimizer;
  const esc_entry *entry = NULL;
  const esc_status status = esc_read_entry(reader, node, "name", ESC_CATALOGUE_OPTIMIZERS, &entry);
  if (status)
    return status;
  const esc_rule_slot rule = {entry, &optimizer->settings, &optimizer->setting_count};
  return esc_read_mapping(reader, node, optimizer_rows, &rule, optimizer);
}

static const esc_key_row rate_rows[] = {{"after", esc_read_whole, 0, NULL, NULL}, {0}};

static esc_status read_rate(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                            void *field)
{
  (void)row;
  return esc_read_mapping(reader, node, rate_rows, NULL, field);
}

/* A key that is read once for all points of a sweep, elsewhere. */
static esc_status read_apart(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  (void)reader, (void)node, (void)row, (void)field;
  return ESC_STATUS_OK;
}

static const esc_key_row until_rows[] = {
    {"relative_error", esc_read_number, offsetof(esc_until, relative_error), NULL,
     "half an interval's width over its estimate"},
    {"of", esc_read_text, offsetof(esc_until, of), NULL,
     "a number of the result, as exit_steps.mean"},
    {"least_events", esc_read_whole, offsetof(esc_until, least_events), NULL, NULL},
    {0}};

static esc_status read_until(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  (void)row;
  esc_experiment_parts *const parts = field;
  parts->until = (esc_until)ESC_UNTIL_INIT(NULL, 0.0);
  parts->experiment.until = &parts->until;
  return esc_read_mapping(reader, node, until_rows, NULL, &parts->until);
}

#define OF_EXPERIMENT(field)                                                                       \
  (offsetof(esc_experiment_parts, experiment) + offsetof(esc_experiment, field))

/* In the order of reading: observe needs the steps of stop. */
static const esc_key_row root_rows[] = {
    {"title", esc_read_text, offsetof(esc_experiment_parts, title), NULL, NULL},
    PART("landscape", esc_read_landscape, "a mapping that names a landscape"),
    PART("noise", esc_read_noise, NULL),
    PART("optimizer", esc_read_optimizer, "a mapping that names an optimizer"),
    PART("start", esc_read_start, NULL),
    PART("stop", esc_read_stop, "a mapping with steps, the most steps a trajectory takes"),
    {"renew", esc_read_switch, OF_EXPERIMENT(renew), NULL, NULL},
    {"trajectories", esc_read_whole, OF_EXPERIMENT(trajectories), NULL, NULL},
    {"seed", esc_read_seed, OF_EXPERIMENT(seed), NULL, NULL},
    {"math", esc_read_word, OF_EXPERIMENT(math), "exact|fast", NULL},
    {"state", esc_read_word, OF_EXPERIMENT(state), "f32|f64", NULL},
    {"rate", read_rate, OF_EXPERIMENT(rate_after), NULL, NULL},
    PART("observe", esc_read_observe, NULL),
    PART("until", read_until, NULL),
    APART("sweep"),
    APART("predict"),
    APART("fit"),
    {0}};

/* Rows of several start points must be as wide as the landscape; where it cannot be described the
 * check of the experiment says why. */
static esc_status check_start_points(esc_reader *reader, const esc_yaml_node *root,
                                     const esc_experiment_parts *parts)
{
  esc_landscape_info info = ESC_LANDSCAPE_INFO_INIT;
  if (parts->start_width == 0 || esc_landscape_describe(&parts->landscape, 0.1, &info) ||
      info.dimension == parts->start_width)
    return ESC_STATUS_OK;
  const size_t mark = esc_reader_enter(reader, "start.points");
  const esc_yaml_node *const start = esc_yaml_child(root, "start");
  const esc_status status = esc_reader_fail(
      reader, start, "expected %d number%s in each point, found %lld", info.dimension,
      info.dimension == 1 ? "" : "s", (long long)parts->start_width);
  esc_reader_leave(reader, mark);
  return status;
}

esc_status esc_read_experiment(esc_reader *reader, const esc_yaml_node *root,
                               esc_experiment_parts *parts)
{
  parts->experiment = (esc_experiment)ESC_EXPERIMENT_INIT;
  parts->landscape = (esc_landscape)ESC_LANDSCAPE_INIT(NULL);
  parts->optimizer = (esc_update_rule)ESC_UPDATE_RULE_INIT(NULL, ESC_NAN_);
  parts->start = (esc_start)ESC_START_INIT;
  parts->observe = (esc_observe)ESC_OBSERVE_INIT;
  parts->experiment.landscape = &parts->landscape;
  parts->experiment.optimizer = &parts->optimizer;
  parts->experiment.observe = &parts->observe;
  const esc_status status = esc_read_mapping(reader, root, root_rows, NULL, parts);
  return status ? status : check_start_points(reader, root, parts);
}
