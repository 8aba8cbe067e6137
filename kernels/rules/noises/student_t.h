/* Student's t by Bailey (1994): sqrt(nu (U^(-2/nu) - 1)) cos(2 pi V); variance nu/(nu-2). */
#ifndef ESC_STUDENT_T_H
#define ESC_STUDENT_T_H

#include "kernels/rules/noises/noise.h"

#define ESC_KEYS_student_t(KEY) KEY(nu, NUMBER, POSITIVE, ESC_REQUIRED, NULL, "tail index")
ESC_DECLARE_KEYS(student_t)

typedef struct esc_student_t_constants {
  float nu, exponent; /* exponent = 2/nu */
} esc_student_t_constants;

ESC_SETUP void esc_student_t_setup(const esc_student_t_keys *key, esc_student_t_constants *c)
{
  c->nu = (float)key->nu;
  c->exponent = (float)(2.0 / key->nu);
}

ESC_SETUP double esc_student_t_variance(const esc_student_t_keys *key)
{
  return key->nu > 2.0 ? key->nu / (key->nu - 2.0) : ESC_INFINITE;
}

ESC_RULE float esc_student_t_draw(const esc_student_t_constants *c, esc_uniform u, esc_uniform v)
{
  const float cosine = esc_sinpi_f32(fmaf(-2.0f, v.d, 0.5f)); /* cos(2 pi d) */
  return sqrtf(c->nu * esc_expm1_f32(c->exponent * esc_uniform_log(u))) * cosine;
}

#endif
