/* The kernels of the benchmark on a GPU, as C calls them: a copy, and the elementary passes that
 * cuBLAS does not have. Queued on a stream (a cudaStream_t). */
#ifndef ESC_DEVICE_PASSES_H
#define ESC_DEVICE_PASSES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes a multiple of 16, pointers aligned to them. */
void device_copy(void *to, const void *from, int64_t bytes, int multiprocessors, void *stream);

/* kind: a pass_kind from PASS_ADD on; z may be x or y. */
void device_pass(int kind, float a, const float *x, const float *y, float *z, int64_t count,
                 void *stream);

#ifdef __cplusplus
}
#endif

#endif
