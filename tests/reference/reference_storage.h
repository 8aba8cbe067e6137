/* Storage types of arrays in double arithmetic, from the definitions of IEEE 754's binary16 and of
 * bfloat16 (binary32 cut to its upper half) and from nothing in kernels/: what a pattern means, the
 * pattern nearest to a number (ties to even), and the distance of neighbours. */
#ifndef REFERENCE_STORAGE_H
#define REFERENCE_STORAGE_H

#include <stdint.h>

/* As esc_type of escapement/optimizer.h. */
enum { REF_F32, REF_BF16, REF_F16 };

int ref_type_bytes(int type);

/* The number a pattern stands for: a NaN without its payload, signed infinities and zeros. */
double ref_decode(int type, uint32_t pattern);

/* The pattern nearest to x, even where two are equally near; infinity from half a step beyond the
 * largest on; a quiet NaN for a NaN. */
uint32_t ref_encode(int type, double x);

/* The step between neighbours at x: what a stored x can be wrong by, twice. */
double ref_step_at(int type, double x);

/* The largest finite number, and the smallest above zero. */
double ref_largest(int type);
double ref_smallest(int type);

/* Elements of an array that may begin at any address. */
double ref_load(int type, const void *array, int64_t i);
void ref_store(int type, void *array, int64_t i, double x);

#endif
