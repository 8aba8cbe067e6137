/* Random numbers and noise laws: Philox against the vectors published with Random123 and against
 * cuRAND's host generator; every law against its distribution function (Kolmogorov and Smirnov) and
 * its tails, drawn through the engine by one step of a free walk in four dimensions, so that every
 * place in a block is covered; the options of a source. Seeds are fixed; a test of a law would give
 * a false alarm with probability 1e-6 under another one. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plan.h"
#include "reference_noise.h"
#include "tests/support.h"

#if ESC_HAVE_CURAND_HOST
#include <curand.h>
#endif

/* --- Philox
 * --------------------------------------------------------------------------------------- */

typedef void fill_function(int n, uint64_t seed, const uint64_t *block, uint64_t offset,
                           const uint64_t *id, uint32_t *const words[4]);
extern fill_function esc_philox_fill_baseline;
#if ESC_HAVE_AVX2
extern fill_function esc_philox_fill_avx2;
#endif
#if ESC_HAVE_AVX512
extern fill_function esc_philox_fill_avx512;
#endif

static const struct {
  const char *isa;
  fill_function *fill;
} fills[] = {
    {"baseline", esc_philox_fill_baseline},
#if ESC_HAVE_AVX2
    {"avx2", esc_philox_fill_avx2},
#endif
#if ESC_HAVE_AVX512
    {"avx512", esc_philox_fill_avx512},
#endif
};
enum { FILLS = sizeof fills / sizeof *fills };

/* Random123's kat_vectors for philox4x32-10: counter, key, output. */
static const struct {
  uint32_t counter[4], key[2], words[4];
} published[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static uint64_t joined(const uint32_t two[2])
{
  return (uint64_t)two[1] << 32 | two[0];
}

Test(philox, published_vectors)
{
  for (int k = 0; k < 3; k++) {
    const esc_words words = esc_philox(joined(published[k].key), joined(published[k].counter),
                                       joined(published[k].counter + 2));
    cr_assert(memcmp(words.w, published[k].words, sizeof words.w) == 0, "vector %d: %08x", k,
              words.w[0]);
  }
}

enum { LANES = 96 };

static void check_fill(int k, uint64_t seed, uint64_t first, uint64_t offset)
{
  _Alignas(64) uint64_t block[LANES], id[LANES];
  _Alignas(64) uint32_t words[4][LANES];
  uint32_t *const columns[4] = {words[0], words[1], words[2], words[3]};
  for (int i = 0; i < LANES; i++) {
    block[i] = first + (uint64_t)i * 3;
    id[i] = (uint64_t)i * 0x123456789abcdefu;
  }
  fills[k].fill(LANES, seed, block, offset, id, columns);
  for (int i = 0; i < LANES; i++) {
    const esc_words expected = esc_philox(seed, block[i] + offset, id[i]);
    for (int w = 0; w < 4; w++)
      cr_assert_eq(words[w][i], expected.w[w], "%s, seed %llx, block %llx + %llx, lane %d, word %d",
                   fills[k].isa, (unsigned long long)seed, (unsigned long long)first,
                   (unsigned long long)offset, i, w);
  }
}

/* Every loop is the function, also where block + offset carries into the upper word. */
Test(philox, loops)
{
  for (int k = 0; k < FILLS; k++) {
    if (!esc_isa_available(fills[k].isa))
      continue;
    check_fill(k, 0, 0, 0);
    check_fill(k, 0xffffffffffffffffu, 0, 1);
    check_fill(k, 0x299f31d0a4093822u, 0xffffff80u, 100);
    check_fill(k, 7, 0xfffffffffffff000u, 0xf00);
    check_fill(k, 7, 0xffffffff00000000u, 0xffffffffu);
    check_fill(k, 0x8000000080000000u, 0x0123456789abcdefu, 0x00ffffff00000000u);
  }
}

/* The published vectors through the loops themselves. */
Test(philox, published_vectors_in_loops)
{
  for (int k = 0; k < FILLS; k++)
    for (int v = 0; v < 3 && esc_isa_available(fills[k].isa); v++) {
      _Alignas(64) uint64_t block[LANES], id[LANES];
      _Alignas(64) uint32_t words[4][LANES];
      uint32_t *const columns[4] = {words[0], words[1], words[2], words[3]};
      for (int i = 0; i < LANES; i++) {
        block[i] = joined(published[v].counter) - 5;
        id[i] = joined(published[v].counter + 2);
      }
      fills[k].fill(LANES, joined(published[v].key), block, 5, id, columns);
      for (int i = 0; i < LANES; i++)
        for (int w = 0; w < 4; w++)
          cr_assert_eq(words[w][i], published[v].words[w], "%s, vector %d", fills[k].isa, v);
    }
}

/* cuRAND: word i belongs to id (i/4) mod 65536, block i/262144. */
Test(philox, curand_host)
{
#if ESC_HAVE_CURAND_HOST
  enum { WORDS = 2 * 262144 };
  const uint64_t seed = 0x0123456789abcdefu;
  uint32_t *const words = malloc(WORDS * sizeof *words);
  curandGenerator_t generator;
  cr_assert(words);
  cr_assert_eq(curandCreateGeneratorHost(&generator, CURAND_RNG_PSEUDO_PHILOX4_32_10),
               CURAND_STATUS_SUCCESS);
  cr_assert_eq(curandSetPseudoRandomGeneratorSeed(generator, seed), CURAND_STATUS_SUCCESS);
  cr_assert_eq(curandGenerate(generator, words, WORDS), CURAND_STATUS_SUCCESS);
  for (int i = 0; i < WORDS; i += 4) {
    const esc_words ours = esc_philox(seed, (uint64_t)i / 262144, (uint64_t)(i / 4) % 65536);
    cr_assert(memcmp(ours.w, words + i, sizeof ours.w) == 0, "word %d", i);
  }
  curandDestroyGenerator(generator);
  free(words);
#else
  cr_skip_test("skipped: no cuRAND");
#endif
}

/* --- uniforms
 * ------------------------------------------------------------------------------------- */

/* Distances rise with the word, and rare ones join the common ones without a step. */
Test(uniforms, refinement)
{
  const float least = esc_uniform_refined(0, 0).d;
  cr_assert(least > 0.0f && least <= 0x1p-64f, "%a", (double)least);
  cr_assert(esc_uniform_refined(0x80000000u, 0).d == least);
  cr_assert(esc_uniform_refined(0x80000000u, 0).far && !esc_uniform_refined(0, 0).far);
  float before = 0.0f;
  for (uint32_t distance = 0; distance < 0x20000; distance += 13)
    for (uint32_t quarter = 0; quarter < 4; quarter++) {
      const esc_uniform u = esc_uniform_refined(distance, quarter << 30);
      cr_assert(u.d >= before, "distance %x, quarter %u: %a after %a", distance, quarter,
                (double)u.d, (double)before);
      const double exact = ((double)distance + 0.25 * quarter) * 0x1p-32;
      cr_assert(fabs((double)u.d - exact) <= 0x1p-32, "distance %x: %a", distance, (double)u.d);
      before = u.d;
    }
  cr_assert(esc_uniform_refined(0x7fffffff, 0xffffffff).d <= 0.5f);
}

/* The further word is used in full where it matters: 2^-64 apart. */
Test(uniforms, resolution)
{
  for (uint32_t further = 2; further < 1000; further += 2) {
    const double exact = ((double)(further >> 1) + 0.5) * 0x1p-63;
    cr_assert(fabs((double)esc_uniform_refined(0, further).d - exact) <= 1e-6 * exact);
  }
}

/* --- laws
 * ------------------------------------------------------------------------------------------- */

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

static void name_law(const ref_noise *law, support_keys *keys)
{
  if (strcmp(law->law, "student_t") == 0)
    support_number(keys, "nu", law->nu);
  if (strcmp(law->law, "pareto") == 0) {
    support_number(keys, "alpha", law->alpha);
    support_number(keys, "weight_right", law->weight_right);
  }
  if (strcmp(law->law, "stable") == 0) {
    support_number(keys, "alpha", law->alpha);
    support_number(keys, "beta", law->beta);
  }
}

/* One step of a free walk from 0 with lr 1: the last position is -xi. */
static support_case free_step(const ref_noise *law, int dimension, int64_t trajectories)
{
  support_case c = support_begin("quadratic", law->law, "sgd", 1.0);
  support_number(&c.landscape_keys, "k", 0.0);
  support_number(&c.landscape_keys, "dimension", dimension);
  name_law(law, &c.noise_keys[0]);
  c.noise[0].scale = law->scale;
  c.experiment.stop_steps = 1;
  c.experiment.trajectories = trajectories;
  c.experiment.beyond = ESC_BEYOND_NONE;
  c.experiment.seed = 20260101;
  c.observe.samples = 1;
  return c;
}

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
  support_case c = free_step(law, 4, trajectories);
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
    support_case c = free_step(&laws[k], 1, 1);
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
      support_case c = free_step(&drawn[k], 4, N);
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

/* --- far tails
 * ---------------------------------------------------------------------------------------- */

extern const struct esc_noise_loops esc_noise_loops_baseline;

#define ESC_ISA baseline
#include "kernels/cpu/loops.h"

/* The variates of a block whose words have the given distance on the given side. */
static void redraw(const ref_noise *law, uint32_t word, uint32_t further, uint32_t angle,
                   float out[4])
{
  support_case c = free_step(law, 1, 1);
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
  support_case c = free_step(&laplace, 4, 1);
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

/* --- options
 * ------------------------------------------------------------------------------------------ */

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
  support_case c = free_step(&normal, 1, N);
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
  support_case c = free_step(&skew, 1, N);
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
  support_case c = free_step(&normal, 1, N);
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
  support_case c = free_step(&sign, 3, N);
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
  support_case c = free_step(&normal, 1, N);
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
    support_case c = free_step(&normal, 1, 1);
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
  support_case c = free_step(&laplace, 1, N);
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
  support_case c = free_step(&normal, 1, N);
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
  support_case c = free_step(&normal, 1, N);
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
  support_case c = free_step(&normal, 1, N);
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
  support_case c = free_step(&normal, 3, N);
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

/* --- finite sums
 * ---------------------------------------------------------------------------------------- */

enum { TERMS = 7 };
static const double terms[TERMS] = {1, 2, 4, 8, 16, 32, 64};

static support_case minibatch(int batch, const char *replace)
{
  const ref_noise law = {.law = "finite_sum", .scale = 1.0};
  support_case c = free_step(&law, 1, N);
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
    support_case c = free_step(&law, 1, N);
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
