/* The rules of an experiment (landscape, noise, optimizer) as the objects of an experiment file. */
#ifndef ESC_RESOLVED_RULES_H
#define ESC_RESOLVED_RULES_H

#include "json_builder.h"

json_t *esc_resolved_landscape(esc_json_builder *builder, const esc_landscape *landscape);
json_t *esc_resolved_noise(esc_json_builder *builder, const esc_experiment *experiment);
json_t *esc_resolved_optimizer(esc_json_builder *builder, const esc_update_rule *optimizer);

#endif
