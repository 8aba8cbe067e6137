/* Data rows, names and plot commands for curves with bands. */
#include "figure_curves.h"

#include <math.h>
#include <string.h>

/* Whether there is a number behind the first step; gnuplot gives up on a panel without one. */
static bool has_numbers(const json_t *values)
{
  for (size_t i = 1; i < json_array_size(values); i++)
    if (isfinite(esc_figure_at(values, i)))
      return true;
  return false;
}

void esc_curves_add(esc_curves *curves, const char *name, const json_t *values,
                    const json_t *intervals, int style)
{
  if (curves->count >= ESC_CURVES_MOST || !has_numbers(values))
    return;
  esc_curve *curve = &curves->curve[curves->count++];
  snprintf(curve->name, sizeof curve->name, "%s", name);
  curve->values = values;
  curve->intervals = intervals;
  curve->style = style;
}

bool esc_curves_above_zero(const json_t *values)
{
  for (size_t i = 0; i < json_array_size(values); i++)
    if (esc_figure_at(values, i) > 0.0)
      return true;
  return false;
}

double esc_curves_most(const esc_curves *curves)
{
  double most = 0.0;
  for (int c = 0; c < curves->count; c++)
    for (size_t i = 0; i < json_array_size(curves->curve[c].values); i++)
      if (esc_figure_at(curves->curve[c].values, i) > most)
        most = esc_figure_at(curves->curve[c].values, i);
  return most;
}

void esc_curves_write_data(const esc_curves *curves, const esc_canvas *canvas)
{
  fputs("# step, then value, low and high of each curve:", canvas->data);
  for (int c = 0; c < curves->count; c++)
    fprintf(canvas->data, "%s %s", c ? "," : "", curves->curve[c].name);
  fputc('\n', canvas->data);
  for (size_t i = 0; i < json_array_size(curves->steps); i++) {
    fprintf(canvas->data, "%.0f", esc_figure_at(curves->steps, i));
    for (int c = 0; c < curves->count; c++) {
      const esc_curve *curve = &curves->curve[c];
      fprintf(canvas->data, " %.9g %.9g %.9g", esc_figure_at(curve->values, i),
              esc_figure_low(curve->intervals, i), esc_figure_high(curve->intervals, i));
    }
    fputc('\n', canvas->data);
  }
}

void esc_curves_write_axes(const esc_curves *curves, const esc_canvas *canvas)
{
  size_t longest = 0;
  for (int c = 0; c < curves->count; c++) {
    char variable[32];
    const size_t length = strlen(curves->curve[c].name);
    longest = length > longest ? length : longest;
    snprintf(variable, sizeof variable, "name%d", c);
    esc_canvas_text(canvas, variable, curves->curve[c].name);
  }
  esc_canvas_key(canvas, curves->count, longest);
  const bool logarithmic = esc_figure_log_steps(curves->steps);
  const double last = esc_figure_at(curves->steps, json_array_size(curves->steps) - 1);
  double first = esc_figure_at(curves->steps, 0);
  for (size_t i = 0; logarithmic && !(first > 0.0); i++)
    first = esc_figure_at(curves->steps, i);
  fprintf(canvas->script, "%sset xlabel 'steps%s'\nset xrange [%.0f:%.0f]\nset format x '%%.0f'\n",
          logarithmic ? "set logscale x\n" : "", logarithmic ? " (logarithmic axis)" : "", first,
          last);
}

void esc_curves_write_plot(const esc_curves *curves, const esc_canvas *canvas, int first, int end)
{
  const char *before = "  plot";
  for (int c = first; c < end; c++) {
    if (!curves->curve[c].intervals)
      continue;
    fprintf(canvas->script,
            "%s '%s.dat' using 1:%d:%d with filledcurves ls %d fs transparent solid 0.25 noborder "
            "notitle",
            before, canvas->name, 3 * c + 3, 3 * c + 4, curves->curve[c].style);
    before = ", \\\n   ";
  }
  for (int c = first; c < end; c++) {
    fprintf(canvas->script, "%s '%s.dat' using 1:%d with lines ls %d title name%d", before,
            canvas->name, 3 * c + 2, curves->curve[c].style, c);
    before = ", \\\n   ";
  }
  fputc('\n', canvas->script);
}
