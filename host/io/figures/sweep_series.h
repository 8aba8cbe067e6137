/* The points of a sweep's result.json as series for a figure: what is shown against one swept key,
 * a series for each combination of the others. */
#ifndef ESC_SWEEP_SERIES_H
#define ESC_SWEEP_SERIES_H

#include "figure_source.h"

typedef struct esc_series_point {
  double x;  /* the key's number; where it is no number, the index of its value */
  size_t at; /* index of the point in the result */
  size_t series;
} esc_series_point;

typedef struct esc_sweep_series {
  const char *key; /* on the horizontal axis */
  const char *of;  /* what is shown */
  const json_t *points, *shown;
  esc_series_point *list; /* by series, then by x */
  size_t count;
  char (*names)[128]; /* of the series: "noise.law laplace" */
  size_t series_count;
  bool numbers;  /* whether x is a number */
  json_t *words; /* else its values, in the order of their indices */
} esc_sweep_series;

/* Gathers the series. count 0: the result has none. Errors: OUT_OF_MEMORY. Free it in any case. */
esc_status esc_sweep_series_gather(esc_sweep_series *series, const json_t *root);
void esc_sweep_series_free(esc_sweep_series *series);

/* The values of all keys of an object but one, as a name. false where memory ran out. */
bool esc_sweep_series_name(const json_t *values, const char *but, char *name, size_t size);

#endif
