/* Noise that is more than a variate a coordinate: a covariance, noise in proportion to the loss,
 * minibatches by epoch; each through the engine, against references and exact values. Seeds are
 * fixed; moments and shares have five standard errors. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference_sampling.h"
#include "tests/support.h"
#include "tests/support_noise.h"

enum { N = 200000 };

static const ref_noise normal = {.law = "gaussian", .scale = 1.0};

/* The last positions of all trajectories; the caller frees them. */
static double *positions(support_case *c)
{
  esc_device *const device = support_device(NULL, 2);
  esc_result *result;
  c->observe.samples = 1;
  const esc_report *const report = support_run(device, c, &result);
  const size_t size = (size_t)report->trajectories * (size_t)report->dimension * sizeof(double);
  double *const x = malloc(size);
  cr_assert(x);
  memcpy(x, report->sample_final, size);
  esc_result_free(result);
  esc_device_close(device);
  return x;
}

/* value within five standard errors of what is expected, and the rounding of floats */
static void check_near(double value, double expected, double error, const char *what)
{
  cr_assert(fabs(value - expected) < 5.0 * error + 1e-6 * fabs(expected),
            "%s: %.8g, expected %.8g (z = %.2f)", what, value, expected,
            (value - expected) / error);
}

/* The mean over i of x_ij x_ik against a second moment of two jointly normal coordinates of mean 0
 * and these variances: the error is that of a product of normals. */
static void check_moment(const double *x, int dimension, int j, int k, double expected,
                         double variance_j, double variance_k)
{
  double sum = 0.0;
  for (int i = 0; i < N; i++)
    sum += x[(ptrdiff_t)i * dimension + j] * x[(ptrdiff_t)i * dimension + k];
  check_near(sum / N, expected, sqrt((variance_j * variance_k + expected * expected) / N),
             "a second moment");
}

static void expect_refused(support_case *c, const char *key, const char *sentence)
{
  cr_expect_eq(esc_experiment_check(support_experiment(c)), ESC_STATUS_BAD_EXPERIMENT);
  cr_expect_str_eq(esc_last_error_key(), key);
  cr_expect_str_eq(esc_last_error(), sentence, "%s", esc_last_error());
}

/* --- covariance --- */

static void give_covariance(support_case *c, const double *covariance, int dimension)
{
  c->noise[0].scale = (double)NAN;
  c->noise[0].covariance = covariance;
  c->noise[0].covariance_count = dimension * dimension;
}

/* xi = L z, from the same z as independent noise has. */
Test(covariance, root)
{
  static const double covariance[9] = {4.0, 2.0, -2.0, 2.0, 10.0, 5.0, -2.0, 5.0, 21.0};
  static const double root[3][3] = {{2, 0, 0}, {1, 3, 0}, {-1, 2, 4}};
  support_case c = support_free_step(&normal, 3, 2000);
  double *const z = positions(&c);
  give_covariance(&c, covariance, 3);
  double *const x = positions(&c);
  for (int i = 0; i < 2000; i++)
    for (int j = 0; j < 3; j++) {
      double expected = 0.0, size = 0.0;
      for (int k = 0; k < 3; k++) {
        expected += root[j][k] * z[3 * i + k];
        size += fabs(root[j][k] * z[3 * i + k]);
      }
      cr_assert(fabs(x[3 * i + j] - expected) <= 3e-7 * size, "%.9g, expected %.9g", x[3 * i + j],
                expected);
    }
  free(z);
  free(x);
}

/* A quadratic under correlated noise: the discrete Lyapunov equation, on the way and at rest. */
Test(covariance, of_a_quadratic)
{
  static const double spectrum[2] = {1.0, 0.25}, s[4] = {1.0, -1.2, -1.2, 4.0};
  static const int64_t steps[] = {3, 40, 400};
  for (int row = 0; row < 3; row++) {
    support_case c = support_begin("quadratic", "gaussian", "sgd", 0.2);
    support_list(&c.landscape_keys, "spectrum", spectrum, 2);
    give_covariance(&c, s, 2);
    c.experiment.trajectories = N;
    c.experiment.stop_steps = steps[row];
    double *const x = positions(&c);
    double exact[4];
    for (int k = 0; k < 4; k++)
      exact[k] =
          ref_quadratic_covariance(0.2, spectrum[k / 2], spectrum[k % 2], s[k], (int)steps[row]);
    for (int k = 0; k < 4; k++)
      check_moment(x, 2, k / 2, k % 2, exact[k], exact[k / 2 * 3], exact[k % 2 * 3]);
    free(x);
  }
}

/* A matrix that leaves a direction without noise has a root as well: all x lie on a line, and a
 * coordinate without variance stays where it is. */
Test(covariance, semi_definite)
{
  static const double covariance[9] = {1.0, 0.0, 3.0, 0.0, 0.0, 0.0, 3.0, 0.0, 9.0};
  support_case c = support_free_step(&normal, 3, 2000);
  give_covariance(&c, covariance, 3);
  double *const x = positions(&c);
  for (int i = 0; i < 2000; i++)
    cr_assert(x[3 * i + 1] == 0.0 && x[3 * i + 2] == (double)(float)(3.0 * x[3 * i]), "%g %g %g",
              x[3 * i], x[3 * i + 1], x[3 * i + 2]);
  free(x);
}

/* In one dimension a covariance is a variance, in bits. */
Test(covariance, of_one_dimension)
{
  static const double covariance = 6.25;
  support_case c = support_free_step(&normal, 1, 2000);
  c.noise[0].scale = 2.5;
  double *const scaled = positions(&c);
  give_covariance(&c, &covariance, 1);
  double *const x = positions(&c);
  cr_assert_arr_eq(x, scaled, 2000 * sizeof *x);
  free(scaled);
  free(x);
}

typedef struct bad_matrix {
  double at[4];
  int count;
  const char *sentence;
} bad_matrix;

Test(covariance, refused)
{
  static const bad_matrix rows[] = {
      {{1, 0, 0, 1}, 3, "expected 2 x 2 numbers, found 3"},
      {{1, 0.5, 0.25, 1}, 4, "expected a symmetric matrix, found 0.25 and 0.5 across its diagonal"},
      {{1, 2, 2, 1},
       4,
       "expected a positive semi-definite matrix, found one that row 1 rules out "
       "(the first is 0)"},
      {{0, 1, 1, 1},
       4,
       "expected a positive semi-definite matrix, found one that row 0 rules out "
       "(the first is 0)"},
      {{-1, 0, 0, 1},
       4,
       "expected a positive semi-definite matrix, found one that row 0 rules out "
       "(the first is 0)"},
      {{1e31, 0, 0, 1}, 4, "expected numbers of at most 1e30 in size, found 1e+31"},
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    support_case c = support_begin("saddle", "gaussian", "sgd", 0.1);
    c.noise[0].covariance = rows[k].at;
    c.noise[0].covariance_count = rows[k].count;
    expect_refused(&c, "noise.covariance", rows[k].sentence);
  }
  support_case c = support_begin("saddle", "laplace", "sgd", 0.1);
  c.noise[0].covariance = rows[0].at;
  c.noise[0].covariance_count = 4;
  expect_refused(&c, "noise.covariance", "expected the gaussian law beside it, found laplace");
  c.noise[0].scale = 2.0;
  expect_refused(&c, "noise", "expected one of scale, variance, covariance and anneal, found 2");
}

/* --- in proportion to the loss --- */

static support_case proportional(const char *landscape, const char *law, double lr)
{
  support_case c = support_begin(landscape, law, "sgd", lr);
  c.noise[0].proportional_to = ESC_PROPORTIONAL_TO_LOSS;
  c.experiment.trajectories = N;
  return c;
}

/* On k x^2/2 the second moment multiplies by (1 - lr k)^2 + lr^2 k s^2 at every step. */
Test(proportional, quadratic)
{
  const double lr = 0.25, k = 1.5, s = 0.75, x0 = 2.0;
  for (int n = 1; n <= 9; n += 4) {
    support_case c = proportional("quadratic", "gaussian", lr);
    support_number(&c.landscape_keys, "k", k);
    c.noise[0].scale = s;
    support_start_at(&c, x0);
    c.experiment.stop_steps = n;
    double *const x = positions(&c);
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < N; i++) {
      sum += x[i] / N;
      squares += x[i] * x[i] / N;
    }
    const double mean = x0 * pow(1.0 - lr * k, n);
    const double second = ref_proportional_moment(lr, k, s, x0, n, 2);
    const double fourth = ref_proportional_moment(lr, k, s, x0, n, 4);
    check_near(sum, mean, sqrt((second - mean * mean) / N), "mean");
    check_near(squares, second, sqrt((fourth - second * second) / N), "second moment");
    free(x);
  }
}

/* One step, several coordinates, another law, with state_scale beside it: U of the whole point. */
Test(proportional, one_step)
{
  static const double spectrum[2] = {2.0, -0.5}, start[2] = {1.5, 1.0};
  support_case c = proportional("quadratic", "laplace", 1.0);
  support_list(&c.landscape_keys, "spectrum", spectrum, 2);
  memcpy(c.start_values, start, sizeof start);
  c.start.value_count = 2;
  c.experiment.beyond = ESC_BEYOND_NONE;
  c.experiment.stop_steps = 1;
  c.experiment.trajectories = 2000;
  c.noise[0].proportional_to = ESC_PROPORTIONAL_TO_NOTHING;
  double *const plain = positions(&c);
  c.noise[0].proportional_to = ESC_PROPORTIONAL_TO_LOSS;
  c.noise[0].state_scale[0] = 0.5;
  c.noise[0].state_scale[1] = 2.0;
  double *const sized = positions(&c);
  const double loss = 0.5 * (2.0 * 1.5 * 1.5 - 0.5 * 1.0);
  for (int i = 0; i < 2 * 2000; i++) {
    const double from = start[i % 2], still = from - spectrum[i % 2] * from;
    const double factor = sqrt(2.0 * loss) * sqrt(0.5 + 2.0 * from * from);
    const double expected = still + factor * (plain[i] - still);
    cr_assert(fabs(sized[i] - expected) < 2e-6 * (1.0 + fabs(expected)), "%.9g, expected %.9g",
              sized[i], expected);
  }
  free(plain);
  free(sized);
}

/* U below 0: no noise; and on the parameter as on the gradient. */
Test(proportional, none_below_zero)
{
  for (int target = 0; target < 2; target++) {
    support_case c = proportional("double_well", "gaussian", 0.125);
    support_start_at(&c, 0.5);
    c.noise[0].target = target ? ESC_NOISE_ON_PARAMETER : ESC_NOISE_ON_GRADIENT;
    c.experiment.stop_steps = 20;
    c.experiment.trajectories = 100;
    double *const noisy = positions(&c);
    c.noise_count = 0;
    double *const still = positions(&c);
    cr_assert_arr_eq(noisy, still, 100 * sizeof *still);
    cr_assert(still[0] > 0.6);
    free(noisy);
    free(still);
  }
}

Test(proportional, refused)
{
  support_case c = proportional("double_well", "gaussian", 0.1);
  c.noise[0].proportional_to = (esc_noise_proportion)7;
  expect_refused(&c, "noise.proportional_to", "expected none or loss, found 7");
}

/* --- minibatches by epoch --- */

enum { TERMS = 6, BATCH = 2, EPOCH = TERMS / BATCH };
static const double terms[TERMS] = {1, 2, 4, 8, 16, 32};

static support_case epochs(int dimension, int64_t steps)
{
  const ref_noise law = {.law = "finite_sum", .scale = 1.0};
  support_case c = support_free_step(&law, dimension, N);
  c.noise[0].scale = (double)NAN;
  support_list(&c.noise_keys[0], "values", terms, TERMS);
  support_number(&c.noise_keys[0], "batch", BATCH);
  support_word(&c.noise_keys[0], "replace", "epoch");
  c.experiment.stop_steps = steps;
  return c;
}

/* A walk, followed step by step: where its episodes begin, in steps of the trajectory's words. */
typedef struct walk {
  ref_epochs epochs;
  double last[2];
  int64_t begun, step, steps; /* the episode's beginning, where it is, how far it went */
} walk;

static int follow(void *context, const esc_replay_step *step)
{
  walk *const w = context;
  if (step->step == w->step && w->steps > 0) { /* the step that ended an episode, once more */
    w->begun += (w->steps + 3) / 4 * 4;
    w->steps = 0;
  } else if (step->step > 0) {
    const int turn = (int)(w->steps % EPOCH);
    for (int j = 0; j < w->epochs.dimension; j++) {
      const double xi = w->last[j] - step->position[j];
      const double expected = ref_epoch_mean(&w->epochs, w->begun + w->steps - turn, turn, j);
      cr_assert(fabs(xi - expected) < 1e-5, "step %lld, coordinate %d: %g, expected %g",
                (long long)step->step, j, xi, expected);
    }
    w->steps++;
  }
  w->step = step->step;
  memcpy(w->last, step->position, (size_t)w->epochs.dimension * sizeof(double));
  return 0;
}

static void check_walk(support_case *c, int dimension, int64_t id)
{
  walk w = {.epochs = {terms, TERMS, BATCH, c->experiment.seed, (uint64_t)id, 0, dimension}};
  esc_device *const device = support_device(NULL, 1);
  cr_assert_eq(esc_replay(device, support_experiment(c), id, follow, &w), ESC_STATUS_OK, "%s",
               esc_last_error());
  cr_assert_eq(w.step, c->experiment.stop_steps);
  esc_device_close(device);
}

/* Every step's batch is that of an urn that gives out all terms before any again. */
Test(epochs, reference)
{
  for (int dimension = 1; dimension <= 2; dimension++)
    for (int64_t id = 0; id < 8; id++) {
      support_case c = epochs(dimension, 41);
      check_walk(&c, dimension, id);
    }
}

/* A walker that starts afresh begins a fresh epoch. */
Test(epochs, renewed)
{
  for (int64_t id = 0; id < 8; id++) {
    support_case c = epochs(1, 150);
    c.observe.samples = 0;
    c.experiment.renew = 1;
    support_outside(&c, -12.0, 14.0);
    check_walk(&c, 1, id);
  }
}

/* A step alone is a sample without replacement; an epoch is the whole sum, and so is no noise. */
Test(epochs, variance)
{
  double mean = 0.0, variance = 0.0, fourth = 0.0;
  for (int i = 0; i < TERMS; i++)
    mean += terms[i] / TERMS;
  for (int i = 0; i < TERMS; i++)
    for (int k = 0; k < i; k++) { /* each of the 15 pairs is as likely */
      const double xi = 0.5 * (terms[i] + terms[k]) - mean;
      variance += xi * xi / 15.0;
      fourth += xi * xi * xi * xi / 15.0;
    }
  for (int step = 1; step <= 2 * EPOCH; step++) {
    support_case c = epochs(1, step);
    double *const x = positions(&c);
    double squares = 0.0;
    for (int i = 0; i < N; i++)
      squares += x[i] * x[i] / N;
    if (step % EPOCH == 0)
      cr_assert(squares < 1e-10, "the sum of an epoch has the mean square %g", squares);
    else /* after one step, and one before the last: the batch that is missing */
      check_near(squares, variance, sqrt((fourth - variance * variance) / N), "variance");
    free(x);
  }
}

/* Which two terms have this sum: their bits. */
static int pair_of(double xi)
{
  const double sum = 2.0 * (xi + 63.0 / 6.0), whole = rint(sum);
  cr_assert(fabs(sum - whole) < 1e-3 && whole > 0.0 && whole < 64.0, "a sum of %g", sum);
  return (int)whole;
}

/* All 90 ways to part six terms into three ordered pairs are equally likely. */
Test(epochs, every_partition)
{
  support_case first = epochs(1, 1), second = epochs(1, 2);
  double *const x1 = positions(&first), *const x2 = positions(&second);
  static int64_t counts[64][64];
  double chi_square = 0.0;
  int cells = 0;
  for (int i = 0; i < N; i++)
    counts[pair_of(-x1[i])][pair_of(x1[i] - x2[i])]++;
  for (int a = 0; a < 64; a++)
    for (int b = 0; b < 64; b++) {
      const int apart = __builtin_popcount((unsigned)a) == 2 &&
                        __builtin_popcount((unsigned)b) == 2 && (a & b) == 0;
      cr_assert(apart || counts[a][b] == 0, "%d and %d cannot follow", a, b);
      if (!apart)
        continue;
      const double off = (double)counts[a][b] - N / 90.0;
      chi_square += off * off * 90.0 / N;
      cells++;
    }
  cr_assert_eq(cells, 90);
  /* the 1 - 1e-6 quantile of 89 degrees (Wilson and Hilferty) */
  const double ninth = 2.0 / (9.0 * 89.0), root = 1.0 - ninth + 4.76 * sqrt(ninth);
  cr_assert(chi_square < 89.0 * root * root * root, "chi-square %g of 89", chi_square);
  free(x1);
  free(x2);
}

Test(epochs, refused)
{
  support_case c = epochs(1, 5);
  support_number(&c.noise_keys[0], "n", 7);
  c.noise_keys[0].at[0] = c.noise_keys[0].at[3]; /* in place of values */
  c.noise_keys[0].count = 3;
  expect_refused(&c, "noise.batch",
                 "expected a divisor of the number of terms, as replace is epoch, found 2");
}
