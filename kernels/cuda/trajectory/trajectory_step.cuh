/* A step of a lane: the gradient with its noise, the rule and its modifiers, all in registers. The
 * order of operations is that of kernels/cpu/tile.c. */
#ifndef ESC_CUDA_TRAJECTORY_STEP_CUH
#define ESC_CUDA_TRAJECTORY_STEP_CUH

#if ESC_LANDSCAPE_IS_NETWORK
#include "kernels/cuda/trajectory/trajectory_network.cuh"
#else
#include "kernels/cuda/trajectory/trajectory_noise.cuh"
#endif

#define ESC_PASTE_2(a, b)        a##b
#define ESC_PASTE_3(a, b, c)     a##b##c
#define ESC_NAMED(name, suffix)  ESC_NAMED_(name, suffix)
#define ESC_NAMED_(name, suffix) ESC_PASTE_3(esc_, name, suffix)
#define ESC_LANDSCAPE_CONSTANTS  ESC_NAMED(ESC_LANDSCAPE_NAME, )
#define ESC_LANDSCAPE_SLOPE      ESC_NAMED(ESC_LANDSCAPE_NAME, _slope)
#define ESC_LANDSCAPE_VALUE      ESC_NAMED(ESC_LANDSCAPE_NAME, _value)
#define ESC_UPDATE_CONSTANTS     ESC_NAMED(ESC_UPDATE_NAME, )
#define ESC_UPDATE_STEP          ESC_NAMED(ESC_UPDATE_NAME, _update)

/* Constants of a rule, from double to the state's type. */
template <class Constants> ESC_RULE Constants esc_constants_from(const double *number)
{
  union {
    Constants c;
    esc_real number[sizeof(Constants) / sizeof(esc_real)];
  } load;
#pragma unroll
  for (int k = 0; k < (int)(sizeof(Constants) / sizeof(esc_real)); k++)
    load.number[k] = (esc_real)number[k];
  return load.c;
}

/* The numbers of the sources are held in registers where they are few. */
#define ESC_HOLDS_NOISE (ESC_DIMENSION == 1 && (ESC_HAS_NOISE || ESC_ADDS_NOISE))

/* What a lane's steps need, in registers where there is one coordinate. */
struct esc_walk {
  const esc_plan *plan;
#if ESC_HOLDS_NOISE
  esc_plan_noise noise[ESC_SOURCE_COUNT];
#endif
  const esc_real *rows;
  ESC_UPDATE_CONSTANTS update;
  ESC_LANDSCAPE_CONSTANTS landscape; /* of the first coordinate */
  esc_real landscape_scale, lr, weight_decay, lookahead, clip_update, project[2];
  int32_t last_row;
  esc_row row; /* the only one, where ESC_HAS_ROWS is 0 */
};

ESC_RULE esc_walk esc_walk_of(const esc_trajectory_point *point)
{
  const esc_plan *const plan = point->plan;
  esc_walk walk;
  walk.plan = plan;
#if ESC_HOLDS_NOISE
#pragma unroll
  for (int k = 0; k < ESC_SOURCE_COUNT; k++)
    walk.noise[k] = plan->noise[k];
#endif
#if ESC_MOVES_NOISE
#pragma unroll
  for (int k = 0; k < ESC_SOURCE_COUNT; k++)
    walk.noise[k].scale[0] *= -(float)plan->lr;
#endif
  walk.rows = (const esc_real *)point->rows;
  walk.update = esc_constants_from<ESC_UPDATE_CONSTANTS>(plan->update_constants);
  walk.landscape = esc_constants_from<ESC_LANDSCAPE_CONSTANTS>(plan->landscape_constants[0]);
  walk.landscape_scale = (esc_real)plan->landscape_scale;
  walk.lr = (esc_real)plan->lr;
  walk.weight_decay = (esc_real)plan->weight_decay;
  walk.lookahead = (esc_real)plan->traits.lookahead;
  walk.clip_update = (esc_real)plan->clip_update;
  walk.project[0] = (esc_real)plan->project[0];
  walk.project[1] = (esc_real)plan->project[1];
  walk.last_row = (int32_t)plan->row_count;
  walk.row.lr = ESC_MOVES_NOISE ? walk.lr * walk.landscape_scale : walk.lr;
  walk.row.a = walk.rows[0], walk.row.b = walk.rows[1];
  walk.row.c = walk.rows[2], walk.row.d = walk.rows[3];
  return walk;
}

ESC_RULE const esc_plan_noise *esc_noise_of(const esc_walk &walk, int source)
{
#if ESC_HOLDS_NOISE
  return &walk.noise[source];
#else
  return &walk.plan->noise[source];
#endif
}

ESC_RULE ESC_LANDSCAPE_CONSTANTS esc_landscape_at(const esc_walk &walk, int j)
{
  if (j == 0 || ESC_LANDSCAPE_IS_CHAIN)
    return walk.landscape;
  return esc_constants_from<ESC_LANDSCAPE_CONSTANTS>(walk.plan->landscape_constants[j]);
}

/* The gradient at x, xi added to it; xi is left out where there is none. `step` counts the steps of
 * the trajectory's groups, by which networks draw minibatches. Where noise was moved to the
 * position (moves_noise in compose_kernel.c), the learning rate has the landscape's scale. */
ESC_RULE void esc_slopes(const esc_walk &walk, const esc_random &random, uint64_t step,
                         const esc_real x[ESC_DIMENSION], const float xi[ESC_DIMENSION], bool noisy,
                         esc_real g[ESC_DIMENSION])
{
  (void)random, (void)step;
#if ESC_LANDSCAPE_IS_NETWORK
  esc_network_slope_at(walk.plan, walk.landscape, random, step, x, g);
#elif ESC_LANDSCAPE_IS_CHAIN
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j < ESC_DIMENSION; j++)
    g[j] = ESC_LIT(0.0);
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j + 1 < ESC_DIMENSION; j++) {
    esc_real gx, gy;
    ESC_LANDSCAPE_SLOPE(&walk.landscape, x[j], x[j + 1], &gx, &gy);
    g[j] += gx;
    g[j + 1] = gy;
  }
#else
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j < ESC_DIMENSION; j++) {
    const ESC_LANDSCAPE_CONSTANTS c = esc_landscape_at(walk, j);
    g[j] = ESC_LANDSCAPE_SLOPE(&c, x[j]);
  }
#endif
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j < ESC_DIMENSION; j++)
    if (!ESC_MOVES_NOISE)
      g[j] = noisy ? esc_fma(walk.landscape_scale, g[j], (esc_real)xi[j])
                   : walk.landscape_scale * g[j];
}

/* U at x. */
ESC_RULE esc_real esc_value_at(const esc_walk &walk, const esc_real *x)
{
  esc_real u = ESC_LIT(0.0);
#if ESC_LANDSCAPE_IS_NETWORK
  u = walk.landscape_scale * esc_network_value_at(walk.plan, walk.landscape, x);
#elif ESC_LANDSCAPE_IS_CHAIN
  for (int j = 0; j + 1 < ESC_DIMENSION; j++)
    u = esc_fma(walk.landscape_scale, ESC_LANDSCAPE_VALUE(&walk.landscape, x[j], x[j + 1]), u);
#else
  for (int j = 0; j < ESC_DIMENSION; j++) {
    const ESC_LANDSCAPE_CONSTANTS c = esc_landscape_at(walk, j);
    u = esc_fma(walk.landscape_scale, ESC_LANDSCAPE_VALUE(&c, x[j]), u);
  }
#endif
  return u;
}

/* The scalars of step t = 1, 2, ... of an episode. */
ESC_RULE esc_row esc_row_at(const esc_walk &walk, int32_t t)
{
  esc_row row = walk.row;
  (void)t;
#if ESC_HAS_ROWS
  const esc_real *const at =
      walk.rows + ((t < walk.last_row ? t : walk.last_row) - 1) * ESC_ROW_WIDTH;
  row.a = at[0], row.b = at[1], row.c = at[2], row.d = at[3];
#endif
#if ESC_SCHEDULE != 0
  esc_schedule schedule = walk.plan->schedule;
  schedule.kind = ESC_SCHEDULE;
  row.lr = walk.lr * (esc_real)esc_schedule_factor(&schedule, t);
#endif
  return row;
}

#define ESC_UPDATE_ARGUMENTS_0
#define ESC_UPDATE_ARGUMENTS_1        , &state[0][j]
#define ESC_UPDATE_ARGUMENTS_2        , &state[0][j], &state[1][j]
#define ESC_UPDATE_ARGUMENTS_3        , &state[0][j], &state[1][j], &state[2][j]
#define ESC_UPDATE_ARGUMENTS_(states) ESC_PASTE_2(ESC_UPDATE_ARGUMENTS_, states)
#define ESC_UPDATE_ARGUMENTS(states)  ESC_UPDATE_ARGUMENTS_(states)

ESC_RULE void esc_clip_all(esc_real bound, esc_real u[ESC_DIMENSION])
{
#if ESC_DIMENSION == 1
  u[0] = esc_clip_one(u[0], bound);
#else
  esc_real largest = ESC_LIT(0.0), squares = ESC_LIT(0.0);
  for (int j = 0; j < ESC_DIMENSION; j++) {
    const esc_real size = esc_abs(u[j]);
    u[j] = esc_clip_finite(u[j]);
    largest = size > largest ? size : largest;
  }
  const esc_real unit = esc_clip_unit(largest);
  for (int j = 0; j < ESC_DIMENSION; j++)
    squares = esc_clip_add(squares, u[j], unit);
  const esc_real factor = esc_clip_factor(bound, unit, squares);
  for (int j = 0; j < ESC_DIMENSION; j++)
    u[j] *= factor;
#endif
}

/* Step t of the episode, from x to next: xi is the noise on the gradient, added that on the
 * position. */
ESC_RULE void esc_step_lane(const esc_walk &walk, const esc_random &random, uint64_t step,
                            int32_t t, const float xi[ESC_DIMENSION],
                            const float added[ESC_DIMENSION], esc_real (*state)[ESC_DIMENSION],
                            const esc_real x[ESC_DIMENSION], esc_real next[ESC_DIMENSION])
{
  esc_real g[ESC_DIMENSION], u[ESC_DIMENSION];
  (void)state, (void)added; /* not every step has them */
#if ESC_LOOKS_AHEAD
  esc_real point[ESC_DIMENSION];
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j < ESC_DIMENSION; j++)
    point[j] = esc_ahead(walk.lookahead, x[j], state[0][j]);
  esc_slopes(walk, random, step, point, xi, ESC_HAS_NOISE, g);
#else
  esc_slopes(walk, random, step, x, xi, ESC_HAS_NOISE, g);
#endif
  const esc_row row = esc_row_at(walk, t);
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j < ESC_DIMENSION; j++) {
    if (ESC_COUPLES)
      g[j] = esc_couple(walk.weight_decay, x[j], g[j]);
    u[j] = ESC_UPDATE_STEP(&walk.update, row, g[j] ESC_UPDATE_ARGUMENTS(ESC_STATES));
    if (ESC_DECOUPLES)
      u[j] = esc_decouple(row.lr * walk.weight_decay, x[j], u[j]);
  }
  if (ESC_CLIPS_UPDATE)
    esc_clip_all(walk.clip_update, u);
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j < ESC_DIMENSION; j++) {
    next[j] = x[j] - u[j];
    if (ESC_ADDS_NOISE)
      next[j] += (esc_real)added[j];
    if (ESC_PROJECTS)
      next[j] = esc_project(next[j], walk.project[0], walk.project[1]);
  }
}

#endif
