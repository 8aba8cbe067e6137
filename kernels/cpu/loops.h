/* The loops over lanes. Every file here but cpu_backend.c is compiled once per instruction set, and
 * those that touch the state once per state type too, with a suffix on what they export
 * (esc_noise_loops_avx2, esc_update_loops_avx2_f64). Arrays are 64-byte aligned; coordinate j of
 * lane i is at [j * stride + i]; counts of lanes are multiples of ESC_LANE_BLOCK, or 1. */
#ifndef ESC_CPU_LOOPS_H
#define ESC_CPU_LOOPS_H

#include "kernels/backend.h"

#define ESC_LANE_BLOCK 32

/* ESC_ISA and ESC_REAL_BITS are given on the command line of each object. */
#define ESC_PASTE_(a, b) a##_##b
#define ESC_PASTE(a, b)  ESC_PASTE_(a, b)
#if ESC_REAL_BITS == 64
#define ESC_STATE_SUFFIX f64
#else
#define ESC_STATE_SUFFIX f32
#endif
#define ESC_NOISE_LOOPS      ESC_PASTE(esc_noise_loops, ESC_ISA)
#define ESC_PHILOX_FILL      ESC_PASTE(esc_philox_fill, ESC_ISA)
#define ESC_PHILOX_CONTINUE  ESC_PASTE(esc_philox_continue, ESC_ISA)
#define ESC_STATE_NAME(name) ESC_PASTE(ESC_PASTE(name, ESC_ISA), ESC_STATE_SUFFIX)
#define ESC_LANDSCAPE_LOOPS  ESC_STATE_NAME(esc_landscape_loops)
#define ESC_NETWORK_SLOPE    ESC_STATE_NAME(esc_network_slope)
#define ESC_NETWORK_VALUE    ESC_STATE_NAME(esc_network_value)
#define ESC_NETWORK_BATCH    ESC_STATE_NAME(esc_network_batch)
#define ESC_UPDATE_LOOPS     ESC_STATE_NAME(esc_update_loops)
#define ESC_WATCH_LOOPS      ESC_STATE_NAME(esc_watch_loops)
#define ESC_RUN_TILE         ESC_STATE_NAME(esc_run_tile)
#define ESC_SETTLE_POINTS    ESC_STATE_NAME(esc_settle_points)

/* Four words of each lane's block + offset. */
void ESC_PHILOX_FILL(int n, uint64_t seed, const uint64_t *block, uint64_t offset,
                     const uint64_t *id, uint32_t *const words[4]);

/* The same from each lane's head (id, c0, c2, c3 of esc_philox_head), for the block whose lower
 * word is block + offset. */
void ESC_PHILOX_CONTINUE(int n, uint64_t seed, const uint32_t *block, uint32_t offset,
                         uint32_t *const head[4], uint32_t *const words[4]);

typedef struct esc_noise_loops {
  /* variates of a law from a block of words, times scale[v]; nonzero if some word is rare; NULL for
   * laws that are not drawn from single blocks */
  int (*draw[ESC_LAW_COUNT])(int n, const float *constants, const float *scale,
                             const uint32_t *const words[4], float *const out[4]);
  /* the same for one block, its rare words refined */
  void (*redraw[ESC_LAW_COUNT])(const float *constants, const float *scale, const uint32_t words[4],
                                const uint32_t further[4], float out[4]);
  void (*clip)(int n, float bound, float *xi);
  void (*mask)(int n, uint32_t below, const uint32_t *word, float *xi); /* 0 unless word < below */
  /* annealed: xi times its factor at age now - begun */
  void (*anneal)(int n, float root, float power, const uint32_t *begun, uint32_t now, float *xi);
  void (*add)(int n, const float *term, float *sum);
  void (*scale)(int n, float factor, float *xi);
  /* correlated: xi = root z in place, component j of lane i at [j * stride + i] */
  void (*correlate)(int n, int stride, int dimension, const float *root, float *xi);
  /* finite_sum: which step of its epoch now is, and the block its words begin with: that many
   * blocks a step before `block` */
  void (*turns)(int n, const esc_plan_noise *noise, const uint32_t *begun, uint32_t now,
                uint64_t blocks, const uint64_t *block, uint64_t *epoch, int32_t *turn);
  /* finite_sum: one term considered for this step (esc_batch_takes), one term drawn */
  void (*select_term)(int n, const esc_plan_noise *noise, int term, const uint32_t *word,
                      int32_t *before, int32_t *left, float *sum);
  void (*pick_term)(int n, const esc_plan_noise *noise, const uint32_t *word, float *sum);
  /* the same for rows of a minibatch, the k-th row taken going to picked[k * stride + i] */
  void (*select_row)(int n, int stride, const esc_plan_network *network, int row,
                     const uint32_t *word, int32_t *left, int32_t *picked);
  void (*pick_row)(int n, int rows, const uint32_t *word, int32_t *picked);
} esc_noise_loops;
extern const esc_noise_loops ESC_NOISE_LOOPS;

/* The positions of a group: before its first step and after each. */
typedef esc_real *const esc_positions[ESC_GROUP + 1];

/* g = scale*g + xi: the last thing every slope loop does; xi may be NULL. */
static inline void esc_scale_and_add(int n, esc_real scale, const float *restrict xi,
                                     esc_real *restrict g)
{
  if (xi)
    for (int i = 0; i < n; i++)
      g[i] = esc_fma(scale, g[i], (esc_real)xi[i]);
  else
    for (int i = 0; i < n; i++)
      g[i] = scale * g[i];
}

typedef struct esc_landscape_loops {
  /* g = scale*U'(x) + xi; xi may be NULL */
  void (*slope[ESC_LANDSCAPE_COUNT])(int n, int stride, const esc_plan *plan, const esc_real *x,
                                     const float *xi, esc_real *g);
  void (*value[ESC_LANDSCAPE_COUNT])(int n, int stride, const esc_plan *plan, const esc_real *x,
                                     esc_real *u);
  /* a group of steps of plain sgd, all in one; NULL for chains */
  void (*descend[ESC_LANDSCAPE_COUNT])(int n, int stride, const esc_plan *plan, esc_row row,
                                       const float *xi, esc_positions at);
  /* a network's slope over the rows picked: row k of lane i is picked[k * stride + i] */
  void (*batch)(int n, int stride, const esc_plan *plan, const int32_t *picked, const esc_real *x,
                const float *xi, esc_real *g);
  /* the caller's own landscape; g or u may be NULL; scratch: (2*dimension + 1)*n doubles */
  void (*call)(int n, int stride, const esc_plan *plan, const esc_real *x, const float *xi,
               esc_real *g, esc_real *u, double *scratch);
} esc_landscape_loops;
extern const esc_landscape_loops ESC_LANDSCAPE_LOOPS;

/* Those of networks (network_loops.c), which that table has. */
void ESC_NETWORK_SLOPE(int n, int stride, const esc_plan *plan, const esc_real *x, const float *xi,
                       esc_real *g);
void ESC_NETWORK_VALUE(int n, int stride, const esc_plan *plan, const esc_real *x, esc_real *u);
void ESC_NETWORK_BATCH(int n, int stride, const esc_plan *plan, const int32_t *picked,
                       const esc_real *x, const float *xi, esc_real *g);

/* The scalars of a step: one row for all lanes, or one each (arrays of lr, a, b, c, d). */
typedef struct esc_rows {
  esc_row uniform;
  esc_real *lane[1 + ESC_ROW_WIDTH];
  int by_lane;
} esc_rows;

typedef struct esc_update_loops {
  /* one coordinate: next = w - u, or u itself where w is NULL */
  void (*update[ESC_UPDATE_COUNT])(int n, const double *constants, const esc_rows *rows,
                                   const esc_real *g, esc_real *const states[], const esc_real *w,
                                   esc_real *next);
  /* rows by lane, for step now - begun */
  void (*rows)(int n, const esc_plan *plan, const esc_real *table, const uint32_t *begun,
               uint32_t now, esc_rows *rows);
  void (*ahead)(int n, esc_real lookahead, const esc_real *w, const esc_real *state,
                esc_real *point);
  void (*couple)(int n, esc_real weight_decay, const esc_real *w, esc_real *g);
  /* u += lr*wd*w */
  void (*decay)(int n, esc_real weight_decay, const esc_rows *rows, const esc_real *w, esc_real *u);
  /* u scaled down to a norm of at most bound */
  void (*clip)(int n, int stride, int dimension, esc_real bound, esc_real *norm, esc_real *u);
  /* next = w - u + noise (NULL: none), kept in [lo, hi] */
  void (*apply)(int n, esc_real lo, esc_real hi, const esc_real *w, const esc_real *u,
                const float *noise, esc_real *next);
  /* out = xi * sqrt(c0 + c2 x^2); xi *= sqrt(2 u) */
  void (*state_scale)(int n, const float *c, const esc_real *x, const float *xi, float *out);
  void (*loss_scale)(int n, const esc_real *u, float *xi);
  /* ratio = |m|/sqrt(v) */
  void (*signal_to_noise)(int n, const esc_real *m, const esc_real *v, esc_real *ratio);
} esc_update_loops;
extern const esc_update_loops ESC_UPDATE_LOOPS;

typedef struct esc_watch_loops {
  /* flag[i] |= some position of the group may be an end; `due`: or something is due by now */
  void (*box)(int n, esc_positions at, esc_real lo, esc_real hi, uint8_t *flag);
  void (*due)(int n, const uint32_t *due, uint32_t now, uint8_t *flag);
  /* box and due of one coordinate in one, not raised but set: 0, or 1 and twice the step of the
   * group at which it first left the interval, 1 alone where something is due by now */
  void (*leave)(int n, esc_positions at, esc_real lo, esc_real hi, const uint32_t *due,
                uint32_t now, uint8_t *flag);
  void (*streak)(int n, const int32_t *streak, uint8_t *flag);
  void (*ball)(int n, int stride, const esc_plan *plan, esc_positions at, const double *point,
               double squared_radius, uint8_t *flag);
  void (*halfspace)(int n, int stride, const esc_plan *plan, esc_positions at, const double *normal,
                    double offset, uint8_t *flag);
  void (*below)(int n, const esc_real *value, esc_real level, uint8_t *flag);
  /* inside[i] += steps of the group in the ball; leaving[i] = whether it was left in the group */
  void (*stay)(int n, int stride, const esc_plan *plan, esc_positions at, const esc_plan_ball *ball,
               int32_t *inside, uint8_t *leaving);
} esc_watch_loops;
extern const esc_watch_loops ESC_WATCH_LOOPS;

/* The backend's settle (settle_points.c), in double alone. */
void ESC_SETTLE_POINTS(const esc_plan *plan, int64_t count, double *points, double *values,
                       unsigned char *settled);

/* Runs a batch in a tile of lanes: the engine itself (tile.c). */
typedef esc_status esc_tile_runner(const esc_plan *plan, esc_batch batch, int64_t *tally,
                                   const esc_sink *sink, esc_control *control);
esc_tile_runner ESC_RUN_TILE;

#endif
