/* Power laws through the points of a sweep. */
#ifndef ESC_SWEEP_FITS_H
#define ESC_SWEEP_FITS_H

#include "host/io/experiment/questions.h"
#include "sweep_record.h"

/* One power law, through the points that differ in its x alone. */
typedef struct esc_sweep_fit {
  const esc_power_law *law;
  int64_t first; /* its first point: the other keys have its values */
  int64_t count; /* points with a number above 0; below 3 there is no fit */
  double *x;     /* count of them, rising */
  esc_fit fit;
  const esc_prediction *theory; /* of the exponent, with the predictions' owner; NULL: none */
  esc_estimate *slopes; /* count - 1; NULL where two points share an x, or there is no fit */
} esc_sweep_fit;

typedef struct esc_sweep_fits {
  esc_sweep_fit *list;
  int64_t count;
} esc_sweep_fits;

/* Fits what the questions ask for. theory: of each point (NULL: not asked); the fits point to it.
 * Errors: OUT_OF_MEMORY. Free the fits in either case. */
esc_status esc_sweep_fits_make(const esc_sweep_record *record, const esc_questions *questions,
                               const esc_sweep_theory *theory, esc_sweep_fits *fits);

/* "noise.law laplace": the values of the keys that are not x, "" where there are none. */
void esc_sweep_fit_series(const esc_sweep_record *record, const esc_sweep_fit *fit, char *text,
                          size_t size);

void esc_sweep_fits_free(esc_sweep_fits *fits);

#endif
