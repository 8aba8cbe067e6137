/* What a trajectory kernel is handed, by value, and the words in which host/cuda composes one. */
#ifndef ESC_CUDA_TRAJECTORY_ARGS_H
#define ESC_CUDA_TRAJECTORY_ARGS_H

#include "kernels/backend.h"

#define ESC_TRAJECTORY_THREADS 256

/* Loops over at most so many coordinates are unrolled: more would take long to compile. */
#define ESC_UNROLLED_MAX 8
/* And those over the steps of a group, where there are at most so many. */
#define ESC_STEPS_UNROLLED_MAX 4

/* Options of a noise source that a kernel is composed for. */
enum {
  ESC_SOURCE_ANNEALED = 1,
  ESC_SOURCE_CLIPPED = 2,
  ESC_SOURCE_SPARSE = 4,
  ESC_SOURCE_BY_STATE = 8,
  ESC_SOURCE_ON_PARAMETER = 16,
  ESC_SOURCE_REPLACES = 32,
  ESC_SOURCE_BY_LOSS = 64,
  ESC_SOURCE_BY_EPOCH = 128,
  ESC_SOURCE_CORRELATED = 256
};

/* How a step of a network draws its rows. */
enum { ESC_DRAWS_NONE = 0, ESC_DRAWS_ONCE = 1, ESC_DRAWS_AGAIN = 2 };

/* The seed as Philox's rounds take it, one after another: a kernel then reads the key of a round
 * with the instruction that uses it. */
typedef struct esc_philox_key {
  uint32_t round[ESC_PHILOX_ROUNDS][2];
} esc_philox_key;

ESC_SETUP esc_philox_key esc_philox_key_of(uint64_t seed)
{
  esc_philox_key key;
  for (uint32_t k = 0; k < ESC_PHILOX_ROUNDS; k++) {
    key.round[k][0] = (uint32_t)seed + k * ESC_PHILOX_WEYL_0;
    key.round[k][1] = (uint32_t)(seed >> 32) + k * ESC_PHILOX_WEYL_1;
  }
  return key;
}

/* A piece as its lanes see it (esc_piece): trajectories of a plan, and where what they did goes. */
typedef struct esc_trajectory_point {
  const esc_plan *plan;     /* in device memory, and so is what it points to */
  const void *rows;         /* plan->rows in the state's type */
  const void *start;        /* the one fixed start in it; NULL: several, or random */
  int64_t *tally;           /* several, one after another, which the host adds up: */
  int32_t tally_copies;     /* block k takes that of k modulo so many, so that few meet on a word */
  esc_sink sink;            /* its arrays in device memory */
  int64_t recorded;         /* ids below it, counted from sink.first, leave a record */
  int64_t end;              /* ids below it belong to the piece */
  unsigned long long *next; /* the first that no lane has taken */
} esc_trajectory_point;

/* All points share the kernel, and the seed. */
typedef struct esc_trajectory_args {
  const esc_trajectory_point *points; /* in device memory */
  int32_t point_count;
  void *lagged; /* of each thread, lag_count * dimension numbers of the state's type */
  unsigned long long *lane_steps;
  const volatile int *stop; /* not zero: end at once */
  uint32_t poll_steps;      /* so many of a lane's steps lie between two looks at it */
  esc_philox_key key;
} esc_trajectory_args;

#endif
