/* What every update rule has. For a rule NAME its header defines
 *
 *   ESC_KEYS_NAME, struct esc_NAME            keys, and constants formed from them (only esc_real)
 *   ESC_STATES_NAME                           the names of its states, "" for none
 *   esc_NAME_setup(keys, constants, traits)   host, in double
 *   esc_NAME_row(keys, t, carry, row)         host, in double: scalars of step t = 1, 2, ...
 *   esc_NAME_update(constants, row, g, states...)   one step: returns u of w' = w - u
 *
 * The row holds what depends on t and not on the element; row.lr is the step size with its schedule
 * in it. `carry` is a running product from step to step, 1 before the first and 0 in the limit of
 * large t, where rows no longer change. */
#ifndef ESC_UPDATE_H
#define ESC_UPDATE_H

#include "kernels/rules/elementary.h"
#include "kernels/rules/flush.h"
#include "kernels/rules/key.h"

#define ESC_UPDATE_STATES_MAX    3
#define ESC_UPDATE_CONSTANTS_MAX 8
#define ESC_ROW_WIDTH            4

typedef struct esc_row {
  esc_real lr;
  esc_real a, b, c, d; /* each rule says what they are */
} esc_row;

/* What a rule asks of the engine. All zero unless its set-up says otherwise. */
typedef struct esc_update_traits {
  double start[ESC_UPDATE_STATES_MAX]; /* where the states begin */
  double lookahead;                    /* the gradient is taken at w - lookahead * (first state) */
  unsigned idle; /* bit k: with these keys state k matters not, and may stay where it begins */
} esc_update_traits;

/* 1 - beta^t, without cancellation. */
ESC_SETUP double esc_bias_correction(double beta, double t)
{
  const double from_zero = t > 0.0 ? 1.0 : 0.0;
  return beta > 0.0 ? -esc_expm1_f64(t * esc_log_f64(beta)) : from_zero;
}

/* sign(0) = 0; what is not a number stays so, and reaches the parameter. */
ESC_RULE esc_real esc_sign(esc_real x)
{
  const esc_real not_positive = x < ESC_LIT(0.0) ? ESC_LIT(-1.0) : x;
  return x > ESC_LIT(0.0) ? ESC_LIT(1.0) : not_positive;
}

/* step/scale; no step where one of them is 0: no gradient yet, or, with eps 0, one whose square has
 * left the normal range (flush.h). */
ESC_RULE esc_real esc_ratio(esc_real step, esc_real scale)
{
  const esc_real ratio = step / scale;
  const esc_real sized = scale == ESC_LIT(0.0) ? ESC_LIT(0.0) * step : ratio; /* NaN stays NaN */
  return step == ESC_LIT(0.0) ? ESC_LIT(0.0) : sized;
}

#endif
