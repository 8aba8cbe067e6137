/* Paths of keys into a YAML tree. */
#include "yaml_path.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"

enum { STEP_BYTES = 128 };

/* One part of a path: a key, an index in brackets, or digits that are either. */
typedef struct path_step {
  char key[STEP_BYTES];
  int64_t index; /* -1: not a number */
  int bracket;
} path_step;

static int64_t index_of(const char *digits)
{
  const size_t length = strlen(digits);
  if (length == 0 || length > 9 || strspn(digits, "0123456789") != length)
    return -1;
  return strtol(digits, NULL, 10);
}

/* The keys of a sweep are paths themselves: what follows "sweep." is one step. */
static int is_one_step(const char *whole, const char *at)
{
  static const char sweep[] = "sweep.";
  return at == whole + sizeof sweep - 2 && strncmp(whole, sweep, sizeof sweep - 1) == 0;
}

/* Takes the next step off *path, which is the end of `whole`: 1, or 0 at its end, or -1 if it is
 * not a path. */
static int next_step(const char *whole, const char **path, path_step *step)
{
  const char *at = *path;
  if (*at == '\0')
    return 0;
  const int one = is_one_step(whole, at);
  step->bracket = *at == '[';
  at += *at == '[' || *at == '.';
  const size_t length = one ? strlen(at) : strcspn(at, step->bracket ? "]" : ".[");
  if (length == 0 || length >= STEP_BYTES)
    return -1;
  memcpy(step->key, at, length);
  step->key[length] = '\0';
  step->index = index_of(step->key);
  at += length;
  if (step->bracket && *at++ != ']')
    return -1;
  if (step->bracket && step->index < 0)
    return -1;
  *path = at;
  return 1;
}

static esc_yaml_node *descend(esc_yaml_node *node, const path_step *step)
{
  if (node->kind == ESC_YAML_LIST)
    return step->index < 0 ? NULL : esc_yaml_item(node, step->index);
  if (node->kind == ESC_YAML_MAPPING && step->bracket)
    return step->index == 0 ? node : NULL;
  return esc_yaml_child(node, step->key);
}

const esc_yaml_node *esc_yaml_find(const esc_yaml_node *root, const char *path)
{
  const char *const whole = path;
  esc_yaml_node *node = (esc_yaml_node *)root;
  path_step step;
  while (node && next_step(whole, &path, &step) > 0) {
    esc_yaml_node *const child = descend(node, &step);
    if (!child)
      break;
    node = child;
  }
  return node;
}

const char *esc_yaml_origin_within(const esc_yaml_node *node)
{
  const char *origin = node->origin;
  for (const esc_yaml_node *child = node->first; child && !origin; child = child->next)
    origin = esc_yaml_origin_within(child);
  return origin;
}

static esc_status bad_path(const char *where, const char *path, const char *expected)
{
  return esc_io_fail(ESC_STATUS_BAD_EXPERIMENT, "%.600s: %.100s: expected %s", where, path,
                     expected);
}

static esc_status no_memory(void)
{
  return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

/* The new node takes over the old one's place among its siblings. */
static void replace(esc_yaml_node *node, const esc_yaml_node *value)
{
  esc_yaml_node *const next = node->next;
  const char *const key = node->key;
  *node = *value;
  node->next = next;
  node->key = key;
}

/* The node's children become copies of its own; what hangs below them is still shared. */
static esc_status own_children(esc_arena *arena, esc_yaml_node *node)
{
  const esc_yaml_node *from = node->first;
  const size_t count = (size_t)node->count;
  esc_yaml_node *const own = esc_arena_take_array(arena, count, sizeof *own);
  if (!own)
    return no_memory();
  if (count == 0)
    return ESC_STATUS_OK;
  for (size_t i = 0; i < count; i++, from = from->next) {
    own[i] = *from;
    own[i].next = i + 1 < count ? &own[i + 1] : NULL;
  }
  node->first = own;
  node->last = &own[count - 1];
  return ESC_STATUS_OK;
}

/* A new, empty mapping under a key that is absent, or at the end of a list. */
static esc_status add(esc_arena *arena, esc_yaml_node *parent, const path_step *step,
                      const esc_yaml_node *value, esc_yaml_node **child)
{
  esc_yaml_node *const made = esc_arena_take(arena, sizeof *made);
  if (!made)
    return no_memory();
  made->kind = ESC_YAML_MAPPING;
  made->text = "";
  made->origin = value->origin;
  made->line = value->line;
  if (parent->kind == ESC_YAML_MAPPING) {
    made->key = esc_arena_copy(arena, step->key, strlen(step->key));
    if (!made->key)
      return no_memory();
  }
  esc_yaml_append(parent, made);
  *child = made;
  return ESC_STATUS_OK;
}

static int may_add(const esc_yaml_node *parent, const path_step *step)
{
  if (parent->kind == ESC_YAML_LIST)
    return step->index == parent->count;
  return parent->kind == ESC_YAML_MAPPING && !step->bracket && parent->count < ESC_YAML_KEYS;
}

esc_status esc_yaml_set(esc_arena *arena, esc_yaml_node *root, const char *path,
                        const esc_yaml_node *value, const char *where)
{
  const char *const whole = path;
  esc_yaml_node *node = root;
  path_step step;
  int more = next_step(whole, &path, &step);
  if (more == 0)
    return bad_path(where, whole, "a path of keys as optimizer.lr, found nothing");
  for (; more > 0; more = next_step(whole, &path, &step)) {
    esc_status status = own_children(arena, node);
    esc_yaml_node *child = status ? NULL : descend(node, &step);
    if (!status && !child && !may_add(node, &step))
      return bad_path(where, whole,
                      node->kind == ESC_YAML_SCALAR
                          ? "a key of a mapping, found a single value on the way"
                          : "a key, or an index at most one past the list's end");
    if (!status && !child)
      status = add(arena, node, &step, value, &child);
    if (status)
      return status;
    node = child;
  }
  if (more < 0)
    return bad_path(where, whole, "a path of keys as optimizer.lr or noise[1].scale");
  replace(node, value);
  return ESC_STATUS_OK;
}
