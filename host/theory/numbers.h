/* The numbers that one solution of a chain gives, and predictions from two solutions. */
#ifndef ESC_THEORY_NUMBERS_H
#define ESC_THEORY_NUMBERS_H

#include "host/theory/predictions.h"

typedef struct esc_number {
  char of[96];
  int64_t step;
  double value, deviation;
  int share, eventual;
} esc_number;

typedef struct esc_numbers {
  int count, capacity, out_of_memory;
  esc_number *at;  /* to be freed */
  double longest;  /* mean exit time from the worst start */
  double lost;     /* that left through an open side where it is cut off */
  double diverged; /* by stop.steps */
} esc_numbers;

void esc_numbers_put(esc_numbers *to, double value, double deviation, int64_t step, const char *of);

/* A share; `of` is a format for a name. */
void esc_numbers_put_share(esc_numbers *to, double share, int64_t step, const char *of,
                           const char *name);

/* Adds what two orders of the quadrature agree on to a thousandth. Their difference is the error
 * that is given, and it is that of the lower order. */
void esc_numbers_say(const esc_subject *subject, const esc_numbers *high, const esc_numbers *low,
                     esc_predictions *to);

#endif
