/* Stable laws in Nolan's S1 parametrisation, scale 1, by Chambers, Mallows and Stuck (1976) as
 * corrected by Weron (1996). V = pi v with v uniform on (-1/2, 1/2), W exponential.
 *   alpha != 1: B = atan(beta tan(pi alpha/2))/alpha,
 *     S = (1 + beta^2 tan^2(pi alpha/2))^(1/(2 alpha)),
 *     X = S sin(alpha(V+B)) / cos(V)^(1/alpha) * (cos(V - alpha(V+B))/W)^((1-alpha)/alpha)
 *   alpha = 1: X = (2/pi) [(pi/2 + beta V) tan V - beta log((pi/2) W cos V/(pi/2 + beta V))]
 * cos V = sin(pi d) keeps its accuracy where V nears +-pi/2; powers are taken through logarithms.
 * cos(V - alpha(V+B)) reaches 0 there too when |beta| = 1: its angle is formed from d as well. */
#ifndef ESC_STABLE_H
#define ESC_STABLE_H

#include "kernels/rules/noises/noise.h"

#define ESC_KEYS_stable(KEY)                                                                       \
  KEY(alpha, NUMBER, STABLE, ESC_REQUIRED, NULL, "tail index; 2 is the Gaussian of variance 2")    \
  KEY(beta, NUMBER, SKEW, 0.0, NULL, "skewness; S1: the mean is zero if alpha > 1")
ESC_DECLARE_KEYS(stable)

typedef struct esc_stable_constants {
  float alpha, shift;        /* shift = alpha B/pi */
  float log_scale;           /* log S */
  float per_alpha, excess;   /* 1/alpha, (1-alpha)/alpha */
  float base[2], slope[2];   /* cos(V - alpha(V+B)) = sin(pi (base + slope d)), by side */
  float beta, cauchy;        /* cauchy: 1 where alpha is 1 */
} esc_stable_constants;

ESC_SETUP void esc_stable_setup(const esc_stable_keys *key, esc_stable_constants *c)
{
  const double alpha = key->alpha, beta = key->beta;
  double sine, cosine;
  esc_sincospi_f64(0.5 * alpha, &sine, &cosine);
  const int cauchy = alpha == 1.0;
  const double tangent = cauchy || beta == 0.0 || alpha == 2.0 ? 0.0 : beta * sine / cosine;
  const double shift = esc_atan_f64(tangent) * 0.318309886183790672; /* alpha B / pi */
  c->alpha = (float)alpha;
  c->shift = (float)shift;
  c->log_scale = (float)(0.5 / alpha * esc_log_f64(1.0 + tangent * tangent));
  c->per_alpha = (float)(1.0 / alpha);
  c->excess = (float)((1.0 - alpha) / alpha);
  /* v = +-(1/2 - d): the angle pi((1-alpha) v - shift) lies between -pi/2 and pi/2; its cosine is
   * the sine of its distance to pi/2 on the near side. */
  for (int far = 0; far < 2; far++) {
    const double at_end = (far ? 0.5 : -0.5) * (1.0 - alpha) - shift; /* in half-turns, at d = 0 */
    const double run = far ? alpha - 1.0 : 1.0 - alpha;
    const double side = at_end < 0.0 ? 1.0 : -1.0;
    c->base[far] = (float)(0.5 + side * at_end);
    c->slope[far] = (float)(side * run);
  }
  c->beta = (float)beta;
  c->cauchy = cauchy ? 1.0f : 0.0f;
}

ESC_SETUP double esc_stable_variance(const esc_stable_keys *key)
{
  return key->alpha == 2.0 ? 2.0 : ESC_INFINITE;
}

ESC_RULE float esc_stable_cauchy(const esc_stable_constants *c, float v, float sine_v,
                                 float cosine_v, float exponential)
{
  const float half = fmaf(2.0f * c->beta, v, 1.0f); /* (pi/2 + beta V)/(pi/2) */
  const float skew = 0.636619772f * c->beta * esc_log_f32(exponential * cosine_v / half);
  return fmaf(half, sine_v / cosine_v, -skew);
}

ESC_RULE float esc_stable_draw(const esc_stable_constants *c, esc_uniform u, esc_uniform w)
{
  const float v = esc_sided(u, 0.5f - u.d);
  const float cosine_v = esc_sinpi_f32(u.d); /* V = +-(pi/2 - pi d) */
  const float exponential = esc_uniform_log(w);
  if (c->cauchy > 0.0f)
    return esc_stable_cauchy(c, v, esc_sinpi_f32(v), cosine_v, exponential);
  const float sine = esc_sinpi_f32(fmaf(c->alpha, v, c->shift));
  const float other = esc_sinpi_f32(
      fmaf(u.far ? c->slope[1] : c->slope[0], u.d, u.far ? c->base[1] : c->base[0]));
  const float least = 0x1p-60f; /* keeps the logarithm finite where a sine rounds to 0 */
  const float spread = esc_log_f32((other > least ? other : least) / exponential);
  const float power = fmaf(c->excess, spread, c->log_scale) - c->per_alpha * esc_log_f32(cosine_v);
  return sine * esc_exp_f32(power);
}

#endif
