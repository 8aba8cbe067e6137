/* Where the landscape leads without noise: points go down -U' in double until they are settled.
 * First as gradient flow does, in steps that never pass the lowest point along the slope, so that a
 * point stays in its basin; then, should a flat valley hold it up, with Barzilai and Borwein's
 * steps (IMA J. Numer. Anal. 8, 1988), judged by the largest of the last values (Grippo,
 * Lampariello and Lucidi 1986). A block of lanes goes at once, each lane on its own; one that ended
 * takes the next point. */
#include <string.h>

#include "kernels/cpu/loops.h"

enum { LANES = ESC_LANE_BLOCK, FLOW = 300, STEPS = 2000, REMEMBERED = 8 };

#define SETTLED 1e-9  /* of (1 + |x|) |U'| over |U| and U's scale */
#define ROUNDED 1e-13 /* of the same: what U itself may be wrong by */

typedef struct lane_block {
  _Alignas(64) double x[ESC_DIMENSION_MAX * LANES], g[ESC_DIMENSION_MAX * LANES];
  _Alignas(64) double next[ESC_DIMENSION_MAX * LANES], slope[ESC_DIMENSION_MAX * LANES];
  _Alignas(64) double u[LANES], next_u[LANES], step[LANES];
  double last[REMEMBERED][LANES];
  double scratch[(2 * ESC_DIMENSION_MAX + 1) * LANES];
  int turn[LANES];      /* of the lane's point; -1: its first values are to come */
  int64_t point[LANES]; /* which it is; -1: none is left */
} lane_block;

/* Where points come from and go to. */
typedef struct settling {
  const esc_plan *plan;
  int64_t count, next;
  double *points, *values;
  unsigned char *settled;
} settling;

/* U and its gradient. Of a network over all rows, whatever the batch of a step. */
static void evaluate(const esc_plan *plan, lane_block *b, const double *x, double *u, double *g)
{
  if (plan->landscape_function) {
    ESC_LANDSCAPE_LOOPS.call(LANES, LANES, plan, x, NULL, g, u, b->scratch);
    return;
  }
  ESC_LANDSCAPE_LOOPS.value[plan->landscape](LANES, LANES, plan, x, u);
  ESC_LANDSCAPE_LOOPS.slope[plan->landscape](LANES, LANES, plan, x, NULL, g);
}

static double size_of(const esc_plan *plan, double u)
{
  return fabs(u) + fabs(plan->landscape_scale);
}

/* sum_j a_j b_j of lane i. */
static double product(int dimension, const double *a, const double *b, int i)
{
  double sum = 0.0;
  for (int j = 0; j < dimension; j++)
    sum = fma(a[j * LANES + i], b[j * LANES + i], sum);
  return sum;
}

/* No step is longer than a tenth of the way to the origin, or of 1. */
static double bounded(const esc_plan *plan, const lane_block *b, int i, double step)
{
  const double far = 1.0 + sqrt(product(plan->dimension, b->x, b->x, i));
  const double most = 0.1 * far / sqrt(product(plan->dimension, b->g, b->g, i));
  return step < most ? step : most;
}

static void take_over(int dimension, lane_block *b, int i)
{
  for (int j = 0; j < dimension; j++) {
    b->x[j * LANES + i] = b->next[j * LANES + i];
    b->g[j * LANES + i] = b->slope[j * LANES + i];
  }
  b->u[i] = b->next_u[i];
}

static void begin(const esc_plan *plan, lane_block *b, int i)
{
  take_over(plan->dimension, b, i);
  for (int k = 0; k < REMEMBERED; k++)
    b->last[k][i] = b->u[i];
  b->step[i] = 0.01 * bounded(plan, b, i, (double)INFINITY);
}

/* Lane i takes its step, or will try a shorter one. */
static void decide(const esc_plan *plan, lane_block *b, int i)
{
  const int dimension = plan->dimension, turn = b->turn[i], flows = turn < FLOW;
  const double squared = product(dimension, b->g, b->g, i);
  double before = b->u[i];
  for (int k = 0; !flows && k < REMEMBERED; k++)
    before = b->last[k][i] > before ? b->last[k][i] : before;
  const double bound =
      before - (flows ? 0.5 : 1e-4) * b->step[i] * squared + ROUNDED * size_of(plan, b->u[i]);
  if (!(b->next_u[i] <= bound)) { /* nor is a NaN */
    b->step[i] *= 0.25;
    return;
  }
  /* over the step s = -h g: curvature (g - g').g / (h g.g), whose inverse is the next step */
  const double turned = squared - product(dimension, b->g, b->slope, i);
  const double inverse = b->step[i] * squared / turned, longer = 4.0 * b->step[i];
  take_over(dimension, b, i);
  b->last[turn % REMEMBERED][i] = b->u[i];
  b->step[i] = bounded(plan, b, i, turned > 0.0 && (inverse < longer || !flows) ? inverse : longer);
}

/* --- points in and out --- */

static void take_next(settling *s, lane_block *b, int i)
{
  const int dimension = s->plan->dimension;
  b->point[i] = s->next < s->count ? s->next++ : -1;
  b->turn[i] = -1;
  for (int j = 0; b->point[i] >= 0 && j < dimension; j++)
    b->x[j * LANES + i] = s->points[b->point[i] * dimension + j];
}

/* Ends the lane's point if it is settled, lost, or has had its turns. */
static int ends(const settling *s, const lane_block *b, int i)
{
  const int dimension = s->plan->dimension;
  const double far = 1.0 + sqrt(product(dimension, b->x, b->x, i));
  const double steep = sqrt(product(dimension, b->g, b->g, i));
  const int settled = far * steep <= SETTLED * size_of(s->plan, b->u[i]);
  if (!settled && far < 1e12 && steep < 1e300 && fabs(b->u[i]) < 1e300 && b->turn[i] < STEPS)
    return 0;
  const int64_t point = b->point[i];
  for (int j = 0; j < dimension; j++)
    s->points[point * dimension + j] = b->x[j * LANES + i];
  s->values[point] = b->u[i];
  s->settled[point] = (unsigned char)settled;
  return 1;
}

/* A turn of all lanes; how many had something to do. */
static int turn_lanes(settling *s, lane_block *b)
{
  const int dimension = s->plan->dimension;
  int busy = 0;
  for (int j = 0; j < dimension; j++)
    for (int i = 0; i < LANES; i++) {
      const double step = b->turn[i] < 0 ? 0.0 : b->step[i] * b->g[j * LANES + i];
      b->next[j * LANES + i] = b->x[j * LANES + i] - step;
    }
  evaluate(s->plan, b, b->next, b->next_u, b->slope);
  for (int i = 0; i < LANES; i++) {
    if (b->point[i] < 0)
      continue;
    busy++;
    if (b->turn[i] < 0)
      begin(s->plan, b, i);
    else
      decide(s->plan, b, i);
    b->turn[i]++;
    if (ends(s, b, i))
      take_next(s, b, i);
  }
  return busy;
}

void ESC_SETTLE_POINTS(const esc_plan *plan, int64_t count, double *points, double *values,
                       unsigned char *settled)
{
  settling s = {plan, count, 0, points, values, settled};
  lane_block b;
  memset(&b, 0, sizeof b);
  for (int i = 0; i < LANES; i++)
    take_next(&s, &b, i);
  while (turn_lanes(&s, &b) > 0)
    ;
}
