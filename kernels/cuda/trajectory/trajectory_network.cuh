/* A network as a lane's landscape: the text of rules/landscapes/network.h for a tile of one lane.
 * The shape is known when the kernel is composed, so that units and weights are registers as far
 * as there are enough. Without replacement, rows are drawn and used in one pass. */
#ifndef ESC_CUDA_TRAJECTORY_NETWORK_CUH
#define ESC_CUDA_TRAJECTORY_NETWORK_CUH

#include "kernels/cuda/trajectory/trajectory_noise.cuh"

struct esc_lane_network {
  esc_network_shape shape;
  const esc_plan_network *plan;
  const esc_real *data;
};

ESC_RULE esc_lane_network esc_network_of(const esc_plan *plan)
{
  const esc_lane_network network = {ESC_NETWORK_SHAPE, &plan->network,
#if ESC_REAL_BITS == 64
                                    plan->network.data_f64
#else
                                    plan->network.data_f32
#endif
  };
  return network;
}

ESC_RULE const esc_real *esc_network_row(const esc_lane_network &network, int row)
{
  return network.data + (int64_t)row * esc_network_width(&network.shape);
}

ESC_RULE void esc_add_row(const esc_lane_network &network, int row, esc_real share,
                          const esc_real x[ESC_DIMENSION], esc_real g[ESC_DIMENSION])
{
  esc_real unit[ESC_NETWORK_UNITS], slope[ESC_NETWORK_UNITS], target[ESC_NETWORK_UNITS];
  const esc_network_room room = {unit, slope, target};
  esc_network_take_row(1, &network.shape, esc_network_row(network, row), room);
  esc_network_add_row(1, 1, &network.shape, share, x, room, g);
}

/* The rows of a minibatch, as kernels/cpu/tile_noise.c draws them: step counts those of the
 * trajectory's groups. */
ESC_RULE void esc_add_minibatch(const esc_lane_network &network, esc_real share,
                                const esc_random &random, uint64_t step,
                                const esc_real x[ESC_DIMENSION], esc_real g[ESC_DIMENSION])
{
  const bool replace = ESC_NETWORK_DRAWS == ESC_DRAWS_AGAIN;
  const int words = replace ? network.plan->batch : network.plan->rows;
  const uint64_t first = esc_stream_of(ESC_SOURCES_MAX, ESC_STREAM_MINIBATCH) +
                         step * (uint64_t)((words + 3) / 4);
  int32_t left = network.plan->batch;
  esc_words four = {{0, 0, 0, 0}};
#pragma unroll 1
  for (int k = 0; k < words; k++) {
    if (k % 4 == 0)
      four = esc_words_of(random, first + (uint64_t)(k / 4));
    const uint32_t among = (uint32_t)(network.plan->rows - (replace ? 0 : k));
    const int32_t drawn = (int32_t)esc_word_below(four.w[k % 4], among);
    const bool taken = replace || drawn < left;
    if (taken)
      esc_add_row(network, replace ? drawn : k, share, x, g);
    left -= taken;
  }
}

ESC_RULE void esc_network_slope_at(const esc_plan *plan, const esc_network &constants,
                                   const esc_random &random, uint64_t step,
                                   const esc_real x[ESC_DIMENSION], esc_real g[ESC_DIMENSION])
{
  const esc_lane_network network = esc_network_of(plan);
#pragma unroll
  for (int j = 0; j < ESC_DIMENSION; j++)
    g[j] = ESC_LIT(0.0);
  const bool draws = ESC_NETWORK_DRAWS != ESC_DRAWS_NONE;
  const int rows = draws ? 0 : network.plan->rows;
  if (draws)
    esc_add_minibatch(network, constants.share, random, step, x, g);
#pragma unroll 1
  for (int row = 0; row < rows; row++)
    esc_add_row(network, row, constants.share, x, g);
}

/* The mean loss over all rows. */
ESC_RULE esc_real esc_network_value_at(const esc_plan *plan, const esc_network &constants,
                                       const esc_real *x)
{
  const esc_lane_network network = esc_network_of(plan);
  esc_real unit[ESC_NETWORK_UNITS], target[ESC_NETWORK_UNITS], sum = ESC_LIT(0.0);
  const esc_network_room room = {unit, unit, target};
#pragma unroll 1
  for (int row = 0; row < network.plan->rows; row++) {
    esc_network_take_row(1, &network.shape, esc_network_row(network, row), room);
    esc_network_add_loss(1, 1, &network.shape, x, room, &sum);
  }
  return constants.share_of_all * sum;
}

#endif
