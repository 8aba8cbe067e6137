/* An experiment file: its bytes, the overrides over them, and the experiment they make. */
#include "experiment_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment_held.h"
#include "file_bytes.h"
#include "host/io/io_error.h"
#include "yaml_path.h"

/* KEY.PATH=VALUE; all texts are copied, for the tree keeps them. */
static esc_status put_override(esc_experiment_file *file, const esc_override *override)
{
  esc_arena *const arena = &file->arena;
  const char *const equals = strchr(override->text, '=');
  const char *const shown = esc_arena_copy(arena, override->shown, strlen(override->shown));
  if (!shown)
    return esc_reader_no_memory();
  if (!equals)
    return esc_io_fail(ESC_STATUS_BAD_EXPERIMENT,
                       "%.200s: expected KEY.PATH=VALUE, found no =", shown);
  const char *const path = esc_arena_copy(arena, override->text, (size_t)(equals - override->text));
  esc_yaml_node *value = NULL;
  const esc_yaml_source source = {equals + 1, strlen(equals + 1), shown, shown};
  if (!path)
    return esc_reader_no_memory();
  const esc_status status = esc_yaml_parse(arena, &source, &value);
  if (status)
    return status;
  if (!value)
    return esc_io_fail(ESC_STATUS_BAD_EXPERIMENT, "%.200s: %.100s: expected a value, found nothing",
                       shown, path);
  return esc_yaml_set(arena, file->root, path, value, shown);
}

/* What is said once for all points. */
static esc_status read_whole(esc_experiment_file *file, esc_reader *reader)
{
  const esc_yaml_node *const sweep = esc_yaml_child(file->root, "sweep");
  const esc_status status =
      sweep ? esc_read_sweep_axes(reader, sweep, &file->sweep) : ESC_STATUS_OK;
  return status ? status : esc_read_questions(reader, file->root, &file->sweep, &file->questions);
}

static esc_status parse_into(esc_experiment_file *file, const char *bytes, size_t size,
                             const esc_override *overrides, int count)
{
  const esc_yaml_source source = {bytes, size, file->name, NULL};
  esc_status status = esc_yaml_parse(&file->arena, &source, &file->root);
  if (status)
    return status;
  esc_reader reader = {&file->arena, file->name, "", 0};
  if (!file->root || file->root->kind != ESC_YAML_MAPPING)
    return esc_reader_expected(&reader, file->root, "an experiment, a mapping of keys");
  for (int i = 0; i < count && !status; i++)
    status = put_override(file, &overrides[i]);
  if (!status)
    status = read_whole(file, &reader);
  return status ? status : esc_read_sweep_point(file, &file->arena, 0, &file->first);
}

static esc_status new_file(const char *name, esc_experiment_file **file)
{
  esc_experiment_file *const made = calloc(1, sizeof *made);
  if (!made)
    return esc_reader_no_memory();
  made->name = esc_arena_copy(&made->arena, name, strlen(name));
  *file = made;
  return made->name ? ESC_STATUS_OK : esc_reader_no_memory();
}

esc_status esc_experiment_file_parse(const char *bytes, size_t size, const char *name,
                                     const esc_override *overrides, int count,
                                     esc_experiment_file **file)
{
  esc_experiment_file *made = NULL;
  esc_status status = new_file(name, &made);
  if (!status)
    status = parse_into(made, bytes, size, overrides, count);
  if (status)
    esc_experiment_file_free(made);
  else
    *file = made;
  return status;
}

esc_status esc_experiment_file_read(const char *path, const esc_override *overrides, int count,
                                    esc_experiment_file **file)
{
  esc_arena arena = {NULL};
  const char *bytes = NULL;
  size_t size = 0;
  esc_status status = esc_file_bytes_read(&arena, path, "an experiment file", &bytes, &size);
  if (!status)
    status = esc_experiment_file_parse(bytes, size, path, overrides, count, file);
  esc_arena_release(&arena);
  return status;
}

void esc_experiment_file_free(esc_experiment_file *file)
{
  if (file)
    esc_arena_release(&file->arena);
  free(file);
}

const esc_experiment *esc_experiment_file_experiment(const esc_experiment_file *file)
{
  return &file->first.parts.experiment;
}

const char *esc_experiment_file_title(const esc_experiment_file *file)
{
  return file->first.parts.title;
}

int esc_experiment_file_paths(const esc_experiment_file *file)
{
  return file->first.parts.paths;
}

const esc_yaml_node *esc_experiment_file_node(const esc_experiment_file *file, const char *key)
{
  return esc_yaml_child(file->root, key);
}

const esc_questions *esc_experiment_file_questions(const esc_experiment_file *file)
{
  return &file->questions;
}

int64_t esc_experiment_file_line(const esc_experiment_file *file, const char *key)
{
  return esc_yaml_find(&file->first.root, key)->line;
}

/* A sentence about a whole mapping may be about a key in it that an override put there. */
void esc_tree_where(const esc_yaml_node *root, const char *name, const char *key, char *text,
                    size_t size)
{
  const esc_yaml_node *const node = esc_yaml_find(root, key);
  esc_node_where(node, name, text, size);
  const char *const within = node == root ? NULL : esc_yaml_origin_within(node);
  const size_t used = strlen(text);
  if (within && !node->origin)
    snprintf(text + used, size - used, " (with %.200s)", within);
}

void esc_experiment_file_where(const esc_experiment_file *file, const char *key, char *text,
                               size_t size)
{
  esc_tree_where(&file->first.root, file->name, key, text, size);
}
