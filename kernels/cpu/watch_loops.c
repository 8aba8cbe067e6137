/* Watching over lanes: which of them may have ended in the group of steps just taken, or have
 * something due. A raised flag only asks for a closer look (tile.c decides, step by step), so a
 * loop may flag too many lanes and never too few. */
#include <string.h>

#include "kernels/cpu/loops.h"

/* Least and greatest of the group against the interval. A NaN or an infinity cannot heal within a
 * group, so that it is enough to meet it at the last position. */
static void box(int n, esc_positions at, esc_real lo, esc_real hi, uint8_t *restrict flag)
{
  const esc_real *const restrict x1 = at[1], *const restrict x2 = at[2];
  const esc_real *const restrict x3 = at[3], *const restrict x4 = at[4];
  for (int i = 0; i < n; i++) {
    esc_real least = x4[i], most = x4[i];
    least = x1[i] < least ? x1[i] : least;
    most = x1[i] > most ? x1[i] : most;
    least = x2[i] < least ? x2[i] : least;
    most = x2[i] > most ? x2[i] : most;
    least = x3[i] < least ? x3[i] : least;
    most = x3[i] > most ? x3[i] : most;
    flag[i] |= !((least > lo) & (most < hi));
  }
}

static void due(int n, const uint32_t *restrict moment, uint32_t now, uint8_t *restrict flag)
{
  for (int i = 0; i < n; i++)
    flag[i] |= (int32_t)(moment[i] - now) <= 0;
}

/* The step of the group at which one coordinate first left the open interval; 0 where it never did,
 * or where something is due. */
static void leave(int n, esc_positions at, esc_real lo, esc_real hi,
                  const uint32_t *restrict moment, uint32_t now, uint8_t *restrict flag)
{
  const esc_real *const restrict x1 = at[1], *const restrict x2 = at[2];
  const esc_real *const restrict x3 = at[3], *const restrict x4 = at[4];
  for (int i = 0; i < n; i++) {
    const int is_due = (int32_t)(moment[i] - now) <= 0;
    int code = esc_in_interval(x4[i], lo, hi) ? 0 : 2 * 4 + 1;
    code = esc_in_interval(x3[i], lo, hi) ? code : 2 * 3 + 1;
    code = esc_in_interval(x2[i], lo, hi) ? code : 2 * 2 + 1;
    code = esc_in_interval(x1[i], lo, hi) ? code : 2 * 1 + 1;
    flag[i] = (uint8_t)(is_due ? 1 : code);
  }
}

static void streak(int n, const int32_t *restrict count, uint8_t *restrict flag)
{
  for (int i = 0; i < n; i++)
    flag[i] |= count[i] > 0;
}

/* Squared distances of a block of lanes from a point. */
static void distances(int stride, int dimension, const esc_real *restrict x, const double *point,
                      esc_real squared[restrict ESC_LANE_BLOCK])
{
  for (int i = 0; i < ESC_LANE_BLOCK; i++)
    squared[i] = 0;
  for (int j = 0; j < dimension; j++) {
    const esc_real centre = (esc_real)point[j];
    for (int i = 0; i < ESC_LANE_BLOCK; i++)
      squared[i] = esc_distance_add(squared[i], x[(ptrdiff_t)j * stride + i], centre);
  }
}

static void ball(int n, int stride, const esc_plan *plan, esc_positions at, const double *point,
                 double squared_radius, uint8_t *restrict flag)
{
  const esc_real radius = (esc_real)squared_radius;
  for (int begin = 0; begin < n; begin += ESC_LANE_BLOCK)
    for (int s = 1; s <= ESC_GROUP; s++) {
      esc_real squared[ESC_LANE_BLOCK];
      distances(stride, plan->dimension, at[s] + begin, point, squared);
      for (int i = 0; i < ESC_LANE_BLOCK; i++)
        flag[begin + i] |= (uint8_t)esc_in_ball(squared[i], radius);
    }
}

static void halfspace(int n, int stride, const esc_plan *plan, esc_positions at,
                      const double *normal, double offset, uint8_t *restrict flag)
{
  for (int begin = 0; begin < n; begin += ESC_LANE_BLOCK)
    for (int s = 1; s <= ESC_GROUP; s++) {
      esc_real reach[ESC_LANE_BLOCK] = {0};
      for (int j = 0; j < plan->dimension; j++) {
        const esc_real *const restrict x = at[s] + (ptrdiff_t)j * stride + begin;
        const esc_real along = (esc_real)normal[j];
        for (int i = 0; i < ESC_LANE_BLOCK; i++)
          reach[i] = esc_fma(along, x[i], reach[i]);
      }
      for (int i = 0; i < ESC_LANE_BLOCK; i++)
        flag[begin + i] |= reach[i] >= (esc_real)offset;
    }
}

static void below(int n, const esc_real *restrict value, esc_real level, uint8_t *restrict flag)
{
  for (int i = 0; i < n; i++)
    flag[i] |= value[i] < level;
}

static void stay(int n, int stride, const esc_plan *plan, esc_positions at,
                 const esc_plan_ball *watched, int32_t *restrict inside, uint8_t *restrict leaving)
{
  const esc_real radius = (esc_real)watched->squared_radius;
  memset(leaving, 0, (size_t)n);
  for (int begin = 0; begin < n; begin += ESC_LANE_BLOCK)
    for (int s = 1; s <= ESC_GROUP; s++) {
      esc_real squared[ESC_LANE_BLOCK];
      distances(stride, plan->dimension, at[s] + begin, watched->point, squared);
      for (int i = 0; i < ESC_LANE_BLOCK; i++) {
        const int in = esc_in_ball(squared[i], radius);
        inside[begin + i] += in;
        leaving[begin + i] |= (uint8_t)!in;
      }
    }
}

const esc_watch_loops ESC_WATCH_LOOPS = {
    .box = box,
    .due = due,
    .leave = leave,
    .streak = streak,
    .ball = ball,
    .halfspace = halfspace,
    .below = below,
    .stay = stay,
};
