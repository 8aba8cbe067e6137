/* The noise's part of a plan. */
#include <math.h>
#include <string.h>

#include "host/error.h"
#include "host/plan.h"
#include "host/settings.h"

/* One function a law, from the catalogue: keys in, constants and variance at scale 1 out. */
typedef double setup_function(const double *keys, float *constants);

#define ESC_SETUP_DRAWN(name)                                                                      \
  static double setup_##name(const double *keys, float *constants)                                 \
  {                                                                                                \
    _Static_assert(sizeof(esc_##name##_constants) <= ESC_NOISE_CONSTANTS_MAX * sizeof(float),      \
                   #name);                                                                         \
    esc_##name##_keys key;                                                                         \
    esc_##name##_constants c;                                                                      \
    memcpy(&key, keys, sizeof key);                                                                \
    esc_##name##_setup(&key, &c);                                                                  \
    memcpy(constants, &c, sizeof c);                                                               \
    return esc_##name##_variance(&key);                                                            \
  }
#define ESC_SETUP_NONE(name)
#define ESC_SETUP_BATCH(name)
#define ESC_SETUP_ONE(name)             ESC_SETUP_DRAWN(name)
#define ESC_SETUP_PAIR(name)            ESC_SETUP_DRAWN(name)
#define ESC_SETUP_TWO(name)             ESC_SETUP_DRAWN(name)
#define ESC_SETUP_LAW(name, shape, ...) ESC_SETUP_##shape(name)
ESC_NOISE_CATALOGUE(ESC_SETUP_LAW)

#define ESC_ROW_NONE(name)            NULL
#define ESC_ROW_BATCH(name)           NULL
#define ESC_ROW_ONE(name)             setup_##name
#define ESC_ROW_PAIR(name)            setup_##name
#define ESC_ROW_TWO(name)             setup_##name
#define ESC_LAW_ROW(name, shape, ...) {ESC_ROW_##shape(name), ESC_SHAPE_##shape},
static const struct {
  setup_function *setup;
  int shape;
} laws[] = {ESC_NOISE_CATALOGUE(ESC_LAW_ROW)};

/* A source under work: its key path and what it is formed from. */
typedef struct esc_source {
  const esc_noise *noise;
  esc_plan_noise *to;
  const char *place;
  int dimension;
} esc_source;

static esc_status bad(const esc_source *source, const char *key, const char *expected, double found)
{
  char path[ESC_KEY_PATH_MAX];
  return esc_fail_at(esc_key_path(path, "%s.%s", source->place, key), "expected %s, found %g",
                     expected, found);
}

/* finite_sum: how terms are drawn. */
static esc_status plan_batch(const esc_source *source, double batch, double terms, int replace)
{
  enum { NO, YES, EPOCH };
  esc_plan_noise *const to = source->to;
  if (batch > 65536.0 || (replace != YES && batch > terms))
    return bad(source, "batch", "at most the number of terms (65536 with replacement)", batch);
  to->batch = (int)batch;
  to->replace = replace == YES;
  to->epoch_steps = replace == EPOCH ? (int)terms / to->batch : 1;
  if (replace == EPOCH && to->epoch_steps * to->batch != (int)terms)
    return bad(source, "batch", "a divisor of the number of terms, as replace is epoch", batch);
  return ESC_STATUS_OK;
}

/* finite_sum: the centred slopes, divided by the batch size so that their sum is the mean. The
 * variance of that mean is s^2/batch with replacement, s^2/batch (n-batch)/(n-1) without. */
static esc_status plan_finite_sum(esc_planned *planned, const esc_source *source,
                                  const esc_resolved *keys, double *variance)
{
  enum { VALUES, N, SPREAD, BATCH, REPLACE };
  esc_plan_noise *const to = source->to;
  char path[ESC_KEY_PATH_MAX];
  if ((keys->list != NULL) == (keys->value[N] >= 1.0))
    return esc_fail_at(esc_key_path(path, "%s.values", source->place),
                       "expected either values or n (and spread), found %s",
                       keys->list ? "both" : "neither");
  const double count = keys->list ? (double)keys->list_count : keys->value[N];
  if (count > 65536.0)
    return bad(source, keys->list ? "values" : "n", "at most 65536 terms", count);
  const int n = (int)count;
  const esc_status status =
      plan_batch(source, keys->value[BATCH], count, (int)keys->value[REPLACE]);
  if (status)
    return status;
  float *const values = esc_plan_own(planned, (size_t)n, sizeof *values);
  if (!values)
    return ESC_STATUS_OUT_OF_MEMORY;
  double mean = 0.0;
  for (int i = 0; keys->list && i < n; i++)
    mean += keys->list[i] / n;
  for (int i = 0; i < n; i++) {
    const double even = n > 1 ? keys->value[SPREAD] * (2.0 * i / (n - 1) - 1.0) : 0.0;
    values[i] = (float)((keys->list ? keys->list[i] - mean : even) / keys->value[BATCH]);
  }
  to->values = values;
  to->value_count = n;
  *variance = 0.0;
  for (int i = 0; i < n; i++)
    *variance += (double)values[i] * (double)values[i] / n * keys->value[BATCH];
  if (!to->replace && n > 1)
    *variance *= (double)(n - to->batch) / (n - 1);
  return ESC_STATUS_OK;
}

/* The scale of every coordinate, from scale, scales or variance. */
static esc_status plan_scale(const esc_source *source, double unit_variance)
{
  const esc_noise *const noise = source->noise;
  esc_plan_noise *const to = source->to;
  const int given = !isnan(noise->scale) + !isnan(noise->variance) + (noise->scales != NULL) +
                    (noise->covariance != NULL);
  const int annealed = !isnan(noise->anneal[0]);
  char path[ESC_KEY_PATH_MAX];
  if (given + annealed > 1)
    return esc_fail_at(source->place,
                       "expected one of scale, variance, covariance and anneal, found %d",
                       given + annealed);
  double scale = isnan(noise->scale) ? 1.0 : noise->scale;
  if (!esc_in_range(scale, ESC_RANGE_NOT_NEGATIVE))
    return bad(source, "scale", esc_range_name(ESC_RANGE_NOT_NEGATIVE), scale);
  if (!isnan(noise->variance) || annealed) {
    const char *const key = annealed ? "anneal" : "variance";
    const double variance = annealed ? 1.0 : noise->variance;
    if (isnan(unit_variance))
      return esc_fail_at(esc_key_path(path, "%s.%s", source->place, key),
                         "%s has no finite variance with these keys: expected scale", noise->law);
    if (!esc_in_range(variance, ESC_RANGE_NOT_NEGATIVE) || !esc_is_sized(variance))
      return bad(source, key, "a number of at least 0 and at most 1e30", variance);
    scale = unit_variance > 0.0 ? sqrt(variance / unit_variance) : 0.0;
  }
  if (noise->scales && noise->scale_count != source->dimension)
    return bad(source, "scale", "one number a dimension", noise->scale_count);
  for (int j = 0; j < source->dimension; j++) {
    const double own = noise->scales ? noise->scales[j] : scale;
    if (!esc_in_range(own, ESC_RANGE_NOT_NEGATIVE) || own > 1e30)
      return bad(source, "scale", "a number of at least 0 and at most 1e30", own);
    to->scale[j] = (float)own;
  }
  return ESC_STATUS_OK;
}

static esc_status plan_options(const esc_source *source)
{
  const esc_noise *const noise = source->noise;
  esc_plan_noise *const to = source->to;
  if (!(noise->clip > 0.0) || (isfinite(noise->clip) && !esc_is_sized(noise->clip)))
    return bad(source, "clip", "a number above 0 and at most 1e30, or .inf", noise->clip);
  if (!(noise->sparse >= 1e-9 && noise->sparse <= 1.0)) /* it is compared with words of 32 bits */
    return bad(source, "sparse", "a number in [1e-9, 1]", noise->sparse);
  for (int k = 0; k < 2; k++)
    if (!esc_in_range(noise->state_scale[k], ESC_RANGE_NOT_NEGATIVE) ||
        !esc_is_sized(noise->state_scale[k]))
      return bad(source, "state_scale", "two numbers of at least 0 and at most 1e30",
                 noise->state_scale[k]);
  if (!isnan(noise->anneal[0])) {
    static const char *const keys[] = {"anneal.eta0", "anneal.gamma"};
    for (int k = 0; k < 2; k++)
      if (!esc_in_range(noise->anneal[k], ESC_RANGE_NOT_NEGATIVE) ||
          !esc_is_sized(noise->anneal[k]))
        return bad(source, keys[k], "a number of at least 0 and at most 1e30", noise->anneal[k]);
    to->annealed = 1;
    to->anneal_root = (float)sqrt(noise->anneal[0]);
    to->anneal_power = (float)(-0.5 * noise->anneal[1]);
  }
  if (noise->proportional_to != ESC_PROPORTIONAL_TO_NOTHING &&
      noise->proportional_to != ESC_PROPORTIONAL_TO_LOSS)
    return bad(source, "proportional_to", "none or loss", noise->proportional_to);
  if (noise->target != ESC_NOISE_ON_GRADIENT && noise->target != ESC_NOISE_ON_PARAMETER)
    return bad(source, "on", "gradient or parameter", noise->target);
  to->clip = (float)noise->clip;
  to->sparse_below = noise->sparse < 1.0 ? (uint32_t)(noise->sparse * 0x1p32) : 0;
  to->scaled_by_state = noise->state_scale[0] != 1.0 || noise->state_scale[1] != 0.0;
  to->state_scale[0] = (float)noise->state_scale[0];
  to->state_scale[1] = (float)noise->state_scale[1];
  to->on_parameter = noise->target == ESC_NOISE_ON_PARAMETER;
  to->scaled_by_loss = noise->proportional_to == ESC_PROPORTIONAL_TO_LOSS;
  return ESC_STATUS_OK;
}

/* Near alpha = 1 the S1 laws with beta run off to infinity with tan(pi alpha/2), and float with
 * them. */
static esc_status check_stable(const esc_source *source, const esc_resolved *keys)
{
  const double alpha = keys->value[0], beta = keys->value[1];
  if (beta != 0.0 && alpha != 1.0 && fabs(alpha - 1.0) < 1e-3)
    return bad(source, "alpha", "1 itself or at least 0.001 from it, where beta is not 0", alpha);
  return ESC_STATUS_OK;
}

/* Which moments the position can have: noise without a variance leaves it none, noise without a
 * mean not even that; unless it is clipped, or the rule bounds its steps (plan_optimizer.c). */
static void note_moments(esc_planned *planned, const esc_source *source, const esc_resolved *keys,
                         double variance)
{
  const int heavy = isnan(variance) && source->to->shape != ESC_SHAPE_NONE;
  if (!heavy || isfinite(source->noise->clip))
    return;
  const int has_mean = keys->value[0] > 1.0; /* nu or alpha: the tail index comes first */
  const int moments = has_mean ? 1 : 0;
  planned->moments = moments < planned->moments ? moments : planned->moments;
  if (source->noise->target == ESC_NOISE_ON_PARAMETER && moments < planned->moments_on_parameter)
    planned->moments_on_parameter = moments;
}

static esc_status plan_source(esc_planned *planned, const esc_source *source)
{
  const esc_entry *entry;
  esc_resolved keys;
  esc_plan_noise *const to = source->to;
  char path[ESC_KEY_PATH_MAX];
  esc_status status = esc_find_entry(ESC_CATALOGUE_NOISES, source->noise->law, "a noise law",
                                     esc_key_path(path, "%s.law", source->place), &entry, &to->law);
  if (!status)
    status = esc_resolve_settings(entry, source->noise->settings, source->noise->setting_count,
                                  source->place, &keys);
  if (!status && to->law == ESC_LAW_stable)
    status = check_stable(source, &keys);
  double variance = (double)NAN;
  if (!status && to->law == ESC_LAW_finite_sum)
    status = plan_finite_sum(planned, source, &keys, &variance);
  if (status)
    return status;
  to->shape = laws[to->law].shape;
  to->per_block = to->shape == ESC_SHAPE_TWO ? 2 : 4;
  if (laws[to->law].setup)
    variance = laws[to->law].setup(keys.value, to->constants);
  note_moments(planned, source, &keys, variance);
  status = plan_scale(source, variance);
  if (!status && source->noise->covariance)
    status = esc_plan_covariance(planned, source->noise, source->place, to);
  return status ? status : plan_options(source);
}

esc_status esc_plan_noises(esc_planned *planned, const esc_experiment *experiment)
{
  esc_plan *const plan = &planned->plan;
  const int count = experiment->noise_count;
  if (count < 0 || count > ESC_SOURCES_MAX || (count > 0 && !experiment->noises))
    return esc_fail_at("noise", "expected at most %d sources, found %d", ESC_SOURCES_MAX, count);
  for (int k = 0; k < count; k++) {
    char place[ESC_KEY_PATH_MAX];
    const esc_noise *const noise = (const esc_noise *)((const char *)experiment->noises +
                                                       (size_t)k * experiment->noises->struct_size);
    esc_key_path(place, count == 1 ? "noise" : "noise[%d]", k);
    const esc_source source = {noise, &plan->noise[plan->noise_count], place, plan->dimension};
    const esc_status status = plan_source(planned, &source);
    if (status)
      return status;
    plan->noise_count += source.to->shape != ESC_SHAPE_NONE;
  }
  return ESC_STATUS_OK;
}
