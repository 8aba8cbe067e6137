/* The keys of a network that bring its data. Private to host/io/experiment. */
#ifndef ESC_NETWORK_KEYS_H
#define ESC_NETWORK_KEYS_H

#include "key_table.h"

/* Whether `data` of this mapping is the name of a built-in set. */
int esc_names_built_in_data(const esc_yaml_node *node);

/* For rows whose keys are read together, below. */
esc_read_function esc_read_together;

/* Reads data, inputs and targets of a network's mapping into landscape->data; its settings are
 * there. */
esc_status esc_read_network_data(esc_reader *reader, const esc_yaml_node *node,
                                 esc_landscape *landscape);

#endif
