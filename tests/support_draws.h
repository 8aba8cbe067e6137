/* A door to the noise laws as exact mode and as math: fast draw them: the rules are compiled once
 * for each, support_draws_exact.c and support_draws_fast.c. */
#ifndef TESTS_SUPPORT_DRAWS_H
#define TESTS_SUPPORT_DRAWS_H

#include <stdint.h>

/* Variates at scale 1 from a block of four words, rare ones refined by the further words; how many:
 * 4 or 2, or 0 for laws that draw otherwise. */
int support_draw_exact(int law, const float *constants, const uint32_t words[4],
                       const uint32_t further[4], float out[4]);
int support_draw_fast(int law, const float *constants, const uint32_t words[4],
                      const uint32_t further[4], float out[4]);

/* Of the special functions of fast mode, times what PTX states as the most: from -1 to 1. */
extern float support_special_error;

#endif
