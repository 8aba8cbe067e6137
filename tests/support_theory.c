/* The shared parts of the tests against exact values; support_theory.h says what they are for. */
#include "tests/support_theory.h"

#include <criterion/criterion.h>
#include <math.h>

support_case support_begin_million(const char *landscape, const char *noise, const char *optimizer,
                                   double lr)
{
  support_case c = support_begin(landscape, noise, optimizer, lr);
  c.experiment.trajectories = SUPPORT_MILLION;
  c.experiment.seed = 20260711;
  return c;
}

void support_check_exact(double value, double exact, double error, double unit, const char *what)
{
  const double off = fabs(value - exact), z = error > 0.0 ? (value - exact) / error : 0.0;
  cr_assert(off <= 5.0 * error + unit, "%s: %.8g, expected %.8g (z = %.2f)", what, value, exact, z);
}

void support_check_share(const esc_estimate *share, int64_t n, double p, double unit,
                         const char *what)
{
  support_check_exact(share->value, p, sqrt(p * (1.0 - p) / (double)n), unit, what);
}
