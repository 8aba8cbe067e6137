/* outcomes: one bar per way to end, with its 95 % interval, and the numbers beside it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figure_canvas.h"
#include "figure_list.h"
#include "host/io/short_number.h"

enum { HEAD = 110, FOOT = 120, BAR = 70 }; /* pixels */

static void interval_text(esc_estimate share, char *text, size_t size)
{
  const double uncertainty = esc_short_uncertainty(share);
  snprintf(text, size, "[%s, %s]", esc_short_rounded(share.low, uncertainty).text,
           esc_short_rounded(share.high, uncertainty).text);
}

/* Data: row, share, low, high, style. Returns how far to the right the bars reach. */
static double write_rows(const esc_canvas *canvas, const json_t *outcomes)
{
  const char *name;
  json_t *outcome;
  int row = 0;
  double most = 0.0;
  fputs("# row share low high style\n", canvas->data);
  json_object_foreach((json_t *)outcomes, name, outcome)
  {
    char variable[32];
    char text[128];
    const esc_estimate share =
        esc_figure_estimate(json_object_get(outcome, "fraction"), json_object_get(outcome, "ci95"));
    fprintf(canvas->data, "%d %.9g %.9g %.9g %d\n", row, share.value, share.low, share.high,
            esc_canvas_outcome_style(name, row));
    snprintf(variable, sizeof variable, "name%d", row);
    esc_canvas_text(canvas, variable, name);
    snprintf(variable, sizeof variable, "share%d", row);
    esc_canvas_text(canvas, variable, esc_short_estimate(share).text);
    interval_text(share, text, sizeof text);
    snprintf(variable, sizeof variable, "interval%d", row);
    esc_canvas_text(canvas, variable, text);
    if (share.high > most)
      most = share.high;
    row++;
  }
  return most;
}

/* Room for the longest name, in shares of the picture's width. */
static double left_margin(const json_t *outcomes)
{
  const char *name;
  json_t *outcome;
  size_t longest = 8;
  json_object_foreach((json_t *)outcomes, name, outcome)
  {
    const size_t length = strlen(name);
    longest = length > longest ? length : longest;
  }
  return 0.045 + 0.0105 * (double)(longest < 30 ? longest : 30);
}

static void write_axes(const esc_canvas *canvas, const json_t *outcomes, double most)
{
  const int rows = (int)json_object_size(outcomes);
  fprintf(canvas->script,
          "set lmargin at screen %.3f\nset rmargin at screen 0.66\n"
          "set tmargin at screen 1-%.4f\nset bmargin at screen %.4f\n"
          "unset key\nset border 1\nset grid noytics xtics\n"
          "set xrange [0:%.3g]\nset yrange [%d.5:-0.5]\n"
          "set xlabel 'share of trajectories, with 95 %% interval'\n"
          "set ytics scale 0 noenhanced\nset ytics ()\n",
          left_margin(outcomes), (double)HEAD / canvas->height, (double)FOOT / canvas->height,
          most > 0.5 || !(most > 0.0) ? 1.0 : 1.1 * most, rows - 1);
  for (int row = 0; row < rows; row++)
    fprintf(canvas->script,
            "set ytics add (name%d %d)\n"
            "set label %d share%d at graph 1.03,first %d left noenhanced font 'Sans:Bold,16'\n"
            "set label %d interval%d at graph 1.24,first %d left noenhanced\n",
            row, row, 2 * row + 10, row, row, 2 * row + 11, row, row);
}

esc_status esc_figure_outcomes(const esc_figure_source *source, bool *drawn)
{
  const json_t *outcomes = json_object_get(source->root, "outcomes");
  const int rows = (int)json_object_size(outcomes);
  if (rows == 0)
    return ESC_STATUS_OK;
  esc_canvas canvas = {.name = "outcomes", .height = HEAD + FOOT + BAR * rows};
  const esc_status status = esc_canvas_open(&canvas, source, "How the trajectories ended");
  if (status != ESC_STATUS_OK)
    return status;
  const double most = write_rows(&canvas, outcomes);
  write_axes(&canvas, outcomes, most);
  esc_canvas_begin_drawing(&canvas);
  fputs("  plot for [s=1:10] 'outcomes.dat' using ($5==s ? $2/2 : NaN):1:($2/2):(0.3) with "
        "boxxyerror fill solid 0.75 noborder ls s, \\\n"
        "    '' using 2:1:3:4 with xerrorbars lt 1 lw 2 pt 7 ps 0.5 lc rgb '#202020'\n",
        canvas.script);
  esc_canvas_end_drawing(&canvas);
  *drawn = true;
  return esc_canvas_close(&canvas);
}
