/* paths.csv, the first trajectories step by step, read and thinned for a picture. */
#ifndef ESC_PATH_POINTS_H
#define ESC_PATH_POINTS_H

#include <stddef.h>
#include <stdint.h>

#include "escapement/status.h"

typedef struct esc_path_point {
  int64_t trajectory;
  double step;
  double x[2]; /* the first two coordinates; x[1] is 0 in one dimension */
} esc_path_point;

typedef struct esc_path_points {
  esc_path_point *points; /* those of one trajectory after another, in step order */
  size_t count;
  int trajectories;
  int coordinates; /* 1 or 2: how many were found, at most 2 */
} esc_path_points;

/* Reads folder/paths.csv: comment lines (#), a line of names (trajectory, step, x or x1, x2, ...),
 * then numbers. count is 0, and nothing wrong, where there is no such file. Errors: IO,
 * OUT_OF_MEMORY. */
esc_status esc_path_points_read(const char *folder, esc_path_points *paths);

/* Keeps of each long path about `most` points, its extremes in x among them. */
void esc_path_points_thin(esc_path_points *paths, size_t most);

void esc_path_points_free(esc_path_points *paths);

#endif
