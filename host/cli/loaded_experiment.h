/* What run and replay begin with: the experiment read and checked, the device opened. */
#ifndef ESC_LOADED_EXPERIMENT_H
#define ESC_LOADED_EXPERIMENT_H

#include "options.h"

typedef struct esc_loaded_experiment {
  esc_experiment_file *file;
  const esc_experiment *experiment; /* belongs to the file */
  esc_device *device;
} esc_loaded_experiment;

/* Reads and checks the experiment the only operand names. 0, or the exit status after a line on
 * standard error. Free in either case. */
int esc_loaded_experiment_read(esc_loaded_experiment *loaded, const esc_options *options);

/* Opens the device the options ask for. As above. */
int esc_loaded_experiment_open(esc_loaded_experiment *loaded, const esc_options *options);

/* The line for an error of the core about this experiment: its place in the file and the sentence.
 */
int esc_loaded_experiment_complain(const esc_loaded_experiment *loaded, esc_status status);

void esc_loaded_experiment_free(esc_loaded_experiment *loaded);

#endif
