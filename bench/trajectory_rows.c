/* The experiments that bench_trajectories measures: the common combinations of optimizer,
 * landscape and noise, without exits and with exits after some steps. */
#include "bench/trajectory_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NO_WALLS                                                                                   \
  {                                                                                                \
    -INFINITY, INFINITY                                                                            \
  }
#define LONG 2000 /* trajectories of ten thousand steps */

#define WELL  "double_well"
#define WALK  "quadratic" /* flat */
#define GAUSS "gaussian"
#define CPU   "cpu"
#define CUDA  "cuda"
#define EXACT ESC_MATH_EXACT
#define FAST  ESC_MATH_FAST
#define F32   ESC_STATE_F32
#define F64   ESC_STATE_F64
#define TO_TOP                                                                                     \
  {                                                                                                \
    -INFINITY, 1                                                                                   \
  }

/* clang-format off */
const trajectory_row trajectory_rows[] = {
    /* name, optimizer, landscape, law, lr, scale, alpha, walls, trajectories, steps, words, only,
       math, state, threads */
    {"sgd, double well, gaussian", "sgd", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 1, NULL, EXACT, F32, 1},
    {"  double well, fast", "sgd", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 1, CUDA, FAST, F32, 1},
    {"  exits of 7055 steps", "sgd", WELL, GAUSS, 0.1, 1, 0, TO_TOP, 20000, 1000000, 1, NULL, EXACT, F32, 1},
    {"  exits of 7055 steps, fast", "sgd", WELL, GAUSS, 0.1, 1, 0, TO_TOP, 20000, 1000000, 1, CUDA, FAST, F32, 1},
    {"  two threads", "sgd", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, 2 * LONG, 10000, 1, CPU, EXACT, F32, 2},
    {"  state f64", "sgd", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 1, NULL, EXACT, F64, 1},
    {"walk without exits", "sgd", WALK, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 1, NULL, EXACT, F32, 1},
    {"  walk, fast", "sgd", WALK, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 1, CUDA, FAST, F32, 1},
    {"  exits of 100 steps", "sgd", WALK, GAUSS, 0.1, 1, 0, {-0.943, 0.943}, 200000, 100000, 1, NULL, EXACT, F32, 1},
    {"  exits of 40 steps", "sgd", WALK, GAUSS, 0.1, 1, 0, {-0.574, 0.574}, 500000, 100000, 1, NULL, EXACT, F32, 1},
    {"  exits of 40 steps, fast", "sgd", WALK, GAUSS, 0.1, 1, 0, {-0.574, 0.574}, 500000, 100000, 1, CUDA, FAST, F32, 1},
    {"momentum", "momentum", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 1, NULL, EXACT, F32, 1},
    {"nesterov", "nesterov", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 1, NULL, EXACT, F32, 1},
    {"rmsprop", "rmsprop", WELL, GAUSS, 0.01, 1, 0, NO_WALLS, LONG, 10000, 1, NULL, EXACT, F32, 1},
    {"adam", "adam", WELL, GAUSS, 0.01, 1, 0, NO_WALLS, LONG, 10000, 1, NULL, EXACT, F32, 1},
    {"sgd, laplace", "sgd", WELL, "laplace", 0.1, 0.7, 0, NO_WALLS, LONG, 10000, 1, NULL, EXACT, F32, 1},
    {"sgd, stable 1.5", "sgd", WALK, "stable", 0.1, 0.1, 1.5, NO_WALLS, LONG, 10000, 2, NULL, EXACT, F32, 1},
    {"  stable 1.5, fast", "sgd", WALK, "stable", 0.1, 0.1, 1.5, NO_WALLS, LONG, 10000, 2, CUDA, FAST, F32, 1},
    {"sgd, himmelblau", "sgd", "himmelblau", GAUSS, 0.001, 1, 0, NO_WALLS, LONG, 5000, 4, NULL, EXACT, F32, 1},
};
/* clang-format on */
const int trajectory_row_count = sizeof trajectory_rows / sizeof *trajectory_rows;

int trajectory_row_fits(const trajectory_row *row, const char *backend)
{
  return !row->only || strcmp(row->only, backend) == 0;
}

/* An experiment with all that it points to; it points into itself. */
typedef struct held {
  esc_setting curvature, tail;
  double start_value;
  esc_landscape landscape;
  esc_noise noise;
  esc_update_rule optimizer;
  esc_start start;
  esc_observe observe;
  esc_experiment experiment;
} held;

static void make(const trajectory_row *row, held *h)
{
  *h = (held){.curvature = ESC_NUMBER("k", 0.0),
              .tail = ESC_NUMBER("alpha", row->alpha),
              .start_value = strcmp(row->landscape, WELL) == 0 ? -1.0 : 0.0,
              .landscape = ESC_LANDSCAPE_INIT(row->landscape),
              .noise = ESC_NOISE_INIT(row->law),
              .optimizer = ESC_UPDATE_RULE_INIT(row->optimizer, row->lr),
              .start = ESC_START_INIT,
              .observe = ESC_OBSERVE_INIT,
              .experiment = ESC_EXPERIMENT_INIT};
  h->landscape.settings = &h->curvature;
  h->landscape.setting_count = strcmp(row->landscape, WALK) == 0;
  h->noise.scale = row->scale;
  h->noise.settings = &h->tail;
  h->noise.setting_count = row->alpha > 0.0;
  h->start.values = &h->start_value;
  h->start.value_count = 1;
  esc_experiment *const e = &h->experiment;
  e->landscape = &h->landscape;
  e->noises = &h->noise;
  e->noise_count = 1;
  e->optimizer = &h->optimizer;
  e->start = &h->start;
  e->observe = &h->observe;
  e->stop_steps = row->steps;
  e->outside[0] = row->outside[0];
  e->outside[1] = row->outside[1];
  e->state = row->state;
  e->math = row->math;
}

static esc_result *run(const esc_device_options *on, const esc_experiment *experiment,
                       const char *name)
{
  esc_device *device = NULL;
  esc_result *result = NULL;
  esc_status status = esc_device_open(on, &device);
  if (!status)
    status = esc_run(device, experiment, NULL, &result);
  if (status) {
    fprintf(stderr, "bench_trajectories: %s: %s\n", name, esc_last_error());
    esc_result_free(result);
    result = NULL;
  }
  esc_device_close(device);
  return result;
}

int trajectory_row_run(const trajectory_row *row, const esc_device_options *on, double share,
                       trajectory_figures *figures)
{
  held h;
  make(row, &h);
  const int64_t asked = (int64_t)((double)row->trajectories * share);
  h.experiment.trajectories = asked > 256 ? asked : 256;
  esc_device_options options = *on;
  options.threads = row->threads;
  esc_result *const result = run(&options, &h.experiment, row->name);
  if (!result)
    return 0;
  const esc_report *const report = esc_result_report(result);
  const int cores = strcmp(on->backend, CUDA) == 0 ? 1 : row->threads;
  figures->rate = report->steps_per_second / cores;
  figures->mean_steps = (double)report->steps_total / (double)report->episodes;
  figures->lane_efficiency = report->lane_efficiency;
  const double diverged = report->outcomes[report->outcome_count - 1].fraction.value;
  esc_result_free(result);
  if (diverged > 0.01)
    fprintf(stderr, "bench_trajectories: %s: %g of the trajectories diverged\n", row->name,
            diverged);
  return diverged <= 0.01;
}

/* --- checks --- */

enum { CHECKED = 2000, CHECKED_STEPS = 1000 };

static int same_bits(const esc_report *a, const esc_report *b)
{
  const size_t n = CHECKED;
  return a->steps_total == b->steps_total &&
         memcmp(a->sample_steps, b->sample_steps, n * sizeof *a->sample_steps) == 0 &&
         memcmp(a->sample_final, b->sample_final,
                n * (size_t)a->dimension * sizeof *a->sample_final) == 0;
}

/* The variance of the steps that trajectories took, those that never ended as well. */
static double variance_of_steps(const esc_report *report, int64_t most)
{
  const double mean = (double)report->steps_total / CHECKED;
  double squares = 0.0;
  for (int64_t i = 0; i < CHECKED; i++) {
    const int64_t steps = report->sample_steps[i] < 0 ? most : report->sample_steps[i];
    squares += ((double)steps - mean) * ((double)steps - mean);
  }
  return squares / (CHECKED - 1);
}

/* Two samples of the same law: how many are to the right, and how long they took. */
static int same_law(const esc_report *a, const esc_report *b, int64_t most)
{
  int right_more = 0;
  for (int64_t i = 0; i < CHECKED; i++)
    right_more += (a->sample_final[i * a->dimension] > 0) - (b->sample_final[i * b->dimension] > 0);
  const double steps = (double)(a->steps_total - b->steps_total) / CHECKED;
  return fabs((double)right_more) <= 6.0 * sqrt(0.5 * CHECKED) &&
         fabs(steps) <= 6.0 * sqrt(2.0 * variance_of_steps(b, most) / CHECKED);
}

int trajectory_row_check(const trajectory_row *row, const esc_device_options *on)
{
  held h;
  make(row, &h);
  h.observe.samples = 1;
  h.experiment.trajectories = CHECKED;
  h.experiment.stop_steps = row->steps < CHECKED_STEPS ? row->steps : CHECKED_STEPS;
  esc_device_options plain = ESC_DEVICE_OPTIONS_INIT;
  plain.backend = CPU;
  plain.isa = "baseline";
  plain.threads = 1;
  esc_result *const found = run(on, &h.experiment, row->name);
  h.experiment.math = ESC_MATH_EXACT;
  esc_result *const expected = found ? run(&plain, &h.experiment, row->name) : NULL;
  int good = expected != NULL;
  if (good) {
    const esc_report *const a = esc_result_report(found), *const b = esc_result_report(expected);
    good = row->math == FAST ? same_law(a, b, h.experiment.stop_steps) : same_bits(a, b);
    if (!good)
      fprintf(stderr, "bench_trajectories: %s: other %s than the plain loops have\n", row->name,
              row->math == FAST ? "trajectories" : "bits");
  }
  esc_result_free(found);
  esc_result_free(expected);
  return good;
}
