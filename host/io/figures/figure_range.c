/* The numbers along an axis. */
#include "figure_range.h"

#include <math.h>

void esc_axis_range_widen(esc_axis_range *all, double value)
{
  if (!isfinite(value))
    return;
  all->low = value < all->low ? value : all->low;
  all->high = value > all->high ? value : all->high;
}

bool esc_axis_range_spans(esc_axis_range all, double factor)
{
  return all.low > 0.0 && all.high > factor * all.low;
}

/* An axis of less than two decades has too few powers of ten on it: twos and fives join them. */
static void write_tics(const esc_canvas *canvas, char axis, esc_axis_range all)
{
  static const double steps[] = {1.0, 2.0, 5.0};
  const char *comma = "";
  if (all.high > 100.0 * all.low)
    return;
  fprintf(canvas->script, "set %ctics (", axis);
  for (double decade = pow(10.0, floor(log10(all.low))); decade <= all.high; decade *= 10.0)
    for (size_t i = 0; i < 3; i++, comma = ", ")
      fprintf(canvas->script, "%s%.9g", comma, steps[i] * decade);
  fputs(")\n", canvas->script);
}

/* What there is, with a little room on both sides. */
void esc_axis_range_write(const esc_canvas *canvas, char axis, esc_axis_range all, bool logarithmic)
{
  static const double room = 0.06;
  if (logarithmic) {
    const double factor = pow(all.high / all.low, room) * 1.02;
    fprintf(canvas->script, "set %crange [%.6g:%.6g]\n", axis, all.low / factor, all.high * factor);
    write_tics(canvas, axis, all);
  } else {
    const double around = all.high > all.low ? room * (all.high - all.low) : 0.5;
    fprintf(canvas->script, "set %crange [%.6g:%.6g]\n", axis, all.low - around, all.high + around);
  }
}
