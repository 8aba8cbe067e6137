/* Adding values to the words of a `moments` (a count, a sum, a sum of squares) in either state. */
#ifndef TESTS_SUPPORT_SUMS_H
#define TESTS_SUPPORT_SUMS_H

#include <stdint.h>

void support_add_f32(int64_t *words, const double *x, int64_t count);
void support_add_f64(int64_t *words, const double *x, int64_t count);

#endif
