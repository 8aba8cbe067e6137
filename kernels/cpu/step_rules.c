/* The update rules over elements of a tensor: a loop each, made from the catalogue. */
#include "kernels/cpu/step_loops.h"

/* One pass over the elements; `noise` is an expression in i. */
#define ESC_STEP_PASS(name, states, noise)                                                         \
  for (int64_t i = 0; i < n; i++) {                                                                \
    float state[ESC_UPDATE_STATES_MAX] = {(states) > 0 ? first[i] : 0.0f,                          \
                                          (states) > 1 ? second[i] : 0.0f,                         \
                                          (states) > 2 ? third[i] : 0.0f};                         \
    w[i] = esc_##name##_element(&c, &s, g[i], noise, w[i], state);                                 \
    if ((states) > 0)                                                                              \
      first[i] = state[0];                                                                         \
    if ((states) > 1)                                                                              \
      second[i] = state[1];                                                                        \
    if ((states) > 2)                                                                              \
      third[i] = state[2];                                                                         \
  }

/* Without noise its factor is known to be 0, and the loop has none. */
#define ESC_STEP_LOOP(name, states, ...)                                                           \
  static void pass_##name(const esc_step_scalars *scalars, int64_t n, const float *restrict g,     \
                          const float *restrict normal, float *restrict w, float *restrict first,  \
                          float *restrict second, float *restrict third)                           \
  {                                                                                                \
    union {                                                                                        \
      esc_##name c;                                                                                \
      float number[ESC_UPDATE_CONSTANTS_MAX];                                                      \
    } load;                                                                                        \
    for (int k = 0; k < ESC_UPDATE_CONSTANTS_MAX; k++)                                             \
      load.number[k] = scalars->constants[k];                                                      \
    const esc_##name c = load.c;                                                                   \
    esc_step_scalars s = *scalars;                                                                 \
    (void)first, (void)second, (void)third;                                                        \
    if (normal) {                                                                                  \
      ESC_STEP_PASS(name, states, normal[i])                                                       \
    } else {                                                                                       \
      s.noise = 0.0f;                                                                              \
      ESC_STEP_PASS(name, states, 0.0f)                                                            \
    }                                                                                              \
  }
ESC_UPDATE_CATALOGUE(ESC_STEP_LOOP)

#define ESC_STEP_ENTER(name, states, ...) {states, pass_##name},
const esc_step_rule ESC_STEP_RULES[ESC_UPDATE_COUNT] = {ESC_UPDATE_CATALOGUE(ESC_STEP_ENTER)};

void ESC_STEP_AVERAGE(const esc_step_scalars *scalars, int n, const float *restrict w,
                      float *restrict average)
{
  const esc_step_scalars s = *scalars;
  for (int i = 0; i < n; i++)
    average[i] = esc_parameter_average(&s, average[i], w[i]);
}
