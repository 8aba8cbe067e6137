/* gnuplot as a child process. */
#ifndef ESC_GNUPLOT_PROCESS_H
#define ESC_GNUPLOT_PROCESS_H

#include <stdbool.h>

#include "escapement/status.h"

/* What gnuplot says is added to this file of the folder. */
#define ESC_GNUPLOT_LOG "gnuplot.log"

/* Runs `gnuplot SCRIPT` in a folder, without a shell, and waits; its variable `part` is set to
 * ".part", which our scripts add to the names of the pictures. *missing tells that there is no
 * gnuplot on this machine, which is no error. Errors: IO (gnuplot could not be started, or failed).
 */
esc_status esc_gnuplot_run(const char *folder, const char *script, bool *missing);

#endif
