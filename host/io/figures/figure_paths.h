/* The picture of paths while it is made: what figure_paths.c shares with the files for one
 * dimension (paths_line.c), for the plane (paths_plane.c) and for the choice of what to show
 * (paths_view.c). Data blocks: 0 the paths, 1 their starts, 2 their ends, 3 minima in view, 4 the
 * landscape. */
#ifndef ESC_FIGURE_PATHS_H
#define ESC_FIGURE_PATHS_H

#include "figure_canvas.h"
#include "figure_landscape.h"
#include "path_points.h"

/* Colours of paths, used in turn; above so many paths, or points in the plane, lines get thinner.
 */
enum { ESC_PATH_COLOURS = 8, ESC_PATH_CROWDED = 1500 };

typedef struct esc_path_view {
  double low[2], high[2];
} esc_path_view;

typedef struct esc_path_plot {
  const esc_figure_source *source;
  const esc_path_points *paths;
  esc_figure_landscape known;
  bool has_landscape;
  esc_path_view shown;
  int critical;
  double walls[2]; /* 1-D: of stop.outside; infinite where there is none */
} esc_path_plot;

/* Chooses what is shown: most of the paths, and starts, ends, walls and minima close to them.
 * Errors: OUT_OF_MEMORY. */
esc_status esc_path_view_choose(esc_path_plot *plot);

/* Script lines that both kinds share: the array of colours (opacity in hex), and the marks at both
 * ends of the paths, from data columns x and y. */
void esc_path_write_colours(const esc_canvas *canvas, const char *opacity);
void esc_path_write_marks(const esc_canvas *canvas, int x, int y);

/* Data block 4 and the script. */
void esc_path_write_line(const esc_canvas *canvas, const esc_path_plot *plot);
void esc_path_write_plane(esc_canvas *canvas, const esc_path_plot *plot);

#endif
