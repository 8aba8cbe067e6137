/* result.json of a sweep: what ran, the points, and the experiment with its sweep. */
#ifndef ESC_SWEEP_JSON_H
#define ESC_SWEEP_JSON_H

#include <stdio.h>

#include "host/io/experiment/experiment_points.h"
#include "sweep_fits.h"

/* Writes the record of a file's sweep, and its fits, to a stream the caller opened and closes.
 * Errors, the sentence in esc_io_error(): OUT_OF_MEMORY, IO (the stream refuses). */
esc_status esc_sweep_json_write(const esc_experiment_file *file, const esc_sweep_record *record,
                                const esc_sweep_fits *fits, FILE *stream);

#endif
