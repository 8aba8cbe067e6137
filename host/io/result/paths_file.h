/* paths.csv: the first trajectories of an experiment, step by step, for a picture.
 *
 *   # paths of 20 trajectories, at most the first 100000 steps of each
 *   # rows of one trajectory are thinned to at most 20000; its last one is always there
 *   trajectory,step,x            (or x1,x2,...)
 *   0,0,0.5
 *   0,1,0.47
 *   ...
 *
 * Lines that begin with # are comments, then one line of names, then rows in the order of
 * trajectories and steps; an empty line parts two trajectories (gnuplot lifts the pen there). */
#ifndef ESC_PATHS_FILE_H
#define ESC_PATHS_FILE_H

#include <stdio.h>

#include "escapement/escapement.h"

/* Replays trajectories 0 to count - 1 into a stream. cancel (NULL: never) is asked between steps.
 * Errors, the sentence in esc_io_error(): those of esc_replay, OUT_OF_MEMORY, INTERRUPTED. */
esc_status esc_paths_write(esc_device *device, const esc_experiment *experiment, int count,
                           int (*cancel)(void *context), void *context, FILE *stream);

#endif
