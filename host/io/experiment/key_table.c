/* Tables of keys: mappings against rows, and the sentences for what does not fit. */
#include "key_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/io/io_error.h"
#include "host/io/suggest.h"
#include "read_values.h"

size_t esc_reader_enter(esc_reader *reader, const char *key)
{
  const size_t mark = reader->path_length;
  const size_t left = sizeof reader->path - mark;
  snprintf(reader->path + mark, left, "%s%.60s", mark ? "." : "", key);
  reader->path_length = strlen(reader->path);
  return mark;
}

size_t esc_reader_enter_index(esc_reader *reader, int64_t index)
{
  const size_t mark = reader->path_length;
  snprintf(reader->path + mark, sizeof reader->path - mark, "[%lld]", (long long)index);
  reader->path_length = strlen(reader->path);
  return mark;
}

void esc_reader_leave(esc_reader *reader, size_t mark)
{
  reader->path[mark] = '\0';
  reader->path_length = mark;
}

void esc_node_where(const esc_yaml_node *node, const char *file_name, char *text, size_t size)
{
  if (node && node->origin)
    snprintf(text, size, "%.200s", node->origin);
  else
    snprintf(text, size, "%.600s:%lld", file_name, node ? (long long)node->line : 1LL);
}

void esc_node_text(const esc_yaml_node *node, char *text, size_t size)
{
  double number = 0.0;
  if (!node || (node->kind == ESC_YAML_SCALAR && !node->quoted && node->text[0] == '\0'))
    snprintf(text, size, "nothing");
  else if (node->kind == ESC_YAML_LIST)
    snprintf(text, size, "a list of %lld", (long long)node->count);
  else if (node->kind == ESC_YAML_MAPPING)
    snprintf(text, size, "a mapping");
  else if (esc_node_number(node, &number))
    snprintf(text, size, "%.40s", node->text);
  else
    snprintf(text, size, "\"%.40s\"%s", node->text, strlen(node->text) > 40 ? "..." : "");
}

esc_status esc_reader_fail(const esc_reader *reader, const esc_yaml_node *node, const char *format,
                           ...)
{
  char where[700];
  char message[512];
  esc_node_where(node, reader->file_name, where, sizeof where);
  va_list arguments;
  va_start(arguments, format);
  const int written = vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (written < 0)
    message[0] = '\0';
  return esc_io_fail(ESC_STATUS_BAD_EXPERIMENT, "%s: %s%s%s", where, reader->path,
                     reader->path_length ? ": " : "", message);
}

esc_status esc_reader_expected(const esc_reader *reader, const esc_yaml_node *node,
                               const char *expected)
{
  char found[96];
  esc_node_text(node, found, sizeof found);
  return esc_reader_fail(reader, node, "expected %s, found %s", expected, found);
}

esc_status esc_reader_no_memory(void)
{
  return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

static const esc_key_row *find_row(const esc_key_row *rows, const char *name)
{
  for (; rows->name; rows++)
    if (strcmp(rows->name, name) == 0)
      return rows;
  return NULL;
}

static const esc_key *find_key(const esc_rule_slot *rule, const char *name)
{
  if (!rule)
    return NULL;
  for (int i = 0; i < rule->entry->key_count; i++)
    if (strcmp(rule->entry->keys[i].name, name) == 0)
      return &rule->entry->keys[i];
  return NULL;
}

/* A nearest name, or all of them where none is near and the list is short. */
static void known_keys(const char *word, const esc_key_row *rows, const esc_rule_slot *rule,
                       char *text, size_t size)
{
  esc_suggestion nearest = {word, NULL, 0};
  char list[200] = "";
  size_t used = 0;
  const int rule_keys = rule ? rule->entry->key_count : 0;
  for (int i = 0; rows->name || i < rule_keys;) {
    const char *const name = rows->name ? rows->name : rule->entry->keys[i].name;
    if (!rows->name)
      i++;
    else if ((rows++)->read == esc_read_later)
      continue;
    esc_suggest(&nearest, name);
    const int room = snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", name);
    used = room < 0 || used + (size_t)room >= sizeof list ? sizeof list - 1 : used + (size_t)room;
  }
  esc_suggestion_text(&nearest, text, size);
  if (!nearest.nearest && used < sizeof list - 1)
    snprintf(text, size, " (known: %s)", list);
}

static esc_status unknown_key(esc_reader *reader, const esc_yaml_node *child,
                              const esc_key_row *rows, const esc_rule_slot *rule)
{
  char known[256];
  known_keys(child->key, rows, rule, known, sizeof known);
  return esc_reader_fail(reader, child, "expected a known key%s%s, found \"%.40s\"%s",
                         rule ? " of " : "", rule ? rule->entry->name : "", child->key, known);
}

static esc_status check_keys(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *rows,
                             const esc_rule_slot *rule)
{
  for (const esc_yaml_node *child = node->first; child; child = child->next) {
    if (find_row(rows, child->key) || find_key(rule, child->key))
      continue;
    const size_t mark = esc_reader_enter(reader, child->key);
    const esc_status status = unknown_key(reader, child, rows, rule);
    esc_reader_leave(reader, mark);
    return status;
  }
  return ESC_STATUS_OK;
}

static esc_status read_row(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                           void *target)
{
  const esc_yaml_node *const child = esc_yaml_child(node, row->name);
  if (!child && !row->needed)
    return ESC_STATUS_OK;
  const size_t mark = esc_reader_enter(reader, row->name);
  const esc_status status =
      child ? row->read(reader, child, row, (char *)target + row->offset)
            : esc_reader_fail(reader, node, "expected %s, found nothing", row->needed);
  esc_reader_leave(reader, mark);
  return status;
}

/* Keys that have a row too (lr) are shown in the catalogue for their defaults: the row reads them.
 */
static esc_status read_rule_keys(esc_reader *reader, const esc_yaml_node *node,
                                 const esc_key_row *rows, const esc_rule_slot *rule)
{
  const esc_entry *const entry = rule->entry;
  esc_setting *const settings =
      esc_arena_take_array(reader->arena, (size_t)entry->key_count, sizeof *settings);
  if (!settings)
    return esc_reader_no_memory();
  int count = 0;
  for (int i = 0; i < entry->key_count; i++) {
    const esc_yaml_node *const child = esc_yaml_child(node, entry->keys[i].name);
    if (!child || find_row(rows, entry->keys[i].name))
      continue;
    const size_t mark = esc_reader_enter(reader, entry->keys[i].name);
    const esc_status status = esc_read_setting(reader, child, &entry->keys[i], &settings[count++]);
    esc_reader_leave(reader, mark);
    if (status)
      return status;
  }
  *rule->settings = settings;
  *rule->setting_count = count;
  return ESC_STATUS_OK;
}

esc_status esc_read_mapping(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *rows,
                            const esc_rule_slot *rule, void *target)
{
  if (node->kind != ESC_YAML_MAPPING)
    return esc_reader_expected(reader, node, "a mapping of keys");
  esc_status status = check_keys(reader, node, rows, rule);
  for (const esc_key_row *row = rows; !status && row->name; row++)
    status = read_row(reader, node, row, target);
  if (!status && rule)
    status = read_rule_keys(reader, node, rows, rule);
  return status;
}
