/* Noise laws: every law against its distribution function (Kolmogorov and Smirnov) and its tails,
 * drawn through the engine by one step of a free walk in four dimensions, so that every place in a
 * block is covered; far tails, where a rare word is refined. Seeds are fixed; a test of a law would
 * give a false alarm with probability 1e-6 under another one. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plan.h"
#include "reference_noise.h"
#include "tests/support.h"
#include "tests/support_noise.h"

/* --- laws --- */

static const ref_noise laws[] = {
    {.law = "gaussian", .scale = 1.5},
    {.law = "uniform", .scale = 2.0},
    {.law = "rademacher", .scale = 0.5},
    {.law = "laplace", .scale = 0.75},
    {.law = "logistic", .scale = 2.0},
    {.law = "student_t", .scale = 1.0, .nu = 0.7},
    {.law = "student_t", .scale = 2.0, .nu = 1.5},
    {.law = "student_t", .scale = 1.0, .nu = 3.0},
    {.law = "student_t", .scale = 1.0, .nu = 30.0},
    {.law = "pareto", .scale = 1.0, .alpha = 0.6, .weight_right = 0.5},
    {.law = "pareto", .scale = 0.5, .alpha = 1.5, .weight_right = 0.8},
    {.law = "pareto", .scale = 1.0, .alpha = 3.0, .weight_right = 0.25},
    {.law = "pareto", .scale = 1.0, .alpha = 2.5, .weight_right = 1.0},
    {.law = "pareto", .scale = 1.0, .alpha = 2.5, .weight_right = 0.0},
    {.law = "stable", .scale = 1.0, .alpha = 2.0, .beta = 0.0},
    {.law = "stable", .scale = 0.5, .alpha = 1.5, .beta = 0.0},
    {.law = "stable", .scale = 1.0, .alpha = 1.5, .beta = 0.6},
    {.law = "stable", .scale = 1.0, .alpha = 1.5, .beta = -1.0},
    {.law = "stable", .scale = 2.0, .alpha = 1.0, .beta = 0.0},
    {.law = "stable", .scale = 1.0, .alpha = 1.0, .beta = 0.5},
    {.law = "stable", .scale = 1.0, .alpha = 1.0, .beta = -1.0},
    {.law = "stable", .scale = 1.0, .alpha = 0.5, .beta = 0.0},
    {.law = "stable", .scale = 1.0, .alpha = 0.5, .beta = 1.0},
    {.law = "stable", .scale = 1.0, .alpha = 0.8, .beta = -0.4},
    {.law = "stable", .scale = 1.0, .alpha = 1.9, .beta = 0.9},
};
enum { LAWS = sizeof laws / sizeof *laws };

enum { GRID = 200, SORTED = 65536 };

static int rising(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Places to compare distribution functions at: quantiles of a part of the sample. */
static void choose_grid(const double *xi, double grid[GRID])
{
  double *const sorted = malloc(SORTED * sizeof *sorted);
  cr_assert(sorted);
  memcpy(sorted, xi, SORTED * sizeof *sorted);
  qsort(sorted, SORTED, sizeof *sorted, rising);
  for (int k = 0; k < GRID; k++)
    grid[k] = sorted[(int64_t)k * (SORTED - 1) / (GRID - 1)];
  free(sorted);
}

/* below[k] gets the number of variates <= grid[k]. */
static void count_below(const double *xi, int64_t n, const double grid[GRID], int64_t below[GRID])
{
  memset(below, 0, GRID * sizeof *below);
  for (int64_t i = 0; i < n; i++) {
    int low = 0, high = GRID; /* the first place with xi <= grid */
    while (low < high) {
      const int middle = (low + high) / 2;
      if (xi[i] <= grid[middle])
        high = middle;
      else
        low = middle + 1;
    }
    if (low < GRID)
      below[low]++;
  }
  for (int k = 1; k < GRID; k++)
    below[k] += below[k - 1];
}

static void describe_law(const ref_noise *law, char text[96])
{
  snprintf(text, 96, "%s (nu %g, alpha %g, beta %g, weight_right %g)", law->law, law->nu,
           law->alpha, law->beta, law->weight_right);
}

/* P(sup |F_n - F| > c/sqrt(n)) <= 2 exp(-2 c^2) = 1e-6. */
static void check_distribution(const ref_noise *law, const double *xi, int64_t n)
{
  double grid[GRID];
  int64_t below[GRID];
  char text[96];
  const double bound = 2.694 / sqrt((double)n);
  choose_grid(xi, grid);
  count_below(xi, n, grid, below);
  describe_law(law, text);
  for (int k = 0; k < GRID; k++) {
    const double share = (double)below[k] / (double)n, exact = ref_noise_cdf(law, grid[k]);
    cr_assert(fabs(share - exact) < bound, "%s: P(xi <= %g) is %.6f, expected %.6f +- %.6f", text,
              grid[k], share, exact, bound);
  }
}

static double tail(const ref_noise *law, int right, double x)
{
  return right ? ref_noise_tail(law, x) : ref_noise_cdf(law, -x);
}

/* Where the tail of one side has probability p; NaN if it never has. */
static double tail_point(const ref_noise *law, int right, double p)
{
  double low = 1e-6, high = 1e-6;
  while (high < 1e30 && tail(law, right, high) > p)
    high *= 2.0;
  for (int k = 0; k < 40; k++) {
    const double middle = sqrt(low * high);
    if (tail(law, right, middle) > p)
      low = middle;
    else
      high = middle;
  }
  const double off = tail(law, right, high) / p - 1.0;
  return fabs(off) < 1e-3 ? high : (double)NAN;
}

/* Poisson counts of mean m stay within 5.2 sqrt(m) + 8 but for 1e-7. */
static void check_tails(const ref_noise *law, const double *xi, int64_t n)
{
  static const double means[] = {1e4, 1e3, 1e2, 10.0};
  char text[96];
  describe_law(law, text);
  for (int right = 0; right < 2; right++)
    for (int k = 0; k < 4; k++) {
      const double at = tail_point(law, right, means[k] / (double)n);
      if (isnan(at))
        continue;
      const double m = tail(law, right, at) * (double)n;
      int64_t count = 0;
      for (int64_t i = 0; i < n; i++)
        count += right ? xi[i] > at : xi[i] < -at;
      cr_assert(fabs((double)count - m) < 5.2 * sqrt(m) + 8.0,
                "%s: %lld of %lld beyond %g on the %s, expected %.1f", text, (long long)count,
                (long long)n, at, right ? "right" : "left", m);
    }
}

static void check_law(esc_device *device, const ref_noise *law, int64_t trajectories)
{
  support_case c = support_free_step(law, 4, trajectories);
  esc_result *result;
  const esc_report *const report = support_run(device, &c, &result);
  const int64_t n = 4 * trajectories;
  double *const xi = malloc((size_t)n * sizeof *xi);
  cr_assert(xi);
  cr_assert_eq(report->sample_count, trajectories);
  for (int64_t i = 0; i < n; i++)
    xi[i] = -report->sample_final[i];
  check_distribution(law, xi, n);
  if (strcmp(law->law, "uniform") != 0 && strcmp(law->law, "rademacher") != 0)
    check_tails(law, xi, n);
  free(xi);
  esc_result_free(result);
}

static void check_laws(int from, int to)
{
  esc_device *const device = support_device(NULL, 2);
  for (int k = from; k < to; k++)
    check_law(device, &laws[k], 300000);
  esc_device_close(device);
}

Test(laws, light_tails)
{
  check_laws(0, 9);
}

Test(laws, pareto)
{
  check_laws(9, 14);
}

Test(laws, stable)
{
  check_laws(14, LAWS);
}

Test(laws, none_is_left_out)
{
  int count;
  const esc_entry *const entries = esc_catalogue_entries(ESC_CATALOGUE_NOISES, &count);
  for (int k = 0; k < count; k++) {
    int found = strcmp(entries[k].name, "none") == 0 || strcmp(entries[k].name, "finite_sum") == 0;
    for (int n = 0; n < LAWS; n++)
      found |= strcmp(laws[n].law, entries[k].name) == 0;
    cr_expect(found, "%s is not tested", entries[k].name);
  }
}

/* The scale that gives a variance; laws without one refuse it. */
Test(laws, variance)
{
  for (int k = 0; k < LAWS; k++) {
    support_case c = support_free_step(&laws[k], 1, 1);
    c.noise[0].scale = (double)NAN;
    c.noise[0].variance = 0.37;
    char text[96];
    esc_planned *planned = NULL;
    const double expected = ref_noise_scale(&laws[k], 0.37);
    const esc_status status = esc_plan_make(support_experiment(&c), &planned);
    describe_law(&laws[k], text);
    if (!isfinite(expected)) {
      cr_assert_eq(status, ESC_STATUS_BAD_EXPERIMENT, "%s", text);
      continue;
    }
    cr_assert_eq(status, ESC_STATUS_OK, "%s: %s", text, esc_last_error());
    cr_assert(fabs((double)planned->plan.noise[0].scale[0] - expected) < 2e-7 * expected,
              "%s: scale %.9g, expected %.9g", text, (double)planned->plan.noise[0].scale[0],
              expected);
    esc_plan_free(planned);
  }
}

/* The four variates of a block, and those of steps that follow, are uncorrelated. */
Test(laws, independence)
{
  enum { N = 500000 };
  static const ref_noise drawn[] = {{.law = "gaussian", .scale = 1.0},
                                    {.law = "laplace", .scale = 1.0},
                                    {.law = "student_t", .scale = 1.0, .nu = 10.0}};
  esc_device *const device = support_device(NULL, 2);
  for (int k = 0; k < 3; k++)
    for (int steps = 1; steps <= 9; steps += 8) {
      support_case c = support_free_step(&drawn[k], 4, N);
      c.experiment.stop_steps = steps;
      esc_result *result;
      const esc_report *const report = support_run(device, &c, &result);
      const double variance = ref_noise_variance(&drawn[k]) * steps;
      for (int pair = 0; pair < 6; pair++) {
        static const int first[] = {0, 0, 0, 1, 1, 2}, second[] = {1, 2, 3, 2, 3, 3};
        double sum = 0.0;
        for (int64_t i = 0; i < N; i++)
          sum += report->sample_final[4 * i + first[pair]] *
                 report->sample_final[4 * i + second[pair]];
        cr_assert(fabs(sum) < 5.0 * variance * sqrt((double)N), "%s, pair %d: %g", drawn[k].law,
                  pair, sum / variance / N);
      }
      for (int j = 0; j < 4; j++)
        cr_assert(fabs(report->final[j].variance.value / variance - 1.0) <
                      5.0 * sqrt(6.0 / (double)N),
                  "%s after %d steps: variance %g, expected %g", drawn[k].law, steps,
                  report->final[j].variance.value, variance);
      esc_result_free(result);
    }
  esc_device_close(device);
}

/* --- far tails --- */

extern const struct esc_noise_loops esc_noise_loops_baseline;

#define ESC_ISA baseline
#include "kernels/cpu/loops.h"

/* The variates of a block whose words have the given distance on the given side. */
static void redraw(const ref_noise *law, uint32_t word, uint32_t further, uint32_t angle,
                   float out[4])
{
  support_case c = support_free_step(law, 1, 1);
  esc_planned *planned = NULL;
  cr_assert_eq(esc_plan_make(support_experiment(&c), &planned), ESC_STATUS_OK, "%s",
               esc_last_error());
  const esc_plan_noise *const noise = &planned->plan.noise[0];
  const float one[4] = {1.0f, 1.0f, 1.0f, 1.0f};
  const uint32_t words[4] = {word, angle, word, angle}, more[4] = {further, 77, further, 77};
  esc_noise_loops_baseline.redraw[noise->law](noise->constants, one, words, more, out);
  esc_plan_free(planned);
}

/* Laws of one uniform invert their distribution function, far out on both sides. */
Test(far_tails, one_uniform)
{
  static const ref_noise drawn[] = {
      {.law = "laplace", .scale = 1.0},
      {.law = "logistic", .scale = 1.0},
      {.law = "pareto", .scale = 1.0, .alpha = 3.0, .weight_right = 0.5},
      {.law = "pareto", .scale = 1.0, .alpha = 0.9, .weight_right = 0.7},
  };
  static const uint32_t words[] = {0, 1, 2, 100, 0xffff, 0x10000, 0x123456};
  for (int k = 0; k < 4; k++)
    for (int far = 0; far < 2; far++)
      for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        for (uint32_t further = 0; further < 0xf0000000u; further += 0x0fffffffu) {
          float xi[4];
          const uint32_t word = words[w] | (far ? 0x80000000u : 0u);
          const double d = (double)esc_uniform_refined(word, further).d;
          redraw(&drawn[k], word, further, 0, xi);
          /* the right end is the right side of a law, but for Pareto's: value below p is right */
          const int pareto = strcmp(drawn[k].law, "pareto") == 0;
          const int right = pareto ? !far : far;
          cr_assert(right ? xi[0] > 0.0f : xi[0] < 0.0f, "%s: %g", drawn[k].law, (double)xi[0]);
          const double share = tail(&drawn[k], right, fabs((double)xi[0]));
          cr_assert(fabs(share / d - 1.0) < 2e-5, "%s: word %x, %x: %g has a tail of %g, not %g",
                    drawn[k].law, word, further, (double)xi[0], share, d);
        }
}

/* Gaussian: the radius is right out to 9.3 sigma. Cauchy: cot(pi d). Student t: both ends of the
 * first uniform are its near and far ends of radius. */
Test(far_tails, two_words)
{
  static const ref_noise gaussian = {.law = "gaussian", .scale = 1.0};
  static const ref_noise cauchy = {.law = "stable", .scale = 1.0, .alpha = 1.0};
  static const ref_noise student = {.law = "student_t", .scale = 1.0, .nu = 3.0};
  for (uint32_t word = 0; word < 0x40000; word = word * 3 + 1)
    for (uint32_t further = 1000; further < 0xf0000000u; further = further * 2 + 7) {
      float xi[4];
      const double d = (double)esc_uniform_refined(word, further).d;
      redraw(&gaussian, word, further, 0x12345678u, xi);
      const double square = (double)xi[0] * (double)xi[0] + (double)xi[1] * (double)xi[1];
      cr_assert(fabs(square / (-2.0 * log(2.0 * d)) - 1.0) < 2e-6, "word %x: radius^2 %g", word,
                square);
      redraw(&cauchy, word | 0x80000000u, further, 0x40000000u, xi);
      cr_assert(fabs((double)xi[0] * tan(3.14159265358979324 * d) - 1.0) < 4e-6,
                "word %x: Cauchy %g", word, (double)xi[0]);
      redraw(&cauchy, word, further, 0x40000000u, xi);
      cr_assert(fabs((double)xi[0] * tan(3.14159265358979324 * d) + 1.0) < 4e-6,
                "word %x: Cauchy %g on the left", word, (double)xi[0]);
      redraw(&student, word, further, 0x80000000u, xi); /* cos(2 pi 2^-33) = 1 */
      const double expected = sqrt(3.0 * expm1(-2.0 / 3.0 * log(d)));
      cr_assert(fabs(fabs((double)xi[0]) / expected - 1.0) < 4e-6, "word %x: Student %g", word,
                (double)xi[0]);
    }
}

typedef struct place {
  double x[4];
} place;

static int keep_last(void *context, const esc_replay_step *step)
{
  memcpy(((place *)context)->x, step->position, sizeof(place));
  return 0;
}

/* The engine refines: trajectories with a rare word in their first block, bit for bit. */
Test(far_tails, in_the_engine)
{
  const ref_noise laplace = {.law = "laplace", .scale = 1.0};
  const esc_laplace_constants none = {0.0f};
  support_case c = support_free_step(&laplace, 4, 1);
  esc_device *const device = support_device(NULL, 1);
  int rare = 0;
  for (uint64_t id = 0; id < 4000000; id++) {
    const uint64_t tail_block = (uint64_t)ESC_STREAM_TAIL << ESC_STREAM_SHIFT;
    const esc_words words = esc_philox(c.experiment.seed, 0, id);
    int here = 0;
    for (int k = 0; k < 4; k++)
      here += esc_word_is_rare(words.w[k]);
    rare += here;
    if (!here)
      continue;
    place last;
    const esc_words further = esc_philox(c.experiment.seed, tail_block, id);
    cr_assert_eq(esc_replay(device, support_experiment(&c), (int64_t)id, keep_last, &last),
                 ESC_STATUS_OK);
    for (int k = 0; k < 4; k++) {
      const esc_uniform u = esc_uniform_refined(words.w[k], further.w[k]);
      cr_assert(last.x[k] == (double)-esc_laplace_draw(&none, u), "id %llu, word %x",
                (unsigned long long)id, words.w[k]);
    }
  }
  cr_assert(rare > 10, "only %d rare words: a poor test", rare);
  esc_device_close(device);
}
