/* The laws of exact mode (support_draws.h). */
#include "tests/support_draws.h"

#include <string.h>

#include "kernels/rules/noise_catalogue.h"

#ifndef SUPPORT_DRAW
#define SUPPORT_DRAW support_draw_exact
float support_special_error = 0.0f;
#endif

#define SUPPORT_UNIFORM(k) esc_uniform_refined(words[k], further[k])
#define SUPPORT_NONE(law)
#define SUPPORT_BATCH(law)
#define SUPPORT_ONE(law)                                                                           \
  for (int v = 0; v < 4; v++)                                                                      \
    out[count++] = esc_##law##_draw(&c, SUPPORT_UNIFORM(v));
#define SUPPORT_PAIR(law)                                                                          \
  for (int v = 0; v < 4; v += 2, count += 2)                                                       \
    esc_##law##_pair(&c, SUPPORT_UNIFORM(v), words[v + 1], &out[v], &out[v + 1]);
#define SUPPORT_TWO(law)                                                                           \
  for (int v = 0; v < 4; v += 2)                                                                   \
    out[count++] = esc_##law##_draw(&c, SUPPORT_UNIFORM(v), SUPPORT_UNIFORM(v + 1));

#define SUPPORT_CONSTANTS_NONE(law)
#define SUPPORT_CONSTANTS_BATCH(law)
#define SUPPORT_CONSTANTS_ONE(law)                                                                 \
  esc_##law##_constants c;                                                                         \
  memcpy(&c, constants, sizeof c);
#define SUPPORT_CONSTANTS_PAIR(law) SUPPORT_CONSTANTS_ONE(law)
#define SUPPORT_CONSTANTS_TWO(law)  SUPPORT_CONSTANTS_ONE(law)

int SUPPORT_DRAW(int law, const float *constants, const uint32_t words[4],
                 const uint32_t further[4], float out[4])
{
  int count = 0, at = 0;
#define SUPPORT_LAW(name, shape, ...)                                                              \
  if (law == at++) {                                                                               \
    SUPPORT_CONSTANTS_##shape(name) SUPPORT_##shape(name)                                          \
  }
  ESC_NOISE_CATALOGUE(SUPPORT_LAW)
  return count;
}
