/* exit_times: the density of the exit step for each outcome. The result's bins (one per step below
 * 256, then 128 per octave) are merged to ones wide enough to look at; the density is a share of
 * all trajectories per step, so the areas are the outcomes' shares. Times over several decades are
 * drawn on logarithmic axes, where an exponential bends down and a power law stays straight. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_canvas.h"
#include "figure_list.h"
#include "host/io/io_error.h"

/* Between the 1 % and the 99 % point of the times more than this asks for logarithmic axes. */
static const double log_ratio = 25.0;

/* Width of a merged bin on logarithmic axes: fifteen to the decade. */
static const double log_bin = 1.1659144011798317;

enum { LINEAR_BINS = 60 };

/* The normal quantile of a 95 % interval, for the Poisson bars of a picture. */
static const double normal_95 = 1.959963984540054;

typedef struct time_bins {
  const json_t *edges;
  size_t count;      /* of the result's bins */
  size_t first, end; /* the ones drawn */
  size_t *cuts;      /* cut k is the first bin of merged bin k; cut_count + 1 of them */
  size_t cut_count;
  bool logarithmic;
  double all;    /* trajectories */
  double lowest; /* density that is drawn */
} time_bins;

/* Running out of steps is no exit, whatever bin it was counted in. */
static bool is_running(const char *outcome)
{
  return !strcmp(outcome, "running");
}

static double total_in(const json_t *counts, size_t bin)
{
  const char *name;
  json_t *bins;
  double total = 0.0;
  json_object_foreach((json_t *)counts, name, bins)
  {
    const double more = esc_figure_at(bins, bin);
    total += isnan(more) || is_running(name) ? 0.0 : more;
  }
  return total;
}

/* The bin below which a share of all exits lies. */
static size_t bin_at_share(const json_t *counts, size_t bins, double share)
{
  double all = 0.0;
  double below = 0.0;
  for (size_t i = 0; i < bins; i++)
    all += total_in(counts, i);
  for (size_t i = 0; i < bins; i++) {
    below += total_in(counts, i);
    if (below >= share * all && below > 0.0)
      return i;
  }
  return bins > 0 ? bins - 1 : 0;
}

static void choose_range(time_bins *bins, const json_t *counts)
{
  const size_t low = bin_at_share(counts, bins->count, 0.01);
  const size_t high = bin_at_share(counts, bins->count, 0.99);
  const double from = esc_figure_at(bins->edges, low);
  bins->logarithmic = esc_figure_at(bins->edges, high + 1) > log_ratio * (from < 1.0 ? 1.0 : from);
  bins->first = bin_at_share(counts, bins->count, 0.0);
  bins->end = (bins->logarithmic ? bins->count : bin_at_share(counts, bins->count, 0.999) + 1);
  if (bins->logarithmic && esc_figure_at(bins->edges, bins->first) < 1.0)
    bins->first++;
}

/* Joins neighbours until each is as wide as the axis asks for. */
static void merge(time_bins *bins)
{
  const double span =
      esc_figure_at(bins->edges, bins->end) - esc_figure_at(bins->edges, bins->first);
  size_t start = bins->first;
  bins->cut_count = 0;
  for (size_t i = bins->first; i < bins->end; i++) {
    const double low = esc_figure_at(bins->edges, start);
    const double high = esc_figure_at(bins->edges, i + 1);
    const bool wide = bins->logarithmic ? high >= low * log_bin * (1.0 - 1e-9)
                                        : high - low >= span / LINEAR_BINS * (1.0 - 1e-9);
    if (!wide && i + 1 < bins->end)
      continue;
    bins->cuts[bins->cut_count++] = start;
    start = i + 1;
  }
  bins->cuts[bins->cut_count] = bins->end;
}

static void write_density(time_bins *bins, const json_t *counts, size_t k, FILE *data)
{
  const double low = esc_figure_at(bins->edges, bins->cuts[k]);
  const double high = esc_figure_at(bins->edges, bins->cuts[k + 1]);
  const double unit = 1.0 / (bins->all * (high - low));
  double count = 0.0;
  for (size_t i = bins->cuts[k]; i < bins->cuts[k + 1]; i++)
    count += esc_figure_at(counts, i);
  const double error = normal_95 * sqrt(count);
  const double middle = bins->logarithmic ? sqrt(low * (high - 1.0)) : 0.5 * (low + high - 1.0);
  if (!(count > 0.0))
    return;
  if (count * unit < bins->lowest)
    bins->lowest = count * unit;
  fprintf(data, "%.9g %.9g %.9g %.9g\n", middle, count * unit,
          (count > error ? count - error : 0.5) * unit, (count + error) * unit);
}

static int write_outcomes(const esc_canvas *canvas, time_bins *bins, const json_t *counts)
{
  const char *name;
  json_t *list;
  int index = 0;
  int written = 0;
  size_t longest = 0;
  json_object_foreach((json_t *)counts, name, list)
  {
    double total = 0.0;
    char variable[32];
    const int style = esc_canvas_outcome_style(name, index++);
    for (size_t i = 0; i < json_array_size(list); i++)
      total += esc_figure_at(list, i);
    if (!(total > 0.0) || is_running(name))
      continue;
    fprintf(canvas->data, "%s# %s: step, density (share of all per step), low, high\n",
            written ? "\n\n" : "", name);
    for (size_t k = 0; k < bins->cut_count; k++)
      write_density(bins, list, k, canvas->data);
    snprintf(variable, sizeof variable, "name%d", written);
    esc_canvas_text(canvas, variable, name);
    fprintf(canvas->script, "style%d = %d\n", written, style);
    longest = strlen(name) > longest ? strlen(name) : longest;
    written++;
  }
  esc_canvas_key(canvas, written, longest);
  return written;
}

static void write_script(const esc_canvas *canvas, const time_bins *bins, int outcomes)
{
  const double from = esc_figure_at(bins->edges, bins->first);
  const double to = esc_figure_at(bins->edges, bins->end) - 1.0;
  fprintf(canvas->script, "set xrange [%.0f:%.0f]\n", bins->logarithmic ? from : 0.0,
          to > 1.0 ? to : 1.0);
  if (bins->logarithmic)
    fprintf(canvas->script, "set yrange [%.3g:*]\n", 0.5 * bins->lowest);
  fputs(bins->logarithmic ? "set logscale xy\nset format x '%.0f'\nset format y '10^{%T}'\n"
                            "set xlabel 'exit step (logarithmic axis)'\n"
                          : "set xlabel 'exit step'\nset yrange [0:*]\nset format x '%.0f'\n",
        canvas->script);
  fputs("set label 4 'share of trajectories per step' at screen 0.022,graph 0.5 center rotate\n"
        "set lmargin at screen 0.125\n",
        canvas->script);
  esc_canvas_begin_drawing(canvas);
  fprintf(canvas->script,
          "  plot for [i=0:%d] 'exit_times.dat' index i using 1:3:4 with filledcurves ls "
          "value('style'.i) fs transparent solid 0.25 noborder notitle, \\\n"
          "    for [i=0:%d] '' index i using 1:2 with lines ls value('style'.i) title "
          "value('name'.i)\n",
          outcomes - 1, outcomes - 1);
  esc_canvas_end_drawing(canvas);
}

static esc_status draw(const esc_figure_source *source, time_bins *bins, const json_t *counts)
{
  esc_canvas canvas = {.name = "exit_times"};
  choose_range(bins, counts);
  merge(bins);
  bins->lowest = (double)INFINITY;
  const esc_status status =
      esc_canvas_open(&canvas, source, "When they exit: density of the exit step by outcome");
  if (status != ESC_STATUS_OK)
    return status;
  const int outcomes = write_outcomes(&canvas, bins, counts);
  write_script(&canvas, bins, outcomes);
  return esc_canvas_close(&canvas);
}

esc_status esc_figure_exit_times(const esc_figure_source *source, bool *drawn)
{
  const json_t *histogram = esc_figure_find(source->root, "exit_steps.histogram");
  const json_t *counts = json_object_get(histogram, "counts");
  time_bins bins = {.edges = json_object_get(histogram, "edges"),
                    .all = esc_figure_number(json_object_get(source->root, "episodes"))};
  double exits = 0.0;
  if (json_array_size(bins.edges) < 3)
    return ESC_STATUS_OK;
  bins.count = json_array_size(bins.edges) - 1;
  for (size_t i = 0; i < bins.count; i++)
    exits += total_in(counts, i);
  if (!(exits >= 10.0))
    return ESC_STATUS_OK;
  bins.cuts = calloc(bins.count + 2, sizeof *bins.cuts);
  if (!bins.cuts)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  const esc_status status = draw(source, &bins, counts);
  free(bins.cuts);
  *drawn = status == ESC_STATUS_OK;
  return status;
}
