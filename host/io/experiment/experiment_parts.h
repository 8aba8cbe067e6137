/* The parts of an experiment file while it is read: the plain structs of the public API and what
 * they point to, gathered in one, and the table reader of each part. Private to host/io/experiment.
 */
#ifndef ESC_EXPERIMENT_PARTS_H
#define ESC_EXPERIMENT_PARTS_H

#include "key_table.h"

enum { ESC_FILE_NOISES = 8, ESC_FILE_PATHS = 1000, ESC_FILE_STEPS = 100000 };

typedef struct esc_experiment_parts {
  const char *title;
  esc_experiment experiment;
  esc_landscape landscape;
  esc_noise noises[ESC_FILE_NOISES];
  esc_update_rule optimizer;
  esc_start start;
  int64_t start_width; /* numbers in each of several start points; 0: other starts */
  esc_observe observe;
  esc_histogram_request histogram, occupation;
  esc_tail_request tail;
  esc_until until;
  int paths;
} esc_experiment_parts;

/* Reads the whole of a file's tree. */
esc_status esc_read_experiment(esc_reader *reader, const esc_yaml_node *root,
                               esc_experiment_parts *parts);

/* Rows of the root's table. The field is the whole of esc_experiment_parts. */
esc_read_function esc_read_landscape, esc_read_noise, esc_read_optimizer, esc_read_start,
    esc_read_stop, esc_read_observe;

/* A list of named things; each item is read by its own function into the next of an array. */
esc_status esc_read_items(esc_reader *reader, const esc_yaml_node *node, int most,
                          const char *expected, esc_read_function *read, size_t size, void *items);

/* The entry of a catalogue that the key `name_key` of a mapping names. */
esc_status esc_read_entry(esc_reader *reader, const esc_yaml_node *node, const char *name_key,
                          esc_catalogue catalogue, const esc_entry **entry);

#endif
