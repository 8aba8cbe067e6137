/* support_expected.h says what these are. */
#include "tests/support_expected.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double eps = (double)FLT_EPSILON, smallest = (double)FLT_MIN;

/* One element before a step, and what the step should make of it. */
typedef struct expected {
  double w, average, before[4];        /* before */
  double next, state[4], next_average; /* after */
  double magnitude;                    /* U, with what the gradient's own sum cancels */
  double gradient, worse;              /* as it reaches the rule; how much more it cancelled */
} expected;

typedef struct context {
  const support_job *job;
  const unsigned char *before, *after;
  const char *who;
  double factor;
  /* of the tensor at hand: */
  int number;
  const support_tensor *tensor;
  const support_group *group;
  ref_optimizer rule;
  int64_t t;
  double deviation;
} context;

double support_norm(const support_job *job, const unsigned char *image)
{
  long double sum = 0.0L;
  for (int k = 0; k < job->tensor_count; k++)
    for (int64_t i = 0; i < job->tensors[k].count && !job->tensors[k].unbound; i++) {
      const long double g = support_element(job, image, k, SUPPORT_GRADIENT, i);
      sum += g * g;
    }
  return isfinite((double)sqrtl(sum)) ? (double)sqrtl(sum) : (double)INFINITY;
}

/* The gradient on its way into the rule: unscaled and clipped, clipped by value, negated, noise. */
static void form_gradient(const context *c, int64_t i, expected *e)
{
  double g = c->factor * support_element(c->job, c->before, c->number, SUPPORT_GRADIENT, i);
  g = g > c->group->clip_value ? c->group->clip_value : g;
  g = g < -c->group->clip_value ? -c->group->clip_value : g; /* a NaN stays */
  if (c->group->maximize)
    g = -g;
  e->gradient = g;
  e->worse = 1.0;
  if (c->deviation == 0.0)
    return;
  double spread;
  const double normal = ref_noise_normal(c->job->seed, c->number, c->t, i, &spread);
  e->gradient = g + c->deviation * normal;
  e->worse = 1.0 + (fabs(g) + c->deviation * spread) / fabs(e->gradient);
}

static void form_element(const context *c, int64_t i, expected *e)
{
  const support_tensor *const tensor = c->tensor;
  const int parameter =
      tensor->type[SUPPORT_MASTER] == SUPPORT_NONE ? SUPPORT_VALUE : SUPPORT_MASTER;
  e->w = support_element(c->job, c->before, c->number, parameter, i);
  ref_initial_state(&c->rule, e->before);
  for (int k = 0; k < 3; k++)
    if (tensor->type[SUPPORT_STATE + k] != SUPPORT_NONE)
      e->before[k] = support_element(c->job, c->before, c->number, SUPPORT_STATE + k, i);
  memcpy(e->state, e->before, sizeof e->state);
  form_gradient(c, i, e);
  e->next = ref_update(&c->rule, c->t, e->gradient, e->w, e->state, &e->magnitude);
  e->magnitude *= e->worse;
  if (tensor->type[SUPPORT_AVERAGE] == SUPPORT_NONE)
    return;
  const double keep = c->group->average_keep;
  e->average = support_element(c->job, c->before, c->number, SUPPORT_AVERAGE, i);
  e->next_average = keep * e->average + (1.0 - keep) * e->next;
}

/* Schedules and noise are float formulas of some roundings more than a rule alone has. */
static double roundings(const context *c)
{
  const int more =
      c->group->lr_schedule.kind || c->group->decay_schedule.kind || c->deviation > 0.0;
  return more ? 20.0 : 8.0;
}

/* An element of an array after the step: within `bound` of x, and the rounding of its type. */
static void check_element(const context *c, int array, int64_t i, double x, double bound)
{
  const int type = c->tensor->type[array];
  const double found = support_element(c->job, c->after, c->number, array, i);
  const double share = c->tensor->stochastic && type != REF_F32 ? 1.0 : 0.5;
  const double allowed = bound + share * ref_step_at(type, fabs(x) + bound);
  if (fabs(x) + allowed >= ref_largest(type)) {
    cr_assert(fabs(found) >= ref_largest(type) - 2.0 * allowed, "%s: %g, expected to overflow",
              c->who, found);
    return;
  }
  cr_assert(fabs(found - x) <= allowed,
            "%s: %s, tensor %d (types %d %d %d), array %d of type %d, element %lld of %lld, step "
            "%lld: %.17g, expected %.17g +- %g (seed %llu)",
            c->who, c->rule.name, c->number, c->tensor->type[SUPPORT_VALUE],
            c->tensor->type[SUPPORT_GRADIENT], c->tensor->type[SUPPORT_MASTER], array, type,
            (long long)i, (long long)c->tensor->count, (long long)c->t, found, x, allowed,
            (unsigned long long)c->job->seed);
}

/* Where v - m^2 is but rounding, no bound holds. */
static int undecided(const context *c, const expected *e)
{
  const double square = e->state[1] * e->state[1];
  return c->rule.centered && e->state[0] - square < 1e-4 * (e->state[0] + square);
}

static void check_states(const context *c, int64_t i, const expected *e)
{
  const double coupled = c->rule.decoupled ? 0.0 : c->rule.weight_decay * fabs(e->w);
  if (fabs(e->gradient) < 4.0 * coupled || e->worse > 100.0) /* itself but rounding */
    return;
  for (int k = 0; k < 3; k++) {
    if (c->tensor->type[SUPPORT_STATE + k] == SUPPORT_NONE)
      continue;
    const int scaled = strcmp(c->rule.name, "rmsprop") == 0 && k == 2;
    const double size =
        scaled ? e->magnitude / c->rule.lr : (fabs(e->state[k]) + fabs(e->before[k])) * e->worse;
    check_element(c, SUPPORT_STATE + k, i, e->state[k], roundings(c) * eps * size + smallest);
  }
}

/* Whether there was a bound to hold. */
static int check_one(const context *c, int64_t i)
{
  expected e;
  form_element(c, i, &e);
  if (isnan(e.gradient)) {
    const double found = support_element(c->job, c->after, c->number, SUPPORT_VALUE, i);
    cr_assert(isnan(found), "%s: %s makes %g of a gradient that is not a number", c->who,
              c->rule.name, found);
    return 0;
  }
  if (!isfinite(e.next) || !(e.magnitude < (double)FLT_MAX / 64.0) || e.worse > 1e4 ||
      undecided(c, &e))
    return 0;
  const double bound = eps * (fabs(e.w) + roundings(c) * e.magnitude) + smallest;
  check_element(c, SUPPORT_VALUE, i, e.next, bound);
  if (c->tensor->type[SUPPORT_MASTER] != SUPPORT_NONE)
    check_element(c, SUPPORT_MASTER, i, e.next, bound);
  if (c->tensor->type[SUPPORT_AVERAGE] != SUPPORT_NONE)
    check_element(c, SUPPORT_AVERAGE, i, e.next_average,
                  bound + eps * (fabs(e.average) + fabs(e.next)));
  check_states(c, i, &e);
  return 1;
}

static size_t end_of(const support_tensor *tensor, int array)
{
  return tensor->at[array] + (size_t)tensor->count * (size_t)ref_type_bytes(tensor->type[array]);
}

/* Every byte that the step had no business with is as it was: `rest` is `after` with what it may
 * write put back. */
static void check_rest(const support_job *job, const unsigned char *before,
                       const unsigned char *after, size_t bytes, int skipped, const char *who)
{
  unsigned char *const rest = malloc(bytes);
  cr_assert_not_null(rest);
  memcpy(rest, after, bytes);
  for (int k = 0; k < job->tensor_count; k++) {
    const support_tensor *const tensor = &job->tensors[k];
    for (int array = 0; array < SUPPORT_ARRAYS; array++) {
      const int zeroed = array == SUPPORT_GRADIENT && job->zero_gradients && !tensor->unbound;
      const int stepped = array != SUPPORT_GRADIENT && !skipped && !tensor->unbound;
      if (tensor->type[array] == SUPPORT_NONE || !(zeroed || stepped))
        continue;
      for (size_t at = tensor->at[array]; zeroed && at < end_of(tensor, array); at++)
        cr_assert_eq(after[at], 0, "%s: tensor %d: a gradient is not zero", who, k);
      memcpy(rest + tensor->at[array], before + tensor->at[array],
             end_of(tensor, array) - tensor->at[array]);
    }
  }
  if (memcmp(rest, before, bytes) != 0)
    support_same_image(job, before, rest, bytes, who);
  free(rest);
}

static int is_skipped(const support_job *job, double norm)
{
  return job->found_inf != 0.0 || (job->skip_non_finite && isinf(norm));
}

int64_t support_check_step(const support_job *job, const unsigned char *before,
                           const unsigned char *after, size_t bytes, int64_t *total,
                           const char *who)
{
  const double norm = support_norm(job, before);
  const int skipped = is_skipped(job, norm);
  context c = {.job = job, .before = before, .after = after, .who = who};
  int64_t checked = 0;
  *total = 0;
  check_rest(job, before, after, bytes, skipped, who);
  c.factor = ref_gradient_factor(job->loss_scale, norm, job->clip_norm, job->clip_eps);
  for (c.number = 0; c.number < job->tensor_count && !skipped; c.number++) {
    c.tensor = &job->tensors[c.number];
    c.group = &job->groups[c.tensor->group];
    c.t = c.tensor->steps + 1;
    c.rule = support_rule_at(c.group, c.t);
    c.deviation = ref_noise_deviation(c.group->noise[0], c.group->noise[1], c.t);
    if (c.tensor->unbound)
      continue;
    *total += c.tensor->count;
    for (int64_t i = 0; i < c.tensor->count; i++)
      checked += check_one(&c, i);
  }
  return checked;
}

static void check_counters(const support_rig *rig, int skipped)
{
  for (int k = 0; k < rig->job->tensor_count; k++) {
    const support_tensor *const tensor = &rig->job->tensors[k];
    int64_t steps = -1;
    cr_assert_eq(esc_optimizer_steps(rig->optimizer, k, NULL, &steps), ESC_STATUS_OK, "%s",
                 esc_last_error());
    cr_assert_eq(steps, tensor->steps + (skipped || tensor->unbound ? 0 : 1),
                 "%s: tensor %d counts %lld steps", support_rig_name(rig), k, (long long)steps);
  }
}

void support_check_job(support_job *job, double share)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  unsigned char *before = NULL, *first = NULL;
  for (int k = 0; k < count; k++) {
    support_rig rig = support_rig_open(&targets[k], job);
    if (!before)
      before = support_rig_fill(&rig);
    unsigned char *const after = malloc(rig.bytes);
    cr_assert_not_null(after);
    support_rig_load(&rig, before);
    support_rig_step(&rig);
    support_rig_fetch(&rig, after);
    check_counters(&rig, is_skipped(job, support_norm(job, before)));
    if (first) {
      support_same_image(job, first, after, rig.bytes, support_rig_name(&rig));
      free(after);
    } else {
      int64_t total;
      const int64_t checked =
          support_check_step(job, before, after, rig.bytes, &total, support_rig_name(&rig));
      cr_assert((double)checked >= share * (double)total, "only %lld of %lld had a bound",
                (long long)checked, (long long)total);
      first = after;
    }
    support_rig_close(&rig);
  }
  free(before);
  free(first);
}
