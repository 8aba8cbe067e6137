/* Paths of keys, "noise[1].scale" or "noise.1.scale", into a YAML tree: finding, and setting. A key
 * of a sweep is a path itself: "sweep.optimizer.lr". */
#ifndef ESC_YAML_PATH_H
#define ESC_YAML_PATH_H

#include "yaml_tree.h"

/* The node at a path or, where it is absent, at its longest part that exists; NULL for no tree. An
 * index 0 into a mapping is the mapping itself (one noise source may stand without a list). */
const esc_yaml_node *esc_yaml_find(const esc_yaml_node *root, const char *path);

/* The option a value inside a node came from; NULL where all of it is the file's. */
const char *esc_yaml_origin_within(const esc_yaml_node *node);

/* Puts a value at a path, in place of what is there or as a new key; absent mappings on the way are
 * made, an index one past a list's end appends. Nodes along the way are copied, so that trees which
 * share them with this one stay as they are. `where` is the place that messages begin with. Errors:
 * BAD_EXPERIMENT, OUT_OF_MEMORY. */
esc_status esc_yaml_set(esc_arena *arena, esc_yaml_node *root, const char *path,
                        const esc_yaml_node *value, const char *where);

#endif
