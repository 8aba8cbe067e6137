/* What is asked about the results of an experiment, beside running it: predictions to compare them
 * with, and power laws through the points of a sweep. */
#ifndef ESC_QUESTIONS_H
#define ESC_QUESTIONS_H

#include "sweep_axes.h"

enum { ESC_QUESTIONS_FITS = 16 };

typedef enum esc_predict_choice {
  ESC_PREDICT_CHOICE_NO = 0,
  ESC_PREDICT_CHOICE_CLOSED = 1,
  ESC_PREDICT_CHOICE_NUMERIC = 2,
  ESC_PREDICT_CHOICE_BOTH = 3
} esc_predict_choice;

/* y against x: paths of a swept key and of a number of the result. */
typedef struct esc_power_law {
  const char *x, *y;
} esc_power_law;

typedef struct esc_questions {
  esc_predict_choice predict;
  esc_power_law fits[ESC_QUESTIONS_FITS];
  int fit_count;
} esc_questions;

/* Reads `predict` and `fit` of a file's root. sweep: that of the file, without points if none. */
esc_status esc_read_questions(esc_reader *reader, const esc_yaml_node *root,
                              const esc_sweep_axes *sweep, esc_questions *questions);

#endif
