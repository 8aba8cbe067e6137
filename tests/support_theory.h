/* What the tests against exact values share. No test is in here. */
#ifndef TESTS_SUPPORT_THEORY_H
#define TESTS_SUPPORT_THEORY_H

#include "tests/support.h"

enum { SUPPORT_MILLION = 1000000 };

/* An experiment of a million trajectories. */
support_case support_begin_million(const char *landscape, const char *noise, const char *optimizer,
                                   double lr);

/* value within five standard errors of exact, and what is not known of exact. */
void support_check_exact(double value, double exact, double error, double unit, const char *what);

/* A share of n against its probability p. */
void support_check_share(const esc_estimate *share, int64_t n, double p, double unit,
                         const char *what);

#endif
