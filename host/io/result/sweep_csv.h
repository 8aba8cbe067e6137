/* sweep.csv: one row for each point of a sweep, for a spreadsheet. */
#ifndef ESC_SWEEP_CSV_H
#define ESC_SWEEP_CSV_H

#include <stdio.h>

#include "sweep_record.h"

/* Columns: point, the swept keys, trajectories, then the numbers of the result by their paths in
 * result.json, each followed by NAME_low and NAME_high where it has an interval. A number that does
 * not exist is an empty cell; points without a result have no row. Errors: OUT_OF_MEMORY; those of
 * the stream are the caller's to ask for. */
esc_status esc_sweep_csv_write(const esc_sweep_record *record, FILE *stream);

#endif
