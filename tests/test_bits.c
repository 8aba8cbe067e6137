/* The engine's bits: the same for any threads, batches, tiles and instruction sets, for fewer
 * trajectories and for a trajectory alone; and those of a naive engine, one trajectory and one step
 * at a time over the scalar rules. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "kernels/backend.h"
#include "tests/support.h"
#include "tests/support_fingerprint.h"

/* --- the same bits --- */

static const int64_t watched[] = {0, 1, 2, 3, 7, 40, 41, 150, 300};
static const int64_t lags[] = {0, 1, 3, 10};
static const double origin[4] = {0.0, 0.1, -0.1, 0.2};
static const double other[4] = {-1.0, 1.0, 0.5, 0.25};
static const double spectrum[3] = {0.5, 1.0, -0.1};
static const double minibatch_terms[5] = {1.0, -2.0, 0.5, 3.0, 7.0};
static const double covariance[9] = {1.0, 0.5, -0.25, 0.5, 0.5, 0.0, -0.25, 0.0, 0.75};
static const double chain_of_units[3] = {1, 1, 1};
static const esc_tail_request other_tail = {sizeof other_tail, other, 1, 0.1};
static const esc_tail_request origin_tail = {sizeof origin_tail, NULL, 0, 0.1};
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

/* The k-th case: landscapes, laws, optimizers, stops, starts and observers in turn. 0: no more. */
static int make_case(int k, fixture *f)
{
  support_case *const c = &f->c;
  int dimension = 1;
  switch (k) {
  case 0:
    *c = support_begin("double_well", "gaussian", "sgd", 0.1);
    support_outside(c, -1.5, 1.25);
    c->observe.overshoot = c->observe.basins = 1;
    break;
  case 1:
    *c = support_begin("sharp_maximum", "rademacher", "momentum", 0.125);
    support_outside(c, -2.0, 2.0);
    c->noise[0].state_scale[1] = 0.5;
    break;
  case 2:
    *c = support_begin("power_well", "laplace", "adam", 0.05);
    support_number(&c->landscape_keys, "p", 1.5);
    support_number(&c->landscape_keys, "q", 3.5);
    support_outside(c, -1.25, (double)INFINITY);
    c->observe.basins = 2;
    c->observe.snr = 1;
    c->observe.tail_index = &other_tail;
    break;
  case 3:
    *c = support_begin("washboard", "stable", "nesterov", 0.1);
    support_number(&c->noise_keys[0], "alpha", 1.5);
    support_number(&c->noise_keys[0], "beta", 0.5);
    support_word(&c->optimizer_keys, "form", "lookahead");
    c->optimizer.schedule = "inverse_sqrt";
    support_outside(c, -4.0, 4.0);
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
    support_start_in(c, ESC_START_UNIFORM, -1.0, 1.5);
    stop_in_sets(f, dimension);
    c->observe.basins = 1;
    c->observe.snr = 1;
    c->observe.tail_index = &origin_tail;
    break;
  case 7:
    dimension = 4;
    *c = support_begin("rosenbrock", "uniform", "lion", 0.01);
    support_number(&c->landscape_keys, "dimension", 4);
    support_start_in(c, ESC_START_NORMAL, 0.1, 0.5);
    stop_in_sets(f, dimension);
    break;
  case 8:
    *c = support_begin("quadratic", "gaussian", "sgd", 0.3);
    support_add_noise(c, "laplace")->target = ESC_NOISE_ON_PARAMETER;
    support_add_noise(c, "rademacher")->sparse = 0.25;
    c->noise[1].scale = 0.1;
    c->noise[0].clip = 1.0;
    support_outside(c, -1.0, 1.5);
    c->experiment.renew = 1;
    break;
  case 9:
    *c = support_begin("double_well", "finite_sum", "nadam", 0.05);
    support_list(&c->noise_keys[0], "values", minibatch_terms, 5);
    support_number(&c->noise_keys[0], "batch", 2);
    support_word(&c->noise_keys[0], "replace", "no");
    support_start_in(c, ESC_START_UNIFORM, -1.5, 1.5);
    support_outside(c, -1.25, 1.25);
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
    c->observe.basins = 1;
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
    support_outside(c, -1.0, 1.0);
    break;
  case 13:
    dimension = 2;
    *c = support_begin("muller_brown", "laplace", "adadelta", 1.0);
    c->landscape.scale = 0.05;
    c->optimizer.weight_decay = 0.02;
    support_start_in(c, ESC_START_NORMAL, 0.2, 0.3);
    stop_in_sets(f, dimension);
    f->level[0] = -7.3;
    break;
  case 14:
    *c = support_begin("styblinski_tang", "student_t", "adamax", 0.1);
    support_number(&c->noise_keys[0], "nu", 1.5);
    c->observe.basins = 1;
    support_outside(c, -4.0, 4.5);
    break;
  case 15:
    *c = support_begin("rastrigin", "gaussian", "sign_sgd", 0.03125);
    support_start_in(c, ESC_START_UNIFORM, -2.0, 2.0);
    stop_in_sets(f, dimension);
    f->level[0] = 0.01;
    break;
  case 16:
    dimension = 3;
    *c = support_begin("rosenbrock", "gaussian", "adam", 0.05);
    support_number(&c->landscape_keys, "dimension", 3);
    c->noise[0].covariance = covariance;
    c->noise[0].covariance_count = 9;
    c->noise[0].proportional_to = ESC_PROPORTIONAL_TO_LOSS;
    support_add_noise(c, "uniform")->proportional_to = ESC_PROPORTIONAL_TO_LOSS;
    c->noise[1].target = ESC_NOISE_ON_PARAMETER;
    c->noise[1].scale = 0.01;
    stop_in_sets(f, dimension);
    break;
  case 17:
    *c = support_begin("double_well", "finite_sum", "momentum", 0.05);
    support_number(&c->noise_keys[0], "n", 12);
    support_number(&c->noise_keys[0], "batch", 4);
    support_word(&c->noise_keys[0], "replace", "epoch");
    support_start_in(c, ESC_START_UNIFORM, -1.5, 1.5);
    support_outside(c, -1.25, 1.25);
    c->experiment.renew = 1;
    break;
  case 18:
  case 19:
    dimension = 4;
    *c = support_begin("network", "laplace", "adam", 0.05);
    support_list(&c->landscape_keys, "layers", chain_of_units, 3);
    support_word(&c->landscape_keys, "data", "regression");
    support_number(&c->landscape_keys, "batch", 3);
    support_word(&c->landscape_keys, "replace", k == 18 ? "no" : "yes");
    support_start_in(c, ESC_START_NORMAL, 0.0, 0.5);
    stop_in_sets(f, dimension);
    f->level[0] = 0.2;
    c->experiment.renew = k == 19;
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

/* --- a naive engine --- */

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
  support_outside(&c, -1.75, 0.25);
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
