/* The engine on a GPU: a thread is a lane and carries one trajectory; a lane whose trajectory ends
 * takes the next id at once, of its point of a sweep or, where that has none left, of the next. The
 * lanes of a warp take group after group together until one of them needs a closer look: that loop
 * has no divergence, and registers hold all that it needs. A composed source defines what is fixed
 * (compose_kernel.h), then includes this file. */
#ifndef ESC_CUDA_TRAJECTORY_KERNEL_CUH
#define ESC_CUDA_TRAJECTORY_KERNEL_CUH

#include "kernels/cuda/kernel.cuh"
#include "kernels/cuda/trajectory/tally_word.cuh"
#include "kernels/cuda/trajectory/trajectory_lane.cuh"

/* The noise of one step, summed over the sources: on the gradient into xi, on the position into
 * added. `drawn` of a source is what it gave for the group (one dimension) or for the step. */
struct esc_noise_sum {
  float xi[ESC_DIMENSION], added[ESC_DIMENSION];
  bool any_xi, any_added;
};

ESC_RULE void esc_add_source(const esc_plan_noise *noise, int options,
                             const float drawn[ESC_NOISE_WIDTH], int s,
                             const esc_real x[ESC_DIMENSION], esc_real loss, esc_noise_sum *sum)
{
  const bool on_parameter = options & ESC_SOURCE_ON_PARAMETER;
  float *const to = on_parameter ? sum->added : sum->xi;
  bool *const any = on_parameter ? &sum->any_added : &sum->any_xi;
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j < ESC_DIMENSION; j++) {
    float part = drawn[ESC_DIMENSION == 1 ? s : j];
    if (options & ESC_SOURCE_BY_STATE)
      part = esc_scaled_by_state(noise->state_scale[0], noise->state_scale[1], x[j], part);
    if (options & ESC_SOURCE_BY_LOSS)
      part = esc_scaled_by_loss(loss, part);
    to[j] = *any ? to[j] + part : part;
  }
  *any = true;
}

#define ESC_DRAW_GROUP(number, law, shape, options)                                                \
  float drawn_##number[ESC_NOISE_WIDTH];                                                           \
  if (ESC_DIMENSION == 1)                                                                          \
    esc_draw_source<esc_source_##number>(esc_noise_of(walk, number), random, group, 0, age,        \
                                         drawn_##number);
#define ESC_DRAW_STEP(number, law, shape, options)                                                 \
  if (ESC_DIMENSION > 1)                                                                           \
    esc_draw_source<esc_source_##number>(esc_noise_of(walk, number), random, group, s, age,        \
                                         drawn_##number);                                          \
  esc_add_source(esc_noise_of(walk, number), options, drawn_##number, s, at[s], loss, &sum);

/* A group of steps from at[0]. `group` counts those of the trajectory, age the steps of its
 * episode. */
ESC_RULE void esc_walk_group(const esc_walk &walk, const esc_random &random, uint64_t group,
                             int32_t age, esc_real (*state)[ESC_DIMENSION],
                             esc_real at[ESC_GROUP + 1][ESC_DIMENSION], esc_real (*snr)[ESC_DIMENSION])
{
  ESC_SOURCES(ESC_DRAW_GROUP)
#pragma unroll(ESC_UNROLL_STEPS)
  for (int s = 0; s < ESC_GROUP; s++) {
    esc_noise_sum sum;
    sum.any_xi = sum.any_added = false;
    const esc_real loss = ESC_NEEDS_LOSS ? esc_value_at(walk, at[s]) : ESC_LIT(0.0);
    ESC_SOURCES(ESC_DRAW_STEP)
    (void)loss;
    esc_step_lane(walk, random, group * ESC_GROUP + (uint64_t)s, age + s + 1, sum.xi, sum.added,
                  state, at[s], at[s + 1]);
#if ESC_OBSERVES_SNR
#pragma unroll(ESC_UNROLL_COORDINATES)
    for (int j = 0; j < ESC_DIMENSION; j++)
      snr[s + 1][j] = esc_signal_to_noise(state[0][j], state[1][j]);
#endif
  }
  (void)random, (void)group, (void)snr;
}

/* --- the lane --- */

/* Lanes begin spread over the points, each before its first trajectory. */
ESC_RULE void esc_open_lane(const esc_trajectory_args &args, esc_walk *walk, esc_tile *tile)
{
  const int64_t thread = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
  const int64_t threads = (int64_t)gridDim.x * blockDim.x;
  tile->walk = walk;
  tile->args = &args;
  tile->random.key = &args.key;
  tile->points_left = args.point_count;
  enter(tile, args.points + thread * args.point_count / threads);
  tile->lagged = (esc_real *)args.lagged + thread * tile->plan->lag_count * ESC_DIMENSION;
  tile->now = tile->origin[0] = 0;
  tile->begun[0] = tile->polled = tile->watch = 0;
  tile->id[0] = 0;
  retire(tile, 0);
}

/* An instruction each, and a NaN is passed over: it stays to the end of the group, where it is
 * seen. */
#if ESC_REAL_BITS == 64
#define esc_least(a, b) fmin((a), (b))
#define esc_most(a, b)  fmax((a), (b))
#else
#define esc_least(a, b) fminf((a), (b))
#define esc_most(a, b)  fmaxf((a), (b))
#endif

/* Whether the lane may have ended in the group, or has something due: it may be asked for too
 * often and never too seldom. */
ESC_RULE bool esc_needs_a_look(esc_tile *tile, esc_real at[ESC_GROUP + 1][ESC_DIMENSION])
{
  const esc_known_plan *const plan = tile->plan;
  const bool due = tile->group >= tile->watch;
  bool look = due;
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j < ESC_DIMENSION; j++) {
    const esc_real last = at[ESC_GROUP][j];
    if (!ESC_IS_BOUNDED && !ESC_PROJECTS) { /* only what is not finite ends, and it stays so */
      look |= !esc_is_finite(last);
      continue;
    }
    esc_real least = at[1][j], most = least;
#pragma unroll(ESC_UNROLL_STEPS)
    for (int s = 2; s < ESC_GROUP; s++) {
      least = esc_least(least, at[s][j]);
      most = esc_most(most, at[s][j]);
    }
    look |= !(last > tile->low);
    look |= !(last < tile->high);
    look |= !(least > tile->low);
    look |= !(most < tile->high);
  }
  for (int k = 0; k < plan->set_count; k++) {
    const bool stays = plan->set[k].stay > 1;
    look |= stays && tile->streak[k][0] > 0;
#pragma unroll(ESC_UNROLL_STEPS)
    for (int s = 1; s <= ESC_GROUP; s++) {
      const esc_point p = position(tile, s, 0);
      look |=
          stays ? in_ball(plan, p, plan->set[k].point, plan->set[k].level) : in_set(tile, k, p, 0);
    }
  }
  return plan->set_count > 0 ? due | (look & !tile->retired) : look;
}

/* What is counted at every step: watched balls and the occupation histogram. */
ESC_RULE void esc_count_group(esc_tile *tile)
{
  const esc_known_plan *const plan = tile->plan;
  for (int b = 0; b < plan->near_count; b++) {
    tile->left[b][0] |= tile->leaving[b][0];
    tile->leaving[b][0] = 0;
  }
#pragma unroll(ESC_UNROLL_STEPS)
  for (int s = 1; s <= ESC_GROUP; s++) {
    const esc_point p = position(tile, s, 0);
    for (int b = 0; b < plan->near_count; b++) {
      const int in = in_ball(plan, p, plan->near[b].point, plan->near[b].squared_radius);
      tile->inside[b][0] += in;
      tile->leaving[b][0] |= !in;
    }
    if (plan->occupation_bins && !tile->retired)
      occupy(tile, p, 1);
  }
}

/* The common path. Whether the lane needs a closer look. */
ESC_RULE bool esc_take_group(const esc_walk &walk, esc_tile *tile,
                             esc_real at[ESC_GROUP + 1][ESC_DIMENSION])
{
  const int32_t age =
      (int32_t)((uint32_t)tile->origin[0] + tile->group * ESC_GROUP - tile->begun[0]);
#pragma unroll(ESC_UNROLL_COORDINATES)
  for (int j = 0; j < ESC_DIMENSION; j++)
    at[0][j] = at[ESC_GROUP][j];
  esc_walk_group(walk, tile->random, tile->group, age, tile->state, at, tile->snr);
  tile->group++;
  if (!tile->bare)
    esc_count_group(tile);
  return esc_needs_a_look(tile, at);
}

/* Whether the host wants the end. It is asked in steps, and not seldom where trajectories are
 * short. */
ESC_RULE bool esc_is_stopped(const esc_trajectory_args &args, esc_tile *tile)
{
  if ((uint32_t)tile->now - tile->polled < args.poll_steps)
    return false;
  tile->polled = (uint32_t)tile->now;
  return *args.stop != 0;
}

/* Sets when the next look is due: for what is to be observed, for the last step, for the host. */
ESC_RULE void esc_set_watch(const esc_trajectory_args &args, esc_tile *tile)
{
  uint32_t steps = tile->due[0] - (uint32_t)tile->now;
  steps = tile->retired || steps > args.poll_steps ? args.poll_steps : steps;
  steps = tile->retired && tile->points_left > 0 ? 0 : steps; /* where it waits, at once */
  tile->watch = tile->group + (steps + ESC_GROUP - 1) / ESC_GROUP;
}

/* A lane that waits takes an id of its point. */
ESC_RULE void esc_begin(esc_tile *tile)
{
  if (begin_next(tile, 0, ESC_GROUP, 0)) {
    tile->retired = false;
    set_interval(tile);
  } else if (--tile->points_left > 0) {
    const esc_trajectory_point *const points = tile->args->points;
    enter(tile, tile->point + 1 == points + tile->args->point_count ? points : tile->point + 1);
  }
}

/* A closer look, and on to the next trajectory where this one ended. */
ESC_RULE void esc_look_closer(const esc_trajectory_args &args, esc_tile *tile)
{
  tile->now = tile->origin[0] + (int64_t)tile->group * ESC_GROUP;
  recall(tile);
  if (!tile->retired)
    look_at(tile, 0);
  else if (tile->points_left > 0)
    esc_begin(tile);
  else
    rest(tile);
  if (tile->points_left > 0 && esc_is_stopped(args, tile)) {
    tile->points_left = 0;
    retire(tile, 0);
  }
  esc_set_watch(args, tile);
}

ESC_KERNEL(esc_trajectories, esc_trajectory_args, ESC_TRAJECTORY_THREADS)
{
  esc_walk walk;
  esc_real at[ESC_GROUP + 1][ESC_DIMENSION], snr[ESC_GROUP + 1][ESC_DIMENSION];
  esc_tile tile;
  tile.at = at;
  tile.snr = snr;
#if ESC_PUTS_ASIDE
  __shared__ esc_warp_ends ends[ESC_TRAJECTORY_THREADS / ESC_WARP];
  tile.ends = &ends[threadIdx.x / ESC_WARP];
  if (threadIdx.x % ESC_WARP == 0)
    tile.ends->count = 0;
  __syncwarp(ESC_FULL_WARP);
#endif
  esc_open_lane(args, &walk, &tile);
  while (!__all_sync(ESC_FULL_WARP, tile.retired & (tile.points_left <= 0))) {
    bool look;
    do {
      look = esc_take_group(walk, &tile, at);
    } while (!__any_sync(ESC_FULL_WARP, look));
    if (look)
      esc_look_closer(args, &tile);
#if ESC_PUTS_ASIDE
    tally_ends(&tile, ESC_WARP);
#endif
  }
#if ESC_PUTS_ASIDE
  tally_ends(&tile, 1); /* fewer than a warp's are left */
#endif
  /* All lanes of a warp go on until the last of them has ended. */
  tile.now = tile.origin[0] + (int64_t)tile.group * ESC_GROUP;
  if (threadIdx.x % ESC_WARP == 0)
    atomicAdd(args.lane_steps, (unsigned long long)tile.now * ESC_WARP);
}

#endif
