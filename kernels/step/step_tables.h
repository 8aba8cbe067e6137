/* The tables a step of an optimizer works from: laid out by the host once, in the device's memory,
 * and read by kernels/cpu and kernels/cuda alike. Tensors, groups, chunks and leaves are numbered
 * from 0; gradients have a table of their own, because they may be bound anew. */
#ifndef ESC_STEP_TABLES_H
#define ESC_STEP_TABLES_H

#include "escapement/optimizer.h"
#include "kernels/rules/element.h"
#include "kernels/rules/norm.h"
#include "kernels/rules/schedule.h"
#include "kernels/rules/storage.h"

/* Elements that a warp, or a pass of a CPU's loops, takes at once. No result depends on it. */
#define ESC_CHUNK 1024

#define ESC_HYPERS_MAX 16

/* Numbers of a tensor's arrays: in flags of what rounds stochastically, and in its random words. */
enum {
  ESC_ARRAY_VALUE = 0,
  ESC_ARRAY_MASTER = 1,
  ESC_ARRAY_AVERAGE = 2,
  ESC_ARRAY_STATE = 3, /* and the two after it */
  ESC_ARRAY_GRADIENT = 7
};

typedef struct esc_step_group {
  int32_t update; /* the rule, by number */
  int32_t decoupled, maximize;
  float start[ESC_UPDATE_STATES_MAX]; /* where states begin */
  esc_scalar lr, weight_decay, clip_value, average_keep, noise[2];
  esc_scalar hyper[ESC_HYPERS_MAX]; /* the rule's keys, in the order of its catalogue */
  esc_schedule schedule, decay_schedule;
} esc_step_group;

/* An array that is not there (no master, a state the rule's settings leave idle) is NULL: it is
 * read as its start and not written. Elements are taken eight at a time from `origin` on, which is
 * 0 or up to seven before the first, so that most arrays are met where 16 bytes can be moved at
 * once; with `split` the eight are two fours ESC_CHUNK_SPLIT apart, which suits arrays of floats.
 */
typedef struct esc_step_tensor {
  int64_t count;
  int64_t leaf; /* its first leaf of the norm */
  void *value, *master, *average;
  void *state[ESC_UPDATE_STATES_MAX];
  int32_t group;
  uint8_t value_type, gradient_type, master_type, average_type; /* ESC_STORE_... */
  uint8_t state_type[ESC_UPDATE_STATES_MAX];
  uint8_t stochastic; /* a bit for each array that rounds so, by ESC_ARRAY_... */
  int8_t origin;      /* 0 where anything random is drawn */
  uint8_t split;
} esc_step_tensor;

/* Elements [origin + index*ESC_CHUNK, origin + (index+1)*ESC_CHUNK) of a tensor; of leaves
 * [index*ESC_NORM_LEAF, (index+1)*ESC_NORM_LEAF). */
typedef struct esc_step_chunk {
  int32_t tensor, index;
} esc_step_chunk;

/* What a tensor remembers from step to step. */
typedef struct esc_step_progress {
  int64_t steps;
  double carry; /* running product of the rule's rows, 1 before the first */
} esc_step_progress;

/* Most tensors of a group are at the same step: its leader, the first that has a gradient, gives
 * them all their scalars. */
typedef struct esc_step_leader {
  esc_step_progress before, after;
} esc_step_leader;

/* What one launch leaves for the next. */
typedef struct esc_step_control {
  double norm_squared;
  int32_t non_finite; /* of the last norm */
  int32_t skip;       /* of this step */
  int32_t found;      /* of the norm on its way; 0 between launches */
  uint32_t ticket;    /* its blocks that are done; 0 between launches */
} esc_step_control;

typedef struct esc_step_tables {
  const esc_step_group *groups;
  const esc_step_tensor *tensors;
  const esc_step_chunk *chunks; /* in the order of rules */
  const esc_step_chunk *leaves; /* in the order of tensors */
  void *const *gradients;       /* of each tensor, or NULL */
  const int32_t *leaders;       /* of each group: a tensor with a gradient, or -1 */
  esc_step_progress *progress;  /* of each tensor */
  esc_step_leader *led;         /* of each group */
  esc_step_scalars *scalars;    /* of each group, then of each tensor that needs its own */
  int32_t *scalars_of;          /* which of them is each tensor's; -1: it makes no step */
  double *partial;              /* of each leaf */
  esc_step_control *control;
  int32_t group_count, tensor_count;
  int64_t leaf_count;
  uint64_t seed;
} esc_step_tables;

/* The chunks of one rule. */
typedef struct esc_step_launch {
  int update;
  int64_t first, count;
} esc_step_launch;

/* What may differ from step to step. */
typedef struct esc_step_call {
  esc_scalar loss_scale, found_inf, clip_norm;
  double clip_eps;
  int32_t skip_non_finite, zero_gradients;
} esc_step_call;

/* What `start` fills: states with where they begin, masters and averages with the value. */
enum { ESC_START_STATES = 1, ESC_START_COPIES = 2 };

/* Whether the norm is needed for a call. A clip norm in device memory may be anything. */
static inline int esc_step_needs_norm(const esc_step_call *call)
{
  return call->skip_non_finite || call->clip_norm.device ||
         call->clip_norm.value < (double)INFINITY;
}

#endif
