/* The table a sweep prints: what ran, one line for each point, and what to beware of. At most 80
 * columns, and at most 40 points: sweep.csv has them all. */
#ifndef ESC_SWEEP_TABLE_H
#define ESC_SWEEP_TABLE_H

#include <stdio.h>

#include "sweep_fits.h"

/* Prints the table. experiment is that of point 0; title may be NULL. Errors: OUT_OF_MEMORY; those
 * of the stream are the caller's to ask for. */
esc_status esc_sweep_table_print(const esc_sweep_record *record, const esc_experiment *experiment,
                                 const char *title, const esc_sweep_fits *fits, FILE *stream);

#endif
