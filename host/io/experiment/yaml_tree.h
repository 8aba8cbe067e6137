/* A YAML text as a small tree with the line of every value: read from libyaml's events, aliases
 * expanded, with bounds on size and depth, so that no file can make it hang. What the keys mean is
 * not known here. */
#ifndef ESC_YAML_TREE_H
#define ESC_YAML_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "escapement/status.h"

enum {
  ESC_YAML_DEPTH = 16,      /* nesting */
  ESC_YAML_NODES = 1000000, /* values, aliases expanded */
  ESC_YAML_KEYS = 256,      /* keys of one mapping */
  ESC_YAML_ANCHORS = 256    /* anchors in one text */
};

typedef enum esc_yaml_kind {
  ESC_YAML_SCALAR = 0,
  ESC_YAML_LIST = 1,
  ESC_YAML_MAPPING = 2
} esc_yaml_kind;

typedef struct esc_yaml_node {
  esc_yaml_kind kind;
  int quoted;         /* a scalar in quotes or a block: text, never a number */
  const char *text;   /* a scalar's; "" for a value left out */
  const char *key;    /* in a mapping; else NULL */
  const char *origin; /* the option it came from; NULL: the file */
  int64_t line;       /* of the key, or of the value where it has none; from 1 */
  int64_t count;      /* children */
  struct esc_yaml_node *first, *last, *next;
} esc_yaml_node;

/* A text to read. */
typedef struct esc_yaml_source {
  const char *bytes;
  size_t size;
  const char *name;   /* of the file, for messages; an option's own text where origin is set */
  const char *origin; /* NULL: a file, and messages say NAME:LINE */
} esc_yaml_source;

/* Reads one document; *root is NULL for an empty one, and lives in the arena. Errors:
 * BAD_EXPERIMENT (esc_io_error has the line), OUT_OF_MEMORY. */
esc_status esc_yaml_parse(esc_arena *arena, const esc_yaml_source *source, esc_yaml_node **root);

/* The child of a mapping under a key, the child of a list at an index; NULL if absent. */
esc_yaml_node *esc_yaml_child(const esc_yaml_node *mapping, const char *key);
esc_yaml_node *esc_yaml_item(const esc_yaml_node *list, int64_t index);

/* Appends a child to a list or mapping. */
void esc_yaml_append(esc_yaml_node *parent, esc_yaml_node *child);

#endif
