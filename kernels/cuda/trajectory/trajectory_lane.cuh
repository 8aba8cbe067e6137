/* A thread's lane as a tile of one: the members that kernels/ensemble asks for, each an array of
 * one, so that all stay in registers. What is known of the plan when the kernel is composed hides
 * the member of the same name (ESC_KNOWN_MEMBERS), so that what was not asked for costs nothing. */
#ifndef ESC_CUDA_TRAJECTORY_LANE_CUH
#define ESC_CUDA_TRAJECTORY_LANE_CUH

#include "kernels/cuda/trajectory/trajectory_step.cuh"

struct esc_known_plan : esc_plan {
  static constexpr int ESC_KNOWN_MEMBERS;
};

enum {
  ESC_LANE_NEARS = ESC_ONE_OR((int)esc_known_plan::near_count),
  ESC_LANE_SETS = ESC_ONE_OR((int)esc_known_plan::set_count),
  ESC_LANE_STATES = ESC_ONE_OR(ESC_STATES)
};

struct esc_warp_ends;
struct esc_tile {
  const esc_known_plan *plan;
  esc_walk *walk;
  const esc_trajectory_args *args;
  const esc_trajectory_point *point;
  int32_t points_left; /* points that may have ids left, this one included */
  esc_tally_word *tally;
  esc_warp_ends *ends;
  const esc_sink *sink;

  enum { stride = 1, bare = ESC_IS_BARE, quick = ESC_IS_QUICK };
  int64_t now; /* for a closer look: between two, `group` counts */
  bool retired;
  esc_real low, high, walls[2], beyond;
  int64_t recorded;

  esc_random random;
  uint32_t group;  /* of the trajectory, the next: no more of them than blocks (esc_noise_words) */
  uint32_t watch;  /* of these, the first after which something is due */
  uint32_t polled; /* when args->stop was looked at, modulo 2^32 */
  uint64_t id[1];
  int64_t origin[1], taken[1];
  uint32_t begun[1], due[1];
  int32_t next_step[1], next_lag[1];
  int32_t inside[ESC_LANE_NEARS][1], streak[ESC_LANE_SETS][1];
  uint8_t left[ESC_LANE_NEARS][1], leaving[ESC_LANE_NEARS][1];
  uint8_t first_basin[1], last_basin[1];
  esc_real (*at)[ESC_DIMENSION]; /* before and after each step of the group */
  esc_real (*snr)[ESC_DIMENSION]; /* |m|/sqrt(v), likewise, where observed */
  esc_real state[ESC_LANE_STATES][ESC_DIMENSION];
  esc_real *lagged;
  const esc_real *start;
};

#define esc_plan             esc_known_plan
#define ESC_LANE             ESC_RULE
#define ESC_LANE_COORDINATES ESC_DIMENSION

/* A position by value where positions are in registers, which have no index: that of a step is
 * selected. */
#if ESC_DIMENSION <= ESC_STEPS_UNROLLED_MAX
#define ESC_LANE_POINT
struct esc_point {
  esc_real x[ESC_DIMENSION];
  enum { stride = 1 };
};

ESC_LANE esc_point position(const esc_tile *tile, int s, int)
{
  esc_point p;
#pragma unroll
  for (int j = 0; j < ESC_DIMENSION; j++) {
    p.x[j] = tile->at[ESC_GROUP][j];
#pragma unroll
    for (int k = 1; k < ESC_GROUP; k++)
      p.x[j] = s == k ? tile->at[k][j] : p.x[j];
  }
  return p;
}
#endif
#include "kernels/ensemble/lane_point.h"

/* --- what lane_events.h and lane_tally.h ask for --- */

ESC_LANE esc_real loss_at(const esc_tile *tile, esc_point p)
{
  return esc_value_at(*tile->walk, p.x);
}

ESC_LANE esc_real snr_at(const esc_tile *tile, int s, int, int j)
{
  esc_real ratio = tile->snr[ESC_GROUP][j];
#pragma unroll
  for (int k = 1; k < ESC_GROUP; k++)
    ratio = s == k ? tile->snr[k][j] : ratio;
  return ratio;
}

ESC_LANE int take_id(esc_tile *tile, uint64_t *id)
{
  *id = atomicAdd(tile->point->next, 1ull);
  return (int64_t)*id < tile->point->end;
}

ESC_LANE void place_blocks(esc_tile *tile, int)
{
  tile->group = (uint32_t)((tile->now - tile->origin[0]) / ESC_GROUP);
  esc_begin_random(&tile->random, tile->id[0]);
}

/* A retired lane walks on with its warp, from the origin. */
ESC_LANE void rest(esc_tile *tile)
{
  for (int j = 0; j < ESC_DIMENSION; j++) {
    tile->at[ESC_GROUP][j] = ESC_LIT(0.0);
    for (int k = 0; k < ESC_STATES; k++)
      tile->state[k][j] = ESC_LIT(0.0);
  }
}

/* What of its point a lane needs for a closer look alone: it takes no registers between two. */
ESC_LANE void recall(esc_tile *tile)
{
  tile->plan = (const esc_known_plan *)tile->point->plan;
  tile->sink = &tile->point->sink;
  tile->tally = esc_global_tally(tile->tally);
  tile->recorded = tile->point->recorded;
  tile->start = (const esc_real *)tile->point->start;
}

/* Reloads what depends on the point. */
ESC_LANE void enter(esc_tile *tile, const esc_trajectory_point *point)
{
  const esc_known_plan *const plan = (const esc_known_plan *)point->plan;
  tile->point = point;
  tile->plan = plan;
  *tile->walk = esc_walk_of(point);
  tile->tally = (esc_tally_word *)point->tally +
                (int64_t)(blockIdx.x % (unsigned)point->tally_copies) * point->plan->tally.words;
  tile->beyond = (esc_real)plan->beyond;
  if (plan->has_walls) {
    tile->walls[0] = (esc_real)plan->walls[0];
    tile->walls[1] = (esc_real)plan->walls[1];
  }
}

/* Outside this interval a lane is looked at. */
ESC_LANE void set_interval(esc_tile *tile)
{
  tile->low = -tile->beyond;
  tile->high = tile->beyond;
  if (tile->plan->has_walls) {
    tile->low = tile->walls[0] > tile->low ? tile->walls[0] : tile->low;
    tile->high = tile->walls[1] < tile->high ? tile->walls[1] : tile->high;
  }
}

/* The lane has no trajectory, and waits or has ended. Nothing that it meets is looked at but what
 * is not finite, where it begins again. */
ESC_LANE void retire(esc_tile *tile, int i)
{
  tile->retired = true;
  tile->high = (esc_real)INFINITY;
  tile->low = -tile->high;
  place_blocks(tile, i);
  rest(tile);
}

ESC_LANE void visit(esc_tile *, int64_t, esc_point, int)
{
}

#include "kernels/ensemble/lane_tally.h"

/* Where nothing but ends is tallied, they are put aside until a warp has one for each of its lanes:
 * lanes end one by one, and tallying takes longer than all else that is then to be done. */
#define ESC_PUTS_ASIDE (ESC_IS_BARE && ESC_DIMENSION <= ESC_STEPS_UNROLLED_MAX)
#if ESC_PUTS_ASIDE
/* Fewer than a warp's are left between two looks; a look at a lane ends one trajectory, and more
 * only where they may end at their start: what finds no room is then tallied at once. */
enum {
  ESC_ENDS_MOST = 2 * ESC_WARP,
  ESC_ENDS_AT_START = !ESC_IS_QUICK || (int)esc_known_plan::start_kind != (int)ESC_START_POINT
};
struct esc_warp_ends {
  int count;
  const esc_plan *plan[ESC_ENDS_MOST]; /* and tally: those of the lane that ended */
  esc_tally_word *tally[ESC_ENDS_MOST];
  int32_t steps[ESC_ENDS_MOST], outcome[ESC_ENDS_MOST];
  esc_real x[ESC_DIMENSION][ESC_ENDS_MOST];
};

ESC_LANE void put_aside(esc_tile *tile, int64_t steps, int outcome, esc_point p)
{
  esc_warp_ends *const ends = tile->ends;
  const int k = atomicAdd(&ends->count, 1);
  if (ESC_ENDS_AT_START && k >= ESC_ENDS_MOST) {
    tally_episode(tile, 0, steps, outcome, p);
    return;
  }
  ends->plan[k] = tile->plan;
  ends->tally[k] = tile->tally;
  ends->steps[k] = (int32_t)steps;
  ends->outcome[k] = outcome;
  for (int j = 0; j < ESC_DIMENSION; j++)
    ends->x[j][k] = coordinate(p, j);
}

/* Tallies the last ends of those put aside, one for each lane, if there are at least so many. */
ESC_LANE void tally_ends(esc_tile *tile, int least)
{
  esc_warp_ends *const ends = tile->ends;
  __syncwarp(ESC_FULL_WARP);
  const int count = ends->count < ESC_ENDS_MOST ? ends->count : ESC_ENDS_MOST;
  if (!__all_sync(ESC_FULL_WARP, count >= least))
    return;
  const int left = count > ESC_WARP ? count - ESC_WARP : 0;
  const int k = left + (int)(threadIdx.x % ESC_WARP);
  if (k < count) {
    esc_tile ended; /* what a bare tally reads of it */
    esc_point p;
    ended.plan = ends->plan[k];
    ended.tally = esc_global_tally(ends->tally[k]);
    for (int j = 0; j < ESC_DIMENSION; j++)
      p.x[j] = ends->x[j][k];
    tally_episode(&ended, 0, ends->steps[k], ends->outcome[k], p);
  }
  __syncwarp(ESC_FULL_WARP);
  if (threadIdx.x % ESC_WARP == 0)
    ends->count = left;
  __syncwarp(ESC_FULL_WARP);
}
#define ESC_LANE_PUTS_ASIDE
#endif

#include "kernels/ensemble/lane_events.h"
#undef esc_plan

#endif
