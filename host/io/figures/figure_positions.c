/* positions: where the trajectories ended up (and, where asked for, where they spent their time),
 * as a density over each coordinate, with the landscape behind it in one dimension. */
#include <math.h>
#include <stdlib.h>

#include "figure_canvas.h"
#include "figure_landscape.h"
#include "figure_list.h"
#include "host/io/short_number.h"

enum { LANDSCAPE_POINTS = 600, COORDINATES_MOST = 8 };

/* A peak so much higher than the typical bin hides the rest on a linear axis. */
static const double log_peak = 300.0;

typedef struct position_plot {
  int lines; /* data blocks */
  bool logarithmic;
  bool landscape;
  double low, high;
} position_plot;

static double sum_of(const json_t *list)
{
  double sum = 0.0;
  for (size_t i = 0; i < json_array_size(list); i++)
    sum += esc_figure_at(list, i);
  return sum;
}

/* One data block: the density over the bins, as stairs. */
static void write_density(const esc_canvas *canvas, const json_t *histogram, size_t coordinate,
                          const char *name, position_plot *plot)
{
  char variable[32];
  const json_t *counts = json_array_get(json_object_get(histogram, "counts"), coordinate);
  const json_t *range = json_object_get(histogram, "range");
  const size_t bins = json_array_size(counts);
  const double low = esc_figure_at(range, 0);
  const double width = (esc_figure_at(range, 1) - low) / (double)bins;
  const double all = sum_of(counts) +
                     esc_figure_at(json_object_get(histogram, "below"), coordinate) +
                     esc_figure_at(json_object_get(histogram, "above"), coordinate);
  if (bins == 0 || !(all > 0.0))
    return;
  fprintf(canvas->data, "%s# %s: x, density (share per unit of x)\n", plot->lines ? "\n\n" : "",
          name);
  for (size_t i = 0; i < bins; i++) {
    const double density = esc_figure_at(counts, i) / (all * width);
    fprintf(canvas->data, "%.9g %.9g\n%.9g %.9g\n", low + width * (double)i, density,
            low + width * (double)(i + 1), density);
  }
  snprintf(variable, sizeof variable, "name%d", plot->lines++);
  esc_canvas_text(canvas, variable, name);
}

static int compare_numbers(const void *a, const void *b)
{
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Whether many bins are not empty and the highest towers over the middle one of them. */
static bool towers(esc_canvas *canvas, const json_t *histogram)
{
  const json_t *counts = json_array_get(json_object_get(histogram, "counts"), 0);
  const size_t bins = json_array_size(counts);
  double *sorted = calloc(bins + 1, sizeof *sorted);
  size_t full = 0;
  if (!sorted) {
    canvas->no_memory = true;
    return false;
  }
  for (size_t i = 0; i < bins; i++)
    if (esc_figure_at(counts, i) > 0.0)
      sorted[full++] = esc_figure_at(counts, i);
  qsort(sorted, full, sizeof *sorted, compare_numbers);
  const bool high = 3 * full > bins && sorted[full - 1] > log_peak * sorted[full / 2];
  free(sorted);
  return high;
}

/* The last block: U over the range. */
static void write_landscape(esc_canvas *canvas, const esc_figure_source *source,
                            position_plot *plot)
{
  double points[LANDSCAPE_POINTS];
  double values[LANDSCAPE_POINTS];
  esc_figure_landscape known;
  bool there = false;
  if (source->dimension == 1 && esc_figure_landscape_open(&known, source, &there))
    canvas->no_memory = true;
  if (!there)
    return;
  for (int i = 0; i < LANDSCAPE_POINTS; i++)
    points[i] = plot->low + (plot->high - plot->low) * i / (LANDSCAPE_POINTS - 1.0);
  if (esc_landscape_evaluate(&known.landscape, LANDSCAPE_POINTS, points, values, NULL) ==
      ESC_STATUS_OK) {
    fputs("\n\n# landscape: x, U(x)\n", canvas->data);
    for (int i = 0; i < LANDSCAPE_POINTS; i++)
      fprintf(canvas->data, "%.9g %.9g\n", points[i], values[i]);
    plot->landscape = true;
  }
  esc_figure_landscape_close(&known);
}

static void write_axes(const esc_canvas *canvas, const esc_figure_source *source,
                       const position_plot *plot)
{
  fprintf(canvas->script,
          "set xrange [%.9g:%.9g]\nset xlabel '%s'\nset label 4 'share per unit of x%s' at screen "
          "0.022,graph 0.5 center rotate\n"
          "set lmargin at screen 0.125\n%s",
          plot->low, plot->high, source->dimension > 1 ? "coordinate" : "x",
          plot->logarithmic ? " (logarithmic axis)" : "",
          plot->logarithmic ? "set logscale y\nset format y '10^{%T}'\n" : "set yrange [0:*]\n");
  if (plot->landscape)
    fputs("set rmargin at screen 0.895\nset y2label 'landscape U(x)' textcolor rgb '#808080'\n"
          "set y2tics nomirror textcolor rgb '#808080'\nset border 11\n",
          canvas->script);
}

static void write_plot(const esc_canvas *canvas, const position_plot *plot)
{
  const char *before = "  plot";
  esc_canvas_begin_drawing(canvas);
  if (plot->landscape) {
    fprintf(canvas->script,
            "%s 'positions.dat' index %d using 1:2 axes x1y2 with lines lw 5 lc rgb '#C8C8C8' "
            "title 'landscape'",
            before, plot->lines);
    before = ", \\\n   ";
  }
  if (plot->lines == 1 && !plot->logarithmic) {
    fprintf(canvas->script,
            "%s 'positions.dat' index 0 using 1:2 with filledcurves y1=0 ls 1 fs transparent solid "
            "0.3 noborder notitle",
            before);
    before = ", \\\n   ";
  }
  fprintf(canvas->script,
          "%s for [i=0:%d] 'positions.dat' index i using 1:2 with lines ls i+1 lw 2 title "
          "value('name'.i)\n",
          before, plot->lines - 1);
  esc_canvas_end_drawing(canvas);
}

static void write_coordinates(const esc_canvas *canvas, const json_t *histogram, const char *what,
                              position_plot *plot)
{
  const size_t count = json_array_size(json_object_get(histogram, "counts"));
  for (size_t j = 0; j < count && j < COORDINATES_MOST && plot->lines < COORDINATES_MOST; j++) {
    char name[64];
    if (count > 1)
      snprintf(name, sizeof name, "%s, x%zu", what, j + 1);
    else
      snprintf(name, sizeof name, "%s", what);
    write_density(canvas, histogram, j, name, plot);
  }
}

/* Says how many are not to be seen, where that is more than a trace. */
static void caption_text(const json_t *histogram, const char *what, char *text, size_t size)
{
  const double outside =
      sum_of(json_object_get(histogram, "below")) + sum_of(json_object_get(histogram, "above"));
  const json_t *counts = json_object_get(histogram, "counts");
  double all = outside;
  for (size_t j = 0; j < json_array_size(counts); j++)
    all += sum_of(json_array_get(counts, j));
  const double share = all > 0.0 ? outside / all : 0.0;
  if (share >= 1e-4)
    snprintf(text, size, "%s (%.2g %% lie beyond the range shown)", what, 100.0 * share);
  else
    snprintf(text, size, "%s", what);
}

esc_status esc_figure_positions(const esc_figure_source *source, bool *drawn)
{
  const json_t *last = json_object_get(source->root, "histogram");
  const json_t *occupation = json_object_get(source->root, "occupation");
  const json_t *first = last ? last : occupation;
  char caption[128];
  esc_canvas canvas = {.name = "positions"};
  position_plot plot = {.low = esc_figure_at(json_object_get(first, "range"), 0),
                        .high = esc_figure_at(json_object_get(first, "range"), 1)};
  if (!first || !(plot.low < plot.high))
    return ESC_STATUS_OK;
  caption_text(
      first, last ? "Where the trajectories ended up" : "Where the trajectories spent their steps",
      caption, sizeof caption);
  const esc_status status = esc_canvas_open(&canvas, source, caption);
  if (status != ESC_STATUS_OK)
    return status;
  plot.logarithmic = towers(&canvas, first);
  write_coordinates(&canvas, last, "last position", &plot);
  write_coordinates(&canvas, occupation, "all steps", &plot);
  write_landscape(&canvas, source, &plot);
  write_axes(&canvas, source, &plot);
  write_plot(&canvas, &plot);
  *drawn = true;
  return esc_canvas_close(&canvas);
}
