/* Arrays of 16-bit elements to floats and back: a loop for each type and way of rounding. */
#include <string.h>

#include "kernels/cpu/step_loops.h"

#define ESC_LOAD_LOOP(name)                                                                        \
  static void load_##name(int n, const uint16_t *restrict from, float *restrict to)                \
  {                                                                                                \
    for (int i = 0; i < n; i++)                                                                    \
      to[i] = esc_f32_of_##name(from[i]);                                                          \
  }

#define ESC_STORE_LOOPS(name)                                                                      \
  static void store_##name(int n, const float *restrict from, uint16_t *restrict to)               \
  {                                                                                                \
    for (int i = 0; i < n; i++)                                                                    \
      to[i] = esc_##name##_of_f32(from[i]);                                                        \
  }                                                                                                \
  static void store_##name##_random(int n, const float *restrict from,                             \
                                    const uint16_t *restrict random, uint16_t *restrict to)        \
  {                                                                                                \
    for (int i = 0; i < n; i++)                                                                    \
      to[i] = esc_##name##_of_f32_random(from[i], random[i]);                                      \
  }

ESC_LOAD_LOOP(bf16)
ESC_LOAD_LOOP(f16)
ESC_STORE_LOOPS(bf16)
ESC_STORE_LOOPS(f16)

void ESC_STEP_LOAD(const void *array, int type, int64_t first, int n, float *to)
{
  if (type == ESC_STORE_F32)
    memcpy(to, (const float *)array + first, (size_t)n * sizeof *to);
  else if (type == ESC_STORE_BF16)
    load_bf16(n, (const uint16_t *)array + first, to);
  else
    load_f16(n, (const uint16_t *)array + first, to);
}

void ESC_STEP_STORE(void *array, int type, int64_t first, int n, const float *from,
                    const uint16_t *random)
{
  if (type == ESC_STORE_F32)
    memcpy((float *)array + first, from, (size_t)n * sizeof *from);
  else if (type == ESC_STORE_BF16 && random)
    store_bf16_random(n, from, random, (uint16_t *)array + first);
  else if (type == ESC_STORE_BF16)
    store_bf16(n, from, (uint16_t *)array + first);
  else if (random)
    store_f16_random(n, from, random, (uint16_t *)array + first);
  else
    store_f16(n, from, (uint16_t *)array + first);
}
