/* Schedules: the factor of the step size at step t = 1, 2, ... and of annealed noise. They need not
 * ever stop changing, so they are float formulas of the whole number t and not tables. */
#ifndef ESC_SCHEDULE_H
#define ESC_SCHEDULE_H

#include "kernels/rules/elementary.h"
#include "kernels/rules/key.h"

#define ESC_KEYS_constant(KEY)
#define ESC_KEYS_inverse_sqrt(KEY)
#define ESC_KEYS_power(KEY) KEY(exponent, NUMBER, POSITIVE, 1.0, NULL, "how fast lr falls")
#define ESC_KEYS_exponential(KEY) KEY(gamma, NUMBER, SHARE, ESC_REQUIRED, NULL, "factor of a step")
#define ESC_KEYS_step(KEY)                                                                         \
  KEY(every, NUMBER, COUNT, ESC_REQUIRED, NULL, "steps between drops")                             \
  KEY(gamma, NUMBER, SHARE, 0.1, NULL, "factor of a drop")
#define ESC_KEYS_warmup_cosine(KEY)                                                                \
  KEY(warmup, NUMBER, NOT_NEGATIVE, 0.0, NULL, "steps of linear rise")                             \
  KEY(total, NUMBER, COUNT, ESC_REQUIRED, NULL, "step at which the cosine ends")                   \
  KEY(least, NUMBER, SHARE, 0.0, NULL, "share of lr left from there on")

/* SCHEDULE(name, formula): the catalogue of schedules. */
#define ESC_SCHEDULE_CATALOGUE(SCHEDULE)                                                           \
  SCHEDULE(constant, "lr")                                                                         \
  SCHEDULE(inverse_sqrt, "lr/sqrt(t)")                                                             \
  SCHEDULE(power, "lr*t^-exponent")                                                                \
  SCHEDULE(exponential, "lr*gamma^(t-1)")                                                          \
  SCHEDULE(step, "lr*gamma^floor((t-1)/every)")                                                    \
  SCHEDULE(warmup_cosine,                                                                          \
           "lr*t/warmup, then lr*(least + (1-least)*(1 + cos(pi*(t-warmup)/(total-warmup)))/2)")

#define ESC_SCHEDULE_ENUM(name, formula) ESC_SCHEDULE_##name,
enum { ESC_SCHEDULE_CATALOGUE(ESC_SCHEDULE_ENUM) ESC_SCHEDULE_COUNT };

typedef struct esc_schedule {
  int kind;
  float log_high, log_low; /* the logarithm of gamma, or minus the exponent, in two floats */
  float every, warmup, per_warmup, per_fall, least;
} esc_schedule;

/* keys in the order of the catalogue. */
ESC_SETUP esc_schedule esc_schedule_setup(int kind, const double *key)
{
  esc_schedule s = {kind, 0.0f, 0.0f, 1.0f, 0.0f, 1.0f, 1.0f, 0.0f};
  double logarithm = 0.0;
  if (kind == ESC_SCHEDULE_power)
    logarithm = -key[0];
  if (kind == ESC_SCHEDULE_exponential)
    logarithm = key[0] > 0.0 ? esc_log_f64(key[0]) : -1e30;
  if (kind == ESC_SCHEDULE_step) {
    s.every = (float)key[0];
    logarithm = key[1] > 0.0 ? esc_log_f64(key[1]) : -1e30;
  }
  if (kind == ESC_SCHEDULE_warmup_cosine) {
    s.warmup = (float)key[0];
    s.per_warmup = key[0] > 0.0 ? (float)(1.0 / key[0]) : 1.0f;
    s.per_fall = key[1] > key[0] ? (float)(1.0 / (key[1] - key[0])) : 1.0f;
    s.least = (float)key[2];
  }
  s.log_high = (float)logarithm;
  s.log_low = (float)(logarithm - (double)s.log_high);
  return s;
}

/* exp(n * (log_high + log_low)) for whole n, right to a few ulp for any n. */
ESC_RULE float esc_schedule_power(const esc_schedule *s, float n)
{
  const float product = n * s->log_high;
  const float rest = fmaf(n, s->log_high, -product) + n * s->log_low;
  const float factor = esc_exp_f32(product);
  return factor > 0.0f ? fmaf(factor, rest, factor) : 0.0f;
}

/* floor(a/b) of whole floats below 2^24. */
ESC_RULE float esc_whole_quotient(float a, float b)
{
  const float guess = (float)(int32_t)(a / b);
  return fmaf(-guess, b, a) < 0.0f ? guess - 1.0f : guess;
}

ESC_RULE float esc_schedule_factor(const esc_schedule *s, int32_t t)
{
  const float n = (float)t;
  float sine, cosine, fall;
  switch (s->kind) {
  case ESC_SCHEDULE_inverse_sqrt:
    return 1.0f / sqrtf(n);
  case ESC_SCHEDULE_power:
    return esc_pow_f32(n, s->log_high);
  case ESC_SCHEDULE_exponential:
    return esc_schedule_power(s, (float)(t - 1));
  case ESC_SCHEDULE_step:
    return esc_schedule_power(s, esc_whole_quotient((float)(t - 1), s->every));
  case ESC_SCHEDULE_warmup_cosine:
    fall = (n - s->warmup) * s->per_fall;
    esc_sincospi_f32(fall < 1.0f ? fall : 1.0f, &sine, &cosine);
    fall = fmaf(0.5f * (1.0f - s->least), 1.0f + cosine, s->least);
    return n <= s->warmup ? n * s->per_warmup : fall;
  default:
    return 1.0f;
  }
}

/* The standard deviation sqrt(eta0/(1+t)^gamma) of annealed noise (Neelakantan et al. 2015), t = 0
 * at the first step; root = sqrt(eta0), power = -gamma/2. */
ESC_RULE float esc_annealed_scale(float root, float power, int32_t t)
{
  return root * esc_pow_f32((float)(t + 1), power);
}

#endif
