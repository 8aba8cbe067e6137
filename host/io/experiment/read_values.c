/* Readers of single values, for rows of key tables. */
#include "read_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/io/suggest.h"
#include "scalar_text.h"

static const char *const not_yet = "which is not in this version";

/* JSON has no other way to write an infinity than in quotes, and result.json is to be read again.
 */
static int is_quoted_infinity(const char *text)
{
  return strcmp(text, ".inf") == 0 || strcmp(text, "-.inf") == 0;
}

int esc_node_number(const esc_yaml_node *node, double *value)
{
  return node->kind == ESC_YAML_SCALAR && (!node->quoted || is_quoted_infinity(node->text)) &&
         esc_text_number(node->text, value);
}

static int is_plain(const esc_yaml_node *node)
{
  return node->kind == ESC_YAML_SCALAR && !node->quoted;
}

esc_status esc_read_text(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                         void *field)
{
  (void)row;
  if (node->kind != ESC_YAML_SCALAR)
    return esc_reader_expected(reader, node, "text");
  memcpy(field, &node->text, sizeof node->text);
  return ESC_STATUS_OK;
}

/* Names become keys of the result and titles in figures. */
static int is_name(const char *text)
{
  const size_t length = strlen(text);
  const char *const inner = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. ";
  return length > 0 && length < 64 && strspn(text, inner) == length && text[0] != ' ' &&
         text[length - 1] != ' ';
}

esc_status esc_read_name(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                         void *field)
{
  if (node->kind != ESC_YAML_SCALAR || !is_name(node->text))
    return esc_reader_expected(reader, node,
                               "a name of at most 63 letters, digits, blanks, _, - and .");
  return esc_read_text(reader, node, row, field);
}

static esc_status number_of(const esc_reader *reader, const esc_yaml_node *node, int infinite,
                            double *value)
{
  const char *const expected = infinite ? "a number, .inf or -.inf" : "a finite number";
  double number = 0.0;
  if (!esc_node_number(node, &number))
    return esc_reader_expected(reader, node, infinite ? expected : "a number");
  const int written_so = strchr(node->text, 'n') || strchr(node->text, 'N'); /* .inf, not 1e999 */
  if (isnan(number) || (isinf(number) && !(infinite && written_so)))
    return esc_reader_expected(reader, node, expected);
  *value = number;
  return ESC_STATUS_OK;
}

esc_status esc_read_number(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                           void *field)
{
  (void)row;
  return number_of(reader, node, 0, field);
}

esc_status esc_read_extended(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  (void)row;
  return number_of(reader, node, 1, field);
}

/* A whole number in [0, most], or in [-most, most]. */
static esc_status whole_of(const esc_reader *reader, const esc_yaml_node *node, uint64_t most,
                           int signs, uint64_t *size, int *negative)
{
  static const char *const words[] = {"a whole number", "a whole number of at most 64 bits",
                                      "a whole number not below 0"};
  const esc_whole kind =
      is_plain(node) ? esc_text_whole(node->text, size, negative) : ESC_WHOLE_NOT;
  if (kind == ESC_WHOLE_NOT)
    return esc_reader_expected(reader, node, words[0]);
  if (kind == ESC_WHOLE_FITS && *negative && *size && !signs)
    return esc_reader_expected(reader, node, words[2]);
  if (kind == ESC_WHOLE_FITS && *size > most && most < INT64_MAX)
    return esc_reader_expected(reader, node, "a whole number below 2^31");
  if (kind == ESC_WHOLE_LARGE || *size > most)
    return esc_reader_expected(reader, node, words[1]);
  return ESC_STATUS_OK;
}

static esc_status whole_signed(const esc_reader *reader, const esc_yaml_node *node, int64_t *value)
{
  uint64_t size = 0;
  int negative = 0;
  const esc_status status = whole_of(reader, node, INT64_MAX, 1, &size, &negative);
  if (!status)
    *value = negative ? -(int64_t)size : (int64_t)size;
  return status;
}

esc_status esc_read_whole(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                          void *field)
{
  (void)row;
  return whole_signed(reader, node, field);
}

esc_status esc_read_count(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                          void *field)
{
  (void)row;
  uint64_t size = 0;
  int negative = 0;
  const esc_status status = whole_of(reader, node, INT32_MAX, 0, &size, &negative);
  if (!status)
    *(int *)field = (int)size;
  return status;
}

esc_status esc_read_seed(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                         void *field)
{
  (void)row;
  int negative = 0;
  uint64_t seed = 0;
  esc_yaml_node plain =
      *node; /* in quotes too: JSON's whole numbers end at 2^63 for many readers */
  plain.quoted = 0;
  const esc_status status = whole_of(reader, &plain, UINT64_MAX, 0, &seed, &negative);
  if (!status)
    memcpy(field, &seed, sizeof seed);
  return status;
}

esc_status esc_read_switch(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                           void *field)
{
  (void)row;
  const int value = is_plain(node) ? esc_text_switch(node->text) : -1;
  if (value < 0)
    return esc_reader_expected(reader, node, "true or false");
  memcpy(field, &value, sizeof value);
  return ESC_STATUS_OK;
}

int esc_word_index(const char *words, const char *word)
{
  const size_t length = strlen(word);
  for (int index = 0;; index++) {
    const size_t part = strcspn(words, "|");
    if (part == length && strncmp(words, word, length) == 0)
      return index;
    if (words[part] == '\0')
      return -1;
    words += part + 1;
  }
}

/* "a|b|c" as "a, b or c", and the nearest of them. */
esc_status esc_unknown_word(const esc_reader *reader, const esc_yaml_node *node, const char *words)
{
  char list[640] = "", found[96], nearest[96], copy[200];
  esc_suggestion suggestion = {node->kind == ESC_YAML_SCALAR ? node->text : "", NULL, 0};
  size_t used = 0;
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = copy, *next = NULL; word; word = next) {
    next = strchr(word, '|');
    if (next)
      *next++ = '\0';
    esc_suggest(&suggestion, word);
    const char *const comma = used == 0 ? "" : next ? ", " : " or ";
    snprintf(list + used, sizeof list - used, "%s%s", comma, word);
    used = strlen(list);
  }
  esc_suggestion_text(&suggestion, nearest, sizeof nearest);
  esc_node_text(node, found, sizeof found);
  return esc_reader_fail(reader, node, "expected %s, found %s%s", list, found, nearest);
}

esc_status esc_read_word(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                         void *field)
{
  const int index = node->kind == ESC_YAML_SCALAR ? esc_word_index(row->words, node->text) : -1;
  if (index < 0)
    return esc_unknown_word(reader, node, row->words);
  memcpy(field, &index, sizeof index);
  return ESC_STATUS_OK;
}

esc_status esc_read_later(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                          void *field)
{
  (void)field;
  return esc_reader_fail(reader, node, "expected another key, found \"%s\", %s", row->name,
                         not_yet);
}

esc_status esc_read_numbers(esc_reader *reader, const esc_yaml_node *node, int infinite,
                            const double **values, int64_t *count)
{
  if (node->kind != ESC_YAML_LIST)
    return esc_reader_expected(reader, node, "a list of numbers");
  double *const numbers = esc_arena_take_array(reader->arena, (size_t)node->count, sizeof *numbers);
  if (!numbers)
    return esc_reader_no_memory();
  int64_t i = 0;
  for (const esc_yaml_node *item = node->first; item; item = item->next, i++) {
    const size_t mark = esc_reader_enter_index(reader, i);
    const esc_status status = number_of(reader, item, infinite, &numbers[i]);
    esc_reader_leave(reader, mark);
    if (status)
      return status;
  }
  *values = numbers;
  *count = i;
  return ESC_STATUS_OK;
}

esc_status esc_read_point(esc_reader *reader, const esc_yaml_node *node, const double **values,
                          int64_t *count)
{
  if (node->kind == ESC_YAML_LIST)
    return esc_read_numbers(reader, node, 0, values, count);
  double *const number = esc_arena_take(reader->arena, sizeof *number);
  if (!number)
    return esc_reader_no_memory();
  double ignored = 0.0;
  if (!esc_node_number(node, &ignored))
    return esc_reader_expected(reader, node, "a number or a list of numbers");
  *values = number;
  *count = 1;
  return number_of(reader, node, 0, number);
}

esc_status esc_read_wholes(esc_reader *reader, const esc_yaml_node *node, const int64_t **values,
                           int64_t *count)
{
  if (node->kind != ESC_YAML_LIST)
    return esc_reader_expected(reader, node, "a list of whole numbers");
  int64_t *const numbers =
      esc_arena_take_array(reader->arena, (size_t)node->count, sizeof *numbers);
  if (!numbers)
    return esc_reader_no_memory();
  int64_t i = 0;
  for (const esc_yaml_node *item = node->first; item; item = item->next, i++) {
    const size_t mark = esc_reader_enter_index(reader, i);
    const esc_status status = whole_signed(reader, item, &numbers[i]);
    esc_reader_leave(reader, mark);
    if (status)
      return status;
  }
  *values = numbers;
  *count = i;
  return ESC_STATUS_OK;
}

static esc_status two_numbers(esc_reader *reader, const esc_yaml_node *node, int infinite,
                              double *field)
{
  const double *values = NULL;
  int64_t count = 0;
  if (node->kind != ESC_YAML_LIST || node->count != 2)
    return esc_reader_expected(reader, node, "a list of two numbers");
  const esc_status status = esc_read_numbers(reader, node, infinite, &values, &count);
  if (!status)
    memcpy(field, values, 2 * sizeof *field);
  return status;
}

esc_status esc_read_interval(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  (void)row;
  return two_numbers(reader, node, 1, field);
}

esc_status esc_read_pair(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                         void *field)
{
  (void)row;
  return two_numbers(reader, node, 0, field);
}

/* A word of the catalogue. YAML's yes, no, true and false are the same to a reader of the file, so
 * "yes|no" takes them all. */
static esc_status setting_word(esc_reader *reader, const esc_yaml_node *node, const esc_key *key,
                               esc_setting *setting)
{
  const char *word = node->kind == ESC_YAML_SCALAR ? node->text : "";
  if (is_plain(node) && esc_word_index(key->choices, word) < 0 && esc_text_switch(word) >= 0)
    word = esc_text_switch(word) ? "yes" : "no";
  if (esc_word_index(key->choices, word) < 0)
    return esc_unknown_word(reader, node, key->choices);
  setting->word = word;
  return ESC_STATUS_OK;
}

static esc_status setting_switch(esc_reader *reader, const esc_yaml_node *node,
                                 esc_setting *setting)
{
  int value = 0;
  const esc_status status = esc_read_switch(reader, node, NULL, &value);
  setting->value = value;
  return status;
}

esc_status esc_read_setting(esc_reader *reader, const esc_yaml_node *node, const esc_key *key,
                            esc_setting *setting)
{
  setting->key = key->name;
  switch (key->kind) {
  case ESC_KEY_NUMBER:
    return number_of(reader, node, 0, &setting->value);
  case ESC_KEY_WORD:
    return setting_word(reader, node, key, setting);
  case ESC_KEY_LIST:
    return esc_read_numbers(reader, node, 0, &setting->list, &setting->list_count);
  case ESC_KEY_SWITCH:
    return setting_switch(reader, node, setting);
  }
  return esc_reader_fail(reader, node, "expected a known kind of key");
}
