/* The laws of math: fast, on special functions that are as wrong as those of a GPU may be: PTX
 * states 2^-22 of lg2.approx, in relative terms far from 1, and 2^-20.5 of sin.approx and
 * cos.approx. */
#include <math.h>

#include "tests/support_draws.h"

#define ESC_IS_FAST         1
#define SUPPORT_DRAW        support_draw_fast
#define esc_special_log2(x) (log2f(x) + support_special_error * 0x1p-22f * (1.0f + fabsf(log2f(x))))
#define esc_special_sin(x)  (sinf(x) + support_special_error * 6.7e-7f)
#define esc_special_cos(x)  (cosf(x) - support_special_error * 6.7e-7f)
#include "tests/support_draws_exact.c"
