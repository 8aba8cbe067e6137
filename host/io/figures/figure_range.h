/* The numbers along an axis: how far they reach, and what of that a script says. */
#ifndef ESC_FIGURE_RANGE_H
#define ESC_FIGURE_RANGE_H

#include "figure_canvas.h"

/* Begin with {INFINITY, -INFINITY}. */
typedef struct esc_axis_range {
  double low, high;
} esc_axis_range;

/* Takes a number in, if it is finite. */
void esc_axis_range_widen(esc_axis_range *all, double value);

/* Whether all are above 0 and the highest is more than so many times the lowest. */
bool esc_axis_range_spans(esc_axis_range all, double factor);

/* The range of an axis ('x' or 'y') with a little room on both sides, and on a logarithmic one of
 * less than two decades its tics. */
void esc_axis_range_write(const esc_canvas *canvas, char axis, esc_axis_range all,
                          bool logarithmic);

#endif
