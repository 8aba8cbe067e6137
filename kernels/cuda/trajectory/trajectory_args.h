/* What a trajectory kernel is handed, by value, and the words in which host/cuda composes one. */
#ifndef ESC_CUDA_TRAJECTORY_ARGS_H
#define ESC_CUDA_TRAJECTORY_ARGS_H

#include "kernels/backend.h"

#define ESC_TRAJECTORY_THREADS 256

/* Options of a noise source that a kernel is composed for. */
enum {
  ESC_SOURCE_ANNEALED = 1,
  ESC_SOURCE_CLIPPED = 2,
  ESC_SOURCE_SPARSE = 4,
  ESC_SOURCE_BY_STATE = 8,
  ESC_SOURCE_ON_PARAMETER = 16,
  ESC_SOURCE_REPLACES = 32
};

typedef struct esc_trajectory_args {
  const esc_plan *plan; /* in device memory, and so is what it points to */
  const void *rows;     /* plan->rows in the state's type */
  const void *start;    /* the one fixed start in it; NULL: several, or random */
  void *lagged;         /* of each thread, lag_count * dimension numbers of the state's type */
  int64_t *tally;
  esc_sink sink;            /* its arrays in device memory */
  int64_t recorded;         /* ids below it, counted from sink.first, leave a record */
  int64_t end;              /* ids below it belong to the batch */
  unsigned long long *next; /* the first that no lane has taken */
  unsigned long long *lane_steps;
  const volatile int *stop; /* not zero: end at once */
  uint32_t poll_mask;       /* it is looked at when these bits of a lane's steps are zero */
  uint64_t seed;
} esc_trajectory_args;

#endif
