/* Paths in one dimension: position against step, with U beside it. */
#include <math.h>

#include "figure_paths.h"

enum { LINE = 600 };

/* A round step for some three or four tick marks over a span. */
static double tick_step(double span)
{
  const double unit = pow(10.0, floor(log10(span / 2.5)));
  const double lead = span / 2.5 / unit;
  return unit * (lead >= 7.5 ? 10.0 : lead >= 3.5 ? 5.0 : lead >= 1.5 ? 2.0 : 1.0);
}

/* Block 4 in one dimension: x and U. Returns the step of the tick marks for U; 0 where the
 * landscape cannot be drawn. */
static double write_profile(const esc_canvas *canvas, const esc_path_plot *plot)
{
  double points[LINE];
  double values[LINE];
  double low = (double)INFINITY;
  double high = -(double)INFINITY;
  const double span = plot->shown.high[0] - plot->shown.low[0];
  for (int i = 0; i < LINE; i++)
    points[i] = plot->shown.low[0] + span * i / (LINE - 1.0);
  if (!plot->has_landscape ||
      esc_landscape_evaluate(&plot->known.landscape, LINE, points, values, NULL) != ESC_STATUS_OK)
    return 0.0;
  fputs("\n\n# landscape: x, U\n", canvas->data);
  for (int i = 0; i < LINE; i++) {
    fprintf(canvas->data, "%.9g %.9g\n", points[i], values[i]);
    low = values[i] < low ? values[i] : low;
    high = values[i] > high ? values[i] : high;
  }
  return high > low && isfinite(high - low) ? tick_step(high - low) : 0.0;
}

/* Position against step. Settings that the panel of U changes are set here again, as the block is
 * gone through twice. */
static void write_step_panel(const esc_canvas *canvas, const esc_path_plot *plot, bool profile)
{
  double last_step = 1.0;
  for (size_t i = 0; i < plot->paths->count; i++)
    if (plot->paths->points[i].step > last_step)
      last_step = plot->paths->points[i].step;
  fprintf(canvas->script,
          "  set key\n  set lmargin at screen 0.105\n  set rmargin at screen %s\n"
          "  set label 4 'x' at screen 0.022,graph 0.5 center rotate\n  set format y '%%g'\n  set "
          "xlabel 'step'\n"
          "  set format x '%%.0f'\n  set xrange [0:%.0f]\n  set xtics autofreq\n",
          profile ? "0.705" : "0.965", last_step);
  fputs("  plot 'paths.dat' index 0 using 1:2:(colour[int($4)%8+1]) with lines lw 1.8 lc rgb "
        "variable notitle",
        canvas->script);
  esc_path_write_marks(canvas, 1, 2);
  fputc('\n', canvas->script);
}

static void write_profile_panel(const esc_canvas *canvas, const esc_path_plot *plot, double tick)
{
  fprintf(canvas->script,
          "  unset label\n  unset key\n  set lmargin at screen 0.755\n"
          "  set rmargin at screen 0.965\n  set format y ''\n"
          "  set xlabel 'landscape U(x)'\n  set format x '%%g'\n  set xrange [*:*]\n"
          "  set xtics %.9g\n"
          "  plot 'paths.dat' index 4 using 2:1 with lines lw 3 lc rgb '#404040'%s\n",
          tick,
          plot->critical ? ", '' index 3 using 3:1 with points pt 7 ps 1.2 lc rgb '#404040'" : "");
}

static void write_walls(const esc_canvas *canvas, const esc_path_plot *plot)
{
  for (int side = 0; side < 2; side++)
    if (plot->walls[side] > plot->shown.low[0] && plot->walls[side] < plot->shown.high[0])
      fprintf(canvas->script,
              "set arrow %d from graph 0,first %.9g to graph 1,first %.9g nohead dt (4,4) lw 1.5 "
              "lc rgb '#808080' back\n",
              side + 1, plot->walls[side], plot->walls[side]);
}

void esc_path_write_line(const esc_canvas *canvas, const esc_path_plot *plot)
{
  const double tick = write_profile(canvas, plot);
  esc_path_write_colours(canvas, plot->paths->trajectories > ESC_PATH_COLOURS ? "60" : "20");
  write_walls(canvas, plot);
  fprintf(canvas->script, "set yrange [%.9g:%.9g]\n", plot->shown.low[0], plot->shown.high[0]);
  esc_canvas_begin_drawing(canvas);
  fputs("  set multiplot\n", canvas->script);
  write_step_panel(canvas, plot, tick > 0.0);
  if (tick > 0.0)
    write_profile_panel(canvas, plot, tick);
  fputs("  unset multiplot\n", canvas->script);
  esc_canvas_end_drawing(canvas);
}
