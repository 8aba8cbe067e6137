/* A sweep from its file to its result. */
#ifndef ESC_SWEEP_RUN_H
#define ESC_SWEEP_RUN_H

#include "host/io/result/result_folder.h"
#include "loaded_experiment.h"

/* Runs all points, saves what there is into the folder (NULL: none) and shows it, as the options
 * ask. The exit status, after a line on standard error where it is not 0. */
int esc_sweep_run(esc_loaded_experiment *loaded, const esc_options *options,
                  const esc_result_folder *folder);

#endif
