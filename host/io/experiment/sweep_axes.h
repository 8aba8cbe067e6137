/* A sweep: lists of values for keys of an experiment, and the points they make: every combination
 * (a grid, the last key fastest) or the lists side by side (zip). What a point's experiment is, is
 * experiment_points.h. */
#ifndef ESC_SWEEP_AXES_H
#define ESC_SWEEP_AXES_H

#include "key_table.h"

enum { ESC_SWEEP_MOST_KEYS = 16, ESC_SWEEP_MOST_POINTS = 1000000 };

/* One swept key. */
typedef struct esc_sweep_axis {
  const char *path;             /* "optimizer.lr" */
  const esc_yaml_node **values; /* count of them */
  int64_t count;
  int64_t line;
} esc_sweep_axis;

typedef struct esc_sweep_axes {
  esc_sweep_axis axes[ESC_SWEEP_MOST_KEYS];
  int axis_count;
  int zip;          /* nonzero: point k takes the k-th value of every list */
  int common_noise; /* nonzero: the points share their trajectory ids, and so their noise */
  const char *show; /* the number of the result that table and figure are about; NULL: chosen */
  int64_t points;
} esc_sweep_axes;

/* Reads the mapping under `sweep`. */
esc_status esc_read_sweep_axes(esc_reader *reader, const esc_yaml_node *node,
                               esc_sweep_axes *sweep);

/* The value that a point takes of an axis. */
const esc_yaml_node *esc_sweep_axes_value(const esc_sweep_axes *sweep, int axis, int64_t point);

/* The index of that value in the axis's list. */
int64_t esc_sweep_axes_choice(const esc_sweep_axes *sweep, int axis, int64_t point);

/* The axis of a key path, or -1. */
int esc_sweep_axes_find(const esc_sweep_axes *sweep, const char *path);

/* "optimizer.lr 0.1, noise.law gaussian": the values of a point. */
void esc_sweep_axes_text(const esc_sweep_axes *sweep, int64_t point, char *text, size_t size);

#endif
