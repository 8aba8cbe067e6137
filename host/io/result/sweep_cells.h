/* The lines of a sweep's table, a point each: the swept values, the number that is shown with its
 * interval, what theory says of it, and the shares of the outcomes, as far as 80 columns reach. */
#ifndef ESC_SWEEP_CELLS_H
#define ESC_SWEEP_CELLS_H

#include <stdio.h>

#include "sweep_record.h"

/* Prints the names of the columns and at most 40 points. Errors: OUT_OF_MEMORY. */
esc_status esc_sweep_cells_print(const esc_sweep_record *record, FILE *stream);

#endif
