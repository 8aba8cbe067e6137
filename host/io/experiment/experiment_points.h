/* The points of a sweep as experiments: each is the file's tree with the point's values put in,
 * read as any experiment is. A file without a sweep has one point, itself. */
#ifndef ESC_EXPERIMENT_POINTS_H
#define ESC_EXPERIMENT_POINTS_H

#include "experiment_file.h"

/* Some points in a row, with all that they point to. */
typedef struct esc_experiment_points esc_experiment_points;

/* How many points the file has, and its sweep (NULL: none). Both belong to the file. */
int64_t esc_experiment_file_points(const esc_experiment_file *file);
const struct esc_sweep_axes *esc_experiment_file_sweep(const esc_experiment_file *file);

/* Reads points first to first + count - 1. *points is the caller's, to be freed before the file.
 * Errors, with the sentence in esc_io_error(): BAD_ARGUMENT, BAD_EXPERIMENT, OUT_OF_MEMORY. */
esc_status esc_experiment_points_read(const esc_experiment_file *file, int64_t first, int64_t count,
                                      esc_experiment_points **points);

/* The `count` experiments in a row; they belong to the points. */
const esc_experiment *esc_experiment_points_list(const esc_experiment_points *points);

/* "FILE:LINE" of a key of the i-th of these points, as esc_experiment_file_where. */
void esc_experiment_points_where(const esc_experiment_points *points, int64_t i, const char *key,
                                 char *text, size_t size);

/* " (point 3: optimizer.lr 0.1)", for the end of a sentence; "" without a sweep. */
void esc_experiment_file_point_text(const esc_experiment_file *file, int64_t point, char *text,
                                    size_t size);

/* NULL is allowed. */
void esc_experiment_points_free(esc_experiment_points *points);

#endif
