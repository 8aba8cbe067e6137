/* A result on its way to its folder or to standard output. */
#ifndef ESC_SAVED_RESULT_H
#define ESC_SAVED_RESULT_H

#include "host/io/result/result_folder.h"
#include "host/io/result/result_json.h"
#include "loaded_experiment.h"

/* What the file says beside the experiment, and what theory says. */
esc_result_about esc_saved_result_about(const esc_loaded_experiment *loaded);

/* Writes result.json, samples.h5 and paths.csv where asked for, and the figures. 0, or the exit
 * status after a line on standard error. *kept tells whether result.json, with all that was
 * computed, is there whatever became of the rest. */
int esc_saved_result_write(const esc_result_folder *folder, const esc_loaded_experiment *loaded,
                           const esc_report *report, int *kept);

/* Draws the figures of a folder. 0, or the exit status after a line on standard error. */
int esc_saved_result_draw(const esc_result_folder *folder);

/* Prints the result as JSON on standard output. As above. */
int esc_saved_result_print(const esc_loaded_experiment *loaded, const esc_report *report);

#endif
