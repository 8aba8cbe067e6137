/* survival: the share that has not ended, and the cumulative share of each way to end, against
 * steps. From the observed steps where there are some, else from the histogram of exit times (then
 * without intervals). Where hardly anything ends, survival is left out, so that the rest is seen.
 */
#include <math.h>
#include <string.h>

#include "figure_curves.h"
#include "figure_list.h"
#include "host/io/io_error.h"
#include "host/io/result/json_builder.h"

/* Below this share of ended trajectories survival would flatten all other curves. */
static const double few = 0.1;

static const int style_of_survival = 11;

/* {name: list of shares ended up to each edge} and, in *survival, what is left. */
static json_t *cumulated(esc_json_builder *builder, const json_t *edges, const json_t *counts,
                         double all, json_t *survival)
{
  json_t *incidence = json_object();
  const char *name;
  json_t *bins;
  json_object_foreach((json_t *)counts, name, bins)
  {
    double ended = 0.0;
    if (!strcmp(name, "running"))
      continue;
    json_t *shares = json_array();
    for (size_t i = 0; i < json_array_size(edges); i++) {
      const double left = esc_figure_at(survival, i) - ended / all;
      const double more = esc_figure_at(bins, i);
      esc_json_append(builder, shares, json_real(ended / all));
      builder->failed |= json_array_set_new(survival, i, json_real(left)) != 0;
      ended += isnan(more) ? 0.0 : more;
    }
    esc_json_put(builder, incidence, name, shares);
  }
  return incidence;
}

/* The histogram of exit times in the shape of `curves`: a step per bin edge. NULL where memory ran
 * out. */
static json_t *curves_from_histogram(const esc_figure_source *source)
{
  const json_t *edges = esc_figure_find(source->root, "exit_steps.histogram.edges");
  const json_t *counts = esc_figure_find(source->root, "exit_steps.histogram.counts");
  const double all = esc_figure_number(json_object_get(source->root, "episodes"));
  esc_json_builder builder = {false};
  json_t *curves = json_object();
  json_t *steps = json_array();
  json_t *survival = json_array();
  for (size_t i = 0; i < json_array_size(edges); i++) {
    esc_json_append(&builder, steps, json_real(esc_figure_at(edges, i) - 1.0));
    esc_json_append(&builder, survival, json_real(1.0));
  }
  esc_json_put(&builder, curves, "incidence", cumulated(&builder, edges, counts, all, survival));
  esc_json_put(&builder, curves, "steps", steps);
  esc_json_put(&builder, curves, "survival", survival);
  if (!builder.failed)
    return curves;
  json_decref(curves);
  return NULL;
}

/* How large the share that ended is at the last step. */
static double ended_share(const json_t *curves)
{
  const json_t *survival = json_object_get(curves, "survival");
  return 1.0 - esc_figure_at(survival, json_array_size(survival) - 1);
}

static void gather(esc_curves *plot, const json_t *curves)
{
  const json_t *intervals = json_object_get(curves, "incidence_ci95");
  const char *name;
  json_t *values;
  int index = 0;
  plot->steps = json_object_get(curves, "steps");
  if (ended_share(curves) >= few)
    esc_curves_add(plot, "not ended", json_object_get(curves, "survival"),
                   json_object_get(curves, "survival_ci95"), style_of_survival);
  json_object_foreach(json_object_get(curves, "incidence"), name, values)
  {
    const int style = esc_canvas_outcome_style(name, index++);
    if (esc_curves_above_zero(values))
      esc_curves_add(plot, name, values, json_object_get(intervals, name), style);
  }
}

static esc_status draw(const esc_figure_source *source, const json_t *curves, bool *drawn)
{
  esc_curves plot = {0};
  esc_canvas canvas = {.name = "survival"};
  if (!(ended_share(curves) > 0.0))
    return ESC_STATUS_OK;
  gather(&plot, curves);
  const bool whole = ended_share(curves) >= few;
  const esc_status status = esc_canvas_open(
      &canvas, source,
      whole ? "Share of trajectories that have not ended, and that have ended by each outcome"
            : "Share of trajectories that have ended by each outcome (most never end)");
  if (status != ESC_STATUS_OK)
    return status;
  esc_curves_write_data(&plot, &canvas);
  esc_curves_write_axes(&plot, &canvas);
  fprintf(canvas.script,
          "set label 4 'share of trajectories' at screen 0.022,graph 0.5 center rotate\nset yrange "
          "[0:%s]\n",
          whole ? "1" : "*");
  esc_canvas_begin_drawing(&canvas);
  esc_curves_write_plot(&plot, &canvas, 0, plot.count);
  esc_canvas_end_drawing(&canvas);
  *drawn = true;
  return esc_canvas_close(&canvas);
}

esc_status esc_figure_survival(const esc_figure_source *source, bool *drawn)
{
  const json_t *curves = json_object_get(source->root, "curves");
  if (json_array_size(json_object_get(curves, "survival")) > 1)
    return draw(source, curves, drawn);
  if (json_array_size(esc_figure_find(source->root, "exit_steps.histogram.edges")) < 2)
    return ESC_STATUS_OK;
  json_t *made = curves_from_histogram(source);
  if (!made)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  const esc_status status = draw(source, made, drawn);
  json_decref(made);
  return status;
}
