/* Loading: the whole file is read and held against the optimizer before a byte of the optimizer
 * changes. Every tensor must be there, as it is here, and nothing else. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/io/io_error.h"
#include "state_list.h"

typedef struct state_bytes {
  const char *path;
  char *header;
  size_t header_size;
  char *data;
  size_t data_size;
} state_bytes;

static esc_status refuse(const char *path, const char *found)
{
  return esc_io_fail(ESC_STATUS_IO, "%.600s: expected a state file, found %.300s", path, found);
}

static esc_status no_memory(void)
{
  return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

/* --- bytes --- */

/* `size` bytes and a zero behind them. */
static esc_status read_part(const char *path, FILE *file, size_t size, char **bytes)
{
  char *const memory = malloc(size + 1);
  if (!memory)
    return no_memory();
  *bytes = memory;
  memory[size] = '\0';
  if (fread(memory, 1, size, file) == size)
    return ESC_STATUS_OK;
  return refuse(path, ferror(file) ? strerror(errno) : "one that ends too soon");
}

static esc_status read_bytes(FILE *file, uint64_t size, state_bytes *bytes)
{
  uint64_t header;
  if (size < sizeof header || fread(&header, sizeof header, 1, file) != 1)
    return refuse(bytes->path, "fewer than eight bytes");
  if (header > ESC_STATE_HEADER_MOST || header > size - sizeof header)
    return refuse(bytes->path, "a header longer than the file or 100 MB");
  bytes->header_size = (size_t)header;
  bytes->data_size = (size_t)(size - sizeof header - header);
  const esc_status status = read_part(bytes->path, file, bytes->header_size, &bytes->header);
  return status ? status : read_part(bytes->path, file, bytes->data_size, &bytes->data);
}

static esc_status read_file(state_bytes *bytes)
{
  struct stat about;
  FILE *const file = fopen(bytes->path, "rb");
  if (!file)
    return refuse(bytes->path, errno == ENOENT ? "no such file" : strerror(errno));
  esc_status status;
  if (fstat(fileno(file), &about) != 0 || !S_ISREG(about.st_mode))
    status = refuse(bytes->path, "something that is no plain file");
  else
    status = read_bytes(file, (uint64_t)about.st_size, bytes);
  fclose(file);
  return status;
}

/* --- the header against the optimizer --- */

static esc_status wrong(const state_bytes *bytes, const char *name, const char *expected,
                        const char *found)
{
  return esc_io_fail(ESC_STATUS_IO, "%.400s: %.200s: expected %.100s, found %.100s", bytes->path,
                     name, expected, found);
}

static esc_status check_text(const state_bytes *bytes, const json_t *object, const char *key,
                             const char *name, const char *expected)
{
  const char *const found = json_string_value(json_object_get(object, key));
  if (found && strcmp(found, expected) == 0)
    return ESC_STATUS_OK;
  return wrong(bytes, name, expected, found ? found : "nothing of the kind");
}

static esc_status check_metadata(const state_bytes *bytes, const esc_optimizer *optimizer,
                                 const json_t *root)
{
  const json_t *const metadata = json_object_get(root, "__metadata__");
  esc_status status =
      check_text(bytes, metadata, "format", "the format in its metadata", ESC_STATE_FORMAT);
  if (!status)
    status =
        check_text(bytes, metadata, "version", "the version in its metadata", ESC_STATE_VERSION);
  for (int64_t i = 0; !status && i < esc_optimizer_parameter_count(optimizer); i++) {
    char *const key = esc_state_rule_key(optimizer, i);
    status = key ? check_text(bytes, metadata, key, key, esc_optimizer_parameter_rule(optimizer, i))
                 : no_memory();
    free(key);
  }
  return status;
}

static esc_status check_shape(const state_bytes *bytes, const json_t *entry,
                              const esc_state_item *item)
{
  char expected[40], found[80] = "no list of sizes";
  const json_t *const shape = json_object_get(entry, "shape");
  const size_t rank = item->count >= 0;
  const json_t *const size = json_array_get(shape, 0);
  if (json_is_array(shape) && json_array_size(shape) == rank &&
      (!rank || (json_is_integer(size) && json_integer_value(size) == item->count)))
    return ESC_STATUS_OK;
  if (rank)
    snprintf(expected, sizeof expected, "the shape [%" PRId64 "]", item->count);
  else
    snprintf(expected, sizeof expected, "the shape []");
  if (json_is_array(shape) && json_array_size(shape) != 1)
    snprintf(found, sizeof found, "%zu dimensions", json_array_size(shape));
  else if (json_is_integer(size))
    snprintf(found, sizeof found, "[%" JSON_INTEGER_FORMAT "]", json_integer_value(size));
  return wrong(bytes, item->name, expected, found);
}

/* Takes where the tensor begins. */
static esc_status check_offsets(const state_bytes *bytes, const json_t *entry, esc_state_item *item)
{
  char expected[64];
  const json_t *const offsets = json_object_get(entry, "data_offsets");
  const json_t *const from = json_array_get(offsets, 0), *const to = json_array_get(offsets, 1);
  const json_int_t begin = json_integer_value(from), end = json_integer_value(to);
  const int are_numbers =
      json_array_size(offsets) == 2 && json_is_integer(from) && json_is_integer(to);
  if (are_numbers && begin >= 0 && end >= begin && (uint64_t)end <= bytes->data_size &&
      (size_t)(end - begin) == item->bytes) {
    item->begin = (size_t)begin;
    return ESC_STATUS_OK;
  }
  snprintf(expected, sizeof expected, "data_offsets of %zu bytes in the file", item->bytes);
  return wrong(bytes, item->name, expected, are_numbers ? "others" : "no two numbers");
}

static esc_status check_entry(const state_bytes *bytes, const json_t *entry, esc_state_item *item)
{
  if (!entry)
    return esc_io_fail(ESC_STATUS_IO, "%.600s: expected a tensor \"%.200s\", found none",
                       bytes->path, item->name);
  if (!json_is_object(entry))
    return wrong(bytes, item->name, "dtype, shape and data_offsets", "something else");
  const char *const type = json_string_value(json_object_get(entry, "dtype"));
  esc_status status = type && strcmp(type, item->type) == 0
                          ? ESC_STATUS_OK
                          : wrong(bytes, item->name, item->type, type ? type : "no type");
  if (!status)
    status = check_shape(bytes, entry, item);
  return status ? status : check_offsets(bytes, entry, item);
}

/* What was found is taken out of the header, so that what is left is too much. */
static esc_status check_entries(const state_bytes *bytes, const esc_state_list *list, json_t *root)
{
  json_object_del(root, "__metadata__");
  for (int64_t i = 0; i < list->count; i++) {
    esc_state_item *const item = &list->items[i];
    const esc_status status = check_entry(bytes, json_object_get(root, item->name), item);
    if (status)
      return status;
    json_object_del(root, item->name);
  }
  if (json_object_size(root) == 0)
    return ESC_STATUS_OK;
  return esc_io_fail(ESC_STATUS_IO, "%.600s: the optimizer has no tensor \"%.200s\"", bytes->path,
                     json_object_iter_key(json_object_iter(root)));
}

static int compare_places(const void *a, const void *b)
{
  const esc_state_item *const x = a, *const y = b;
  if (x->begin != y->begin)
    return x->begin > y->begin ? 1 : -1;
  return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* Tensors lie side by side, from the beginning of the data to its end. */
static esc_status check_cover(const state_bytes *bytes, esc_state_list *list)
{
  size_t at = 0;
  qsort(list->items, (size_t)list->count, sizeof *list->items, compare_places);
  for (int64_t i = 0; i < list->count; i++) {
    if (list->items[i].begin != at)
      return wrong(bytes, list->items[i].name, "it right behind the tensor before it",
                   list->items[i].begin < at ? "an overlap" : "a hole");
    at += list->items[i].bytes;
  }
  if (at == bytes->data_size)
    return ESC_STATUS_OK;
  return refuse(bytes->path, "bytes that belong to no tensor");
}

static esc_status check_progress(const state_bytes *bytes, const esc_state_list *list)
{
  for (int64_t i = 0; i < list->count; i++) {
    const esc_state_item *const item = &list->items[i];
    int64_t steps = 0;
    double product = 1.0;
    if (item->k == ESC_ITEM_STEPS)
      memcpy(&steps, bytes->data + item->begin, sizeof steps);
    if (item->k == ESC_ITEM_PRODUCT)
      memcpy(&product, bytes->data + item->begin, sizeof product);
    if (steps < 0 || steps > INT32_MAX)
      return wrong(bytes, item->name, "0 to 2147483647", "another number");
    if (!(product >= 0.0 && product <= 1.0))
      return wrong(bytes, item->name, "a number in [0, 1]", "another number");
  }
  return ESC_STATUS_OK;
}

static esc_status check_all(const state_bytes *bytes, const esc_optimizer *optimizer,
                            esc_state_list *list)
{
  char found[JSON_ERROR_TEXT_LENGTH + 64];
  json_error_t error;
  if (bytes->header_size == 0 || bytes->header[0] != '{')
    return refuse(bytes->path, "a header that is no JSON object");
  json_t *const root =
      json_loadb(bytes->header, bytes->header_size, JSON_REJECT_DUPLICATES, &error);
  if (!root) {
    snprintf(found, sizeof found, "a header that is no good JSON: %s", error.text);
    return refuse(bytes->path, found);
  }
  esc_status status = check_metadata(bytes, optimizer, root);
  if (!status)
    status = check_entries(bytes, list, root);
  if (!status)
    status = check_cover(bytes, list);
  if (!status)
    status = check_progress(bytes, list);
  json_decref(root);
  return status;
}

/* --- into the optimizer --- */

/* A number of a parameter's progress, the other left as it is. */
static esc_status write_progress(esc_optimizer *optimizer, const esc_state_item *item,
                                 const void *from, void *stream)
{
  esc_parameter_progress progress = ESC_PARAMETER_PROGRESS_INIT;
  const esc_status status =
      esc_optimizer_progress_read(optimizer, item->parameter, &progress, stream);
  if (status)
    return status;
  if (item->k == ESC_ITEM_STEPS)
    memcpy(&progress.steps, from, sizeof progress.steps);
  else
    memcpy(&progress.product, from, sizeof progress.product);
  return esc_optimizer_progress_write(optimizer, item->parameter, &progress, stream);
}

static esc_status write_all(esc_optimizer *optimizer, const state_bytes *bytes,
                            const esc_state_list *list, void *stream)
{
  esc_status status = ESC_STATUS_OK;
  for (int64_t i = 0; !status && i < list->count; i++) {
    const esc_state_item *const item = &list->items[i];
    const void *const from = bytes->data + item->begin;
    if (item->k >= 0)
      status =
          esc_optimizer_state_write(optimizer, item->parameter, item->k, from, item->bytes, stream);
    else
      status = write_progress(optimizer, item, from, stream);
  }
  return status ? esc_state_core_failed(status) : ESC_STATUS_OK;
}

esc_status esc_state_load(const char *path, esc_optimizer *optimizer, void *stream)
{
  esc_state_list list;
  state_bytes bytes = {.path = path};
  if (!path)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT, "path: expected the name of a file, found NULL");
  if (!optimizer)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT, "optimizer: expected an optimizer, found NULL");
  esc_status status = esc_state_list_make(optimizer, &list);
  if (!status)
    status = read_file(&bytes);
  if (!status)
    status = check_all(&bytes, optimizer, &list);
  if (!status)
    status = write_all(optimizer, &bytes, &list, stream);
  free(bytes.header);
  free(bytes.data);
  esc_state_list_clear(&list);
  return status;
}
