/* The exact sums of rules/observers/exact_sum.h in the state's type, for tests in doubles. Compiled
 * in float here and included by support_sums_f64.c. */
#include "tests/support_sums.h"

#include "kernels/backend.h"

#if ESC_REAL_BITS == 64
#define NAME(name) name##_f64
#else
#define NAME(name) name##_f32
#endif

void NAME(support_add)(int64_t *words, const double *x, int64_t count)
{
  const int values = ESC_VALUE_DIGITS(ESC_REAL_BITS);
  for (int64_t i = 0; i < count; i++) {
    const esc_parts parts = esc_parts_of((esc_real)x[i]);
    words[0]++;
    esc_sum_value(words + 1, parts);
    esc_sum_product(words + 1 + values, parts, parts);
  }
}
