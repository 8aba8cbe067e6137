/* Power laws through points: exact ones, their intervals against chance, and what is refused. */
#include <criterion/criterion.h>
#include <math.h>

#include "tests/support.h"

enum { POINTS = 6 };

static const double x[POINTS] = {0.01, 0.02, 0.04, 0.1, 0.2, 0.5};

Test(power_law, exact_points)
{
  double y[POINTS];
  for (int i = 0; i < POINTS; i++)
    y[i] = 3.0 * pow(x[i], -1.5);
  esc_fit fit = ESC_FIT_INIT;
  cr_assert_eq(esc_fit_power_law(POINTS, x, y, NULL, &fit), ESC_STATUS_OK);
  cr_assert_float_eq(fit.exponent.value, -1.5, 1e-13);
  cr_assert_float_eq(fit.factor.value, 3.0, 1e-12);
  cr_assert(fit.exponent.high - fit.exponent.low < 1e-12);
  cr_assert(isnan(fit.chi_square) && isnan(fit.p_value) && fit.degrees == POINTS - 2);
  esc_estimate slopes[POINTS - 1];
  cr_assert_eq(esc_local_slopes(POINTS, x, y, NULL, slopes), ESC_STATUS_OK);
  for (int i = 0; i < POINTS - 1; i++)
    cr_assert(fabs(slopes[i].value + 1.5) < 1e-12 && isnan(slopes[i].low));
}

/* Three points of a parabola in logarithms, worked by hand: logs (0,0), (1,1), (2,4) have slope 2,
 * residuals 1/3, -2/3, 1/3; the t point of one degree is 12.7062. With errors of 100 % the line is
 * good enough and the interval normal; with 1 % it is not, and the interval is the scatter's. */
Test(power_law, by_hand)
{
  const double e = exp(1.0), at[3] = {1.0, e, e * e}, y[3] = {1.0, e, pow(e, 4.0)};
  const double loose[3] = {y[0], y[1], y[2]};
  const double tight[3] = {0.01 * y[0], 0.01 * y[1], 0.01 * y[2]};
  const double scatter = 6.0 / 9.0, half = 12.706204736432095 * sqrt(scatter / 2.0);
  esc_fit fit = ESC_FIT_INIT;
  cr_assert_eq(esc_fit_power_law(3, at, y, NULL, &fit), ESC_STATUS_OK);
  cr_assert_float_eq(fit.exponent.value, 2.0, 1e-13);
  cr_assert_float_eq(fit.exponent.high, 2.0 + half, 1e-9);
  cr_assert_float_eq(log(fit.factor.value), -1.0 / 3.0, 1e-13);
  cr_assert_eq(esc_fit_power_law(3, at, y, loose, &fit), ESC_STATUS_OK);
  cr_assert_float_eq(fit.chi_square, scatter, 1e-12);
  cr_assert_float_eq(fit.p_value, erfc(sqrt(scatter / 2.0)), 1e-12);
  cr_assert_float_eq(fit.exponent.low, 2.0 - 1.959963984540054 / sqrt(2.0), 1e-12);
  cr_assert_eq(esc_fit_power_law(3, at, y, tight, &fit), ESC_STATUS_OK);
  cr_assert_float_eq(fit.chi_square, 1e4 * scatter, 1e-8);
  cr_assert_float_eq(fit.exponent.high, 2.0 + half, 1e-9);
  esc_estimate slopes[2];
  cr_assert_eq(esc_local_slopes(3, at, y, loose, slopes), ESC_STATUS_OK);
  cr_assert_float_eq(slopes[1].value, 3.0, 1e-13);
  cr_assert_float_eq(slopes[1].low, 3.0 - 1.959963984540054 * sqrt(2.0), 1e-12);
}

/* Of intervals at 95 % so many hold the truth: 4000 fits, five standard errors of the share. */
static double coverage(int with_errors, uint64_t seed)
{
  enum { FITS = 4000 };
  support_rng rng = {seed};
  int held = 0;
  for (int k = 0; k < FITS; k++) {
    double y[POINTS], errors[POINTS];
    for (int i = 0; i < POINTS; i++) {
      const double relative = with_errors ? 0.01 * (1 + i) : 0.02, true_y = 2.0 * pow(x[i], 0.75);
      y[i] = true_y * (1.0 + relative * support_normal(&rng));
      errors[i] = relative * y[i];
    }
    esc_fit fit = ESC_FIT_INIT;
    cr_assert_eq(esc_fit_power_law(POINTS, x, y, with_errors ? errors : NULL, &fit), ESC_STATUS_OK);
    held += fit.exponent.low < 0.75 && 0.75 < fit.exponent.high;
  }
  return (double)held / FITS;
}

Test(power_law, intervals_hold_the_truth)
{
  cr_assert_float_eq(coverage(0, 1), 0.95, 0.018);
  const double with_errors = coverage(1, 2);
  cr_assert(with_errors > 0.94 && with_errors < 0.975, "%g", with_errors);
}

Test(power_law, refusals)
{
  const double good[3] = {1.0, 2.0, 3.0}, same[3] = {2.0, 2.0, 2.0}, zero[3] = {1.0, 0.0, 3.0};
  const double missing[3] = {1.0, (double)NAN, 3.0}, turning[3] = {1.0, 3.0, 2.0};
  esc_fit fit = ESC_FIT_INIT;
  esc_estimate slopes[2];
  cr_assert_eq(esc_fit_power_law(2, good, good, NULL, &fit), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_str_eq(esc_last_error(), "expected at least 3 points, found 2");
  cr_assert_eq(esc_fit_power_law(3, same, good, NULL, &fit), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_fit_power_law(3, zero, good, NULL, &fit), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_fit_power_law(3, good, zero, NULL, &fit), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_fit_power_law(3, good, missing, NULL, &fit), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_fit_power_law(3, good, good, zero, &fit), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_fit_power_law(3, NULL, good, NULL, &fit), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_fit_power_law(3, good, good, NULL, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_assert(isnan(fit.exponent.value), "touched");
  fit.struct_size = 8;
  cr_assert_eq(esc_fit_power_law(3, good, good, NULL, &fit), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_local_slopes(3, turning, good, NULL, slopes), ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_local_slopes(1, good, good, NULL, slopes), ESC_STATUS_BAD_ARGUMENT);
}
