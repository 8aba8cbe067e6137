/* A straight line through logarithms, by weighted least squares. A relative error of y is the error
 * of its logarithm. */
#include <math.h>

#include "escapement/theory.h"
#include "host/error.h"
#include "host/intervals.h"
#include "host/theory/special_functions.h"

static esc_status check_points(int64_t count, int64_t least, const double *x, const double *y,
                               const double *errors)
{
  if (count < least)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "expected at least %lld points, found %lld",
                    (long long)least, (long long)count);
  if (!x || !y)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "expected x and y, found NULL");
  for (int64_t i = 0; i < count; i++) {
    if (!(x[i] > 0.0 && isfinite(x[i])) || !(y[i] > 0.0 && isfinite(y[i])))
      return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                      "expected x and y that are finite and above 0, found (%g, %g) at point %lld",
                      x[i], y[i], (long long)i);
    if (errors && !(errors[i] > 0.0 && isfinite(errors[i])))
      return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                      "expected standard errors that are finite and above 0, found %g at point "
                      "%lld",
                      errors[i], (long long)i);
  }
  return ESC_STATUS_OK;
}

static double weight_of(const double *y, const double *errors, int64_t i)
{
  return errors ? (y[i] / errors[i]) * (y[i] / errors[i]) : 1.0;
}

typedef struct esc_line {
  double weight, mean_x, mean_y; /* of the logarithms */
  double spread;                 /* sum of w (x - mean)^2 */
  double slope, scatter;         /* sum of w (y - line)^2 */
} esc_line;

static esc_line line_through(int64_t count, const double *x, const double *y, const double *errors)
{
  esc_line line = {0};
  double together = 0.0;
  for (int64_t i = 0; i < count; i++) {
    const double w = weight_of(y, errors, i);
    line.weight += w;
    line.mean_x += w * log(x[i]);
    line.mean_y += w * log(y[i]);
  }
  line.mean_x /= line.weight;
  line.mean_y /= line.weight;
  for (int64_t i = 0; i < count; i++) {
    const double w = weight_of(y, errors, i), dx = log(x[i]) - line.mean_x;
    line.spread += w * dx * dx;
    together += w * dx * (log(y[i]) - line.mean_y);
  }
  line.slope = together / line.spread;
  for (int64_t i = 0; i < count; i++) {
    const double off = log(y[i]) - line.mean_y - line.slope * (log(x[i]) - line.mean_x);
    line.scatter += weight_of(y, errors, i) * off * off;
  }
  return line;
}

static esc_estimate around(double value, double half)
{
  return (esc_estimate){value, value - half, value + half};
}

static esc_estimate exponential(esc_estimate logarithm)
{
  return (esc_estimate){exp(logarithm.value), exp(logarithm.low), exp(logarithm.high)};
}

esc_status esc_fit_power_law(int64_t count, const double *x, const double *y,
                             const double *standard_errors, esc_fit *fit)
{
  esc_status status = check_points(count, 3, x, y, standard_errors);
  if (!status && !fit)
    status = esc_fail(ESC_STATUS_BAD_ARGUMENT, "fit: expected a place for it, found NULL");
  if (!status)
    status = esc_check_size("fit", fit->struct_size, sizeof *fit);
  if (status)
    return status;
  double least = x[0], most = x[0];
  for (int64_t i = 1; i < count; i++)
    least = fmin(least, x[i]), most = fmax(most, x[i]);
  if (least == most)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "expected different x, found %g at every point", most);
  const esc_line line = line_through(count, x, y, standard_errors);
  const double degrees = (double)(count - 2);
  const double p_value =
      standard_errors ? esc_gamma_above(0.5 * degrees, 0.5 * line.scatter) : (double)NAN;
  const double half =
      p_value >= 0.05 ? ESC_Z95 : esc_student_point(0.975, degrees) * sqrt(line.scatter / degrees);
  const double at_one = sqrt(1.0 / line.weight + line.mean_x * line.mean_x / line.spread);
  fit->exponent = around(line.slope, half / sqrt(line.spread));
  fit->factor = exponential(around(line.mean_y - line.slope * line.mean_x, half * at_one));
  fit->chi_square = standard_errors ? line.scatter : (double)NAN;
  fit->degrees = count - 2;
  fit->p_value = p_value;
  return ESC_STATUS_OK;
}

esc_status esc_local_slopes(int64_t count, const double *x, const double *y,
                            const double *standard_errors, esc_estimate *slopes)
{
  esc_status status = check_points(count, 2, x, y, standard_errors);
  if (!status && !slopes)
    status = esc_fail(ESC_STATUS_BAD_ARGUMENT, "slopes: expected a place for them, found NULL");
  for (int64_t i = 1; !status && i < count; i++)
    if (x[i] == x[i - 1] || (x[i] > x[i - 1]) != (x[1] > x[0]))
      status = esc_fail(ESC_STATUS_BAD_ARGUMENT,
                        "expected x that rise or fall strictly, found %g after %g", x[i], x[i - 1]);
  if (status)
    return status;
  for (int64_t i = 0; i + 1 < count; i++) {
    const double run = log(x[i + 1] / x[i]);
    const double error = standard_errors
                             ? hypot(standard_errors[i] / y[i], standard_errors[i + 1] / y[i + 1])
                             : (double)NAN;
    slopes[i] = around(log(y[i + 1] / y[i]) / run, ESC_Z95 * error / fabs(run));
  }
  return ESC_STATUS_OK;
}
