/* Networks over lanes: blocks of lanes go through all rows of their batch one after another, so
 * that what their units give stays in the first-level cache (kernels/rules/landscapes/network.h).
 */
#include <string.h>

#include "kernels/cpu/loops.h"

#if ESC_REAL_BITS == 64
#define DATA(network) ((network)->data_f64)
#else
#define DATA(network) ((network)->data_f32)
#endif

/* Room for a block of lanes. */
typedef struct block_room {
  _Alignas(64) esc_real unit[ESC_NETWORK_UNITS_MAX * ESC_LANE_BLOCK];
  _Alignas(64) esc_real slope[ESC_NETWORK_UNITS_MAX * ESC_LANE_BLOCK];
  _Alignas(64) esc_real target[ESC_NETWORK_UNITS_MAX * ESC_LANE_BLOCK];
} block_room;

/* Inlined for each number of lanes, so that it is constant. */
static inline __attribute__((always_inline)) void add_rows(int n, int stride, const esc_plan *plan,
                                                           const int32_t *picked, const esc_real *x,
                                                           esc_real *g)
{
  const esc_plan_network *const network = &plan->network;
  const esc_network_shape *const shape = &network->shape;
  const esc_real *const data = DATA(network);
  const esc_real share = (esc_real)plan->landscape_constants[0][0];
  const int rows = picked ? network->batch : network->rows, width = esc_network_width(shape);
  block_room memory;
  const esc_network_room room = {memory.unit, memory.slope, memory.target};
  for (int row = 0; row < rows; row++) {
    if (picked)
      esc_network_pick_rows(n, shape, data, picked + (ptrdiff_t)row * stride, room);
    else
      esc_network_take_row(n, shape, data + (ptrdiff_t)row * width, room);
    esc_network_add_row(n, stride, shape, share, x, room, g);
  }
}

void ESC_NETWORK_BATCH(int n, int stride, const esc_plan *plan, const int32_t *picked,
                       const esc_real *x, const float *xi, esc_real *g)
{
  for (int j = 0; j < plan->dimension; j++)
    memset(g + (ptrdiff_t)j * stride, 0, (size_t)n * sizeof *g);
  int at = 0;
  for (; at + ESC_LANE_BLOCK <= n; at += ESC_LANE_BLOCK)
    add_rows(ESC_LANE_BLOCK, stride, plan, picked ? picked + at : NULL, x + at, g + at);
  for (; at < n; at++)
    add_rows(1, stride, plan, picked ? picked + at : NULL, x + at, g + at);
  for (int j = 0; j < plan->dimension; j++)
    esc_scale_and_add(n, (esc_real)plan->landscape_scale, xi ? xi + (ptrdiff_t)j * stride : NULL,
                      g + (ptrdiff_t)j * stride);
}

void ESC_NETWORK_SLOPE(int n, int stride, const esc_plan *plan, const esc_real *x, const float *xi,
                       esc_real *g)
{
  ESC_NETWORK_BATCH(n, stride, plan, NULL, x, xi, g);
}

static inline __attribute__((always_inline)) void
add_losses(int n, int stride, const esc_plan *plan, const esc_real *x, esc_real *u)
{
  const esc_plan_network *const network = &plan->network;
  const esc_network_shape *const shape = &network->shape;
  const int width = esc_network_width(shape);
  block_room memory;
  const esc_network_room room = {memory.unit, memory.slope, memory.target};
  for (int row = 0; row < network->rows; row++) {
    esc_network_take_row(n, shape, DATA(network) + (ptrdiff_t)row * width, room);
    esc_network_add_loss(n, stride, shape, x, room, u);
  }
}

void ESC_NETWORK_VALUE(int n, int stride, const esc_plan *plan, const esc_real *x, esc_real *u)
{
  const esc_real scale = (esc_real)plan->landscape_scale;
  const esc_real share = (esc_real)plan->landscape_constants[0][1];
  memset(u, 0, (size_t)n * sizeof *u);
  int at = 0;
  for (; at + ESC_LANE_BLOCK <= n; at += ESC_LANE_BLOCK)
    add_losses(ESC_LANE_BLOCK, stride, plan, x + at, u + at);
  for (; at < n; at++)
    add_losses(1, stride, plan, x + at, u + at);
  for (int i = 0; i < n; i++)
    u[i] = scale * (share * u[i]);
}
