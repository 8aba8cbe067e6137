/* The noise laws as analysis has them. Variances are the rules' own. */
#include "host/theory/law.h"

#include <math.h>
#include <string.h>

/* Of a mean of `batch` terms: the plan holds the centred terms over the batch size. Terms that are
 * dealt out over an epoch are not independent from step to step: no variance serves then. */
static double finite_sum_variance(const esc_theory_source *source)
{
  enum { YES = 1, REPLACE = 4 };
  const esc_plan_noise *const plan = source->planned;
  const double n = plan->value_count, batch = plan->batch;
  double sum = 0.0;
  for (int i = 0; i < plan->value_count; i++)
    sum += (double)plan->values[i] * (double)plan->values[i];
  if (source->key[REPLACE] > YES)
    return (double)NAN;
  const double variance = sum / n * batch;
  return plan->replace || n < 2.0 ? variance : variance * (n - batch) / (n - 1.0);
}

#define ESC_VARIANCE_DRAWN(name)                                                                   \
  {                                                                                                \
    esc_##name##_keys keys;                                                                        \
    memcpy(&keys, source->key, sizeof keys);                                                       \
    return esc_##name##_variance(&keys);                                                           \
  }
#define ESC_VARIANCE_NONE(name)  return 0.0;
#define ESC_VARIANCE_BATCH(name) return finite_sum_variance(source);
#define ESC_VARIANCE_ONE(name)   ESC_VARIANCE_DRAWN(name)
#define ESC_VARIANCE_PAIR(name)  ESC_VARIANCE_DRAWN(name)
#define ESC_VARIANCE_TWO(name)   ESC_VARIANCE_DRAWN(name)
#define ESC_VARIANCE_CASE(name, shape, ...)                                                        \
  case ESC_LAW_##name:                                                                             \
    ESC_VARIANCE_##shape(name)

double esc_law_unit_variance(const esc_theory_source *source)
{
  switch (source->law) {
    ESC_NOISE_CATALOGUE(ESC_VARIANCE_CASE)
  default:
    return (double)NAN;
  }
}

int esc_law_is_stable(const esc_theory_source *source)
{
  return (source->law == ESC_LAW_stable && source->key[1] == 0.0) ||
         (source->law == ESC_LAW_student_t && source->key[0] == 1.0);
}

int esc_law_is_symmetric(const esc_theory_source *source)
{
  switch (source->law) {
  case ESC_LAW_gaussian:
  case ESC_LAW_uniform:
  case ESC_LAW_rademacher:
  case ESC_LAW_laplace:
  case ESC_LAW_logistic:
  case ESC_LAW_student_t:
    return 1;
  case ESC_LAW_pareto:
    return source->key[1] == 0.5;
  case ESC_LAW_stable:
    return source->key[1] == 0.0;
  default:
    return 0;
  }
}

double esc_law_unit_mean(const esc_theory_source *source)
{
  const double index = source->key[0];
  const int heavy = source->law == ESC_LAW_student_t || source->law == ESC_LAW_stable ||
                    source->law == ESC_LAW_pareto;
  return heavy && !(index > 1.0) ? (double)NAN : 0.0;
}

/* Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions (1994). */
double esc_law_unit_fourth(const esc_theory_source *source)
{
  const double index = source->key[0];
  switch (source->law) {
  case ESC_LAW_gaussian:
    return 3.0;
  case ESC_LAW_uniform:
    return 0.2;
  case ESC_LAW_rademacher:
    return 1.0;
  case ESC_LAW_laplace:
    return 24.0;
  case ESC_LAW_logistic:
    return 7.0 / 15.0 * 97.4090910340024372; /* pi^4 */
  case ESC_LAW_student_t:
    return index > 4.0 ? 3.0 * index * index / ((index - 2.0) * (index - 4.0)) : (double)NAN;
  case ESC_LAW_stable:
    return index == 2.0 ? 12.0 : (double)NAN;
  default:
    return (double)NAN;
  }
}
