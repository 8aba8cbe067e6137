/* Paths in the plane: lines over the contours of U, whose levels are spread so that each shade
 * covers the same area (a landscape's values often span many decades). */
#include <stdlib.h>

#include "figure_paths.h"

enum { GRID = 141, LEVELS = 14 };

static int compare_numbers(const void *a, const void *b)
{
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static void fill_grid(const esc_path_view *shown, double *points)
{
  for (size_t k = 0; k < (size_t)GRID * GRID; k++) {
    const double across = (double)(k % GRID) / (GRID - 1.0);
    const double up = (double)(k / GRID) / (GRID - 1.0);
    points[k] = shown->low[0] + across * (shown->high[0] - shown->low[0]);
    points[(size_t)GRID * GRID + k] = shown->low[1] + up * (shown->high[1] - shown->low[1]);
  }
}

/* The share of the sorted values below a value: the shade that makes all shades equally common. */
static double rank_of(const double *sorted, size_t count, double value)
{
  size_t low = 0;
  size_t high = count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (sorted[middle] < value)
      low = middle + 1;
    else
      high = middle;
  }
  return (double)low / (double)count;
}

/* Block 4 in the plane: x, y, U and the shade, in rows for gnuplot's contours. */
static bool write_grid(esc_canvas *canvas, const esc_path_plot *plot)
{
  const size_t count = (size_t)GRID * GRID;
  double *numbers = calloc(4 * count, sizeof *numbers);
  bool written = false;
  if (!numbers) {
    canvas->no_memory = true;
    return false;
  }
  double *values = numbers + 2 * count;
  double *sorted = numbers + 3 * count;
  fill_grid(&plot->shown, numbers);
  if (esc_landscape_evaluate(&plot->known.landscape, (int64_t)count, numbers, values, NULL) ==
      ESC_STATUS_OK) {
    for (size_t k = 0; k < count; k++)
      sorted[k] = values[k];
    qsort(sorted, count, sizeof *sorted, compare_numbers);
    fputs("\n\n# landscape: x1, x2, U, share of the picture below U\n", canvas->data);
    for (size_t k = 0; k < count; k++)
      fprintf(canvas->data, "%s%.9g %.9g %.9g %.6f\n", k > 0 && k % GRID == 0 ? "\n" : "",
              numbers[k], numbers[count + k], values[k], rank_of(sorted, count, values[k]));
    written = true;
  }
  free(numbers);
  return written;
}

void esc_path_write_plane(esc_canvas *canvas, const esc_path_plot *plot)
{
  const bool grid = plot->has_landscape && write_grid(canvas, plot);
  const esc_path_view *shown = &plot->shown;
  esc_path_write_colours(canvas, plot->paths->trajectories > ESC_PATH_COLOURS ? "48" : "20");
  fprintf(canvas->script,
          "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nset xlabel 'x1' noenhanced\n"
          "set label 4 'x2' at screen 0.022,graph 0.5 center rotate\nunset grid\nset border 15\n",
          shown->low[0], shown->high[0], shown->low[1], shown->high[1]);
  if (grid)
    fprintf(canvas->script,
            "set palette defined (0 '#C4D6E4', 0.4 '#E6EDF1', 1 '#FFFFFF')\nunset colorbox\n"
            "set cbrange [0:1]\n"
            "set contour base\nunset surface\nset cntrparam levels incremental %.4f,%.4f,1\n"
            "set table $contours\nsplot 'paths.dat' index 4 using 1:2:4\nunset table\n"
            "unset contour\n",
            0.5 / LEVELS, 1.0 / LEVELS);
  esc_canvas_begin_drawing(canvas);
  fprintf(canvas->script, "  plot %s",
          grid ? "'paths.dat' index 4 using 1:2:4 with image notitle, \\\n"
                 "    $contours using 1:2 with lines lw 1 lc rgb '#A9B4BC' title 'level of U', \\\n"
                 "    "
               : "");
  fprintf(canvas->script,
          "'paths.dat' index 0 using 2:3:(colour[int($4)%%8+1]) with lines lw %s lc rgb variable "
          "notitle",
          plot->paths->count > ESC_PATH_CROWDED ? "1.1" : "1.8");
  if (plot->critical)
    fputs(", \\\n    '' index 3 using 1:2 with points pt 2 ps 1.8 lw 3 lc rgb '#202020' title "
          "'minimum'",
          canvas->script);
  esc_path_write_marks(canvas, 2, 3);
  fputc('\n', canvas->script);
  esc_canvas_end_drawing(canvas);
}
