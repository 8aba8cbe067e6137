/* The figures of a result: gnuplot scripts and their data beside result.json, and the pictures that
 * gnuplot makes of them. Each figure has its own file, figure_NAME.c. */
#ifndef ESC_FIGURES_H
#define ESC_FIGURES_H

#include <stddef.h>

#include "escapement/status.h"

/* Draws every figure that folder/result.json (and folder/paths.csv, where it is) has data for, as
 * NAME.gp, NAME.dat, NAME.png and NAME.svg, and writes report.html; `gnuplot NAME.gp` in the folder
 * draws one again. message (message_size bytes, may be NULL with 0) gets one line that says what
 * was drawn, or that gnuplot is not there, which is no error: the scripts are kept. A figure that
 * fails does not keep the others from being drawn, and leaves no picture; the sentence names each.
 * Errors: BAD_ARGUMENT (folder NULL), IO (no result.json, not a result, an unwritable folder,
 * gnuplot failed; a full disk, which esc_io_no_room() tells), OUT_OF_MEMORY. */
esc_status esc_figures_draw(const char *folder, char *message, size_t message_size);

#endif
