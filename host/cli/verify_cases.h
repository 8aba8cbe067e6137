/* The small built-in experiments of `escapement verify`. */
#ifndef ESC_VERIFY_CASES_H
#define ESC_VERIFY_CASES_H

#include "escapement/escapement.h"

typedef enum esc_exact_kind {
  ESC_EXACT_NONE = 0,
  ESC_EXACT_RIGHT = 1,      /* share of the outcome right */
  ESC_EXACT_MEAN_STEPS = 2, /* mean exit step */
  ESC_EXACT_VARIANCE = 3    /* variance of the last position */
} esc_exact_kind;

/* An experiment with room for what it points to. */
typedef struct esc_verify_case {
  const char *name;
  esc_experiment experiment;
  esc_landscape landscape;
  esc_noise noise;
  esc_update_rule optimizer;
  esc_start start;
  esc_observe observe;
  /* Exact value of the discrete chain (docs/exact_values.md); kind none: only bits are compared. */
  esc_exact_kind exact_kind;
  double exact;
} esc_verify_case;

/* Cases whose bits are compared, and cases with an exact value. index from 0; 0 past the last. */
int esc_verify_bits_case(int index, esc_verify_case *made);
int esc_verify_exact_case(int index, esc_verify_case *made);

#endif
