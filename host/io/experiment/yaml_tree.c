/* The tree, from libyaml's events. libyaml's own document loader is not used: it builds the whole
 * document before anyone can object, takes quadratic time over anchors, and hands out cycles. */
#include "yaml_tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "host/io/io_error.h"

typedef struct level {
  esc_yaml_node *node;
  const char *anchor;
  const char *key; /* the key whose value comes next; NULL: a key comes next */
  int64_t key_line;
} level;

typedef struct anchor {
  const char *name;
  const esc_yaml_node *node;
} anchor;

typedef struct builder {
  esc_arena *arena;
  const esc_yaml_source *source;
  level levels[ESC_YAML_DEPTH];
  int depth;
  anchor anchors[ESC_YAML_ANCHORS];
  int anchor_count;
  int64_t nodes;
  int64_t line; /* of the event at hand */
  int documents;
  esc_yaml_node *root;
} builder;

static esc_status out_of_memory(void)
{
  return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

static esc_status fail_at(const builder *b, int64_t line, const char *problem)
{
  if (b->source->origin)
    return esc_io_fail(ESC_STATUS_BAD_EXPERIMENT, "%.200s: %s", b->source->origin, problem);
  return esc_io_fail(ESC_STATUS_BAD_EXPERIMENT, "%.600s:%lld: %s", b->source->name, (long long)line,
                     problem);
}

static int64_t line_of(const yaml_event_t *event)
{
  return (int64_t)event->start_mark.line + 1;
}

esc_yaml_node *esc_yaml_child(const esc_yaml_node *mapping, const char *key)
{
  if (!mapping || mapping->kind != ESC_YAML_MAPPING)
    return NULL;
  for (esc_yaml_node *child = mapping->first; child; child = child->next)
    if (strcmp(child->key, key) == 0)
      return child;
  return NULL;
}

esc_yaml_node *esc_yaml_item(const esc_yaml_node *list, int64_t index)
{
  if (!list || list->kind != ESC_YAML_LIST)
    return NULL;
  esc_yaml_node *child = list->first;
  for (int64_t i = 0; child && i < index; i++)
    child = child->next;
  return child;
}

void esc_yaml_append(esc_yaml_node *parent, esc_yaml_node *child)
{
  if (parent->last)
    parent->last->next = child;
  else
    parent->first = child;
  parent->last = child;
  parent->count++;
}

static esc_status new_node(builder *b, int64_t line, esc_yaml_kind kind, esc_yaml_node **node)
{
  if (++b->nodes > ESC_YAML_NODES)
    return fail_at(b, b->line, "expected at most 1000000 values, found more");
  esc_yaml_node *const made = esc_arena_take(b->arena, sizeof *made);
  if (!made)
    return out_of_memory();
  made->kind = kind;
  made->text = "";
  made->line = line;
  made->origin = b->source->origin;
  *node = made;
  return ESC_STATUS_OK;
}

/* A scalar where a key belongs. */
static esc_status take_key(builder *b, level *top, const esc_yaml_node *node)
{
  if (node->kind != ESC_YAML_SCALAR)
    return fail_at(b, node->line, "expected a word as a key, found a list or a mapping");
  if (esc_yaml_child(top->node, node->text)) {
    char problem[128];
    snprintf(problem, sizeof problem, "%.60s: expected each key once, found it again", node->text);
    return fail_at(b, node->line, problem);
  }
  if (top->node->count >= ESC_YAML_KEYS)
    return fail_at(b, node->line, "expected at most 256 keys in a mapping, found more");
  top->key = node->text;
  top->key_line = node->line;
  return ESC_STATUS_OK;
}

/* Hangs a node that has just begun (or is a scalar) into the tree. */
static esc_status place(builder *b, esc_yaml_node *node)
{
  if (b->depth == 0) {
    b->root = node;
    return ESC_STATUS_OK;
  }
  level *const top = &b->levels[b->depth - 1];
  if (top->node->kind == ESC_YAML_MAPPING) {
    if (!top->key)
      return take_key(b, top, node);
    node->key = top->key;
    node->line = top->key_line;
    top->key = NULL;
  }
  esc_yaml_append(top->node, node);
  return ESC_STATUS_OK;
}

static esc_status copy_name(builder *b, const yaml_char_t *name, const char **copy)
{
  *copy = NULL;
  if (!name)
    return ESC_STATUS_OK;
  *copy = esc_arena_copy(b->arena, (const char *)name, strlen((const char *)name));
  return *copy ? ESC_STATUS_OK : out_of_memory();
}

/* An anchor counts from the end of its node on, so a node cannot hold itself. */
static esc_status remember(builder *b, const char *name, const esc_yaml_node *node)
{
  if (!name)
    return ESC_STATUS_OK;
  if (b->anchor_count == ESC_YAML_ANCHORS)
    return fail_at(b, node->line, "expected at most 256 anchors, found more");
  b->anchors[b->anchor_count++] = (anchor){name, node};
  return ESC_STATUS_OK;
}

static esc_status check_tag(const builder *b, const yaml_event_t *event, const yaml_char_t *tag)
{
  if (!tag || strcmp((const char *)tag, "!") == 0)
    return ESC_STATUS_OK;
  return fail_at(b, line_of(event), "expected a value without a tag, found one with a tag");
}

static esc_status on_scalar(builder *b, const yaml_event_t *event)
{
  const char *const text = (const char *)event->data.scalar.value;
  const size_t length = event->data.scalar.length;
  esc_status status = check_tag(b, event, event->data.scalar.tag);
  if (status)
    return status;
  if (memchr(text, '\0', length))
    return fail_at(b, line_of(event), "expected text, found a NUL character in it");
  esc_yaml_node *node = NULL;
  const char *name = NULL;
  if ((status = new_node(b, line_of(event), ESC_YAML_SCALAR, &node)) ||
      (status = copy_name(b, event->data.scalar.anchor, &name)))
    return status;
  node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  node->text = esc_arena_copy(b->arena, text, length);
  if (!node->text)
    return out_of_memory();
  if ((status = place(b, node)))
    return status;
  return remember(b, name, node);
}

static esc_status on_begin(builder *b, const yaml_event_t *event, esc_yaml_kind kind,
                           const yaml_char_t *tag, const yaml_char_t *anchor_name)
{
  esc_yaml_node *node = NULL;
  const char *name = NULL;
  esc_status status = check_tag(b, event, tag);
  if (status || (status = new_node(b, line_of(event), kind, &node)) ||
      (status = copy_name(b, anchor_name, &name)))
    return status;
  if (b->depth == ESC_YAML_DEPTH)
    return fail_at(b, line_of(event), "expected at most 16 levels of nesting, found more");
  if ((status = place(b, node)))
    return status;
  b->levels[b->depth++] = (level){node, name, NULL, 0};
  return ESC_STATUS_OK;
}

static esc_status on_end(builder *b)
{
  const level *const top = &b->levels[--b->depth];
  return remember(b, top->anchor, top->node);
}

/* Copies a subtree; the count of nodes stops exponential growth, the depth is that of the tree. */
static esc_status copy_tree(builder *b, const esc_yaml_node *from, esc_yaml_node **copy)
{
  esc_yaml_node *node = NULL;
  esc_status status = new_node(b, from->line, from->kind, &node);
  if (status)
    return status;
  node->quoted = from->quoted;
  node->text = from->text;
  for (const esc_yaml_node *child = from->first; child; child = child->next) {
    esc_yaml_node *child_copy = NULL;
    if ((status = copy_tree(b, child, &child_copy)))
      return status;
    child_copy->key = child->key;
    esc_yaml_append(node, child_copy);
  }
  *copy = node;
  return ESC_STATUS_OK;
}

static esc_status on_alias(builder *b, const yaml_event_t *event)
{
  const char *const name = (const char *)event->data.alias.anchor;
  for (int i = b->anchor_count - 1; i >= 0; i--) {
    if (strcmp(b->anchors[i].name, name) != 0)
      continue;
    esc_yaml_node *copy = NULL;
    const esc_status status = copy_tree(b, b->anchors[i].node, &copy);
    if (status)
      return status;
    copy->line = line_of(event);
    return place(b, copy);
  }
  char problem[128];
  snprintf(problem, sizeof problem,
           "expected an anchor that is complete before its alias, found *%.60s", name);
  return fail_at(b, line_of(event), problem);
}

static esc_status on_document(builder *b, const yaml_event_t *event)
{
  if (b->documents++ == 0)
    return ESC_STATUS_OK;
  return fail_at(b, line_of(event), "expected one document, found a second");
}

static esc_status on_event(builder *b, const yaml_event_t *event)
{
  b->line = line_of(event);
  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT:
    return on_document(b, event);
  case YAML_SCALAR_EVENT:
    return on_scalar(b, event);
  case YAML_ALIAS_EVENT:
    return on_alias(b, event);
  case YAML_SEQUENCE_START_EVENT:
    return on_begin(b, event, ESC_YAML_LIST, event->data.sequence_start.tag,
                    event->data.sequence_start.anchor);
  case YAML_MAPPING_START_EVENT:
    return on_begin(b, event, ESC_YAML_MAPPING, event->data.mapping_start.tag,
                    event->data.mapping_start.anchor);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    return on_end(b);
  default:
    return ESC_STATUS_OK;
  }
}

static int64_t line_at(const esc_yaml_source *source, size_t offset)
{
  int64_t line = 1;
  for (size_t i = 0; i < offset && i < source->size; i++)
    line += source->bytes[i] == '\n';
  return line;
}

/* The reader of bytes knows an offset, the scanner and the parser a mark. */
static esc_status parser_failed(const builder *b, const yaml_parser_t *parser)
{
  if (parser->error == YAML_MEMORY_ERROR)
    return out_of_memory();
  const int bytes = parser->error == YAML_READER_ERROR;
  const int64_t line =
      bytes ? line_at(b->source, parser->problem_offset) : (int64_t)parser->problem_mark.line + 1;
  const size_t at = parser->problem_mark.index;
  const int tab = !bytes && at < b->source->size && b->source->bytes[at] == '\t';
  char problem[256];
  snprintf(problem, sizeof problem, "expected YAML, but %s%s",
           parser->problem ? parser->problem : "found something else",
           tab ? " (a tab: indent with spaces)" : "");
  return fail_at(b, line, problem);
}

static esc_status build(builder *b, yaml_parser_t *parser)
{
  for (;;) {
    yaml_event_t event;
    if (!yaml_parser_parse(parser, &event))
      return parser_failed(b, parser);
    const int last = event.type == YAML_STREAM_END_EVENT;
    const esc_status status = on_event(b, &event);
    yaml_event_delete(&event);
    if (status || last)
      return status;
  }
}

esc_status esc_yaml_parse(esc_arena *arena, const esc_yaml_source *source, esc_yaml_node **root)
{
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser))
    return out_of_memory();
  builder *const b = calloc(1, sizeof *b);
  if (!b) {
    yaml_parser_delete(&parser);
    return out_of_memory();
  }
  b->arena = arena;
  b->source = source;
  yaml_parser_set_input_string(&parser, (const unsigned char *)source->bytes, source->size);
  const esc_status status = build(b, &parser);
  if (!status)
    *root = b->root;
  free(b);
  yaml_parser_delete(&parser);
  return status;
}
