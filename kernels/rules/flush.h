/* A state that only decays would stick at the smallest denormal for ever and make every step slow:
 * below the normal range it is zero. */
#ifndef ESC_FLUSH_H
#define ESC_FLUSH_H

#include "kernels/rules/rule.h"

ESC_RULE esc_real esc_flush(esc_real state)
{
#if ESC_REAL_BITS == 64
  return esc_abs(state) < 0x1p-1022 ? 0.0 : state;
#else
  return esc_abs(state) < 0x1p-126f ? 0.0f : state;
#endif
}

/* The exponential moving average keep*average + rest*value. */
ESC_RULE esc_real esc_average(esc_real keep, esc_real average, esc_real rest, esc_real value)
{
  return esc_flush(esc_fma(keep, average, rest * value));
}

#endif
