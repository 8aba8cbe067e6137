/* moments: mean and variance of the living trajectories against steps, a panel each, and the mean
 * loss where it was observed. */
#include <string.h>

#include "figure_curves.h"
#include "figure_list.h"

enum { COORDINATES_MOST = 8, PANELS_MOST = 3, PANEL_HEIGHT = 350, HEAD = 130, FOOT = 115 };

typedef struct panels {
  esc_curves curves;
  int count;
  int end[PANELS_MOST]; /* one past the last curve of each panel */
  const char *label[PANELS_MOST];
} panels;

static void close_panel(panels *all, const char *label)
{
  if (all->curves.count == 0 || (all->count && all->end[all->count - 1] == all->curves.count))
    return;
  all->label[all->count] = label;
  all->end[all->count++] = all->curves.count;
}

static void add_coordinates(panels *all, const json_t *moments, const char *part,
                            const char *intervals)
{
  const json_t *values = json_object_get(moments, part);
  const size_t count = json_array_size(values);
  for (size_t j = 0; j < count && j < COORDINATES_MOST; j++) {
    char name[32];
    snprintf(name, sizeof name, count > 1 ? "x%zu" : "x", j + 1);
    esc_curves_add(&all->curves, name, json_array_get(values, j),
                   json_array_get(json_object_get(moments, intervals), j), (int)j + 1);
  }
}

static void gather(panels *all, const json_t *curves)
{
  const json_t *moments = json_object_get(curves, "moments");
  const json_t *loss = json_object_get(curves, "loss");
  all->curves.steps = json_object_get(curves, "steps");
  add_coordinates(all, moments, "mean", "mean_ci95");
  close_panel(all, "mean of x");
  add_coordinates(all, moments, "variance", "variance_ci95");
  close_panel(all, "variance of x");
  esc_curves_add(&all->curves, "loss", json_object_get(loss, "mean"),
                 json_object_get(loss, "mean_ci95"), 1);
  close_panel(all, "mean loss U(x)");
}

/* A panel below the last one; only the lowest says what the horizontal axis is. */
static void write_panel(const panels *all, const esc_canvas *canvas, int panel, bool key)
{
  const double height = canvas->height;
  const double top = 1.0 - (HEAD + (double)PANEL_HEIGHT * panel) / height;
  const double bottom = 1.0 - (HEAD + (double)PANEL_HEIGHT * (panel + 1) - 40.0) / height;
  const bool lowest = panel == all->count - 1;
  fprintf(canvas->script,
          "  set tmargin at screen %.4f\n  set bmargin at screen %.4f\n"
          "  set label 4 '%s' at screen 0.024,screen %.4f center rotate\n"
          "  set xlabel %s\n  set format x '%s'\n  set yrange [%s:*]\n",
          top, bottom, all->label[panel], 0.5 * (top + bottom), lowest ? "steps_label" : "''",
          lowest ? "%.0f" : "", strncmp(all->label[panel], "variance", 8) ? "*" : "0");
  if (!key)
    fputs("  unset key\n", canvas->script);
  esc_curves_write_plot(&all->curves, canvas, panel ? all->end[panel - 1] : 0, all->end[panel]);
  fputs("  unset label\n", canvas->script);
}

static void write_script(const panels *all, const esc_canvas *canvas)
{
  const bool several = all->end[0] > 1;
  esc_curves_write_axes(&all->curves, canvas);
  fprintf(canvas->script, "steps_label = '%s'\nset lmargin at screen 0.125\n",
          esc_figure_log_steps(all->curves.steps) ? "steps (logarithmic axis)" : "steps");
  esc_canvas_begin_drawing(canvas);
  fprintf(canvas->script, "  set multiplot\n  set key at screen 0.115,screen %.4f\n",
          1.0 - 102.0 / canvas->height);
  for (int panel = 0; panel < all->count; panel++)
    write_panel(all, canvas, panel, several && panel == 0);
  fputs("  unset multiplot\n", canvas->script);
  esc_canvas_end_drawing(canvas);
}

esc_status esc_figure_moments(const esc_figure_source *source, bool *drawn)
{
  panels all = {0};
  gather(&all, json_object_get(source->root, "curves"));
  if (all.count == 0 || json_array_size(all.curves.steps) < 2)
    return ESC_STATUS_OK;
  esc_canvas canvas = {.name = "moments", .height = HEAD + FOOT - 40 + PANEL_HEIGHT * all.count};
  const esc_status status = esc_canvas_open(
      &canvas, source, "Trajectories that have not ended, step by step (bands: 95 % intervals)");
  if (status != ESC_STATUS_OK)
    return status;
  esc_curves_write_data(&all.curves, &canvas);
  write_script(&all, &canvas);
  *drawn = true;
  return esc_canvas_close(&canvas);
}
