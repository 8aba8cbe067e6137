/* The engine: the same bits for any threads, batches, tiles and instruction sets, and for a
 * trajectory alone; a naive engine, one trajectory and one step at a time over the scalar rules,
 * compared bit by bit; what ends, counts and is observed when, on chains so simple that the answer
 * is known; renewal, interruption, progress and wrong arguments. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/backend.h"
#include "tests/support.h"
#include "tests/support_fingerprint.h"

/* --- the same bits
 * ---------------------------------------------------------------------------------- */

static const int64_t watched[] = {0, 1, 2, 3, 7, 40, 41, 150, 300};
static const int64_t lags[] = {0, 1, 3, 10};
static const double origin[4] = {0.0, 0.1, -0.1, 0.2};
static const double other[4] = {-1.0, 1.0, 0.5, 0.25};
static const double spectrum[3] = {0.5, 1.0, -0.1};
static const double minibatch_terms[5] = {1.0, -2.0, 0.5, 3.0, 7.0};
static const esc_histogram_request bins = {sizeof bins, -3.0, 3.0, 37};

static void hill(void *context, int64_t count, int dimension, const double *at, double *values,
                 double *gradients)
{
  (void)context;
  for (int64_t i = 0; i < count; i++) {
    if (values)
      values[i] = 0.0;
    for (int j = 0; j < dimension; j++) {
      const double x = at[j * count + i];
      if (values)
        values[i] += cos(x);
      gradients[j * count + i] = -sin(x);
    }
  }
}

/* What a case needs besides: sets and balls that outlive it. */
typedef struct fixture {
  support_case c;
  esc_near nears[2];
  esc_set sets[4];
  double ball[5], wide_ball[5], normal[5], box[2], level[1];
} fixture;

static void watch_all(fixture *f, int dimension)
{
  esc_observe *const observe = &f->c.observe;
  const char *const names[2] = {"origin", "other"};
  for (int b = 0; b < 2; b++) {
    f->nears[b] = (esc_near)ESC_NEAR_INIT(names[b]);
    f->nears[b].point = b ? other : origin;
    f->nears[b].point_count = dimension;
    f->nears[b].radius = 0.4 + 0.3 * b;
  }
  observe->nears = f->nears;
  observe->near_count = 2;
  observe->histogram = observe->occupation = &bins;
  observe->loss = 1;
  if (f->c.experiment.renew)
    return; /* walkers restart: no curves, no samples */
  observe->samples = 1;
  observe->steps = watched;
  observe->step_count = 9;
  observe->correlation = lags;
  observe->correlation_count = 4;
  observe->moments = 1;
}

static void stop_in_sets(fixture *f, int dimension)
{
  static const char *const names[4] = {"reached", "beyond_plane", "low", "out"};
  static const esc_set_kind kinds[4] = {ESC_SET_BALL, ESC_SET_HALFSPACE, ESC_SET_LOSS_BELOW,
                                        ESC_SET_OUTSIDE_BOX};
  double *const values[4] = {f->ball, f->normal, f->level, f->box};
  const int counts[4] = {dimension + 1, dimension + 1, 1, 2};
  for (int k = 0; k < 4; k++) {
    f->sets[k] = (esc_set)ESC_SET_INIT(names[k]);
    f->sets[k].kind = kinds[k];
    f->sets[k].values = values[k];
    f->sets[k].value_count = counts[k];
  }
  f->sets[0].stay = 3;
  for (int j = 0; j < dimension; j++) {
    f->ball[j] = other[j];
    f->normal[j] = 1.0 - 0.5 * j;
  }
  f->ball[dimension] = 0.5;
  f->normal[dimension] = 2.5;
  f->level[0] = -0.9;
  f->box[0] = -2.25;
  f->box[1] = 3.0;
  f->c.experiment.sets = f->sets;
  f->c.experiment.set_count = 4;
}

static void outside(support_case *c, double lo, double hi)
{
  c->experiment.outside[0] = lo;
  c->experiment.outside[1] = hi;
}

static void start_in(support_case *c, esc_start_kind kind, double a, double b)
{
  c->start.kind = kind;
  c->start_values[0] = a;
  c->start_values[1] = b;
  c->start.value_count = 2;
}

/* The k-th case: landscapes, laws, optimizers, stops, starts and observers in turn. 0: no more. */
static int make_case(int k, fixture *f)
{
  support_case *const c = &f->c;
  int dimension = 1;
  switch (k) {
  case 0:
    *c = support_begin("double_well", "gaussian", "sgd", 0.1);
    outside(c, -1.5, 1.25);
    c->observe.overshoot = c->observe.basins = 1;
    break;
  case 1:
    *c = support_begin("sharp_maximum", "rademacher", "momentum", 0.125);
    outside(c, -2.0, 2.0);
    c->noise[0].state_scale[1] = 0.5;
    break;
  case 2:
    *c = support_begin("power_well", "laplace", "adam", 0.05);
    support_number(&c->landscape_keys, "p", 1.5);
    support_number(&c->landscape_keys, "q", 3.5);
    outside(c, -1.25, (double)INFINITY);
    c->observe.basins = 1;
    break;
  case 3:
    *c = support_begin("washboard", "stable", "nesterov", 0.1);
    support_number(&c->noise_keys[0], "alpha", 1.5);
    support_number(&c->noise_keys[0], "beta", 0.5);
    support_word(&c->optimizer_keys, "form", "lookahead");
    c->optimizer.schedule = "inverse_sqrt";
    outside(c, -4.0, 4.0);
    c->observe.overshoot = 1;
    break;
  case 4:
    *c = support_begin("wang_oh_rhee", "pareto", "rmsprop", 0.01);
    support_number(&c->noise_keys[0], "alpha", 1.2);
    support_number(&c->optimizer_keys, "centered", 1.0);
    support_number(&c->optimizer_keys, "momentum", 0.5);
    c->optimizer.project[0] = -1.6;
    c->optimizer.project[1] = 1.6;
    c->observe.basins = 1;
    break;
  case 5:
    dimension = 3;
    *c = support_begin("quadratic", "student_t", "sgd", 0.1);
    support_list(&c->landscape_keys, "spectrum", spectrum, 3);
    support_number(&c->noise_keys[0], "nu", 2.5);
    c->optimizer.clip_update = 0.5;
    stop_in_sets(f, dimension);
    break;
  case 6:
    dimension = 2;
    *c = support_begin("himmelblau", "logistic", "amsgrad", 0.02);
    start_in(c, ESC_START_UNIFORM, -1.0, 1.5);
    stop_in_sets(f, dimension);
    break;
  case 7:
    dimension = 4;
    *c = support_begin("rosenbrock", "uniform", "lion", 0.01);
    support_number(&c->landscape_keys, "dimension", 4);
    start_in(c, ESC_START_NORMAL, 0.1, 0.5);
    stop_in_sets(f, dimension);
    break;
  case 8:
    *c = support_begin("quadratic", "gaussian", "sgd", 0.3);
    support_add_noise(c, "laplace")->target = ESC_NOISE_ON_PARAMETER;
    support_add_noise(c, "rademacher")->sparse = 0.25;
    c->noise[1].scale = 0.1;
    c->noise[0].clip = 1.0;
    outside(c, -1.0, 1.5);
    c->experiment.renew = 1;
    break;
  case 9:
    *c = support_begin("double_well", "finite_sum", "nadam", 0.05);
    support_list(&c->noise_keys[0], "values", minibatch_terms, 5);
    support_number(&c->noise_keys[0], "batch", 2);
    support_word(&c->noise_keys[0], "replace", "no");
    start_in(c, ESC_START_UNIFORM, -1.5, 1.5);
    outside(c, -1.25, 1.25);
    c->experiment.renew = 1;
    break;
  case 10:
    dimension = 2;
    *c = support_begin(NULL, "gaussian", "adagrad", 0.2);
    c->landscape.function = hill;
    c->landscape.dimension = 2;
    c->noise[0].anneal[0] = 0.5;
    c->noise[0].anneal[1] = 0.55;
    stop_in_sets(f, dimension);
    break;
  case 11:
    *c = support_begin("double_well", "stable", "sgd", 0.2);
    support_number(&c->noise_keys[0], "alpha", 1.0);
    c->noise[0].scale = 0.2;
    c->start.kind = ESC_START_POINTS;
    memcpy(c->start_values, other, sizeof other);
    c->start.value_count = 4;
    break; /* some diverge */
  case 12:
    *c = support_begin("power_maximum", "gaussian", "radam", 0.05);
    support_number(&c->landscape_keys, "p", 4.0);
    c->optimizer.weight_decay = 0.01;
    c->optimizer.decay = ESC_DECAY_DECOUPLED;
    c->optimizer.schedule = "exponential";
    support_number(&c->schedule_keys, "gamma", 0.999);
    outside(c, -1.0, 1.0);
    break;
  case 13:
    dimension = 2;
    *c = support_begin("muller_brown", "laplace", "adadelta", 1.0);
    c->landscape.scale = 0.05;
    c->optimizer.weight_decay = 0.02;
    start_in(c, ESC_START_NORMAL, 0.2, 0.3);
    stop_in_sets(f, dimension);
    f->level[0] = -7.3;
    break;
  case 14:
    *c = support_begin("styblinski_tang", "student_t", "adamax", 0.1);
    support_number(&c->noise_keys[0], "nu", 1.5);
    c->observe.basins = 1;
    outside(c, -4.0, 4.5);
    break;
  case 15:
    *c = support_begin("rastrigin", "gaussian", "sign_sgd", 0.03125);
    start_in(c, ESC_START_UNIFORM, -2.0, 2.0);
    stop_in_sets(f, dimension);
    f->level[0] = 0.01;
    break;
  default:
    return 0;
  }
  c->experiment.trajectories = 700;
  c->experiment.stop_steps = k == 9 ? 123 : 300;
  c->experiment.seed = 77 + (uint64_t)k;
  c->experiment.rate_after = k % 3 == 0 ? 5 : 0;
  watch_all(f, dimension);
  return 1;
}

typedef struct shape {
  char isa[16];
  int threads;
  int64_t batch;
  int lanes;
} shape;

static support_fingerprint run_shape(support_case *c, const shape *s)
{
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  esc_device *const device = support_device(s->isa, s->threads);
  esc_result *result = NULL;
  options.batch = s->batch;
  options.lanes = s->lanes;
  cr_assert_eq(esc_run(device, support_experiment(c), &options, &result), ESC_STATUS_OK, "%s: %s",
               esc_last_error_key(), esc_last_error());
  const support_fingerprint print = support_fingerprint_of(esc_result_report(result));
  esc_result_free(result);
  esc_device_close(device);
  return print;
}

/* Odd corners of shapes: a tile is one lane, or more than there are trajectories. */
static const shape shapes[] = {
    {"baseline", 2, 99, 16},  {"avx2", 1, 70, 1},    {"avx512", 2, 100, 33},
    {"avx2", 2, 10000, 1024}, {"avx512", 1, 0, 256}, {"baseline", 1, 333, 64},
    {"avx512", 1, 699, 16},   {"avx2", 1, 0, 0},
};

static void check_shapes(esc_state state)
{
  static const shape plain = {"baseline", 1, 0, 0};
  fixture f;
  for (int k = 0; make_case(k, &f); k++) {
    f.c.experiment.state = state;
    const support_fingerprint first = run_shape(&f.c, &plain);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
      if (!esc_isa_available(shapes[s].isa))
        continue;
      const support_fingerprint again = run_shape(&f.c, &shapes[s]);
      const char *const where = support_difference(&first, &again);
      cr_assert(!where, "case %d (%s), %s, %d threads, batches of %lld, %d lanes: other %s", k,
                f.c.optimizer.name, shapes[s].isa, shapes[s].threads, (long long)shapes[s].batch,
                shapes[s].lanes, where);
    }
  }
}

/* Batches of a single trajectory. */
Test(bits, batches_of_one)
{
  static const shape plain = {"baseline", 1, 0, 0}, ones = {"baseline", 2, 1, 16};
  fixture f;
  for (int k = 0; make_case(k, &f); k++) {
    f.c.experiment.trajectories = 45;
    const support_fingerprint first = run_shape(&f.c, &plain), again = run_shape(&f.c, &ones);
    const char *const where = support_difference(&first, &again);
    cr_assert(!where, "case %d (%s): other %s", k, f.c.optimizer.name, where);
  }
}

Test(bits, shapes_f32)
{
  check_shapes(ESC_STATE_F32);
}

Test(bits, shapes_f64)
{
  check_shapes(ESC_STATE_F64);
}

/* Another seed or state gives other bits: the comparison above can fail. */
Test(bits, differ)
{
  static const shape plain = {"baseline", 1, 0, 0};
  fixture f;
  make_case(0, &f);
  const support_fingerprint first = run_shape(&f.c, &plain);
  f.c.experiment.seed++;
  const support_fingerprint seed = run_shape(&f.c, &plain);
  f.c.experiment.seed--;
  f.c.experiment.state = ESC_STATE_F64;
  const support_fingerprint state = run_shape(&f.c, &plain);
  for (int k = 1; k < SUPPORT_PARTS; k++) {
    if (k == 8 || k == 7)
      continue; /* counts of basins and pairs may well agree */
    cr_expect_neq(first.part[k], seed.part[k], "part %d has no seed in it", k);
  }
  cr_assert(support_difference(&first, &state));
}

/* The run of fewer trajectories is the beginning of the longer one. */
Test(bits, samples_of_a_prefix)
{
  fixture f;
  for (int k = 0; make_case(k, &f); k++) {
    if (f.c.experiment.renew)
      continue;
    esc_device *const device = support_device(NULL, 1);
    esc_result *all_result, *some_result;
    const esc_report *const all = support_run(device, &f.c, &all_result);
    f.c.experiment.trajectories = 401;
    const esc_report *const some = support_run(device, &f.c, &some_result);
    cr_assert(memcmp(all->sample_steps, some->sample_steps, 401 * sizeof(int64_t)) == 0);
    cr_assert(memcmp(all->sample_final, some->sample_final,
                     401 * (size_t)all->dimension * sizeof(double)) == 0);
    esc_result_free(all_result);
    esc_result_free(some_result);
    esc_device_close(device);
  }
}

typedef struct last_step {
  int64_t step;
  int dimension;
  double x[4];
  char outcome[32];
} last_step;

static int keep_last(void *context, const esc_replay_step *step)
{
  last_step *const last = context;
  cr_assert(step->step == last->step + 1, "step %lld after %lld", (long long)step->step,
            (long long)last->step);
  last->step = step->step;
  memcpy(last->x, step->position, (size_t)last->dimension * sizeof(double));
  strncpy(last->outcome, step->outcome, sizeof last->outcome - 1);
  return 0;
}

/* A trajectory alone ends where, when and how it did among all. */
Test(bits, replay)
{
  fixture f;
  for (int k = 0; make_case(k, &f); k++) {
    if (f.c.experiment.renew)
      continue;
    f.c.experiment.state = k % 2 ? ESC_STATE_F64 : ESC_STATE_F32;
    esc_device *const device = support_device(NULL, 1);
    esc_result *result;
    const esc_report *const report = support_run(device, &f.c, &result);
    for (int64_t id = 0; id < report->trajectories; id += 37) {
      last_step last = {.step = -1, .dimension = report->dimension};
      cr_assert_eq(esc_replay(device, &f.c.experiment, id, keep_last, &last), ESC_STATUS_OK);
      const int64_t steps = report->sample_steps[id];
      const char *const outcome = report->outcomes[report->sample_outcomes[id]].name;
      cr_assert_eq(last.step, steps < 0 ? f.c.experiment.stop_steps : steps, "case %d, id %lld", k,
                   (long long)id);
      cr_assert_str_eq(last.outcome, outcome, "case %d, id %lld", k, (long long)id);
      for (int j = 0; j < report->dimension; j++) {
        const double x = report->sample_final[id * report->dimension + j];
        cr_assert(last.x[j] == x || (isnan(x) && isnan(last.x[j])), "case %d, id %lld: %g, %g", k,
                  (long long)id, last.x[j], x);
      }
    }
    esc_result_free(result);
    esc_device_close(device);
  }
}

/* --- a naive engine
 * ---------------------------------------------------------------------------------- */

/* The double well in float, with Gaussian noise and sgd or momentum. */
typedef struct naive {
  uint64_t seed;
  float lr, mu, sigma, start, low, high, centre, squared_radius;
  int64_t steps;
} naive;

enum { NAIVE_STEPS = 200 };

typedef struct naive_result {
  int64_t steps; /* -1: never */
  int outcome;
  float x;
  int64_t inside; /* steps in the ball */
  unsigned char alive[NAIVE_STEPS + 1], near[NAIVE_STEPS + 1], stuck[NAIVE_STEPS + 1];
} naive_result;

static float naive_noise(const naive *n, uint64_t id, int64_t step)
{
  const uint64_t block = (uint64_t)(step - 1) / 4,
                 tail = (uint64_t)ESC_STREAM_TAIL << ESC_STREAM_SHIFT;
  const int place = (int)((step - 1) % 4), first = place / 2 * 2;
  const esc_words words = esc_philox(n->seed, block, id);
  const esc_words more = esc_philox(n->seed, block + tail, id);
  const esc_gaussian_constants none = {0.0f};
  float pair[2];
  esc_gaussian_pair(&none, esc_uniform_refined(words.w[first], more.w[first]), words.w[first + 1],
                    &pair[0], &pair[1]);
  return n->sigma * pair[place % 2];
}

static int naive_in(const naive *n, float x)
{
  return (x - n->centre) * (x - n->centre) < n->squared_radius;
}

static naive_result naive_run(const naive *n, uint64_t id)
{
  naive_result r = {.steps = -1, .outcome = 2, .x = n->start};
  const esc_double_well well = {0.0f};
  float b = 0.0f;
  int stuck = 1;
  for (int64_t step = 0; step <= n->steps; step++) {
    if (step > 0) {
      const float g = fmaf(1.0f, esc_double_well_slope(&well, r.x), naive_noise(n, id, step));
      b = fmaf(n->mu, b, g);
      r.x -= n->lr * (n->mu > 0.0f ? b : g);
    }
    if (r.x >= n->high || r.x <= n->low) {
      r.outcome = r.x >= n->high;
      r.steps = step;
      return r;
    }
    const int in = naive_in(n, r.x);
    stuck &= in;
    r.alive[step] = 1;
    r.near[step] = (unsigned char)in;
    r.stuck[step] = (unsigned char)stuck;
    r.inside += in;
  }
  return r;
}

typedef struct naive_sums {
  int64_t alive[NAIVE_STEPS + 1], near[NAIVE_STEPS + 1], stuck[NAIVE_STEPS + 1];
  int64_t inside, exits, time;
} naive_sums;

static void check_naive(const naive *n, const esc_report *report)
{
  naive_sums sums = {.inside = 0};
  for (int64_t id = 0; id < report->trajectories; id++) {
    const naive_result r = naive_run(n, (uint64_t)id);
    cr_assert(report->sample_steps[id] == r.steps && report->sample_outcomes[id] == r.outcome &&
                  report->sample_final[id] == (double)r.x,
              "id %lld: %lld steps to %a, expected %lld to %a", (long long)id,
              (long long)report->sample_steps[id], report->sample_final[id], (long long)r.steps,
              (double)r.x);
    for (int step = 0; step <= NAIVE_STEPS; step++) {
      sums.alive[step] += r.alive[step];
      sums.near[step] += r.near[step];
      sums.stuck[step] += r.stuck[step];
    }
    sums.inside += r.inside;
    sums.exits += r.steps >= 0;
    sums.time += r.steps >= 0 ? r.steps : n->steps;
  }
  const double total = (double)report->trajectories;
  for (int step = 0; step <= NAIVE_STEPS; step++) {
    cr_assert_eq(report->curves.alive[step], sums.alive[step], "alive at %d", step);
    cr_assert(report->nears[0].fraction[step].value == (double)sums.near[step] / total,
              "near at %d", step);
    cr_assert(report->nears[0].stuck[step].value == (double)sums.stuck[step] / total, "stuck at %d",
              step);
  }
  cr_assert(fabs(report->nears[0].residence.value - (double)sums.inside / total) < 1e-12);
  cr_assert_eq(report->exit_steps.count, sums.exits);
  cr_assert_eq(report->steps_total, sums.time);
  cr_assert(fabs(report->exit_steps.restricted_mean.value - (double)sums.time / total) < 1e-12);
}

static void run_naive(double mu)
{
  const naive n = {99,     0.1f,  (float)mu, 0.9f,        -1.0f,
                   -1.75f, 0.25f, -0.75f,    0.5f * 0.5f, NAIVE_STEPS};
  const double centre = -0.75;
  int64_t steps[NAIVE_STEPS + 1];
  esc_near near = ESC_NEAR_INIT("ball");
  support_case c = support_begin("double_well", "gaussian", mu > 0.0 ? "momentum" : "sgd", 0.1);
  if (mu > 0.0)
    support_number(&c.optimizer_keys, "momentum", mu);
  for (int k = 0; k <= NAIVE_STEPS; k++)
    steps[k] = k;
  near.point = &centre;
  near.point_count = 1;
  near.radius = 0.5;
  c.noise[0].scale = 0.9;
  support_start_at(&c, -1.0);
  outside(&c, -1.75, 0.25);
  c.experiment.stop_steps = NAIVE_STEPS;
  c.experiment.trajectories = 5000;
  c.experiment.seed = 99;
  c.observe.steps = steps;
  c.observe.step_count = NAIVE_STEPS + 1;
  c.observe.nears = &near;
  c.observe.near_count = 1;
  c.observe.samples = 1;
  for (const char *const *isa = support_isas(); *isa; isa++) {
    esc_device *const device = support_device(*isa, 2);
    esc_result *result;
    check_naive(&n, support_run(device, &c, &result));
    esc_result_free(result);
    esc_device_close(device);
  }
}

Test(naive, sgd)
{
  run_naive(0.0);
}

Test(naive, momentum)
{
  run_naive(0.75);
}

/* --- what ends when
 * ----------------------------------------------------------------------------------- */

/* Without noise, U = -x/4 on the right and lr 1: x grows by exactly .25 a step. */
static support_case march(double from, int64_t steps)
{
  support_case c = support_begin("sharp_maximum", NULL, "sgd", 1.0);
  support_number(&c.landscape_keys, "left_slope", 0.25);
  support_number(&c.landscape_keys, "right_slope", 0.25);
  support_start_at(&c, from);
  c.experiment.stop_steps = steps;
  c.experiment.trajectories = 11;
  c.observe.samples = 1;
  return c;
}

/* All trajectories end after `steps` steps (-1: never) with this outcome at x. */
static void check_end(support_case *c, int64_t steps, const char *outcome, double x)
{
  for (int state = 0; state < 2; state++) {
    esc_device *const device = support_device(NULL, 1);
    esc_result *result;
    c->experiment.state = state ? ESC_STATE_F64 : ESC_STATE_F32;
    const esc_report *const report = support_run(device, c, &result);
    cr_assert_eq(support_outcome(report, outcome)->count, report->trajectories, "%s", outcome);
    for (int64_t i = 0; i < report->trajectories; i++) {
      cr_assert_eq(report->sample_steps[i], steps, "%lld steps, expected %lld",
                   (long long)report->sample_steps[i], (long long)steps);
      cr_assert(isnan(x) || report->sample_final[i] == x, "%g, expected %g",
                report->sample_final[i], x);
    }
    esc_result_free(result);
    esc_device_close(device);
  }
}

/* The test comes after the step, which counts; a point on the wall is out. */
Test(ends, walls)
{
  support_case c = march(0.125, 100);
  outside(&c, -1.0, 1.0);
  check_end(&c, 4, "right", 1.125);
  outside(&c, -1.0, 1.125);
  check_end(&c, 4, "right", 1.125);
  outside(&c, -1.0, 1.1250002);
  check_end(&c, 5, "right", 1.375);
  support_case left = march(-0.125, 100);
  outside(&left, -1.125, 1.0);
  check_end(&left, 4, "left", -1.125);
  outside(&left, -1.1250002, 1.0);
  check_end(&left, 5, "left", -1.375);
}

/* Every place in a group of steps, and the last step allowed. */
Test(ends, any_step)
{
  for (int64_t steps = 1; steps <= 13; steps++) {
    support_case c = march(0.125, 13);
    outside(&c, -(double)INFINITY, 0.125 + 0.25 * (double)steps);
    check_end(&c, steps, "right", 0.125 + 0.25 * (double)steps);
    c.experiment.stop_steps = steps;
    check_end(&c, steps, "right", 0.125 + 0.25 * (double)steps);
    if (steps == 1)
      continue;
    c.experiment.stop_steps = steps - 1;
    check_end(&c, -1, "running", 0.125 + 0.25 * (double)(steps - 1));
  }
}

/* A fixed start on or beyond the wall is an error; a random one is an exit at 0 steps. */
Test(ends, at_the_start)
{
  support_case c = march(1.0, 100);
  outside(&c, -1.0, 1.0);
  cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT);
  cr_assert_str_eq(esc_last_error_key(), "start");
  start_in(&c, ESC_START_UNIFORM, 1.5, 2.0);
  check_end(&c, 0, "right", (double)NAN);
  c.start.kind = ESC_START_POINTS; /* 1.5, 2.0 */
  c.start_values[1] = 1.5;
  check_end(&c, 0, "right", 1.5);
}

/* A share of random starts is out at once; they take no step. */
Test(ends, random_starts)
{
  support_case c = march(0.0, 1000);
  start_in(&c, ESC_START_UNIFORM, 0.5, 1.5);
  outside(&c, -1.0, 1.25);
  c.experiment.trajectories = 100000;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  const esc_outcome *const right = support_outcome(report, "right");
  const double share = (double)right->time_counts[0] / 1e5;
  int64_t total = 0;
  cr_assert_eq(right->count, 100000);
  cr_assert(fabs(share - 0.25) < 5.0 * sqrt(0.1875 / 1e5), "%g", share);
  for (int64_t i = 0; i < 100000; i++) {
    const double from = report->sample_final[i] - 0.25 * (double)report->sample_steps[i];
    cr_assert(from >= 0.5 && from <= 1.5);
    total += report->sample_steps[i];
  }
  cr_assert_eq(report->steps_total, total);
  esc_result_free(result);
  esc_device_close(device);
}

static esc_set plane(const char *name, const double values[2])
{
  esc_set set = ESC_SET_INIT(name);
  set.kind = ESC_SET_HALFSPACE;
  set.values = values;
  set.value_count = 2;
  return set;
}

/* The first set that holds wins, in the order given; then beyond. */
Test(ends, order_of_sets)
{
  static const double near_plane[2] = {1.0, 0.875}, far_plane[2] = {1.0, 1.125};
  for (int order = 0; order < 2; order++) {
    const esc_set sets[2] = {plane(order ? "near" : "far", order ? near_plane : far_plane),
                             plane(order ? "far" : "near", order ? far_plane : near_plane)};
    support_case c = march(0.125, 100);
    c.experiment.sets = sets;
    c.experiment.set_count = 2;
    check_end(&c, 3, "near", 0.875);
    support_start_at(&c, 0.75); /* 1.0, not yet far */
    check_end(&c, 1, "near", 1.0);
    support_start_at(&c, 0.8125 + 0.0625); /* on the near plane already */
    check_end(&c, 0, "near", 0.875);
    support_start_at(&c, 1.25); /* in both */
    check_end(&c, 0, order ? "near" : "far", 1.25);
    c.experiment.beyond = ESC_BEYOND_AT;
    c.experiment.beyond_at = 0.5;
    c.start.kind = ESC_START_POINTS; /* a fixed start beyond would be an error */
    check_end(&c, 0, order ? "near" : "far", 1.25);
    support_start_at(&c, 0.75);
    check_end(&c, 0, "diverged", 0.75);
    support_start_at(&c, 0.375);
    check_end(&c, 1, "diverged", 0.625);
  }
}

/* beyond is strict; a finite jump past a wall is an exit, whatever its size. */
Test(ends, beyond)
{
  support_case c = march(0.125, 100);
  c.experiment.beyond = ESC_BEYOND_AT;
  c.experiment.beyond_at = 0.875;
  check_end(&c, 4, "diverged", 1.125);
  outside(&c, -1.0, 1.0);
  check_end(&c, 4, "right", 1.125);
  c.experiment.beyond_at = 0.625;
  check_end(&c, 3, "diverged", 0.875);
  c.experiment.beyond = ESC_BEYOND_NONE;
  check_end(&c, 4, "right", 1.125);
}

/* x^3 - x from far out: past the overshoot bound at once; without one it runs to infinity. */
Test(ends, not_finite)
{
  support_case c = support_begin("double_well", NULL, "sgd", 0.5);
  c.observe.samples = 1;
  c.experiment.trajectories = 9;
  support_start_at(&c, 2.2); /* the bound is sqrt 5 = 2.236 */
  check_end(&c, -1, "running", (double)NAN);
  support_start_at(&c, 2.25);
  cr_assert_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT);
  c.start.kind = ESC_START_POINTS;
  check_end(&c, 0, "diverged", 2.25);
  c.experiment.beyond = ESC_BEYOND_NONE;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  cr_assert_eq(support_outcome(report, "diverged")->count, 9);
  cr_assert(!isfinite(report->sample_final[0]));
  cr_assert(report->sample_steps[0] > 3 && report->sample_steps[0] < 20);
  cr_assert(isnan(report->exit_steps.mean.value), "a mean of diverged trajectories");
  esc_result_free(result);
  esc_device_close(device);
}

/* stay: so many steps in a row, counted anew after every leave. x goes .125, .375, ... */
Test(ends, stay)
{
  static const double ball[2] = {1.5, 0.75}, narrow[2] = {1.125, 0.125};
  esc_set set = ESC_SET_INIT("home");
  set.kind = ESC_SET_BALL;
  set.values = ball; /* .75 to 2.25, open: .875 (step 3) to 2.125 (step 8) */
  set.value_count = 2;
  support_case c = march(0.125, 40);
  c.experiment.sets = &set;
  c.experiment.set_count = 1;
  for (int64_t stay = 1; stay <= 6; stay++) {
    set.stay = stay;
    check_end(&c, 2 + stay, "home", 0.625 + 0.25 * (double)stay);
  }
  set.stay = 7;
  check_end(&c, -1, "running", 0.125 + 0.25 * 40);
  set.values = narrow; /* the point 1.125 alone */
  set.stay = 1;
  check_end(&c, 4, "home", 1.125);
  set.stay = 2;
  check_end(&c, -1, "running", 0.125 + 0.25 * 40);
}

/* A box is open and its walls are outside; a loss must be below its level. */
Test(ends, box_and_loss)
{
  static const double box[2] = {-1.125, 1.125}, level[1] = {-0.28125}; /* U = -x/4 */
  esc_set set = ESC_SET_INIT("out");
  set.values = box;
  set.value_count = 2;
  support_case c = march(0.125, 40);
  c.experiment.sets = &set;
  c.experiment.set_count = 1;
  check_end(&c, 4, "out", 1.125);
  support_start_at(&c, -0.125);
  check_end(&c, 4, "out", -1.125);
  support_start_at(&c, 0.125);
  set.kind = ESC_SET_LOSS_BELOW;
  set.values = level;
  set.value_count = 1;
  check_end(&c, 5, "out", 1.375);
}

/* A ball is open: its rim is outside. */
Test(ends, rim_of_a_ball)
{
  static const double ball[2] = {1.625, 0.5};
  esc_set set = ESC_SET_INIT("home");
  set.kind = ESC_SET_BALL;
  set.values = ball;
  set.value_count = 2;
  support_case c = march(0.125, 40);
  c.experiment.sets = &set;
  c.experiment.set_count = 1;
  check_end(&c, 5, "home", 1.375); /* 1.125 is on the rim */
}

/* --- what is observed when
 * --------------------------------------------------------------------------- */

/* x = .125, .375, ..., out at step 9: alive, near, stuck, residence, occupation, moments. */
Test(observed, on_the_march)
{
  static const int64_t steps[] = {0, 1, 2, 3, 4, 5, 8, 9, 10};
  static const double point = 0.5; /* .125, .375, .625, .875 are within .4 */
  const esc_histogram_request request = {sizeof request, 0.0, 2.0, 4};
  support_case c = march(0.125, 20);
  esc_near near = ESC_NEAR_INIT("ball");
  near.point = &point;
  near.point_count = 1;
  near.radius = 0.4;
  outside(&c, -1.0, 2.375);
  c.observe.steps = steps;
  c.observe.step_count = 9;
  c.observe.nears = &near;
  c.observe.near_count = 1;
  c.observe.moments = 1;
  c.observe.histogram = c.observe.occupation = &request;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const r = support_run(device, &c, &result);
  for (int k = 0; k < 9; k++) {
    const int alive = steps[k] < 9, in = steps[k] < 4;
    cr_expect_eq(r->curves.alive[k], alive ? 11 : 0, "alive at %lld", (long long)steps[k]);
    cr_expect(r->nears[0].fraction[k].value == in, "near at %lld", (long long)steps[k]);
    cr_expect(r->nears[0].stuck[k].value == in, "stuck at %lld", (long long)steps[k]);
    cr_expect(!alive || r->curves.moments[k].mean.value == 0.125 + 0.25 * (double)steps[k]);
    cr_expect_eq(r->curves.moments[k].count, alive ? 11 : 0);
    cr_expect(support_outcome(r, "right")->incidence[k].value == !alive);
  }
  cr_expect(r->nears[0].residence.value == 4.0, "residence %g", r->nears[0].residence.value);
  const int64_t occupied[4] = {22, 22, 22, 22}; /* steps 0 to 7 in [0, 2), step 8 above */
  cr_expect(memcmp(r->occupation.counts, occupied, sizeof occupied) == 0, "%lld %lld %lld %lld",
            (long long)r->occupation.counts[0], (long long)r->occupation.counts[1],
            (long long)r->occupation.counts[2], (long long)r->occupation.counts[3]);
  cr_expect_eq(r->occupation.above[0], 11, "the end itself is not occupied: %lld",
               (long long)r->occupation.above[0]);
  cr_expect_eq(r->histogram.above[0], 11);
  cr_expect_eq(r->steps_total, 99);
  esc_result_free(result);
  esc_device_close(device);
}

/* Stuck is not near: back in the ball after a leave, near but no longer stuck. */
Test(observed, stuck_is_not_near)
{
  static const int64_t steps[] = {0, 1, 2, 3, 4, 5, 6};
  static const double point = 1.0;
  support_case c = support_begin("quadratic", NULL, "sgd", 2.0); /* x' = -x */
  esc_near near = ESC_NEAR_INIT("ball");
  near.point = &point;
  near.point_count = 1;
  near.radius = 0.5;
  support_start_at(&c, 1.0);
  c.experiment.stop_steps = 6;
  c.experiment.trajectories = 40;
  c.experiment.beyond = ESC_BEYOND_NONE;
  c.observe.steps = steps;
  c.observe.step_count = 7;
  c.observe.nears = &near;
  c.observe.near_count = 1;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const r = support_run(device, &c, &result);
  for (int k = 0; k < 7; k++) {
    cr_expect(r->nears[0].fraction[k].value == (k % 2 == 0), "near at %d", k);
    cr_expect(r->nears[0].stuck[k].value == (k == 0), "stuck at %d", k);
  }
  cr_expect(r->nears[0].residence.value == 4.0);
  cr_expect_eq(support_outcome(r, "running")->count, 40);
  cr_expect(r->exit_steps.restricted_mean.value == 6.0);
  cr_expect(isnan(r->exit_steps.mean.value));
  esc_result_free(result);
  esc_device_close(device);
}

/* Overshoot is the distance beyond the wall, basins those of the last position. */
Test(observed, overshoot_and_basins)
{
  support_case c = march(0.125, 20);
  outside(&c, -1.0, 1.0);
  c.observe.overshoot = 1;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *r = support_run(device, &c, &result);
  cr_expect(support_outcome(r, "right")->overshoot->mean.value == 0.125);
  cr_expect_eq(support_outcome(r, "right")->overshoot->count, 11);
  cr_expect_eq(support_outcome(r, "left")->overshoot->count, 0);
  esc_result_free(result);
  support_case well = support_begin("double_well", NULL, "sgd", 0.5);
  well.start.kind = ESC_START_POINTS;
  memcpy(well.start_values, (double[]){-0.5, 0.0, 0.25, 1.5}, 4 * sizeof(double));
  well.start.value_count = 4;
  well.experiment.trajectories = 40;
  well.experiment.stop_steps = 50;
  well.observe.basins = 1;
  r = support_run(device, &well, &result);
  cr_assert_eq(r->basin_count, 2);
  cr_expect_eq(r->basins[0].count, 10);
  cr_expect_eq(r->basins[1].count, 20);
  cr_expect_eq(r->ridge_count, 10);
  cr_expect(fabs(r->basins[1].minimum - 1.0) < 1e-9);
  esc_result_free(result);
  esc_device_close(device);
}

/* --- renewal
 * ------------------------------------------------------------------------------------------- */

/* Four steps an episode: ten steps are two exits and two steps more. */
Test(renew, on_the_march)
{
  support_case c = march(0.125, 10);
  outside(&c, -1.0, 1.0);
  c.experiment.renew = 1;
  c.observe.samples = 0;
  esc_device *const device = support_device(NULL, 1);
  esc_result *result;
  const esc_report *const r = support_run(device, &c, &result);
  cr_expect_eq(support_outcome(r, "right")->count, 22);
  cr_expect_eq(support_outcome(r, "running")->count, 11);
  cr_expect_eq(r->episodes, 33);
  cr_expect_eq(r->steps_total, 110);
  cr_expect_eq(r->rate.events, 22);
  cr_expect_eq(r->rate.steps_at_risk, 110);
  cr_expect_eq(support_outcome(r, "right")->time_counts[4], 22);
  cr_expect_eq(support_outcome(r, "running")->time_counts[2], 11);
  esc_result_free(result);
  esc_device_close(device);
}

/* A walker takes exactly its steps, whatever they bring; each walk after an exit is a new one. */
Test(renew, budget)
{
  support_case c = support_begin("quadratic", "gaussian", "sgd", 1.0);
  support_number(&c.landscape_keys, "k", 0.0);
  outside(&c, -2.0, 3.0);
  c.experiment.renew = 1;
  c.experiment.stop_steps = 101;
  c.experiment.trajectories = 3001;
  esc_device *const device = support_device(NULL, 2);
  esc_result *result;
  const esc_report *const r = support_run(device, &c, &result);
  int64_t episodes = 0;
  for (int k = 0; k < r->outcome_count; k++)
    episodes += r->outcomes[k].count;
  cr_expect_eq(r->steps_total, (int64_t)3001 * 101);
  cr_expect_eq(r->rate.steps_at_risk, (int64_t)3001 * 101);
  cr_expect_eq(r->episodes, episodes);
  cr_expect(r->rate.events > 3001, "%lld exits", (long long)r->rate.events);
  cr_expect(support_outcome(r, "running")->count <= 3001);
  esc_result_free(result);
  esc_device_close(device);
}

/* --- callbacks
 * ------------------------------------------------------------------------------------------ */

typedef struct calls {
  int progress, cancels, until;
  int64_t done, steps;
} calls;

static void see_progress(void *context, const esc_progress *progress)
{
  calls *const c = context;
  cr_assert(progress->trajectories_done >= c->done && progress->steps >= c->steps,
            "progress went back");
  cr_assert(progress->trajectories_done <= progress->trajectories_total);
  c->done = progress->trajectories_done;
  c->steps = progress->steps;
  c->progress++;
}

static int cancel(void *context)
{
  calls *const c = context;
  return ++c->cancels > c->until;
}

static support_case long_run(int64_t trajectories)
{
  support_case c = support_begin("double_well", "gaussian", "sgd", 0.1);
  outside(&c, -(double)INFINITY, 0.5);
  support_start_at(&c, -1.0);
  c.experiment.stop_steps = 100000;
  c.experiment.trajectories = trajectories;
  return c;
}

/* What is cancelled is a shorter run, not another one. */
Test(callbacks, cancel_gives_a_prefix)
{
  calls seen = {.until = 3};
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  support_case c = long_run((int64_t)1 << 36);
  esc_device *const device = support_device(NULL, 2);
  esc_result *cut = NULL, *whole;
  options.progress = see_progress;
  options.cancel = cancel;
  options.context = &seen;
  options.batch = 500;
  cr_assert_eq(esc_run(device, support_experiment(&c), &options, &cut), ESC_STATUS_INTERRUPTED);
  cr_assert(cut, "no prefix after %d calls", seen.cancels);
  const esc_report *const report = esc_result_report(cut);
  cr_assert(report->interrupted);
  cr_assert(report->trajectories > 0 && report->trajectories % 500 == 0);
  cr_assert_eq(report->trajectories_asked, (int64_t)1 << 36);
  cr_assert(seen.progress > 0 && seen.cancels == 4);
  c.experiment.trajectories = report->trajectories;
  const support_fingerprint a = support_fingerprint_of(report);
  const support_fingerprint b = support_fingerprint_of(support_run(device, &c, &whole));
  cr_assert(!support_difference(&a, &b), "other %s", support_difference(&a, &b));
  cr_assert(!esc_result_report(whole)->interrupted);
  esc_result_free(cut);
  esc_result_free(whole);
  esc_device_close(device);
}

/* Before the first batch is done there is nothing to hand back, and *result stays as it was. */
Test(callbacks, cancelled_at_once)
{
  calls seen = {.until = 0};
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  support_case c = long_run(100000000);
  esc_device *const device = support_device(NULL, 1);
  esc_result *result = NULL;
  options.cancel = cancel;
  options.context = &seen;
  options.batch = 100000000;
  cr_assert_eq(esc_run(device, support_experiment(&c), &options, &result), ESC_STATUS_INTERRUPTED);
  cr_assert_null(result);
  esc_device_close(device);
}

/* The last call says that all is done. */
Test(callbacks, progress_ends)
{
  calls seen = {.until = 1 << 30};
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  support_case c = long_run(20000);
  esc_device *const device = support_device(NULL, 2);
  esc_result *result = NULL;
  c.experiment.stop_steps = 1000;
  options.progress = see_progress;
  options.cancel = cancel;
  options.context = &seen;
  cr_assert_eq(esc_run(device, support_experiment(&c), &options, &result), ESC_STATUS_OK);
  cr_assert(seen.progress > 0);
  cr_assert_eq(seen.done, 20000);
  cr_assert(seen.steps >= esc_result_report(result)->steps_total);
  esc_result_free(result);
  esc_device_close(device);
}

/* --- wrong arguments
 * ------------------------------------------------------------------------------------- */

static int visit_nothing(void *context, const esc_replay_step *step)
{
  (void)context, (void)step;
  return 0;
}

/* A status, a sentence, and outputs untouched. */
Test(arguments, of_calls)
{
  support_case c = long_run(10);
  const esc_experiment *const experiment = support_experiment(&c);
  esc_device *const device = support_device(NULL, 1);
  esc_result *const untouched = (esc_result *)&c, *result = untouched;
  esc_run_options options = ESC_RUN_OPTIONS_INIT;
  cr_expect_eq(esc_run(NULL, experiment, NULL, &result), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_run(device, NULL, NULL, &result), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_run(device, experiment, NULL, NULL), ESC_STATUS_BAD_ARGUMENT);
  options.batch = -1;
  cr_expect_eq(esc_run(device, experiment, &options, &result), ESC_STATUS_BAD_ARGUMENT);
  options.batch = 0;
  options.lanes = 4000;
  cr_expect_eq(esc_run(device, experiment, &options, &result), ESC_STATUS_BAD_ARGUMENT);
  cr_expect(strlen(esc_last_error()) > 10);
  cr_expect(result == untouched);
  cr_expect_eq(esc_replay(device, experiment, -1, visit_nothing, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_replay(device, experiment, 0, NULL, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_replay(NULL, experiment, 0, visit_nothing, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_experiment_check(NULL), ESC_STATUS_BAD_ARGUMENT);
  esc_device *other_device = device;
  cr_expect_eq(esc_device_open(NULL, NULL), ESC_STATUS_BAD_ARGUMENT);
  esc_device_options bad = ESC_DEVICE_OPTIONS_INIT;
  bad.backend = "abacus";
  cr_expect_eq(esc_device_open(&bad, &other_device), ESC_STATUS_BAD_ARGUMENT);
  bad.backend = "cpu";
  bad.isa = "mmx";
  cr_expect_eq(esc_device_open(&bad, &other_device), ESC_STATUS_BAD_ARGUMENT);
  bad.isa = "auto";
  bad.threads = -1;
  cr_expect_eq(esc_device_open(&bad, &other_device), ESC_STATUS_BAD_ARGUMENT);
  cr_expect(other_device == device);
  cr_expect_null(esc_result_report(NULL));
  esc_result_free(NULL);
  esc_device_close(NULL);
  esc_device_close(device);
}

/* The k-th mistake in an experiment, and the key it is about; NULL past the last. */
static const char *spoil(int k, support_case *c)
{
  static const double one[1] = {0.5};
  static const int64_t falling[2] = {5, 3};
  static esc_near near = ESC_NEAR_INIT("ball");
  static esc_set set = ESC_SET_INIT("out");
  near.point = one;
  near.point_count = 1;
  switch (k) {
  case 0:
    c->landscape.name = "doublewell";
    return "landscape.name";
  case 1:
    support_number(&c->landscape_keys, "tilts", 1.0);
    return "landscape.tilts";
  case 2:
    support_number(&c->landscape_keys, "tilt", (double)NAN);
    return "landscape.tilt";
  case 3:
    c->landscape.scale = 0.0;
    return "landscape.scale";
  case 4:
    c->noise[0].law = "normal";
    return "noise.law";
  case 5:
    c->noise[0].scale = -1.0;
    return "noise.scale";
  case 6:
    c->noise[0].clip = 0.0;
    return "noise.clip";
  case 7:
    c->noise[0].sparse = 1.5;
    return "noise.sparse";
  case 8:
    c->noise[0].state_scale[0] = -1.0;
    return "noise.state_scale";
  case 9:
    c->optimizer.lr = 0.0;
    return "optimizer.lr";
  case 10:
    c->optimizer.name = "adan";
    return "optimizer.name";
  case 11:
    c->optimizer.weight_decay = -0.1;
    return "optimizer.weight_decay";
  case 12:
    c->optimizer.clip_update = 0.0;
    return "optimizer.clip_update";
  case 13:
    c->optimizer.project[0] = 2.0, c->optimizer.project[1] = 1.0;
    return "optimizer.project";
  case 14:
    c->optimizer.schedule = "linear";
    return "optimizer.schedule.kind";
  case 15:
    c->experiment.stop_steps = 0;
    return "stop.steps";
  case 16:
    c->experiment.outside[0] = 1.0;
    return "stop.outside";
  case 17:
    c->experiment.trajectories = 0;
    return "trajectories";
  case 18:
    c->experiment.rate_after = 1000000;
    return "rate.after";
  case 19:
    c->experiment.beyond = ESC_BEYOND_AT;
    return "stop.beyond";
  case 20:
    c->observe.steps = falling, c->observe.step_count = 2;
    return "observe.steps";
  case 21:
    c->observe.nears = &near, c->observe.near_count = 1;
    return "observe.near[0].radius";
  case 22:
    c->experiment.sets = &set, c->experiment.set_count = 1;
    return "stop.sets";
  case 23:
    support_start_at(c, (double)INFINITY);
    return "start";
  case 24:
    support_number(&c->optimizer_keys, "momentum", 0.9);
    return "optimizer.momentum";
  case 25:
    support_add_noise(c, "stable");
    return "noise[1].alpha";
  case 26:
    c->experiment.math = (esc_math)7;
    return "math";
  case 27:
    c->experiment.state = (esc_state)7;
    return "state";
  default:
    return NULL;
  }
}

Test(arguments, of_experiments)
{
  for (int k = 0;; k++) {
    support_case c = long_run(10);
    const char *const key = spoil(k, &c);
    if (!key)
      break;
    cr_expect_eq(esc_experiment_check(support_experiment(&c)), ESC_STATUS_BAD_EXPERIMENT,
                 "mistake %d (%s) passes", k, key);
    cr_expect_str_eq(esc_last_error_key(), key, "mistake %d is said to be in %s, not %s: %s", k,
                     esc_last_error_key(), key, esc_last_error());
  }
}
