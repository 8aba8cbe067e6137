/* What figures are drawn from: result.json, read once, and a few questions to it. */
#ifndef ESC_FIGURE_SOURCE_H
#define ESC_FIGURE_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "escapement/escapement.h"

typedef struct esc_figure_source {
  const char *folder;
  json_t *root;
  char title[256];   /* of the experiment */
  char setting[512]; /* one line: optimizer, noise, number of trajectories */
  int dimension;
} esc_figure_source;

/* Reads folder/result.json. Errors: IO (missing, malformed, not a result), OUT_OF_MEMORY. */
esc_status esc_figure_source_open(esc_figure_source *source, const char *folder);
void esc_figure_source_close(esc_figure_source *source);

/* The value at a path of keys, "curves.steps"; NULL where there is none. Keys with a point in them
 * (names of outcomes) are not for this. */
const json_t *esc_figure_find(const json_t *object, const char *path);

/* A number of result.json: null and whatever is no number are NaN, ".inf" is infinite. */
double esc_figure_number(const json_t *value);

/* Element i of a list of numbers; low and high of element i of a list of intervals. */
double esc_figure_at(const json_t *list, size_t i);
double esc_figure_low(const json_t *intervals, size_t i);
double esc_figure_high(const json_t *intervals, size_t i);

/* The interval [low, high] around a value, as an estimate. */
esc_estimate esc_figure_estimate(const json_t *value, const json_t *interval);

/* Whether steps from the first positive to the last are better seen on a logarithmic axis. */
bool esc_figure_log_steps(const json_t *steps);

#endif
