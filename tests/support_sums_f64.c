/* support_sums_f32.c with the state in double. */
#define ESC_REAL_BITS 64
#include "tests/support_sums_f32.c"
