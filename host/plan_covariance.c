/* Correlated noise: the covariance's checks, and its root. The root is the lower triangular one
 * (Cholesky), formed in double. A semi-definite matrix has one too: where nothing is left of a
 * coordinate beside those before it, its column is zero (Golub and Van Loan, Matrix Computations,
 * 4.2.8, without pivoting). */
#include <math.h>

#include "host/error.h"
#include "host/plan.h"
#include "host/settings.h"

/* What rounding may leave of a variance that the coordinates before it use up, as a share of it. */
#define SHARE_OF_NOTHING 1e-13

static esc_status check_numbers(const esc_noise *noise, const char *key, int dimension)
{
  const double *const a = noise->covariance;
  if (noise->covariance_count != dimension * dimension)
    return esc_fail_at(key, "expected %d x %d numbers, found %d", dimension, dimension,
                       noise->covariance_count);
  for (int k = 0; k < dimension * dimension; k++)
    if (!esc_is_sized(a[k]))
      return esc_fail_at(key, "expected numbers of at most 1e30 in size, found %g", a[k]);
  for (int j = 0; j < dimension; j++)
    for (int k = 0; k < j; k++)
      if (a[j * dimension + k] != a[k * dimension + j])
        return esc_fail_at(key, "expected a symmetric matrix, found %g and %g across its diagonal",
                           a[j * dimension + k], a[k * dimension + j]);
  return ESC_STATUS_OK;
}

/* What row i has left for column j, after the columns before it. */
static double rest(const double *a, const double *root, int dimension, int i, int j)
{
  double left = a[i * dimension + j];
  for (int k = 0; k < j; k++)
    left -= root[i * dimension + k] * root[j * dimension + k];
  return left;
}

/* Column j of the root; 0 if no root has one. */
static int form_column(const double *a, double *root, int dimension, int j)
{
  const double variance = a[j * dimension + j], left = rest(a, root, dimension, j, j);
  const double pivot = left > SHARE_OF_NOTHING * variance ? sqrt(left) : 0.0;
  if (left < -SHARE_OF_NOTHING * fabs(variance))
    return 0;
  root[j * dimension + j] = pivot;
  for (int i = j + 1; i < dimension; i++) {
    const double shared = rest(a, root, dimension, i, j);
    const double sizes = variance * a[i * dimension + i];
    if (pivot == 0.0 && !(shared * shared <= SHARE_OF_NOTHING * sizes)) /* Cauchy and Schwarz */
      return 0;
    root[i * dimension + j] = pivot > 0.0 ? shared / pivot : 0.0;
  }
  return 1;
}

esc_status esc_plan_covariance(esc_planned *planned, const esc_noise *noise, const char *place,
                               esc_plan_noise *to)
{
  const int dimension = planned->plan.dimension, numbers = dimension * dimension;
  char key[ESC_KEY_PATH_MAX];
  esc_key_path(key, "%s.covariance", place);
  if (to->law != ESC_LAW_gaussian)
    return esc_fail_at(key, "expected the gaussian law beside it, found %s", noise->law);
  const esc_status status = check_numbers(noise, key, dimension);
  if (status)
    return status;
  double *const root = esc_plan_own(planned, (size_t)numbers, sizeof *root);
  float *const rounded = esc_plan_own(planned, (size_t)numbers, sizeof *rounded);
  if (!root || !rounded)
    return ESC_STATUS_OUT_OF_MEMORY;
  for (int j = 0; j < dimension; j++)
    if (!form_column(noise->covariance, root, dimension, j))
      return esc_fail_at(key,
                         "expected a positive semi-definite matrix, found one that row %d rules "
                         "out (the first is 0)",
                         j);
  for (int k = 0; k < numbers; k++)
    rounded[k] = (float)root[k];
  to->root = rounded;
  return ESC_STATUS_OK;
}
