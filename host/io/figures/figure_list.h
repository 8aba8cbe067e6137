/* The figures there are. Each function writes one figure's script and data where the result has
 * something to show, says so in *drawn, and leaves *drawn alone otherwise. Errors: IO,
 * OUT_OF_MEMORY. */
#ifndef ESC_FIGURE_LIST_H
#define ESC_FIGURE_LIST_H

#include <stdbool.h>

#include "figure_source.h"

typedef esc_status esc_figure_function(const esc_figure_source *source, bool *drawn);

esc_figure_function esc_figure_outcomes;
esc_figure_function esc_figure_survival;
esc_figure_function esc_figure_exit_times;
esc_figure_function esc_figure_presence;
esc_figure_function esc_figure_positions;
esc_figure_function esc_figure_moments;
esc_figure_function esc_figure_paths;
esc_figure_function esc_figure_sweep;

#endif
