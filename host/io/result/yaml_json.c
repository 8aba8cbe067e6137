/* A part of an experiment file as JSON. */
#include "yaml_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/experiment/read_values.h"
#include "host/io/experiment/scalar_text.h"

/* Numbers stay numbers and switches switches; a seed that is too large for JSON's whole numbers is
 * text, as in a result. */
static json_t *scalar(const esc_yaml_node *node)
{
  uint64_t whole = 0;
  int negative = 0;
  double number = 0.0;
  const bool digits = strspn(node->text, "0123456789") == strlen(node->text);
  if (node->quoted)
    return json_string(node->text);
  if (esc_text_whole(node->text, &whole, &negative) == ESC_WHOLE_FITS && whole <= INT64_MAX)
    return json_integer(negative ? -(json_int_t)whole : (json_int_t)whole);
  if (!digits && esc_node_number(node, &number) && isfinite(number))
    return json_real(number);
  if (esc_text_switch(node->text) >= 0)
    return json_boolean(esc_text_switch(node->text));
  return json_string(node->text);
}

json_t *esc_yaml_json(esc_json_builder *builder, const esc_yaml_node *node)
{
  if (node->kind == ESC_YAML_SCALAR)
    return scalar(node);
  json_t *const made = node->kind == ESC_YAML_LIST ? json_array() : json_object();
  for (const esc_yaml_node *child = node->first; child && !builder->failed; child = child->next) {
    if (node->kind == ESC_YAML_LIST)
      esc_json_append(builder, made, esc_yaml_json(builder, child));
    else
      esc_json_put(builder, made, child->key, esc_yaml_json(builder, child));
  }
  return made;
}

char *esc_yaml_text(const esc_yaml_node *node)
{
  esc_json_builder builder = {false};
  if (node->kind == ESC_YAML_SCALAR)
    return strdup(node->text);
  json_t *const json = esc_yaml_json(&builder, node);
  char *const text = builder.failed ? NULL : esc_json_line(json);
  json_decref(json);
  return text;
}
