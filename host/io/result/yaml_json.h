/* A part of an experiment file as JSON: what it says, with nothing filled in. */
#ifndef ESC_YAML_JSON_H
#define ESC_YAML_JSON_H

#include "host/io/experiment/yaml_tree.h"
#include "json_builder.h"

/* The node as JSON that reads as the same YAML. */
json_t *esc_yaml_json(esc_json_builder *builder, const esc_yaml_node *node);

/* The node in one line for a person: a scalar as it was written, anything else as JSON. To be
 * freed; NULL where memory ran out. */
char *esc_yaml_text(const esc_yaml_node *node);

#endif
