/* The options of a source of noise (clip, sparse, state_scale, anneal, its target, several sources,
 * a scale for each dimension), and finite sums: batches with and without replacement. Each through
 * the engine by a free walk. Seeds are fixed; shares and variances have five standard errors. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference_noise.h"
#include "tests/support.h"
#include "tests/support_noise.h"

/* --- options --- */

enum { N = 200000 };

static const ref_noise normal = {.law = "gaussian", .scale = 1.0};

/* The last positions of N trajectories; the caller frees them. */
static double *positions(support_case *c)
{
  esc_device *const device = support_device(NULL, 2);
  esc_result *result;
  c->experiment.trajectories = N;
  const esc_report *const report = support_run(device, c, &result);
  const size_t size = (size_t)N * (size_t)report->dimension * sizeof(double);
  double *const x = malloc(size);
  cr_assert(x);
  memcpy(x, report->sample_final, size);
  esc_result_free(result);
  esc_device_close(device);
  return x;
}

static void check_share(int64_t count, int64_t total, double p, const char *what)
{
  const double z = ((double)count - (double)total * p) / sqrt((double)total * p * (1.0 - p));
  cr_assert(fabs(z) < 5.0, "%s: %lld of %lld, expected a share of %g (z = %.2f)", what,
            (long long)count, (long long)total, p, z);
}

Test(options, clip)
{
  support_case c = support_free_step(&normal, 1, N);
  double *const plain = positions(&c);
  c.noise[0].clip = 0.75;
  double *const clipped = positions(&c);
  int64_t at_bound = 0;
  for (int i = 0; i < N; i++) {
    const double expected = fmax(-0.75, fmin(0.75, plain[i]));
    cr_assert(clipped[i] == expected, "%g became %g", plain[i], clipped[i]);
    at_bound += clipped[i] == 0.75;
  }
  check_share(at_bound, N, ref_noise_tail(&normal, 0.75), "at the bound");
  free(plain);
  free(clipped);
}

/* Truncation comes after centring. */
Test(options, clip_after_centring)
{
  const ref_noise skew = {.law = "pareto", .scale = 1.0, .alpha = 1.5, .weight_right = 1.0};
  support_case c = support_free_step(&skew, 1, N);
  double *const plain = positions(&c);
  c.noise[0].clip = 2.5;
  double *const clipped = positions(&c);
  for (int i = 0; i < N; i++)
    cr_assert(clipped[i] == fmax(-2.5, fmin(2.5, plain[i])), "%g became %g", plain[i], clipped[i]);
  free(plain);
  free(clipped);
}

Test(options, sparse)
{
  support_case c = support_free_step(&normal, 1, N);
  double *const plain = positions(&c);
  c.noise[0].sparse = 0.3;
  double *const sparse = positions(&c);
  int64_t kept = 0, positive = 0;
  for (int i = 0; i < N; i++) {
    cr_assert(sparse[i] == plain[i] || sparse[i] == 0.0);
    kept += sparse[i] != 0.0;
    positive += sparse[i] > 0.0;
  }
  check_share(kept, N, 0.3, "kept");
  check_share(positive, kept, 0.5, "positive among them");
  free(plain);
  free(sparse);
}

/* Each step and coordinate is masked by itself. */
Test(options, sparse_steps)
{
  const ref_noise sign = {.law = "rademacher", .scale = 1.0};
  support_case c = support_free_step(&sign, 3, N);
  c.noise[0].sparse = 0.25;
  c.experiment.stop_steps = 7;
  double *const x = positions(&c);
  double squares = 0.0, cross = 0.0;
  for (int i = 0; i < N; i++) {
    squares += x[3 * i] * x[3 * i];
    cross += x[3 * i] * x[3 * i] * x[3 * i + 1] * x[3 * i + 1];
  }
  /* variance 7/4; E x^4 = 7/4 + 3*42/16 */
  const double v = 1.75, spread = sqrt((v + 3.0 * 42.0 / 16.0 - v * v) / N);
  cr_assert(fabs(squares / N - v) < 5.0 * spread, "variance %g", squares / N);
  cr_assert(fabs(cross / N - v * v) < 5.0 * 12.0 / sqrt((double)N), "cross %g", cross / N);
  free(x);
}

Test(options, state_scale)
{
  support_case c = support_free_step(&normal, 1, N);
  support_start_at(&c, 2.0);
  double *const plain = positions(&c);
  c.noise[0].state_scale[0] = 0.5;
  c.noise[0].state_scale[1] = 0.25;
  double *const scaled = positions(&c);
  for (int i = 0; i < N; i++) {
    const double expected = 2.0 + sqrt(0.5 + 0.25 * 4.0) * (plain[i] - 2.0);
    cr_assert(fabs(scaled[i] - expected) < 2e-6, "%g became %g", plain[i], scaled[i]);
  }
  free(plain);
  free(scaled);
}

typedef struct path {
  double x[16];
} path;

static int keep(void *context, const esc_replay_step *step)
{
  ((path *)context)->x[step->step] = *step->position;
  return 0;
}

static path replayed(support_case *c, int64_t id)
{
  path p;
  esc_device *const device = support_device(NULL, 1);
  cr_assert_eq(esc_replay(device, support_experiment(c), id, keep, &p), ESC_STATUS_OK, "%s",
               esc_last_error());
  esc_device_close(device);
  return p;
}

/* Variance eta0/(1+t)^gamma with t = 0 at the first step. */
Test(options, anneal)
{
  for (int64_t id = 0; id < 20; id++) {
    support_case c = support_free_step(&normal, 1, 1);
    c.experiment.stop_steps = 15;
    c.experiment.state = ESC_STATE_F64;
    const path plain = replayed(&c, id);
    c.noise[0].scale = (double)NAN;
    c.noise[0].anneal[0] = 0.49;
    c.noise[0].anneal[1] = 0.55;
    const path annealed = replayed(&c, id);
    for (int t = 0; t < 15; t++) {
      const double factor = sqrt(0.49 / pow(1.0 + t, 0.55));
      const double expected = factor * (plain.x[t + 1] - plain.x[t]);
      const double found = annealed.x[t + 1] - annealed.x[t];
      cr_assert(fabs(found - expected) < 1e-6 * (1.0 + fabs(expected)), "t %d: %g, expected %g", t,
                found, expected);
    }
  }
}

/* Annealing gives every law that variance: laplace of scale 1 has 2. */
Test(options, anneal_is_a_variance)
{
  const ref_noise laplace = {.law = "laplace", .scale = 1.0};
  support_case c = support_free_step(&laplace, 1, N);
  c.noise[0].scale = (double)NAN;
  c.noise[0].anneal[0] = 0.49;
  c.noise[0].anneal[1] = 0.0;
  double *const x = positions(&c);
  double squares = 0.0;
  for (int i = 0; i < N; i++)
    squares += x[i] * x[i];
  cr_assert(fabs(squares / N / 0.49 - 1.0) < 5.0 * sqrt(5.0 / N), "variance %g", squares / N);
  free(x);
}

/* On the parameter noise is added after the step and not multiplied by lr. */
Test(options, on_parameter)
{
  support_case c = support_free_step(&normal, 1, N);
  c.optimizer.lr = 0.125;
  double *const gradient = positions(&c);
  c.noise[0].target = ESC_NOISE_ON_PARAMETER;
  double *const parameter = positions(&c);
  for (int i = 0; i < N; i++)
    cr_assert(parameter[i] == -8.0 * gradient[i], "%g, %g", gradient[i], parameter[i]);
  free(gradient);
  free(parameter);
}

/* Sources add up, each from its own words; the first is what it is alone. */
Test(options, several_sources)
{
  support_case c = support_free_step(&normal, 1, N);
  double *const alone = positions(&c);
  esc_noise *const second = support_add_noise(&c, "laplace");
  second->scale = 0.5;
  support_add_noise(&c, "rademacher")->target = ESC_NOISE_ON_PARAMETER;
  double *const all = positions(&c);
  double product = 0.0, squares = 0.0;
  int64_t positive = 0;
  for (int i = 0; i < N; i++) {
    const double rest = all[i] - alone[i]; /* -laplace + rademacher */
    product += rest * alone[i];
    squares += rest * rest;
    positive += rest > 0.0;
  }
  cr_assert(fabs(product) < 5.0 * sqrt(1.5 * N), "correlated: %g", product / N);
  /* variance .5 + 1; fourth moment 24/16 + 6*.5 + 1 */
  cr_assert(fabs(squares / N - 1.5) < 5.0 * sqrt((5.5 - 2.25) / N), "variance %g", squares / N);
  check_share(positive, N, 0.5, "positive");
  free(alone);
  free(all);
}

/* Two sources of the same law are not the same noise. */
Test(options, sources_differ)
{
  support_case c = support_free_step(&normal, 1, N);
  *support_add_noise(&c, "gaussian") = c.noise[0];
  double *const x = positions(&c);
  double squares = 0.0;
  for (int i = 0; i < N; i++)
    squares += x[i] * x[i];
  cr_assert(fabs(squares / N / 2.0 - 1.0) < 5.0 * sqrt(2.0 / N), "variance %g", squares / N);
  free(x);
}

Test(options, scale_of_each_dimension)
{
  static const double scales[3] = {1.0, 4.0, 0.0};
  support_case c = support_free_step(&normal, 3, N);
  double *const plain = positions(&c);
  c.noise[0].scale = (double)NAN;
  c.noise[0].scales = scales;
  c.noise[0].scale_count = 3;
  double *const scaled = positions(&c);
  for (int i = 0; i < 3 * N; i++)
    cr_assert(scaled[i] == scales[i % 3] * plain[i]);
  free(plain);
  free(scaled);
}

/* --- finite sums --- */

enum { TERMS = 7 };
static const double terms[TERMS] = {1, 2, 4, 8, 16, 32, 64};

static support_case minibatch(int batch, const char *replace)
{
  const ref_noise law = {.law = "finite_sum", .scale = 1.0};
  support_case c = support_free_step(&law, 1, N);
  c.noise[0].scale = (double)NAN;
  support_list(&c.noise_keys[0], "values", terms, TERMS);
  support_number(&c.noise_keys[0], "batch", batch);
  support_word(&c.noise_keys[0], "replace", replace);
  return c;
}

/* How often each sum of a batch came up: the terms are powers of two, so that sums tell them. */
static void count_sums(support_case *c, int batch, int64_t counts[256])
{
  double *const x = positions(c);
  const double mean = 127.0 / 7.0;
  memset(counts, 0, 256 * sizeof *counts);
  for (int i = 0; i < N; i++) {
    const double sum = batch * (mean - x[i]), whole = rint(sum);
    cr_assert(fabs(sum - whole) < 1e-3 && whole > 0.0 && whole < 256.0, "a sum of %g", sum);
    counts[(int)whole]++;
  }
  free(x);
}

/* Pearson's chi-square against its 1 - 1e-6 quantile (Wilson and Hilferty). */
static void check_chi_square(const int64_t counts[256], const double expected[256],
                             const char *what)
{
  double sum = 0.0, cells = -1.0;
  for (int k = 0; k < 256; k++) {
    if (expected[k] == 0.0)
      cr_assert_eq(counts[k], 0, "%s: a sum of %d cannot be", what, k);
    if (expected[k] == 0.0)
      continue;
    sum += ((double)counts[k] - expected[k]) * ((double)counts[k] - expected[k]) / expected[k];
    cells++;
  }
  const double ninth = 2.0 / (9.0 * cells), root = 1.0 - ninth + 4.76 * sqrt(ninth);
  cr_assert(sum < cells * root * root * root, "%s: chi-square %g of %g cells", what, sum, cells);
}

/* Every subset is equally likely. */
Test(minibatch, without_replacement)
{
  static const int ways[] = {1, 7, 21, 35, 35, 21, 7, 1};
  for (int batch = 1; batch < 7; batch++) {
    support_case c = minibatch(batch, "no");
    int64_t counts[256];
    double expected[256] = {0.0};
    for (int subset = 0; subset < 128; subset++)
      if (__builtin_popcount((unsigned)subset) == batch)
        expected[subset] = (double)N / ways[batch];
    count_sums(&c, batch, counts);
    check_chi_square(counts, expected, "without replacement");
  }
}

Test(minibatch, with_replacement)
{
  int64_t counts[256];
  double expected[256] = {0.0};
  support_case c = minibatch(2, "yes");
  for (int i = 0; i < TERMS; i++)
    for (int j = 0; j < TERMS; j++)
      expected[(int)(terms[i] + terms[j])] += (double)N / (TERMS * TERMS);
  count_sums(&c, 2, counts);
  check_chi_square(counts, expected, "with replacement");
}

/* The whole sum without replacement is no noise at all. */
Test(minibatch, the_whole_sum)
{
  support_case c = minibatch(TERMS, "no");
  double *const x = positions(&c);
  for (int i = 0; i < N; i++)
    cr_assert(fabs(x[i]) < 1e-5, "%g", x[i]);
  free(x);
}

/* Evenly spaced terms: variance of the mean of b of n, with the finite-population factor. */
Test(minibatch, evenly_spaced)
{
  enum { TOTAL = 50, BATCH = 20 };
  for (int replace = 0; replace < 2; replace++) {
    const ref_noise law = {.law = "finite_sum", .scale = 1.0};
    support_case c = support_free_step(&law, 1, N);
    c.noise[0].scale = (double)NAN;
    support_number(&c.noise_keys[0], "n", TOTAL);
    support_number(&c.noise_keys[0], "spread", 3.0);
    support_number(&c.noise_keys[0], "batch", BATCH);
    support_word(&c.noise_keys[0], "replace", replace ? "yes" : "no");
    c.experiment.stop_steps = 5;
    double *const x = positions(&c);
    double sum = 0.0, squares = 0.0, population = 0.0;
    for (int i = 0; i < TOTAL; i++) {
      const double h = 3.0 * (2.0 * i / (TOTAL - 1) - 1.0);
      population += h * h / TOTAL;
    }
    for (int i = 0; i < N; i++) {
      sum += x[i];
      squares += x[i] * x[i];
    }
    const double factor = replace ? 1.0 : (double)(TOTAL - BATCH) / (TOTAL - 1);
    const double variance = 5.0 * population / BATCH * factor;
    cr_assert(fabs(sum / N) < 5.0 * sqrt(variance / N), "mean %g", sum / N);
    cr_assert(fabs(squares / N / variance - 1.0) < 5.0 * sqrt(2.0 / N), "variance %g, expected %g",
              squares / N, variance);
    free(x);
  }
}
