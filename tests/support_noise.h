/* What the tests of noise share. No test is in here. */
#ifndef TESTS_SUPPORT_NOISE_H
#define TESTS_SUPPORT_NOISE_H

#include "reference_noise.h"
#include "tests/support.h"

/* One step of a free walk from 0 with lr 1: the last position is -xi. */
support_case support_free_step(const ref_noise *law, int dimension, int64_t trajectories);

#endif
