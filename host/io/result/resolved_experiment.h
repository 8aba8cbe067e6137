/* An experiment as the object of an experiment file, every default filled in: written as YAML it
 * runs the same thing again. What is switched off (no clipping, no walls) has no key. */
#ifndef ESCAPEMENT_IO_RESOLVED_EXPERIMENT_H
#define ESCAPEMENT_IO_RESOLVED_EXPERIMENT_H

#include "json_builder.h"

/* title may be NULL. dimension is that of the landscape. */
json_t *esc_resolved_experiment(esc_json_builder *builder, const esc_experiment *experiment,
                                const char *title, int dimension);

#endif
