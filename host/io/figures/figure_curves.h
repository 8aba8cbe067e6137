/* Curves against steps with their 95 % bands: the part that several figures share. */
#ifndef ESC_FIGURE_CURVES_H
#define ESC_FIGURE_CURVES_H

#include "figure_canvas.h"

enum { ESC_CURVES_MOST = 40 };

typedef struct esc_curve {
  char name[96];
  const json_t *values;
  const json_t *intervals; /* NULL: no band */
  int style;
} esc_curve;

typedef struct esc_curves {
  const json_t *steps;
  int count;
  esc_curve curve[ESC_CURVES_MOST];
} esc_curves;

/* Adds a curve, if there is room and values are a list with numbers in it. */
void esc_curves_add(esc_curves *curves, const char *name, const json_t *values,
                    const json_t *intervals, int style);

/* Whether any number of a list is above zero: a curve along the axis says nothing. */
bool esc_curves_above_zero(const json_t *values);

/* The largest value that any curve takes; 0 without curves. */
double esc_curves_most(const esc_curves *curves);

/* One row per step: step, then value, low, high of each curve. */
void esc_curves_write_data(const esc_curves *curves, const esc_canvas *canvas);

/* The names as variables, and the axis of steps: before the drawing block. */
void esc_curves_write_axes(const esc_curves *curves, const esc_canvas *canvas);

/* The plot command for the curves from `first` to before `end`, inside the drawing block. */
void esc_curves_write_plot(const esc_curves *curves, const esc_canvas *canvas, int first, int end);

#endif
