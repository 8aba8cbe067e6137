/* One element of one update: what happens to a gradient on its way into a rule, and to a rule's
 * step on its way into the parameter, in this order: unscale, clip by the global norm (both in one
 * factor, with the sign of maximize), clip by value, add annealed noise (Neelakantan et al. 2015),
 * add coupled decay, the rule, decoupled decay. What is not asked for leaves its operand as it is,
 * infinities and signed zeros included. */
#ifndef ESC_ELEMENT_H
#define ESC_ELEMENT_H

#include "kernels/rules/modifiers.h"
#include "kernels/rules/update_catalogue.h"

/* What one update of a tensor needs to know, formed once per step by kernels/step/prepare.h. */
typedef struct esc_step_scalars {
  esc_row row;        /* the step size with its schedule, and what else depends on t */
  float factor;       /* of the gradient */
  float clip_value;   /* its components stay within +- this; infinity: none */
  float noise;        /* standard deviation of the noise on it; 0: none */
  float coupled;      /* weight decay added to it; 0: none */
  float decoupled;    /* lr times the decay taken off the parameter; 0: none */
  float keep_average; /* of the moving average of the parameter */
  int32_t t;          /* steps of this tensor, this one included */
  float constants[ESC_UPDATE_CONSTANTS_MAX]; /* the rule's */
} esc_step_scalars;

#if ESC_REAL_BITS == 32 /* arithmetic is float, whatever arrays are stored in */

ESC_RULE float esc_gradient(const esc_step_scalars *s, float g, float normal, float w)
{
  g = g * s->factor;
  g = g > s->clip_value ? s->clip_value : g;
  g = g < -s->clip_value ? -s->clip_value : g;
  g = s->noise > 0.0f ? fmaf(s->noise, normal, g) : g;
  return s->coupled > 0.0f ? esc_couple(s->coupled, w, g) : g;
}

ESC_RULE float esc_stepped(const esc_step_scalars *s, float w, float u)
{
  return w - (s->decoupled > 0.0f ? esc_decouple(s->decoupled, w, u) : u);
}

ESC_RULE float esc_parameter_average(const esc_step_scalars *s, float average, float w)
{
  return fmaf(s->keep_average, average, (1.0f - s->keep_average) * w);
}

/* esc_NAME_element(constants, scalars, g, normal, w, states): the new parameter. */
#define ESC_ELEMENT_STATES_0
#define ESC_ELEMENT_STATES_1 , &state[0]
#define ESC_ELEMENT_STATES_2 , &state[0], &state[1]
#define ESC_ELEMENT_STATES_3 , &state[0], &state[1], &state[2]
#define ESC_ELEMENT(name, count, ...)                                                              \
  ESC_RULE float esc_##name##_element(const esc_##name *c, const esc_step_scalars *s, float g,     \
                                      float normal, float w, float state[])                        \
  {                                                                                                \
    const float gradient = esc_gradient(s, g, normal, w);                                          \
    const float u = esc_##name##_update(c, s->row, gradient ESC_ELEMENT_STATES_##count);           \
    (void)state;                                                                                   \
    return esc_stepped(s, w, u);                                                                   \
  }

ESC_UPDATE_CATALOGUE(ESC_ELEMENT)
#endif

#endif
