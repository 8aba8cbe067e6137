/* Philox alone on a GPU, as C calls it. */
#ifndef ESC_DEVICE_WORDS_H
#define ESC_DEVICE_WORDS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each of `threads` threads, a multiple of 256, draws so many blocks of four words and folds them
 * into one, to folds[thread] on the host (NULL: not wanted). keys: two of each round of Philox.
 * Seconds of the GPU; negative if it failed. */
double device_words(const uint32_t *keys, int64_t threads, uint32_t blocks, uint32_t *folds);

/* As many threads as run at once; 0 if that cannot be known. */
int64_t device_words_threads(void);

#ifdef __cplusplus
}
#endif

#endif
