/* The parts of an optimizer's step on a CPU: what the files step_*.c, each compiled once per
 * instruction set, ask of each other, and the table by which cpu_backend.c picks a set. All are for
 * float (ESC_REAL_BITS 32), whatever the arrays are stored in. */
#ifndef ESC_CPU_STEP_LOOPS_H
#define ESC_CPU_STEP_LOOPS_H

#include "kernels/cpu/loops.h"

/* Elements that pass through the first-level cache at once where arrays are not all of floats: some
 * buffers of 2 KB. ESC_CHUNK is a multiple of it, so that blocks begin where random words do. */
#define ESC_STEP_BLOCK 512

/* What an instruction set offers to the backend. */
typedef struct esc_step_runner {
  void (*start)(const esc_step_plan *plan, int what);
  void (*norm)(const esc_step_plan *plan);
  void (*update)(const esc_step_plan *plan, const esc_step_call *call);
} esc_step_runner;

#define ESC_STEP_RUNNER       ESC_STATE_NAME(esc_step_runner)
#define ESC_STEP_RULES        ESC_STATE_NAME(esc_step_rules)
#define ESC_STEP_AVERAGE      ESC_STATE_NAME(esc_step_average)
#define ESC_STEP_LOAD         ESC_STATE_NAME(esc_step_load)
#define ESC_STEP_STORE        ESC_STATE_NAME(esc_step_store)
#define ESC_STEP_DRAW_WORDS   ESC_STATE_NAME(esc_step_draw_words)
#define ESC_STEP_DRAW_NORMALS ESC_STATE_NAME(esc_step_draw_normals)
#define ESC_STEP_UPDATE_RUN   ESC_STATE_NAME(esc_step_update_run)
#define ESC_STEP_START_RUN    ESC_STATE_NAME(esc_step_start_run)
#define ESC_STEP_NORM_LEAF    ESC_STATE_NAME(esc_step_norm_leaf)
#define ESC_STEP_SUM_LEAVES   ESC_STATE_NAME(esc_step_sum_leaves)

/* --- loops over elements ---------------------------------------------------------------------- */

/* A rule: its number of states, and its loop over n elements, in place. normal NULL: no noise. Of
 * the states as many are touched as the rule has. No two arrays overlap. */
typedef struct esc_step_rule {
  int states;
  void (*pass)(const esc_step_scalars *scalars, int64_t n, const float *g, const float *normal,
               float *w, float *first, float *second, float *third);
} esc_step_rule;
extern const esc_step_rule ESC_STEP_RULES[ESC_UPDATE_COUNT];

/* The moving average of the parameter. */
void ESC_STEP_AVERAGE(const esc_step_scalars *scalars, int n, const float *w, float *average);

/* n elements from `first` on out of or into an array of a type. random: as many times 16 bits, for
 * stochastic rounding; NULL: to the nearest. */
void ESC_STEP_LOAD(const void *array, int type, int64_t first, int n, float *to);
void ESC_STEP_STORE(void *array, int type, int64_t first, int n, const float *from,
                    const uint16_t *random);

/* --- what is drawn (kernels/step/random.h), by blocks ----------------------------------------- */

/* Room for the words of a block: one Philox block for each ESC_LANE_BLOCKth part of them. */
#define ESC_STEP_WORD_BLOCKS (ESC_STEP_BLOCK / 4)
typedef struct esc_step_draws {
  _Alignas(64) uint64_t number[ESC_STEP_WORD_BLOCKS], id[ESC_STEP_WORD_BLOCKS];
  _Alignas(64) uint32_t word[4][ESC_STEP_WORD_BLOCKS];
} esc_step_draws;

/* Elements first .. first + n - 1, n up to ESC_STEP_BLOCK, first a multiple of 8; up to the next
 * multiple of 8 is written. */
void ESC_STEP_DRAW_WORDS(esc_step_draws *draws, uint64_t seed, uint64_t id, int64_t first, int n,
                         uint16_t *random);
void ESC_STEP_DRAW_NORMALS(esc_step_draws *draws, uint64_t seed, uint64_t id, int64_t first, int n,
                           float *normal);

/* --- runs of elements ------------------------------------------------------------------------- */

/* Buffers of one thread. */
typedef struct esc_step_bench {
  _Alignas(64) float gradient[ESC_STEP_BLOCK];
  _Alignas(64) float normal[ESC_STEP_BLOCK];
  _Alignas(64) float parameter[ESC_STEP_BLOCK];
  _Alignas(64) float average[ESC_STEP_BLOCK];
  _Alignas(64) float state[ESC_UPDATE_STATES_MAX][ESC_STEP_BLOCK];
  _Alignas(64) uint16_t random[ESC_STEP_BLOCK];
  esc_step_draws draws;
} esc_step_bench;

/* Consecutive elements of a tensor. */
typedef struct esc_step_run {
  const esc_step_tables *tables;
  int32_t tensor;
  int update; /* the rule */
  int64_t first, count;
} esc_step_run;

/* One step; zero_gradients: also without one. */
void ESC_STEP_UPDATE_RUN(const esc_step_run *run, int zero_gradients, esc_step_bench *bench);
void ESC_STEP_START_RUN(const esc_step_run *run, int what, esc_step_bench *bench);

/* --- the norm
 * -------------------------------------------------------------------------------------- */

/* A leaf's sum of squares; *largest: the greatest size in it. buffer: ESC_NORM_LEAF floats. */
double ESC_STEP_NORM_LEAF(const void *gradient, int type, int64_t first, int n, float *buffer,
                          uint32_t *largest);
double ESC_STEP_SUM_LEAVES(const double *partial, int64_t count);

#endif
