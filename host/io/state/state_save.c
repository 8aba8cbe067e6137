/* Saving: the header of a safetensors file (https://github.com/huggingface/safetensors: the length
 * of the header in eight bytes, the header as JSON, the data), then every tensor, into a file
 * beside the one meant, which it replaces when it is whole. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/io_error.h"
#include "host/io/result/json_builder.h"
#include "state_list.h"

static esc_status no_memory(void)
{
  return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

static esc_status not_written(const char *path)
{
  const int cause = errno;
  const esc_status status =
      esc_io_fail(ESC_STATUS_IO, "%.600s: cannot be written: %s", path, strerror(cause));
  if (cause == ENOSPC)
    esc_io_say_no_room();
  return status;
}

/* --- the header --- */

static json_t *describe(const esc_state_item *item)
{
  esc_json_builder builder = {false};
  json_t *const entry = json_object(), *const shape = json_array(), *const ends = json_array();
  if (item->count >= 0)
    esc_json_append(&builder, shape, json_integer(item->count));
  esc_json_append(&builder, ends, json_integer((json_int_t)item->begin));
  esc_json_append(&builder, ends, json_integer((json_int_t)(item->begin + item->bytes)));
  esc_json_put(&builder, entry, "dtype", json_string(item->type));
  esc_json_put(&builder, entry, "shape", shape);
  esc_json_put(&builder, entry, "data_offsets", ends);
  if (!builder.failed)
    return entry;
  json_decref(entry);
  return NULL;
}

static json_t *form_metadata(const esc_optimizer *optimizer)
{
  esc_json_builder builder = {false};
  json_t *const metadata = json_object();
  esc_json_put(&builder, metadata, "format", json_string(ESC_STATE_FORMAT));
  esc_json_put(&builder, metadata, "version", json_string(ESC_STATE_VERSION));
  for (int64_t i = 0; i < esc_optimizer_parameter_count(optimizer) && !builder.failed; i++) {
    char *const key = esc_state_rule_key(optimizer, i);
    if (key)
      esc_json_put(&builder, metadata, key,
                   json_string(esc_optimizer_parameter_rule(optimizer, i)));
    else
      builder.failed = true;
    free(key);
  }
  if (!builder.failed)
    return metadata;
  json_decref(metadata);
  return NULL;
}

/* Names make trouble before memory does: two that are the same, or one that JSON cannot hold. */
static esc_status check_name(const json_t *root, const esc_state_item *item)
{
  json_t *const name = json_string(item->name);
  if (!name)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT,
                       "parameters: expected names in UTF-8, found \"%.200s\"", item->name);
  json_decref(name);
  if (json_object_get(root, item->name))
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT,
                       "parameters: expected a name for each, found \"%.200s\" twice", item->name);
  return ESC_STATUS_OK;
}

static esc_status add_items(const esc_optimizer *optimizer, const esc_state_list *list,
                            json_t *root)
{
  esc_json_builder builder = {false};
  for (int64_t i = 0; i < list->count; i++) {
    const esc_status status = check_name(root, &list->items[i]);
    if (status)
      return status;
    esc_json_put(&builder, root, list->items[i].name, describe(&list->items[i]));
  }
  esc_json_put(&builder, root, "__metadata__", form_metadata(optimizer));
  return builder.failed ? no_memory() : ESC_STATUS_OK;
}

/* *header is the caller's to free. */
static esc_status form_header(const esc_optimizer *optimizer, const esc_state_list *list,
                              char **header)
{
  json_t *const root = json_object();
  if (!root)
    return no_memory();
  esc_status status = add_items(optimizer, list, root);
  if (!status) {
    *header = json_dumps(root, JSON_COMPACT);
    status = *header ? ESC_STATUS_OK : no_memory();
  }
  json_decref(root);
  if (!status && strlen(*header) > ESC_STATE_HEADER_MOST - 8)
    status = esc_io_fail(ESC_STATUS_BAD_ARGUMENT,
                         "parameters: their names take more than the %d bytes of a header",
                         ESC_STATE_HEADER_MOST);
  return status;
}

/* Filled up with spaces, so that the data begins at a multiple of eight. */
static bool write_header(const char *header, FILE *file)
{
  const size_t length = strlen(header), pad = (8 - length % 8) % 8;
  const uint64_t whole = length + pad;
  return fwrite(&whole, sizeof whole, 1, file) == 1 && fwrite(header, 1, length, file) == length &&
         fwrite("        ", 1, pad, file) == pad;
}

/* --- the data --- */

static esc_status read_item(esc_optimizer *optimizer, const esc_state_item *item, void *memory,
                            void *stream)
{
  esc_parameter_progress progress = ESC_PARAMETER_PROGRESS_INIT;
  esc_status status;
  if (item->k >= 0) {
    status =
        esc_optimizer_state_read(optimizer, item->parameter, item->k, memory, item->bytes, stream);
  } else {
    status = esc_optimizer_progress_read(optimizer, item->parameter, &progress, stream);
    if (item->k == ESC_ITEM_STEPS)
      memcpy(memory, &progress.steps, sizeof progress.steps);
    else
      memcpy(memory, &progress.product, sizeof progress.product);
  }
  return status ? esc_state_core_failed(status) : ESC_STATUS_OK;
}

static esc_status write_data(const char *path, esc_optimizer *optimizer, const esc_state_list *list,
                             void *stream, FILE *file)
{
  void *const memory = malloc(list->largest ? list->largest : 1);
  if (!memory)
    return no_memory();
  esc_status status = ESC_STATUS_OK;
  for (int64_t i = 0; !status && i < list->count; i++) {
    const esc_state_item *const item = &list->items[i];
    status = read_item(optimizer, item, memory, stream);
    if (!status && fwrite(memory, 1, item->bytes, file) != item->bytes)
      status = not_written(path);
  }
  free(memory);
  return status;
}

/* --- the file --- */

static esc_status write_file(const char *path, const char *part, const char *header,
                             esc_optimizer *optimizer, const esc_state_list *list, void *stream)
{
  FILE *const file = fopen(part, "wb");
  if (!file)
    return not_written(path);
  esc_status status = write_header(header, file) ? write_data(path, optimizer, list, stream, file)
                                                 : not_written(path);
  if (!status && (fflush(file) != 0 || fsync(fileno(file)) != 0))
    status = not_written(path);
  if (fclose(file) != 0 && !status)
    status = not_written(path);
  if (!status && rename(part, path) != 0)
    status = not_written(path);
  if (status)
    unlink(part);
  return status;
}

/* What a new file would replace: through links to the file behind them, and no device, pipe or
 * folder. *target is the caller's. */
static esc_status find_target(const char *path, char **target)
{
  struct stat found;
  const int there = stat(path, &found) == 0;
  if (there && !S_ISREG(found.st_mode))
    return esc_io_fail(ESC_STATUS_IO, "%.600s: cannot be written: it is not a regular file", path);
  *target = there ? realpath(path, NULL) : strdup(path);
  return *target ? ESC_STATUS_OK : errno == ENOMEM ? no_memory() : not_written(path);
}

static esc_status save(const char *path, esc_optimizer *optimizer, const esc_state_list *list,
                       void *stream)
{
  char *header = NULL, *target = NULL, *part = NULL;
  esc_status status = form_header(optimizer, list, &header);
  if (!status)
    status = find_target(path, &target);
  if (!status) {
    const size_t size = strlen(target) + 32;
    part = malloc(size);
    if (part)
      snprintf(part, size, "%s.part-%ld", target, (long)getpid());
    status = part ? write_file(target, part, header, optimizer, list, stream) : no_memory();
  }
  free(part);
  free(target);
  free(header);
  return status;
}

esc_status esc_state_save(const char *path, esc_optimizer *optimizer, void *stream)
{
  esc_state_list list;
  if (!path || !path[0])
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT, "path: expected the name of a file, found %s",
                       path ? "an empty one" : "NULL");
  if (!optimizer)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT, "optimizer: expected an optimizer, found NULL");
  esc_status status = esc_state_list_make(optimizer, &list);
  if (!status)
    status = save(path, optimizer, &list, stream);
  esc_state_list_clear(&list);
  return status;
}

const char *esc_state_error(void)
{
  return esc_io_error();
}
