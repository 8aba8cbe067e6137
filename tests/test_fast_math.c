/* math: fast against exact mode, law by law: the same words give nearly the same variates, in the
 * bulk and as far out as refinement reaches, with special functions as wrong as PTX lets them be;
 * so both have one distribution. A Gaussian has another angle, that of its word. That whole runs
 * agree is tested with the emulated GPU (test_trajectories.c). */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/plan.h"
#include "kernels/rules/philox.h"
#include "reference_noise.h"
#include "tests/support.h"
#include "tests/support_draws.h"
#include "tests/support_noise.h"

static const ref_noise laws[] = {
    {.law = "gaussian", .scale = 1.0},
    {.law = "uniform", .scale = 1.0},
    {.law = "rademacher", .scale = 1.0},
    {.law = "laplace", .scale = 1.0},
    {.law = "logistic", .scale = 1.0},
    {.law = "student_t", .scale = 1.0, .nu = 0.7},
    {.law = "student_t", .scale = 1.0, .nu = 3.0},
    {.law = "student_t", .scale = 1.0, .nu = 1e6},
    {.law = "pareto", .scale = 1.0, .alpha = 0.6, .weight_right = 0.5},
    {.law = "pareto", .scale = 1.0, .alpha = 2.5, .weight_right = 1.0},
    {.law = "stable", .scale = 1.0, .alpha = 2.0, .beta = 0.0},
    {.law = "stable", .scale = 1.0, .alpha = 1.5, .beta = 0.6},
    {.law = "stable", .scale = 1.0, .alpha = 1.5, .beta = -1.0},
    {.law = "stable", .scale = 1.0, .alpha = 1.0, .beta = 0.5},
    {.law = "stable", .scale = 1.0, .alpha = 0.5, .beta = 1.0},
    {.law = "stable", .scale = 1.0, .alpha = 0.8, .beta = -0.4},
};
enum { LAWS = sizeof laws / sizeof *laws, BLOCKS = 40000 };

/* Words of a block; of every fourth block some are rare, or next to 1/2. */
static void choose_words(uint64_t block, uint32_t words[4], uint32_t further[4])
{
  const esc_words some = esc_philox(5, block, 1), others = esc_philox(5, block, 2);
  memcpy(words, some.w, sizeof some.w);
  memcpy(further, others.w, sizeof others.w);
  if (block % 4)
    return;
  const int k = (int)(block / 4 % 4);
  words[k] = block % 3 ? words[k] & 0x80000fffu >> block % 13 : words[k] | 0x7fffff00u;
}

/* Within 3e-5 of the size, and 3e-6. */
static void check_close(const char *text, double fast, double exact, double size)
{
  cr_assert(fabs(fast - exact) <= 3e-5 * size + 3e-6, "%s, errors %g: %.9g, exact %.9g", text,
            (double)support_special_error, fast, exact);
}

static double squared(const float *pair)
{
  return (double)pair[0] * (double)pair[0] + (double)pair[1] * (double)pair[1];
}

/* The radius is that of exact mode, its square a logarithm; the angle is 2 pi w/2^32. */
static void check_pair(const char *text, uint32_t word, const float *fast, const float *exact)
{
  const double angle = ldexp((double)(int32_t)word * 3.14159265358979324, -31);
  const double radius = sqrt(squared(fast));
  check_close(text, squared(fast), squared(exact), squared(exact));
  check_close(text, (double)fast[0], radius * cos(angle), 0.1 * radius);
  check_close(text, (double)fast[1], radius * sin(angle), 0.1 * radius);
}

static void check_law(const ref_noise *law)
{
  support_case c = support_free_step(law, 1, 1);
  esc_planned *planned = NULL;
  char text[96];
  snprintf(text, sizeof text, "%s (nu %g, alpha %g, beta %g)", law->law, law->nu, law->alpha,
           law->beta);
  cr_assert_eq(esc_plan_make(support_experiment(&c), &planned), ESC_STATUS_OK, "%s",
               esc_last_error());
  const esc_plan_noise *const noise = &planned->plan.noise[0];
  for (uint64_t block = 0; block < BLOCKS; block++) {
    uint32_t words[4], further[4];
    float exact[4], fast[4];
    choose_words(block, words, further);
    const int count = support_draw_exact(noise->law, noise->constants, words, further, exact);
    cr_assert_eq(support_draw_fast(noise->law, noise->constants, words, further, fast), count);
    cr_assert_eq(count, noise->per_block);
    if (noise->shape == ESC_SHAPE_PAIR)
      for (int v = 0; v < 4; v += 2)
        check_pair(text, words[v + 1], fast + v, exact + v);
    else
      for (int v = 0; v < count; v++)
        check_close(text, (double)fast[v], (double)exact[v], fabs((double)exact[v]));
  }
  esc_plan_free(planned);
}

Test(fast_math, laws)
{
  for (int error = -1; error <= 1; error++) {
    support_special_error = (float)error;
    for (int k = 0; k < LAWS; k++)
      check_law(&laws[k]);
  }
}
