/* What a step must leave in every array, by the references of tests/reference: one step from the
 * stored state, within eps*(|w| + 8 U) and half a step of the type it is stored in (a whole one if
 * it rounds stochastically). */
#ifndef TESTS_SUPPORT_EXPECTED_H
#define TESTS_SUPPORT_EXPECTED_H

#include "tests/support_optimizer.h"

/* The norm of all gradients of an image as they stand; infinity if an element is not finite. */
double support_norm(const support_job *job, const unsigned char *image);

/* Checks every byte of `after`, what one step made of `before`. Returns the number of elements that
 * had a bound to hold, which is *total but for few. */
int64_t support_check_step(const support_job *job, const unsigned char *before,
                           const unsigned char *after, size_t bytes, int64_t *total,
                           const char *who);

/* The whole of it: one step of the job on every target, all images the same, the first checked, and
 * the counters. At least `share` of all elements must have had a bound. */
void support_check_job(support_job *job, double share);

#endif
