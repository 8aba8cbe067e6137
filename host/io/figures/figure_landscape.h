/* The landscape of a result, rebuilt from its resolved experiment to be drawn behind its data. */
#ifndef ESC_FIGURE_LANDSCAPE_H
#define ESC_FIGURE_LANDSCAPE_H

#include "figure_source.h"

typedef struct esc_figure_landscape {
  esc_landscape landscape;
  esc_landscape_info info;
  esc_setting *settings;
  double *numbers; /* the lists among the settings */
} esc_figure_landscape;

/* Whether the landscape can be drawn: *there is false for a caller's own function and for one that
 * this build does not know; a figure then does without. Errors: OUT_OF_MEMORY. */
esc_status esc_figure_landscape_open(esc_figure_landscape *landscape,
                                     const esc_figure_source *source, bool *there);
void esc_figure_landscape_close(esc_figure_landscape *landscape);

#endif
