/* sweep: what is shown of each point against a swept key: measured numbers as points with their
 * intervals, theory as lines, fitted power laws as dotted lines, a colour for each series. */
#include <math.h>
#include <string.h>

#include "figure_canvas.h"
#include "figure_list.h"
#include "figure_range.h"
#include "host/io/short_number.h"
#include "sweep_series.h"

/* Axes whose numbers span more than these factors are logarithmic. */
static const double log_span_x = 9.9, log_span_y = 20.0;

enum { SERIES_MOST = 16, FIT_SAMPLES = 60, STYLES = 8, FIT_TITLE = 96 };

typedef struct sweep_plot {
  esc_sweep_series series;
  size_t drawn; /* of the series */
  esc_axis_range x, y;
  bool log_x, log_y, theory, numeric;
  int fits;
  size_t longest; /* of the names in the key */
} sweep_plot;

static void write_point(const sweep_plot *plot, const esc_series_point *point, FILE *data)
{
  const json_t *const shown = plot->series.shown;
  const json_t *const intervals = json_object_get(shown, "ci95");
  const double value = esc_figure_at(json_object_get(shown, "values"), point->at);
  const double low = esc_figure_low(intervals, point->at);
  const double high = esc_figure_high(intervals, point->at);
  fprintf(data, "%.12g %.9g %.9g %.9g %.9g %.9g\n", point->x, value, isnan(low) ? value : low,
          isnan(high) ? value : high, esc_figure_at(json_object_get(shown, "theory"), point->at),
          esc_figure_at(json_object_get(shown, "numeric"), point->at));
}

static void widen_point(sweep_plot *plot, const esc_series_point *point)
{
  const json_t *const shown = plot->series.shown;
  const json_t *const intervals = json_object_get(shown, "ci95");
  esc_axis_range_widen(&plot->y, esc_figure_at(json_object_get(shown, "values"), point->at));
  esc_axis_range_widen(&plot->y, esc_figure_low(intervals, point->at));
  esc_axis_range_widen(&plot->y, esc_figure_high(intervals, point->at));
  esc_axis_range_widen(&plot->y, esc_figure_at(json_object_get(shown, "theory"), point->at));
  esc_axis_range_widen(&plot->y, esc_figure_at(json_object_get(shown, "numeric"), point->at));
}

/* A block of data for each series. */
static void write_series(sweep_plot *plot, const esc_canvas *canvas)
{
  for (size_t i = 0; i < plot->series.count; i++) {
    const esc_series_point *const point = &plot->series.list[i];
    if (point->series >= plot->drawn)
      break;
    if (i == 0 || point[-1].series != point->series) {
      char variable[32];
      const char *const name = plot->series.names[point->series];
      fprintf(canvas->data, "%s# %s: %s, %s, low, high, theory, numeric\n", i ? "\n\n" : "", name,
              plot->series.key, plot->series.of);
      snprintf(variable, sizeof variable, "name%zu", point->series);
      esc_canvas_text(canvas, variable, name[0] ? name : "measured");
      plot->longest = strlen(name) > plot->longest ? strlen(name) : plot->longest;
    }
    write_point(plot, point, canvas->data);
    esc_axis_range_widen(&plot->x, point->x);
    widen_point(plot, point);
  }
}

static size_t series_named(const sweep_plot *plot, const char *name)
{
  size_t s = 0;
  while (s < plot->drawn && strcmp(plot->series.names[s], name) != 0)
    s++;
  return s;
}

static void write_fit(sweep_plot *plot, esc_canvas *canvas, const json_t *fit)
{
  char name[sizeof *plot->series.names], title[FIT_TITLE], variable[32];
  if (!esc_sweep_series_name(json_object_get(fit, "series"), plot->series.key, name, sizeof name))
    canvas->no_memory = true;
  const size_t s = series_named(plot, name);
  const esc_estimate exponent =
      esc_figure_estimate(json_object_get(fit, "exponent"), json_object_get(fit, "ci95"));
  const double factor = esc_figure_number(json_object_get(fit, "factor"));
  if (s == plot->drawn || isnan(exponent.value) || !(plot->x.low > 0.0))
    return;
  fprintf(canvas->data, "\n\n# power law of %s\n", name);
  for (int i = 0; i < FIT_SAMPLES; i++) {
    const double x = plot->x.low * pow(plot->x.high / plot->x.low, i / (FIT_SAMPLES - 1.0));
    fprintf(canvas->data, "%.9g %.9g\n", x, factor * pow(x, exponent.value));
  }
  snprintf(title, sizeof title, "fit: exponent %s", esc_short_estimate(exponent).text);
  snprintf(variable, sizeof variable, "fit%d", plot->fits);
  esc_canvas_text(canvas, variable, title);
  fprintf(canvas->script, "fitstyle%d = %zu\n", plot->fits++, plot->drawn > 1 ? s % STYLES + 1 : 2);
  plot->longest = strlen(title) > plot->longest ? strlen(title) : plot->longest;
}

static void write_fits(sweep_plot *plot, esc_canvas *canvas, const json_t *fits)
{
  for (size_t i = 0; i < json_array_size(fits); i++) {
    const json_t *const fit = json_array_get(fits, i);
    const char *const x = json_string_value(json_object_get(fit, "x"));
    const char *const y = json_string_value(json_object_get(fit, "y"));
    if (x && y && strcmp(x, plot->series.key) == 0 && strcmp(y, plot->series.of) == 0)
      write_fit(plot, canvas, fit);
  }
}

/* The unit of what is shown. */
static const char *unit_of(const char *of)
{
  if (strncmp(of, "exit_steps.rate", 15) == 0)
    return " (per step)";
  if (strncmp(of, "exit_steps.", 11) == 0 || strstr(of, "mean_steps"))
    return " (steps)";
  return strstr(of, "fraction") ? " (share of trajectories)" : "";
}

/* Names instead of numbers along the horizontal axis. */
static void write_words(const sweep_plot *plot, esc_canvas *canvas)
{
  const size_t count = json_array_size(plot->series.words);
  fprintf(canvas->script, "set xrange [-0.5:%zu.5]\nset xtics () noenhanced\n", count - 1);
  for (size_t i = 0; i < count; i++) {
    char variable[32], name[96] = "";
    json_t *const one = json_pack("{s:O}", "", json_array_get(plot->series.words, i));
    if (!one || !esc_sweep_series_name(one, "?", name, sizeof name))
      canvas->no_memory = true;
    json_decref(one);
    snprintf(variable, sizeof variable, "word%zu", i);
    esc_canvas_text(canvas, variable, name[0] == ' ' ? name + 1 : name);
    fprintf(canvas->script, "set xtics add (word%zu %zu)\n", i, i);
  }
}

static void write_axes(const sweep_plot *plot, esc_canvas *canvas)
{
  char label[200];
  snprintf(label, sizeof label, "%s%s", plot->series.of, unit_of(plot->series.of));
  esc_canvas_text(canvas, "ylabel", label);
  snprintf(label, sizeof label, "%s%s", plot->series.key, plot->log_x ? " (logarithmic axis)" : "");
  esc_canvas_text(canvas, "xlabel", label);
  fprintf(canvas->script,
          "set lmargin at screen 0.125\nset xlabel xlabel noenhanced\n"
          "set label 4 ylabel at screen 0.022,graph 0.5 center rotate noenhanced\n%s%s"
          "set format '%%g'\n",
          plot->log_x ? "set logscale x\n" : "", plot->log_y ? "set logscale y\n" : "");
  esc_axis_range_write(canvas, 'x', plot->x, plot->log_x);
  esc_axis_range_write(canvas, 'y', plot->y, plot->log_y);
  if (!plot->series.numbers)
    write_words(plot, canvas);
  const int lines = plot->theory + plot->numeric;
  esc_canvas_key(canvas, (int)plot->drawn + lines + plot->fits, plot->longest);
}

/* Theory: a line through its numbers, or a dash at each where the axis has names; dark where there
 * is one series alone. */
static void write_theory(const sweep_plot *plot, const esc_canvas *canvas, const char *title,
                         int column, const char *dashes)
{
  const char *const colour = plot->drawn > 1 ? "colour[s%8+1]" : "'#303030'";
  fprintf(
      canvas->script,
      plot->series.numbers
          ? ", \\\n    for [s=0:%zu] '' index s using 1:%d with lines lc rgb %s lw 2 dt %s notitle"
          : ", \\\n    for [s=0:%zu] '' index s using 1:%d:(0.3) with xerrorbars pt -1 lc rgb %s "
            "lw "
            "3 dt %s notitle",
      plot->drawn - 1, column, colour, dashes);
  fprintf(canvas->script, ", \\\n    NaN with lines lc rgb '#303030' lw 2 dt %s title '%s'", dashes,
          title);
}

static void write_plot(const sweep_plot *plot, const esc_canvas *canvas)
{
  fputs("array colour[8] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', "
        "'#7F5B00', '#5E3C99']\n",
        canvas->script);
  esc_canvas_begin_drawing(canvas);
  fprintf(canvas->script,
          "  plot for [s=0:%zu] 'sweep.dat' index s using 1:2:3:4 with yerrorbars ls s%%8+1 dt "
          "solid lw 2 title value('name'.s)",
          plot->drawn - 1);
  if (plot->theory)
    write_theory(plot, canvas,
                 json_object_get(plot->series.shown, "theory_is_a_limit") ? "theory, a limit"
                                                                          : "theory",
                 5, "solid");
  if (plot->numeric)
    write_theory(plot, canvas, "theory, solved", 6, "(10,4)");
  for (int f = 0; f < plot->fits; f++)
    fprintf(
        canvas->script,
        ", \\\n    '' index %zu using 1:2 with lines lc rgb colour[(fitstyle%d-1)%%8+1] lw 2 dt "
        "(3,4) title fit%d",
        plot->drawn + (size_t)f, f, f);
  fputc('\n', canvas->script);
  esc_canvas_end_drawing(canvas);
}

/* Shares that reach from few to most are read better on a plain axis. */
static bool wants_log_y(const sweep_plot *plot)
{
  const bool share = strstr(plot->series.of, "fraction") && plot->y.high > 0.5;
  return plot->fits > 0 ? plot->y.low > 0.0 : !share && esc_axis_range_spans(plot->y, log_span_y);
}

static esc_status draw(const esc_figure_source *source, sweep_plot *plot)
{
  esc_canvas canvas = {.name = "sweep"};
  char caption[300];
  const size_t series = plot->series.series_count;
  plot->drawn = series < SERIES_MOST ? series : SERIES_MOST;
  int used = snprintf(caption, sizeof caption, "%.100s against %.100s, with 95 %% intervals",
                      plot->series.of, plot->series.key);
  if (series > plot->drawn)
    snprintf(caption + used, sizeof caption - (size_t)used, " (the first %zu of %zu series)",
             plot->drawn, series);
  const esc_status status = esc_canvas_open(&canvas, source, caption);
  if (status != ESC_STATUS_OK)
    return status;
  plot->x = plot->y = (esc_axis_range){(double)INFINITY, -(double)INFINITY};
  plot->longest = strlen("measured");
  write_series(plot, &canvas);
  write_fits(plot, &canvas, json_object_get(source->root, "fits"));
  plot->theory = json_object_get(plot->series.shown, "theory") != NULL;
  plot->numeric = json_object_get(plot->series.shown, "numeric") != NULL;
  plot->log_x = plot->series.numbers && esc_axis_range_spans(plot->x, log_span_x);
  plot->log_y = wants_log_y(plot);
  write_axes(plot, &canvas);
  write_plot(plot, &canvas);
  return esc_canvas_close(&canvas);
}

/* Whether there is a number to draw. */
static bool has_numbers(const json_t *values)
{
  for (size_t i = 0; i < json_array_size(values); i++)
    if (isfinite(esc_figure_at(values, i)))
      return true;
  return false;
}

esc_status esc_figure_sweep(const esc_figure_source *source, bool *drawn)
{
  sweep_plot plot = {0};
  esc_status status = esc_sweep_series_gather(&plot.series, source->root);
  if (!status && plot.series.count > 0 &&
      has_numbers(json_object_get(plot.series.shown, "values"))) {
    status = draw(source, &plot);
    *drawn = status == ESC_STATUS_OK;
  }
  esc_sweep_series_free(&plot.series);
  return status;
}
