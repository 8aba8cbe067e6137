/* The result of a sweep on its way to its folder or to standard output. */
#ifndef ESC_SAVED_SWEEP_H
#define ESC_SAVED_SWEEP_H

#include "host/io/result/result_folder.h"
#include "host/io/result/sweep_fits.h"
#include "loaded_experiment.h"

/* Writes result.json and sweep.csv, and the figures. 0, or the exit status after a line on standard
 * error. *kept tells whether result.json is there whatever became of the rest. */
int esc_saved_sweep_write(const esc_result_folder *folder, const esc_loaded_experiment *loaded,
                          const esc_sweep_record *record, const esc_sweep_fits *fits, int *kept);

/* Prints the result as JSON on standard output. As above. */
int esc_saved_sweep_print(const esc_loaded_experiment *loaded, const esc_sweep_record *record,
                          const esc_sweep_fits *fits);

#endif
