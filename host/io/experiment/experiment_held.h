/* What an experiment file holds once it is read. Private to host/io/experiment. */
#ifndef ESC_EXPERIMENT_HELD_H
#define ESC_EXPERIMENT_HELD_H

#include "experiment_file.h"
#include "experiment_parts.h"
#include "questions.h"

/* One point: its tree, which shares what it can with the file's, and what was read from it. */
typedef struct esc_experiment_point {
  esc_yaml_node root;
  esc_experiment_parts parts;
} esc_experiment_point;

struct esc_experiment_file {
  esc_arena arena;
  const char *name;
  esc_yaml_node *root;  /* with the overrides */
  esc_sweep_axes sweep; /* no points: none */
  esc_questions questions;
  esc_experiment_point first;
};

/* Reads a point into memory of an arena. */
esc_status esc_read_sweep_point(const esc_experiment_file *file, esc_arena *arena, int64_t index,
                                esc_experiment_point *point);

/* "FILE:LINE" of a key in a tree. */
void esc_tree_where(const esc_yaml_node *root, const char *name, const char *key, char *text,
                    size_t size);

#endif
