/* Arguments of the update kernels, by value: what host/cuda hands to a launch. */
#ifndef ESC_CUDA_LAUNCH_ARGS_H
#define ESC_CUDA_LAUNCH_ARGS_H

#include "kernels/step/step_tables.h"

#define ESC_UPDATE_THREADS  256
#define ESC_PREPARE_THREADS 1024
#define ESC_NORM_THREADS    256

typedef struct esc_prepare_args {
  esc_step_tables tables;
  esc_step_call call;
} esc_prepare_args;

typedef struct esc_update_args {
  esc_step_tables tables;
  esc_step_call call;
  int64_t first, count; /* chunks */
} esc_update_args;

typedef struct esc_norm_args {
  esc_step_tables tables;
} esc_norm_args;

/* what: ESC_START_... of step_tables.h. */
typedef struct esc_start_args {
  esc_step_tables tables;
  int64_t chunk_count;
  int32_t what;
} esc_start_args;

#endif
