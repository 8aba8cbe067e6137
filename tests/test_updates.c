/* Update rules against the float64 references of tests/reference: one step from the stored state
 * within eps*(|w| + 8 U), U the update formed from absolute values (CONTRIBUTING.md), through
 * the loops of every instruction set in both state types; and sixty steps of the public API with
 * schedules, decay, clipping and projection. What the engine does around a step is not here. */
#include <criterion/criterion.h>
#include <float.h>
#include <string.h>

#include "host/plan.h"
#include "reference_updates.h"
#include "tests/support.h"
#include "tests/support_loops.h"
#include "tests/support_rules.h"

static support_case case_of(const ref_optimizer *o, int bits)
{
  support_case c = support_begin("quadratic", NULL, o->name, o->lr);
  c.experiment.state = bits == 64 ? ESC_STATE_F64 : ESC_STATE_F32;
  support_name_rule(o, &c.optimizer_keys);
  c.optimizer.weight_decay = o->weight_decay;
  c.optimizer.decay = o->decoupled ? ESC_DECAY_DECOUPLED : ESC_DECAY_COUPLED;
  return c;
}

/* --- one step ------------------------------------------------------------------------------------
 */

static double stored(double x, int bits)
{
  return bits == 64 ? x : (double)(float)x;
}

typedef struct lane {
  double g, w, before[4];
} lane;

static lane any_lane(support_rng *rng, const ref_optimizer *o, int64_t t, int bits)
{
  lane l = {.g = stored(support_gradient(rng), bits)};
  l.w = stored(support_normal(rng) * exp2(support_between(rng, -6.0, 6.0)), bits);
  ref_initial_state(o, l.before);
  if (t > 1 && support_draw(rng) % 8 != 0)
    support_state(rng, o, l.g, l.before);
  for (int k = 0; k < 4; k++)
    l.before[k] = stored(l.before[k], bits);
  return l;
}

/* Roundings of the reference itself, in double: 1 - beta^t loses ten bits where beta is .999, and
 * radam's rho_t - 4 twenty. */
static double rounding(const ref_optimizer *o, int bits)
{
  const double in_double = strcmp(o->name, "radam") == 0 ? 0x1p-30 : 0x1p-42;
  return bits == 64 ? in_double : (double)FLT_EPSILON;
}

/* Where v - m^2 is but rounding, no bound holds. */
static int undecided(const ref_optimizer *o, const double state[4])
{
  const double square = state[1] * state[1];
  return o->centered && state[0] - square < 1e-4 * (state[0] + square);
}

static int check_lane(const ref_optimizer *o, const support_step *step, int i, const lane *l,
                      int bits, double seed)
{
  const double eps = bits == 64 ? DBL_EPSILON : (double)FLT_EPSILON;
  const double smallest = bits == 64 ? DBL_MIN : (double)FLT_MIN;
  double state[4], magnitude;
  memcpy(state, l->before, sizeof state);
  const double expected = ref_update(o, step->t, l->g, l->w, state, &magnitude);
  if (!isfinite(expected) || !isfinite(magnitude) || undecided(o, state))
    return 0;
  const double bound = eps * fabs(l->w) + 8.0 * rounding(o, bits) * magnitude + smallest;
  cr_assert(fabs(step->next[i] - expected) <= bound,
            "%s, %s, f%d, t %lld, g %a, w %a, state %a %a %a: %.17g, expected %.17g +- %g (seed "
            "%.0f)",
            o->name, step->isa, bits, (long long)step->t, l->g, l->w, l->before[0], l->before[1],
            l->before[2], step->next[i], expected, bound, seed);
  const double coupled = o->decoupled ? 0.0 : o->weight_decay * fabs(l->w);
  if (fabs(l->g) < 4.0 * coupled) /* the gradient itself may have cancelled */
    return 1;
  for (int k = 0; k < ref_state_count(o); k++) {
    const int scaled = strcmp(o->name, "rmsprop") == 0 && k == 2;
    if (strcmp(o->name, "rmsprop") == 0 && k == 1 && !o->centered)
      continue; /* a slot the reference leaves alone */
    const double size = scaled ? magnitude / o->lr : fabs(state[k]) + fabs(l->before[k]);
    cr_assert(fabs(step->state[k][i] - state[k]) <= 8.0 * rounding(o, bits) * size + smallest,
              "%s, %s, f%d, t %lld, g %a, w %a, state %a %a %a: state %d is %.17g, expected %.17g "
              "(seed %.0f)",
              o->name, step->isa, bits, (long long)step->t, l->g, l->w, l->before[0], l->before[1],
              l->before[2], k, step->state[k][i], state[k], seed);
  }
  return 1;
}

static int check_step(const ref_optimizer *o, const esc_plan *plan, const char *isa, int64_t t,
                      int bits, uint64_t seed)
{
  support_rng rng = {seed};
  lane lanes[SUPPORT_LANES];
  support_step step = {.isa = isa, .plan = plan, .by_lane = (int)(t & 1), .t = t};
  for (int i = 0; i < SUPPORT_LANES; i++) {
    lanes[i] = any_lane(&rng, o, t, bits);
    step.g[i] = lanes[i].g;
    step.w[i] = lanes[i].w;
    for (int k = 0; k < ESC_UPDATE_STATES_MAX; k++)
      step.state[k][i] = lanes[i].before[k];
  }
  (bits == 64 ? support_step_f64 : support_step_f32)(&step);
  int checked = 0;
  for (int i = 0; i < SUPPORT_LANES; i++)
    checked += check_lane(o, &step, i, &lanes[i], bits, (double)seed);
  return checked;
}

/* All steps of one variant; the number of lanes that had a bound to hold. */
static int check_variant(const ref_optimizer *o, int bits, int *total)
{
  static const int64_t times[] = {1, 2, 3, 4, 5, 6, 7, 8, 10, 31, 100, 1000, 9000, 20000};
  support_case c = case_of(o, bits);
  c.experiment.stop_steps = 30000;
  esc_planned *planned = NULL;
  cr_assert_eq(esc_plan_make(support_experiment(&c), &planned), ESC_STATUS_OK, "%s: %s", o->name,
               esc_last_error());
  int checked = 0;
  for (const char *const *isa = support_isas(); *isa; isa++)
    for (size_t k = 0; k < sizeof times / sizeof *times; k++) {
      checked += check_step(o, &planned->plan, *isa, times[k], bits, 1000 * k + 7);
      *total += SUPPORT_LANES;
    }
  esc_plan_free(planned);
  return checked;
}

static void check_all(int bits)
{
  ref_optimizer o;
  for (int k = 0; support_variant(k, &o); k++) {
    int total = 0;
    const int checked = check_variant(&o, bits, &total);
    cr_assert(checked > total / 2, "%s (variant %d): only %d of %d had a bound", o.name, k, checked,
              total);
  }
}

Test(updates, one_step_f32)
{
  check_all(32);
}

Test(updates, one_step_f64)
{
  check_all(64);
}

/* Every rule of the catalogue has a variant above. */
Test(updates, none_is_left_out)
{
  int count, found = 0;
  const esc_entry *const rules = esc_catalogue_entries(ESC_CATALOGUE_OPTIMIZERS, &count);
  for (int k = 0; k < count; k++) {
    ref_optimizer o;
    int here = 0;
    for (int v = 0; support_variant(v, &o); v++)
      here |= strcmp(o.name, rules[k].name) == 0;
    cr_expect(here, "%s has no variant", rules[k].name);
    found += here;
  }
  cr_assert_eq(found, count);
}

/* --- no gradient, no number
 * ------------------------------------------------------------------------ */

/* With no gradient at all and eps 0 where that is allowed, no rule makes a NaN or moves. */
Test(updates, nothing_comes_of_nothing)
{
  ref_optimizer o;
  for (int k = 0; support_variant(k, &o); k++) {
    o.weight_decay = 0.0;
    o.eps = strcmp(o.name, "adadelta") == 0 ? o.eps : 0.0;
    support_case c = case_of(&o, 32);
    esc_planned *planned = NULL;
    cr_assert_eq(esc_plan_make(support_experiment(&c), &planned), ESC_STATUS_OK, "%s",
                 esc_last_error());
    support_step step = {.isa = "baseline", .plan = &planned->plan, .t = 1};
    for (int i = 0; i < SUPPORT_LANES; i++)
      step.w[i] = 0.25 * i;
    support_step_f32(&step);
    for (int i = 0; i < SUPPORT_LANES; i++)
      cr_assert(step.next[i] == 0.25 * i, "%s moves to %g from %g", o.name, step.next[i], 0.25 * i);
    esc_plan_free(planned);
  }
}

/* A state that decays under zero gradients ends at zero, not at the smallest denormal. */
Test(updates, states_die_out)
{
  ref_optimizer o = ref_optimizer_defaults("adam");
  support_case c = case_of(&o, 32);
  esc_planned *planned = NULL;
  cr_assert_eq(esc_plan_make(support_experiment(&c), &planned), ESC_STATUS_OK);
  support_step step = {.isa = "baseline", .plan = &planned->plan, .t = 30000};
  for (int i = 0; i < SUPPORT_LANES; i++)
    step.state[0][i] = step.state[1][i] = (double)FLT_MIN * 1.0001;
  for (int k = 0; k < 20; k++)
    support_step_f32(&step);
  cr_assert(step.state[0][0] == 0.0 && step.state[1][0] == 0.0);
  esc_plan_free(planned);
}

/* --- sixty steps of the whole engine
 * ---------------------------------------------------------------- */

enum { STEPS = 60 };
static const double curvature = 0.7, begin = 2.25;

typedef struct path {
  double x[STEPS + 1];
  int count;
} path;

static int keep(void *context, const esc_replay_step *step)
{
  path *const p = context;
  p->x[p->count++] = *step->position;
  return 0;
}

/* The factor of lr at step t, the kinds of docs/numerics.md in their order. */
static double factor(int schedule, double t)
{
  const double turn = (t - 10.0) / 40.0;
  switch (schedule) {
  case 1:
    return 1.0 / sqrt(t);
  case 2:
    return pow(t, -0.7);
  case 3:
    return pow(0.97, t - 1.0);
  case 4:
    return pow(0.5, floor((t - 1.0) / 7.0));
  case 5:
    if (t <= 10.0)
      return t / 10.0;
    return 0.1 + 0.9 * 0.5 * (1.0 + cos(3.14159265358979324 * (turn < 1.0 ? turn : 1.0)));
  default:
    return 1.0;
  }
}

static void name_schedule(int schedule, support_case *c)
{
  static const char *const names[] = {NULL,          "inverse_sqrt", "power",
                                      "exponential", "step",         "warmup_cosine"};
  c->optimizer.schedule = names[schedule];
  if (schedule == 2)
    support_number(&c->schedule_keys, "exponent", 0.7);
  if (schedule == 3)
    support_number(&c->schedule_keys, "gamma", 0.97);
  if (schedule == 4) {
    support_number(&c->schedule_keys, "every", 7);
    support_number(&c->schedule_keys, "gamma", 0.5);
  }
  if (schedule == 5) {
    support_number(&c->schedule_keys, "warmup", 10);
    support_number(&c->schedule_keys, "total", 50);
    support_number(&c->schedule_keys, "least", 0.1);
  }
}

typedef struct modifiers {
  int schedule;
  double clip, low, high;
} modifiers;

/* The step after clip_update and project, from where the engine stood. */
static double modified(const modifiers *m, double x, double next)
{
  double u = x - next;
  u = fabs(u) > m->clip ? copysign(m->clip, u) : u;
  next = x - u;
  next = next < m->low ? m->low : next;
  return next > m->high ? m->high : next;
}

/* Each step of the replay against the reference, which takes its gradients where the engine was.
 * The reference's states see float gradients, so that U is the largest of the steps so far. */
static void check_path(const ref_optimizer *rule, const modifiers *m, const path *p, int bits)
{
  /* schedules are float formulas in either state */
  const double eps = bits == 64 && !m->schedule ? 0x1p-48 : (double)FLT_EPSILON;
  double state[4], largest = 0.0;
  ref_optimizer o = *rule;
  ref_initial_state(&o, state);
  for (int t = 1; t <= STEPS; t++) {
    double magnitude;
    const double x = p->x[t - 1];
    o.lr = rule->lr * factor(m->schedule, t);
    const double gradient = curvature * ref_evaluation_point(&o, x, state);
    const double next = modified(m, x, ref_update(&o, t, gradient, x, state, &magnitude));
    largest = magnitude > largest ? magnitude : largest;
    const double bound = eps * (fabs(x) + 48.0 * largest);
    cr_assert(fabs(p->x[t] - next) <= bound,
              "%s, f%d, schedule %d, clip %g, t %d from %.9g: %.9g, expected %.9g +- %g", o.name,
              bits, m->schedule, m->clip, t, x, p->x[t], next, bound);
  }
}

static void check_replay(esc_device *device, const ref_optimizer *o, const modifiers *m, int bits)
{
  support_case c = case_of(o, bits);
  path p = {.count = 0};
  support_number(&c.landscape_keys, "k", curvature);
  name_schedule(m->schedule, &c);
  c.optimizer.clip_update = m->clip;
  c.optimizer.project[0] = m->low;
  c.optimizer.project[1] = m->high;
  c.experiment.stop_steps = STEPS;
  c.experiment.beyond = ESC_BEYOND_NONE;
  support_start_at(&c, begin);
  cr_assert_eq(esc_replay(device, support_experiment(&c), 3, keep, &p), ESC_STATUS_OK, "%s: %s",
               o->name, esc_last_error());
  cr_assert_eq(p.count, STEPS + 1);
  check_path(o, m, &p, bits);
}

Test(updates, replays)
{
  static const modifiers list[] = {
      {0, HUGE_VAL, -HUGE_VAL, HUGE_VAL},
      {1, HUGE_VAL, -HUGE_VAL, HUGE_VAL},
      {2, HUGE_VAL, -HUGE_VAL, HUGE_VAL},
      {3, HUGE_VAL, -HUGE_VAL, HUGE_VAL},
      {4, HUGE_VAL, -HUGE_VAL, HUGE_VAL},
      {5, HUGE_VAL, -HUGE_VAL, HUGE_VAL},
      {0, 0.03, -HUGE_VAL, HUGE_VAL},
      {0, HUGE_VAL, 1.75, 2.5},
      {5, 0.05, 0.5, 2.125},
  };
  esc_device *const device = support_device(NULL, 1);
  ref_optimizer o;
  for (int k = 0; support_variant(k, &o); k++)
    for (size_t m = 0; m < sizeof list / sizeof *list; m++) {
      check_replay(device, &o, &list[m], 32);
      check_replay(device, &o, &list[m], 64);
    }
  esc_device_close(device);
}

/* Adam as in section 4 of its paper: lr/sqrt(t) and beta1 lambda^(t-1). */
Test(updates, adam_of_the_paper)
{
  esc_device *const device = support_device(NULL, 1);
  static const char *const rules[] = {"adam", "adamw", "amsgrad"};
  for (int k = 0; k < 3; k++) {
    ref_optimizer o = ref_optimizer_defaults(rules[k]);
    o.lr = 0.1;
    o.paper_schedule = 1;
    o.beta1_decay = 0.9;
    support_case c = case_of(&o, 32);
    path p = {.count = 0};
    support_number(&c.landscape_keys, "k", curvature);
    c.optimizer.schedule = "inverse_sqrt";
    c.experiment.stop_steps = STEPS;
    support_start_at(&c, begin);
    cr_assert_eq(esc_replay(device, support_experiment(&c), 0, keep, &p), ESC_STATUS_OK);
    const modifiers none = {0, HUGE_VAL, -HUGE_VAL, HUGE_VAL};
    check_path(&o, &none, &p, 32);
  }
  esc_device_close(device);
}
