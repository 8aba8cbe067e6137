/* samples.h5: what each trajectory did, for people who want more than the estimates. */
#ifndef ESCAPEMENT_IO_SAMPLES_FILE_H
#define ESCAPEMENT_IO_SAMPLES_FILE_H

#include "escapement/escapement.h"

/* Writes the kept samples of a report as HDF5: exit_steps (int64, -1 = never ended), outcome
 * (int32; its attribute `names` tells which number is which), final (double, trajectories x
 * dimension), and the attributes seed, version and stream_version of the file. The file appears
 * under its name only when it is whole. Errors: BAD_ARGUMENT (a NULL, or a report without samples),
 * IO, and OUT_OF_MEMORY. */
esc_status esc_samples_write(const esc_report *report, const char *path);

#endif
