/* presence: how many are in each watched ball at a step (near), and how many have never left it
 * since the start (stuck). */
#include "figure_curves.h"
#include "figure_list.h"

/* Near is drawn in the ball's colour; stuck, in the next ones, so that two curves of one ball
 * differ in dash and colour. */
static void gather(esc_curves *plot, const json_t *curves)
{
  const char *kinds[2] = {"near", "stuck"};
  const char *words[2] = {"in", "never left"};
  for (int k = 0; k < 2; k++) {
    const char *name;
    json_t *ball;
    json_object_foreach(json_object_get(curves, kinds[k]), name, ball)
    {
      char text[96];
      /* one that starts outside a ball was never stuck in it */
      if (!esc_curves_above_zero(json_object_get(ball, "fraction")))
        continue;
      snprintf(text, sizeof text, "%s %.80s", words[k], name);
      esc_curves_add(plot, text, json_object_get(ball, "fraction"), json_object_get(ball, "ci95"),
                     plot->count % 8 + 1);
    }
  }
}

esc_status esc_figure_presence(const esc_figure_source *source, bool *drawn)
{
  const json_t *curves = json_object_get(source->root, "curves");
  esc_curves plot = {.steps = json_object_get(curves, "steps")};
  esc_canvas canvas = {.name = "presence"};
  gather(&plot, curves);
  if (plot.count == 0 || json_array_size(plot.steps) < 2)
    return ESC_STATUS_OK;
  const esc_status status = esc_canvas_open(
      &canvas, source, "Share of all trajectories in a ball (bands: 95 % intervals)");
  if (status != ESC_STATUS_OK)
    return status;
  esc_curves_write_data(&plot, &canvas);
  esc_curves_write_axes(&plot, &canvas);
  fprintf(canvas.script,
          "set label 4 'share of trajectories' at screen 0.022,graph 0.5 center rotate\nset yrange "
          "[0:%s]\n",
          esc_curves_most(&plot) > 0.5 ? "1" : "*");
  esc_canvas_begin_drawing(&canvas);
  esc_curves_write_plot(&plot, &canvas, 0, plot.count);
  esc_canvas_end_drawing(&canvas);
  *drawn = true;
  return esc_canvas_close(&canvas);
}
