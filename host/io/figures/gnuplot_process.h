/* gnuplot as a child process. */
#ifndef ESC_GNUPLOT_PROCESS_H
#define ESC_GNUPLOT_PROCESS_H

#include <stdbool.h>

#include "escapement/status.h"

/* Runs `gnuplot SCRIPT` in a folder, without a shell, and waits. *missing tells that there is no
 * gnuplot on this machine, which is no error. Errors: IO (gnuplot failed; its words are in
 * folder/gnuplot.log). */
esc_status esc_gnuplot_run(const char *folder, const char *script, bool *missing);

#endif
