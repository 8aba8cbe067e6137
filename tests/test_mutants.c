/* Cases that only tools/mutate asked for: small wrong edits that no other test noticed. Each says
 * which line it watches. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/estimate.h"
#include "host/plan.h"
#include "tests/support.h"
#include "tests/support_loops.h"

#define ESC_ISA baseline
#include "kernels/cpu/loops.h"

/* --- elementary functions --------------------------------------------------------------------- */

/* sin(pi a) alone: 2.13 ulp at most over all floats in [2^-20, 1] (kernels/rules/elementary.h). */
Test(mutants, sinpi)
{
  support_rng rng = {8};
  for (int k = 0; k < 2000000; k++) {
    const float a = (float)support_between(&rng, -0.75, 0.75);
    const double exact = sin(3.14159265358979324 * (double)a);
    const double ulp = exp2(floor(log2(fabs(exact))) - 23.0);
    const double error = fabs((double)esc_sinpi_f32(a) - exact);
    cr_assert(error <= 2.2 * ulp, "sin(pi %a): %.3f ulp", (double)a, error / ulp);
  }
}

static esc_planned *plan_of(support_case *c)
{
  esc_planned *planned = NULL;
  cr_assert_eq(esc_plan_make(support_experiment(c), &planned), ESC_STATUS_OK, "%s",
               esc_last_error());
  return planned;
}

/* A rule with its states in use: momentum where it is an option. */
static support_case rule_of(const char *name, const char *form, int bits)
{
  support_case c = support_begin("quadratic", NULL, name, 0.0625);
  c.experiment.state = bits == 64 ? ESC_STATE_F64 : ESC_STATE_F32;
  c.experiment.stop_steps = 40000;
  if (strcmp(name, "rmsprop") == 0)
    support_number(&c.optimizer_keys, "momentum", 0.9);
  if (strcmp(name, "adamax") == 0)
    support_number(&c.optimizer_keys, "eps", 0.0);
  if (form)
    support_word(&c.optimizer_keys, "form", form);
  return c;
}

/* --- states (kernels/rules/flush.h) ----------------------------------------------------------- */

/* Adagrad's sum and AMSGrad's largest never shrink. */
static int never_shrinks(const char *rule, int state)
{
  return strcmp(rule, "adagrad") == 0 || (strcmp(rule, "amsgrad") == 0 && state == 2);
}

static void check_dying(const char *rule, const char *form, int bits)
{
  support_case c = rule_of(rule, form, bits);
  esc_planned *const planned = plan_of(&c);
  support_step step = {.isa = "baseline", .plan = &planned->plan, .t = 30000};
  const double least = bits == 64 ? DBL_MIN : (double)FLT_MIN;
  for (int k = 0; k < planned->plan.states; k++)
    for (int i = 0; i < SUPPORT_LANES; i++)
      step.state[k][i] = least * 1.0001;
  for (int k = 0; k < 8; k++)
    (bits == 64 ? support_step_f64 : support_step_f32)(&step);
  for (int k = 0; k < planned->plan.states; k++)
    if (!never_shrinks(rule, k))
      cr_expect(step.state[k][0] == 0.0, "%s, f%d: state %d stays at %a", rule, bits, k,
                step.state[k][0]);
  esc_plan_free(planned);
}

/* Under zero gradients every state that shrinks becomes zero below the normal range. */
Test(mutants, every_state_dies_out)
{
  int count;
  const esc_entry *const rules = esc_catalogue_entries(ESC_CATALOGUE_OPTIMIZERS, &count);
  for (int k = 0; k < count; k++)
    for (int bits = 32; bits <= 64; bits += 32) {
      check_dying(rules[k].name, NULL, bits);
      if (strcmp(rules[k].name, "nesterov") == 0)
        check_dying(rules[k].name, "lookahead", bits);
    }
}

/* AdaMax: a gradient that is not a number leaves the scale alone and reaches the parameter. */
Test(mutants, adamax_survives_a_nan)
{
  support_case c = rule_of("adamax", NULL, 32);
  esc_planned *const planned = plan_of(&c);
  support_step step = {.isa = "baseline", .plan = &planned->plan, .t = 3};
  for (int i = 0; i < SUPPORT_LANES; i++) {
    step.g[i] = (double)NAN;
    step.state[1][i] = 2.0;
  }
  support_step_f32(&step);
  cr_assert(step.state[1][0] > 1.99 && step.state[1][0] < 2.0, "%g", step.state[1][0]);
  cr_assert(isnan(step.next[0]));
  esc_plan_free(planned);
}

/* --- modifiers -------------------------------------------------------------------------------- */

/* What a rule does with its decay where the experiment says nothing (host/plan_optimizer.c). */
Test(mutants, decay_by_default)
{
  static const struct {
    const char *rule;
    double decay;
    int decoupled;
  } known[] = {{"sgd", 0.0, 0}, {"adam", 0.0, 0}, {"adamw", 0.01, 1}, {"lion", 0.0, 1}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    support_case c = rule_of(known[k].rule, NULL, 32);
    esc_planned *const planned = plan_of(&c);
    cr_expect(planned->plan.weight_decay == known[k].decay, "%s", known[k].rule);
    cr_expect_eq(planned->plan.decoupled, known[k].decoupled, "%s", known[k].rule);
    esc_plan_free(planned);
  }
}

typedef struct step_of {
  double x[2][3];
} step_of;

static int keep(void *context, const esc_replay_step *step)
{
  memcpy(((step_of *)context)->x[step->step], step->position, 3 * sizeof(double));
  return 0;
}

/* One step of a bowl from size*(1, 2, 3), the update being half of that, clipped to bound*size. */
static void check_clip(esc_device *device, int dimension, double size, double bound)
{
  support_case c = support_begin("quadratic", NULL, "sgd", 1.0);
  step_of p;
  const double longest = 0.5 * sqrt(dimension == 1 ? 1.0 : 14.0);
  support_number(&c.landscape_keys, "k", 0.5);
  support_number(&c.landscape_keys, "dimension", dimension);
  c.optimizer.clip_update = bound * fabs(size);
  c.experiment.stop_steps = 1;
  for (int j = 0; j < dimension; j++)
    c.start_values[j] = size * (1.0 + j);
  c.start.value_count = dimension;
  cr_assert_eq(esc_replay(device, support_experiment(&c), 0, keep, &p), ESC_STATUS_OK, "%s",
               esc_last_error());
  for (int j = 0; j < dimension; j++) {
    const double share = bound < longest ? bound / longest : 1.0;
    const double expected = size * (1.0 + j) * (1.0 - 0.5 * share);
    cr_assert(fabs(p.x[1][j] - expected) < 1e-6 * fabs(size),
              "dimension %d, coordinate %d: %g, expected %g", dimension, j, p.x[1][j], expected);
  }
}

/* clip_update shortens the whole update and keeps its direction, on either side of 0 and where
 * squares overflow, in one dimension and in three (kernels/cpu/update_loops.c). */
Test(mutants, clip_update_keeps_the_direction)
{
  static const double sizes[] = {1.0, -1.0, 1e29};
  esc_device *const device = support_device(NULL, 1);
  for (int dimension = 1; dimension <= 3; dimension += 2)
    for (int k = 0; k < 3; k++) {
      check_clip(device, dimension, sizes[k], 0.25);
      check_clip(device, dimension, sizes[k], 3.0);
    }
  esc_device_close(device);
}

/* --- random words ----------------------------------------------------------------------------- */

/* A distance is the middle of its cell of 2^-32, exactly where a float can say so
 * (kernels/rules/uniform.h). */
Test(mutants, uniforms_are_midpoints)
{
  for (uint32_t word = 0; word < 0x800000; word += 0x1235)
    for (uint32_t side = 0; side < 2; side++) {
      const esc_uniform u = esc_uniform_of_word(word | side << 31);
      cr_assert((double)u.d == ((double)word + 0.5) * 0x1p-32, "word %x: %a", word, (double)u.d);
      cr_assert_eq(u.far, side << 31);
    }
}

typedef struct walk {
  double x[9][2];
} walk;

static int keep_walk(void *context, const esc_replay_step *step)
{
  memcpy(((walk *)context)->x[step->step], step->position, 2 * sizeof(double));
  return 0;
}

/* A free walk in the plane, lr 1: a step takes the first variates of a block of its own. */
static support_case free_walk(const char *law)
{
  support_case c = support_begin("quadratic", law, "sgd", 1.0);
  support_number(&c.landscape_keys, "k", 0.0);
  support_number(&c.landscape_keys, "dimension", 2);
  if (strcmp(law, "student_t") == 0)
    support_number(&c.noise_keys[0], "nu", 3.0);
  c.noise[0].scale = 0.5;
  c.experiment.stop_steps = 8;
  c.experiment.state = ESC_STATE_F64;
  return c;
}

/* The step of trajectory id that takes this block. */
static void check_refined(esc_device *device, support_case *c, uint64_t id, uint64_t block)
{
  const uint64_t tail = (uint64_t)ESC_STREAM_TAIL << ESC_STREAM_SHIFT;
  const esc_words words = esc_philox(c->experiment.seed, block, id);
  const esc_words further = esc_philox(c->experiment.seed, block + tail, id);
  const float one[4] = {1.0f, 1.0f, 1.0f, 1.0f};
  esc_planned *const planned = plan_of(c);
  const esc_plan_noise *const noise = &planned->plan.noise[0];
  float xi[4];
  walk w;
  esc_noise_loops_baseline.redraw[noise->law](noise->constants, one, words.w, further.w, xi);
  cr_assert_eq(esc_replay(device, support_experiment(c), (int64_t)id, keep_walk, &w),
               ESC_STATUS_OK);
  for (int j = 0; j < 2; j++)
    cr_assert(w.x[block + 1][j] == w.x[block][j] - (double)(0.5f * xi[j]),
              "%s, id %llu, block %llu", c->noise[0].law, (unsigned long long)id,
              (unsigned long long)block);
  esc_plan_free(planned);
}

/* Rare words are refined by those of their own block, whichever of the group it is, and scaled
 * (kernels/cpu/tile_noise.c, noise_loops.c). */
Test(mutants, later_blocks_are_refined)
{
  static const char *const laws[] = {"laplace", "gaussian", "student_t"};
  esc_device *const device = support_device(NULL, 1);
  for (int k = 0; k < 3; k++) {
    support_case c = free_walk(laws[k]);
    int rare = 0;
    for (uint64_t id = 0; id < 150000; id++)
      for (uint64_t block = 1; block < 8; block++)
        if (esc_word_is_rare(esc_philox(c.experiment.seed, block, id).w[0])) {
          check_refined(device, &c, id, block);
          rare++;
        }
    cr_assert(rare >= 1, "no rare word: a poor test");
  }
  esc_device_close(device);
}

enum { N = 200000 };

/* The variance of the last position after one step of a free walk, over N trajectories or those
 * that `moved`. */
static double variance_after_a_step(support_case *c, int only_moved)
{
  esc_device *const device = support_device(NULL, 2);
  esc_result *result;
  double squares = 0.0, count = 0.0;
  support_number(&c->landscape_keys, "k", 0.0);
  c->experiment.trajectories = N;
  c->experiment.stop_steps = 1;
  c->observe.samples = 1;
  const esc_report *const report = support_run(device, c, &result);
  for (int64_t i = 0; i < N; i++)
    if (!only_moved || report->sample_final[i] != 0.0) {
      squares += report->sample_final[i] * report->sample_final[i];
      count++;
    }
  esc_result_free(result);
  esc_device_close(device);
  return squares / count;
}

/* Which noise is left out does not depend on the noise, nor the start on the first step. */
Test(mutants, uses_share_no_words)
{
  support_case sparse = support_begin("quadratic", "gaussian", "sgd", 1.0);
  sparse.noise[0].sparse = 0.3;
  const double kept = variance_after_a_step(&sparse, 1);
  cr_expect(fabs(kept - 1.0) < 5.0 * sqrt(2.0 / (0.3 * N)), "variance of the kept: %g", kept);
  support_case start = support_begin("quadratic", "gaussian", "sgd", 1.0);
  start.start.kind = ESC_START_NORMAL;
  start.start_values[1] = 1.0;
  start.start.value_count = 2;
  const double both = variance_after_a_step(&start, 0);
  cr_expect(fabs(both - 2.0) < 5.0 * 2.0 * sqrt(2.0 / N), "variance of start and step: %g", both);
}

/* Walkers that do not move, of whom half start beyond the wall: each start out costs a step and is
 * followed by a fresh one, so that the exits of a walker are geometric (kernels/cpu/tile_events.c).
 */
Test(mutants, starts_afresh)
{
  support_case c = support_begin("quadratic", NULL, "sgd", 1.0);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  support_number(&c.landscape_keys, "k", 0.0);
  c.start.kind = ESC_START_UNIFORM;
  c.start_values[1] = 2.0;
  c.start.value_count = 2;
  c.experiment.outside[1] = 1.0;
  c.experiment.renew = 1;
  c.experiment.stop_steps = 10;
  c.experiment.trajectories = N;
  const esc_report *const report = support_run(device, &c, &result);
  const double exits = (double)support_outcome(report, "right")->count / N;
  cr_assert(fabs(exits - (1.0 - 0x1p-10)) < 5.0 * sqrt(2.0 / N), "%g exits a walker", exits);
  esc_result_free(result);
  esc_device_close(device);
}

/* --- landscapes ------------------------------------------------------------------------------- */

/* Powers by multiplication go up to 15 (kernels/rules/landscapes/landscape.h). */
Test(mutants, high_powers)
{
  double x[SUPPORT_LANES], values[SUPPORT_LANES], slopes[SUPPORT_LANES];
  for (double p = 2.0; p < 20.0; p += 1.25) {
    support_case c = support_begin("power_maximum", NULL, "sgd", 1.0);
    support_number(&c.landscape_keys, "p", p);
    esc_planned *const planned = plan_of(&c);
    for (int i = 0; i < SUPPORT_LANES; i++)
      x[i] = 0.05 * (i - SUPPORT_LANES / 2);
    const support_points points = {"baseline", &planned->plan, x, values, slopes};
    support_landscape_f64(&points);
    for (int i = 0; i < SUPPORT_LANES; i++) {
      const double size = pow(fabs(x[i]), p - 1.0), slope = x[i] > 0.0 ? -size : size;
      cr_assert(fabs(slopes[i] - slope) <= 1e-13 * size, "p %g, x %g: slope %g", p, x[i],
                slopes[i]);
      cr_assert(fabs(values[i] + size * fabs(x[i]) / p) <= 1e-13 * size, "p %g, x %g: %g", p, x[i],
                values[i]);
    }
    esc_plan_free(planned);
  }
}

static void twice_squared(void *context, int64_t count, int dimension, const double *points,
                          double *values, double *gradients)
{
  (void)context, (void)dimension;
  for (int64_t i = 0; i < count; i++) {
    gradients[i] = 4.0 * points[i];
    if (values)
      values[i] = 2.0 * points[i] * points[i];
  }
}

/* A landscape's scale multiplies U and not the noise, for the catalogue's and the caller's
 * (kernels/cpu/landscape_loops.c). The place after one step from `at`. */
static double after_one_step(double at, double scale, int own, const char *law)
{
  support_case c = support_begin(own ? NULL : "quadratic", law, "sgd", 0.125);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  if (own) {
    c.landscape.function = twice_squared;
    c.landscape.dimension = 1;
  } else {
    support_number(&c.landscape_keys, "k", 4.0);
  }
  c.landscape.scale = scale;
  support_start_at(&c, at);
  c.experiment.stop_steps = 1;
  c.experiment.trajectories = 1;
  c.observe.samples = 1;
  const double x = support_run(device, &c, &result)->sample_final[0];
  esc_result_free(result);
  esc_device_close(device);
  return x;
}

Test(mutants, scale_of_a_landscape)
{
  for (int own = 0; own < 2; own++) {
    cr_expect(after_one_step(1.0, 0.5, own, NULL) == 0.75, "own %d", own);
    cr_expect(after_one_step(0.0, 0.5, own, "gaussian") ==
                  after_one_step(0.0, 1.0, own, "gaussian"),
              "own %d: the noise is scaled", own);
  }
}

/* --- ends and what is observed (kernels/ensemble) ------------------------------------------- */

/* U = -|x|/4 and lr 1: x moves outwards by .25 a step. */
static support_case outwards(double from)
{
  support_case c = support_begin("sharp_maximum", NULL, "sgd", 1.0);
  support_number(&c.landscape_keys, "left_slope", 0.25);
  support_number(&c.landscape_keys, "right_slope", 0.25);
  support_start_at(&c, from);
  c.experiment.stop_steps = 8;
  c.experiment.trajectories = 5;
  return c;
}

Test(mutants, left_is_as_right)
{
  support_case c = outwards(-0.125);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  c.experiment.beyond = ESC_BEYOND_AT;
  c.experiment.beyond_at = 1.0;
  const esc_report *r = support_run(device, &c, &result);
  cr_expect_eq(support_outcome(r, "diverged")->count, 5);
  cr_expect_eq(support_outcome(r, "diverged")->time_counts[4], 5);
  esc_result_free(result);
  c.experiment.outside[0] = -1.0;
  c.observe.overshoot = 1;
  r = support_run(device, &c, &result);
  cr_expect(support_outcome(r, "left")->overshoot->mean.value == 0.125);
  esc_result_free(result);
  esc_device_close(device);
}

/* x' = -x: in the ball at every other step, never at two in a row. */
Test(mutants, stay_means_in_a_row)
{
  static const double ball[2] = {1.0, 0.5};
  support_case c = support_begin("quadratic", NULL, "sgd", 2.0);
  esc_set set = ESC_SET_INIT("home");
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  set.kind = ESC_SET_BALL;
  set.values = ball;
  set.value_count = 2;
  set.stay = 2;
  support_start_at(&c, 1.0);
  c.experiment.sets = &set;
  c.experiment.set_count = 1;
  c.experiment.beyond = ESC_BEYOND_NONE;
  c.experiment.stop_steps = 30;
  const esc_report *const r = support_run(device, &c, &result);
  cr_expect_eq(support_outcome(r, "home")->count, 0);
  esc_result_free(result);
  esc_device_close(device);
}

/* Who comes into a ball later is near, and never stuck. */
Test(mutants, stuck_since_the_start)
{
  static const int64_t steps[] = {0, 1, 2, 3};
  static const double point = 0.625;
  support_case c = outwards(0.125); /* .375, .625, .875 are within .3 */
  esc_near near = ESC_NEAR_INIT("ball");
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  near.point = &point;
  near.point_count = 1;
  near.radius = 0.3;
  c.observe.steps = steps;
  c.observe.step_count = 4;
  c.observe.nears = &near;
  c.observe.near_count = 1;
  const esc_report *const r = support_run(device, &c, &result);
  for (int k = 0; k < 4; k++) {
    cr_expect(r->nears[0].fraction[k].value == (k > 0), "near at %d", k);
    cr_expect(r->nears[0].stuck[k].value == 0.0, "stuck at %d", k);
  }
  esc_result_free(result);
  esc_device_close(device);
}

/* In a ball for one step and, a turn later, for two: never for three in a row, though between them
 * nothing happens near it in whole groups of steps. x swings with a period of 10 steps: the two
 * begin a group. */
Test(mutants, streaks_end_far_from_the_ball)
{
  static const double ball[2] = {1.0, 0.1};
  support_case c = support_begin("quadratic", NULL, "momentum", 0.38196601125010515);
  esc_set set = ESC_SET_INIT("home");
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  support_number(&c.optimizer_keys, "momentum", 1.0 - 1e-9);
  set.kind = ESC_SET_BALL;
  set.values = ball;
  set.value_count = 2;
  support_start_at(&c, 1.0);
  c.experiment.state = ESC_STATE_F64;
  c.experiment.sets = &set;
  c.experiment.set_count = 1;
  for (int stay = 2; stay <= 3; stay++) {
    set.stay = stay;
    const esc_report *const r = support_run(device, &c, &result);
    const esc_outcome *const home = support_outcome(r, "home");
    cr_expect_eq(home->count, stay == 2 ? 1000 : 0, "stay %d: %lld", stay, (long long)home->count);
    cr_expect(stay != 2 || home->time_counts[10] == 1000);
    esc_result_free(result);
  }
  esc_device_close(device);
}

/* Correlations are of those that reach the last step; of none there is none. */
Test(mutants, correlation_of_the_running)
{
  static const int64_t lag[] = {6};
  support_case c = outwards(0.125);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  c.start.kind = ESC_START_POINTS;
  memcpy(c.start_values, (double[]){0.0625, 0.125, 0.21875, 0.25}, 4 * sizeof(double));
  c.start.value_count = 4;
  c.observe.correlation = lag;
  c.observe.correlation_count = 1;
  const esc_report *r = support_run(device, &c, &result);
  cr_expect(r->correlation[0].value > 0.999, "%g", r->correlation[0].value);
  esc_result_free(result);
  c.experiment.outside[1] = 1.0;
  r = support_run(device, &c, &result);
  cr_expect(isnan(r->correlation[0].value), "%g", r->correlation[0].value);
  esc_result_free(result);
  esc_device_close(device);
}

/* Bins: the lower edge is in, the upper edge above (kernels/rules/observers/regions.h). */
Test(mutants, bins)
{
  cr_expect_eq(esc_bin_of(-0.001f, 0.0f, 2.0f, 4), -1);
  cr_expect_eq(esc_bin_of(0.0f, 0.0f, 2.0f, 4), 0);
  cr_expect_eq(esc_bin_of(0.499f, 0.0f, 2.0f, 4), 0);
  cr_expect_eq(esc_bin_of(0.5f, 0.0f, 2.0f, 4), 1);
  cr_expect_eq(esc_bin_of(1.999f, 0.0f, 2.0f, 4), 3);
  cr_expect_eq(esc_bin_of(2.0f, 0.0f, 2.0f, 4), 4);
  cr_expect_eq(esc_bin_of(NAN, 0.0f, 2.0f, 4), 4);
}

/* From any of five places the path goes round by 5, beyond the wall for one step. */
static void round_trip(void *context, int64_t count, int dimension, const double *points,
                       double *values, double *gradients)
{
  (void)context, (void)dimension, (void)values;
  for (int64_t i = 0; i < count; i++) {
    const double x = points[i];
    const double next = x == 0.0 ? 1.0 : x == 1.0 ? 5.0 : x == 5.0 ? 2.0 : x == 2.0 ? 3.0 : 0.0;
    gradients[i] = x - next;
  }
}

/* No step of a group is overlooked (kernels/cpu/watch_loops.c). */
Test(mutants, beyond_for_a_moment)
{
  static const double from[4] = {1.0, 0.0, 3.0, 2.0}; /* 1 to 4 steps before 5 */
  support_case c = support_begin(NULL, NULL, "sgd", 1.0);
  esc_device *const device = support_device(NULL, 1);
  c.landscape.function = round_trip;
  c.landscape.dimension = 1;
  c.experiment.outside[1] = 4.0;
  for (int k = 0; k < 4; k++) {
    esc_result *result;
    support_start_at(&c, from[k]);
    const esc_report *const r = support_run(device, &c, &result);
    cr_expect(r->exit_steps.mean.value == k + 1, "from %g: %g", from[k], r->exit_steps.mean.value);
    esc_result_free(result);
  }
  esc_device_close(device);
}

/* --- estimates (host/) ------------------------------------------------------------------------ */

static void check_rate(esc_device *device, support_case *c, int64_t after, int64_t events,
                       int64_t at_risk)
{
  esc_result *result;
  c->experiment.rate_after = after;
  const esc_report *const r = support_run(device, c, &result);
  cr_expect(r->rate.events == events && r->rate.steps_at_risk == at_risk, "after %lld: %lld, %lld",
            (long long)after, (long long)r->rate.events, (long long)r->rate.steps_at_risk);
  esc_result_free(result);
}

/* Events and steps at risk after a step; an end at the start is no event. */
Test(mutants, rates)
{
  support_case c = outwards(0.125);
  esc_device *const device = support_device(NULL, 1);
  check_rate(device, &c, 0, 0, 40);
  check_rate(device, &c, 2, 0, 30);
  c.experiment.outside[1] = 1.0; /* after 4 steps */
  check_rate(device, &c, 0, 5, 20);
  check_rate(device, &c, 2, 5, 10);
  check_rate(device, &c, 3, 5, 5);
  check_rate(device, &c, 4, 0, 0);
  c.start.kind = ESC_START_POINTS;
  c.start_values[0] = 1.5;
  check_rate(device, &c, 0, 0, 0);
  esc_device_close(device);
}

/* Losses and basins of the curves stand at their steps; histograms count both ends apart. */
Test(mutants, curves)
{
  static const int64_t steps[] = {0, 1, 3};
  const esc_histogram_request request = {sizeof request, -1.0, 1.0, 4};
  support_case c = outwards(0.125), well = support_begin("double_well", NULL, "sgd", 0.5);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  c.observe.steps = steps;
  c.observe.step_count = 3;
  c.observe.loss = 1;
  const esc_report *r = support_run(device, &c, &result);
  for (int k = 0; k < 3; k++)
    cr_expect(r->curves.loss[k].mean.value == -0.25 * (0.125 + 0.25 * (double)steps[k]), "%d", k);
  esc_result_free(result);

  c.start.kind = ESC_START_POINTS;
  memcpy(c.start_values, (double[]){-0.125, 0.125, 0.25}, 3 * sizeof(double));
  c.start.value_count = 3;
  c.experiment.trajectories = 6;
  c.observe.histogram = &request;
  r = support_run(device, &c, &result);
  cr_expect_eq(r->histogram.below[0], 2);
  cr_expect_eq(r->histogram.above[0], 4);
  esc_result_free(result);

  well.start.kind = ESC_START_POINTS;
  memcpy(well.start_values, (double[]){-0.5, 0.25, 0.5, 1.5}, 4 * sizeof(double));
  well.start.value_count = 4;
  well.observe.steps = steps;
  well.observe.step_count = 3;
  well.observe.basins = 1;
  r = support_run(device, &well, &result);
  for (int k = 0; k < 3; k++)
    cr_expect(r->basins[0].curve[k].value == 0.25 && r->basins[1].curve[k].value == 0.75, "%d", k);
  esc_result_free(result);
  esc_device_close(device);
}

/* y = x/2: a correlation of 1, whatever the means and variances. */
Test(mutants, correlation_is_centred_and_scaled)
{
  static const int64_t lag[] = {1};
  support_case c = support_begin("quadratic", NULL, "sgd", 0.5);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  c.start.kind = ESC_START_POINTS;
  memcpy(c.start_values, (double[]){1.0, 2.0, 3.0, 4.0}, 4 * sizeof(double));
  c.start.value_count = 4;
  c.experiment.stop_steps = 1;
  c.observe.correlation = lag;
  c.observe.correlation_count = 1;
  const esc_report *const r = support_run(device, &c, &result);
  cr_expect(fabs(r->correlation[0].value - 1.0) < 1e-9, "%g", r->correlation[0].value);
  esc_result_free(result);
  esc_device_close(device);
}

/* Quantiles of ten known times; beyond 256 steps they are known to a bin. */
Test(mutants, quantiles)
{
  support_case c = outwards(0.125);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  double sorted[10];
  c.start.kind = ESC_START_POINTS;
  for (int k = 0; k < 10; k++) {
    c.start_values[k] = 0.125 + 0.25 * k;
    sorted[k] = 31.0 + k;
  }
  c.start.value_count = 10;
  c.experiment.trajectories = 10;
  c.experiment.stop_steps = 1000;
  c.experiment.outside[1] = 10.0;
  const esc_report *r = support_run(device, &c, &result); /* 31 to 40 steps */
  for (int k = 0; k < 3; k++) {
    static const double expected[] = {31.0, 35.0, 40.0};
    cr_expect(r->exit_steps.quantiles[k].value == expected[k], "%d: %g", k,
              r->exit_steps.quantiles[k].value);
  }
  cr_expect(esc_sorted_quantile(sorted, 10, 0.5).value == 35.0);
  cr_expect(esc_sorted_quantile(sorted, 10, 0.05).value == 31.0);
  esc_result_free(result);
  c.experiment.outside[1] = 100.0; /* 391 to 400 */
  c.start.value_count = 1;
  r = support_run(device, &c, &result);
  const esc_estimate median = r->exit_steps.quantiles[1];
  cr_expect(median.low == 400.0 && median.value == 400.5 && median.high == 401.0, "[%g, %g]",
            median.low, median.high);
  esc_result_free(result);
  esc_device_close(device);
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Quantiles are read from values of which only the ranks they need were sorted: those of a full
 * sort, whatever the order and however many are equal. */
Test(mutants, sorted_for_quantiles)
{
  static const double shares[3] = {0.05, 0.5, 0.95};
  static const int64_t counts[] = {1, 2, 16, 17, 18, 40, 333, 5000};
  enum { MANY = 5000 };
  static double values[MANY], sorted[MANY];
  support_rng rng = {11};
  for (size_t n = 0; n < sizeof counts / sizeof *counts; n++)
    for (int kind = 0; kind < 4; kind++) {
      const int64_t count = counts[n];
      for (int64_t i = 0; i < count; i++)
        sorted[i] = values[i] = kind == 0   ? support_normal(&rng)
                                : kind == 1 ? floor(support_between(&rng, 0.0, 5.0))
                                : kind == 2 ? (double)i
                                            : (double)(count - i);
      qsort(sorted, (size_t)count, sizeof *sorted, by_size);
      esc_sort_for_quantiles(values, count, shares);
      for (int k = 0; k < 3; k++) {
        const esc_estimate expected = esc_sorted_quantile(sorted, count, shares[k]);
        const esc_estimate found = esc_sorted_quantile(values, count, shares[k]);
        cr_expect(memcmp(&expected, &found, sizeof found) == 0, "%lld values of kind %d, share %g",
                  (long long)count, kind, shares[k]);
      }
    }
}

/* Every word is merged, carries are resolved on the way so that digits never overflow, and whole
 * numbers reach past 48 bits. */
Test(mutants, tallies)
{
  support_case c = outwards(0.125);
  esc_planned *const planned = plan_of(&c);
  const esc_plan *const plan = &planned->plan;
  int64_t *const sum = calloc((size_t)plan->tally.words, sizeof *sum);
  int64_t *const part = calloc((size_t)plan->tally.words, sizeof *part);
  cr_assert(sum && part);
  for (int k = 0; k < plan->tally.words; k++)
    part[k] = 1;
  esc_tally_merge(plan, sum, part);
  for (int k = 0; k < plan->tally.words; k++)
    cr_assert_eq(sum[k], 1, "word %d", k);
  int64_t *const digits = sum + plan->tally.outcome + plan->tally.outcome_times;
  memset(sum, 0, (size_t)plan->tally.words * sizeof *sum);
  memset(part, 0, (size_t)plan->tally.words * sizeof *part);
  part[plan->tally.outcome + plan->tally.outcome_times] = (int64_t)1 << 61;
  for (int k = 0; k < 16; k++)
    esc_tally_merge(plan, sum, part);
  cr_expect(esc_pair_value(esc_digits_value(digits, ESC_WHOLE_DIGITS, 0)) == 0x1p65);
  int64_t whole[ESC_WHOLE_DIGITS] = {0};
  esc_sum_whole(whole, ((uint64_t)1 << 60) + 12345);
  cr_expect(esc_pair_value(esc_digits_value(whole, ESC_WHOLE_DIGITS, 0)) == 0x1p60 + 12345.0);
  free(sum);
  free(part);
  esc_plan_free(planned);
}
