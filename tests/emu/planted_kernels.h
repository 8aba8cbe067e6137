/* Arguments of the kernels in planted_kernels.cu. `planted` says what is wrong with a kernel; with
 * PLANTED_NOTHING it is right. */
#ifndef ESC_EMU_PLANTED_KERNELS_H
#define ESC_EMU_PLANTED_KERNELS_H

#include <stdint.h>

#define PLANTED_THREADS 1024

enum {
  PLANTED_NOTHING,
  PLANTED_BARRIER,      /* a barrier of the block is missing */
  PLANTED_WARP_BARRIER, /* a barrier of a warp is missing */
  PLANTED_HANG,         /* a barrier that only some threads reach */
  PLANTED_SHARED,       /* a shared array is overrun */
  PLANTED_GLOBAL,       /* an allocation is overrun */
  PLANTED_WIDE          /* a wide access that is not aligned */
};

typedef struct planted_args {
  const uint32_t *in; /* one for each thread of the grid */
  uint32_t *out;
  uint32_t *partial; /* one for each block */
  uint32_t *ticket;
  int32_t planted;
} planted_args;

#endif
