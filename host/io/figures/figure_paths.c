/* paths: the first trajectories over the landscape. In one dimension position against step, with U
 * beside it; in two, lines over the contours of U, whose levels are spread so that each shade
 * covers the same area (a landscape's values often span many decades). */
#include "figure_list.h"
#include "figure_paths.h"

enum { PATH_POINTS = 3000 };

/* ---- data ---- */

/* Block 0: every path, an empty line between two; block 1: starts; block 2: ends. */
static void write_paths(const esc_canvas *canvas, const esc_path_points *paths)
{
  const esc_path_point *points = paths->points;
  fputs("# paths: step, x1, x2, number of the path\n", canvas->data);
  int path = 0;
  for (size_t i = 0; i < paths->count; i++) {
    if (i > 0 && points[i].trajectory != points[i - 1].trajectory) {
      fputc('\n', canvas->data);
      path++;
    }
    fprintf(canvas->data, "%.0f %.9g %.9g %d\n", points[i].step, points[i].x[0], points[i].x[1],
            path);
  }
  for (int end = 0; end < 2; end++) {
    fprintf(canvas->data, "\n\n# %s: step, x1, x2\n", end ? "ends" : "starts");
    for (size_t i = 0; i < paths->count; i++) {
      const size_t next = end ? i + 1 : i - 1;
      if ((end ? i + 1 == paths->count : i == 0) || points[next].trajectory != points[i].trajectory)
        fprintf(canvas->data, "%.0f %.9g %.9g\n", points[i].step, points[i].x[0], points[i].x[1]);
    }
  }
}

/* Block 3: the minima in view. */
static void write_minima(const esc_canvas *canvas, esc_path_plot *plot)
{
  const esc_landscape_info *info = &plot->known.info;
  fputs("\n\n# minima: x1, x2, U\n", canvas->data);
  plot->critical = 0;
  for (int i = 0; plot->has_landscape && i < info->critical_count; i++) {
    const double *position = info->critical[i].position;
    if (info->critical[i].kind >= 0 || position[0] < plot->shown.low[0] ||
        position[0] > plot->shown.high[0] ||
        (plot->paths->coordinates > 1 &&
         (position[1] < plot->shown.low[1] || position[1] > plot->shown.high[1])))
      continue;
    fprintf(canvas->data, "%.9g %.9g %.9g\n", position[0],
            plot->paths->coordinates > 1 ? position[1] : 0.0, info->critical[i].value);
    plot->critical++;
  }
  if (plot->critical == 0) /* gnuplot does not count an empty block */
    fputs("nan nan nan\n", canvas->data);
}

/* ---- scripts ---- */

void esc_path_write_marks(const esc_canvas *canvas, int x, int y)
{
  fprintf(canvas->script,
          ", \\\n    'paths.dat' index 2 using %d:%d with points pt 7 ps 1.5 lc rgb 'white' "
          "notitle, \\\n"
          "    '' index 2 using %d:%d with points pt 7 ps 1.1 lc rgb '#202020' notitle, \\\n"
          "    '' index 1 using %d:%d with points pt 7 ps 1.9 lc rgb '#202020' notitle, \\\n"
          "    '' index 1 using %d:%d with points pt 7 ps 1.3 lc rgb 'white' notitle, \\\n"
          "    NaN with points pt 6 ps 1.7 lw 2 lc rgb '#202020' title 'start', \\\n"
          "    NaN with points pt 7 ps 1.4 lc rgb '#202020' title 'end'",
          x, y, x, y, x, y, x, y);
}

void esc_path_write_colours(const esc_canvas *canvas, const char *opacity)
{
  static const char *const colours[ESC_PATH_COLOURS] = {"0072B2", "D55E00", "009E73", "CC79A7",
                                                        "E69F00", "56B4E9", "7F5B00", "5E3C99"};
  fputs("array colour[8] = [", canvas->script);
  for (int i = 0; i < ESC_PATH_COLOURS; i++)
    fprintf(canvas->script, "%s0x%s%s", i ? ", " : "", opacity, colours[i]);
  fputs("]\n", canvas->script);
}

static esc_status draw(esc_path_plot *plot, bool *drawn)
{
  const bool plane = plot->paths->coordinates == 2;
  char caption[96];
  esc_canvas canvas = {.name = "paths"};
  snprintf(caption, sizeof caption, "The first %d trajectories%s", plot->paths->trajectories,
           plane ? " over the landscape" : ", step by step");
  const esc_status status = esc_canvas_open(&canvas, plot->source, caption);
  if (status != ESC_STATUS_OK)
    return status;
  write_paths(&canvas, plot->paths);
  write_minima(&canvas, plot);
  if (plane)
    esc_path_write_plane(&canvas, plot);
  else
    esc_path_write_line(&canvas, plot);
  *drawn = true;
  return esc_canvas_close(&canvas);
}

esc_status esc_figure_paths(const esc_figure_source *source, bool *drawn)
{
  esc_path_points paths;
  esc_status status = esc_path_points_read(source->folder, &paths);
  if (status != ESC_STATUS_OK || paths.count == 0)
    return status;
  const json_t *outside = esc_figure_find(source->root, "experiment.stop.outside");
  esc_path_plot plot = {.source = source,
                        .paths = &paths,
                        .walls = {esc_figure_at(outside, 0), esc_figure_at(outside, 1)}};
  esc_path_points_thin(&paths, PATH_POINTS);
  status = esc_figure_landscape_open(&plot.known, source, &plot.has_landscape);
  if (plot.has_landscape && plot.known.info.dimension != paths.coordinates) {
    esc_figure_landscape_close(&plot.known);
    plot.has_landscape = false;
  }
  if (status == ESC_STATUS_OK)
    status = esc_path_view_choose(&plot);
  if (status == ESC_STATUS_OK)
    status = draw(&plot, drawn);
  if (plot.has_landscape)
    esc_figure_landscape_close(&plot.known);
  esc_path_points_free(&paths);
  return status;
}
