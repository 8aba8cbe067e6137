/* Which number of a sweep's results its table and its figure are about. */
#ifndef ESC_SWEEP_SHOWN_H
#define ESC_SWEEP_SHOWN_H

#include "sweep_record.h"

/* The column that was asked for, else the mean exit step where all points have one, else a mean
 * that censoring leaves, else the share of the first outcome that differs between points; -1
 * without results. */
int esc_sweep_shown(const esc_sweep_record *record);

#endif
