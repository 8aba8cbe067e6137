/* A door to the loops over lanes of kernels/cpu in one state type and any instruction set, in
 * doubles on this side: the loops' types depend on ESC_REAL_BITS, a test's do not. */
#ifndef TESTS_SUPPORT_LOOPS_H
#define TESTS_SUPPORT_LOOPS_H

#include "kernels/backend.h"

enum { SUPPORT_LANES = 64 };

/* One step of the plan's optimizer from a stored state: coupled decay, the rule, decoupled decay.
 * Numbers go in and out as they are in the state's type. */
typedef struct support_step {
  const char *isa;
  const esc_plan *plan;
  int by_lane; /* a row for each lane (all the same) instead of one for all */
  int64_t t;
  double g[SUPPORT_LANES], w[SUPPORT_LANES], state[ESC_UPDATE_STATES_MAX][SUPPORT_LANES];
  double next[SUPPORT_LANES]; /* out */
} support_step;

void support_step_f32(support_step *step);
void support_step_f64(support_step *step);

/* U and its gradient at SUPPORT_LANES points, coordinate j of point i at [j * SUPPORT_LANES + i].
 */
typedef struct support_points {
  const char *isa;
  const esc_plan *plan;
  const double *x;
  double *values, *gradients;
} support_points;

void support_landscape_f32(const support_points *points);
void support_landscape_f64(const support_points *points);

#endif
