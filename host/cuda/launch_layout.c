/* The memory of a launch. */
#include "host/cuda/launch_layout.h"

#include <stdlib.h>
#include <string.h>

#include "host/error.h"

#define LAGGED_BYTES_MAX ((size_t)1 << 30)
#define TALLY_BYTES_MAX  ((size_t)32 << 20) /* of all copies of tallies, if there are several */

static size_t take(esc_launch_layout *layout, int64_t count, size_t size)
{
  const size_t begin = layout->all;
  layout->all += ((size_t)count * size + 255) / 256 * 256;
  return begin;
}

static size_t real_bytes(const esc_plan *plan)
{
  return (size_t)plan->state_bits / 8;
}

static int64_t root_numbers(const esc_plan *plan, int source)
{
  return plan->noise[source].root ? (int64_t)plan->dimension * plan->dimension : 0;
}

static int has_points(const esc_plan *plan)
{
  return plan->start_kind == ESC_START_POINT || plan->start_kind == ESC_START_POINTS;
}

static int has_one_start(const esc_plan *plan)
{
  return has_points(plan) && plan->start_points == 1;
}

static int64_t start_numbers(const esc_plan *plan)
{
  return has_points(plan) ? plan->start_points * plan->dimension : 2; /* ends, or mean and sd */
}

static int64_t data_numbers(const esc_plan *plan)
{
  const esc_plan_network *const network = &plan->network;
  return network->rows ? (int64_t)network->rows * esc_network_width(&network->shape) : 0;
}

static int64_t within(int64_t value, int64_t most)
{
  return value < 0 ? 0 : value < most ? value : most;
}

/* As many blocks as run at once; fewer where there are fewer ids, or where what lanes keep for
 * correlations would fill the memory. */
static int choose_blocks(const esc_cuda_kernel *kernel, const esc_launch_layout *layout)
{
  const esc_plan *const plan = layout->pieces[0]->plan; /* all have its lags and its dimension */
  const size_t lagged = (size_t)plan->lag_count * (size_t)plan->dimension * real_bytes(plan);
  const int64_t threads = kernel->threads;
  int64_t ids = 0;
  for (int k = 0; k < layout->count; k++)
    ids += layout->pieces[k]->batch.count;
  int64_t blocks = (ids + threads - 1) / threads;
  if (blocks > kernel->most_blocks)
    blocks = kernel->most_blocks;
  if (lagged && (size_t)blocks > LAGGED_BYTES_MAX / ((size_t)threads * lagged))
    blocks = (int64_t)(LAGGED_BYTES_MAX / ((size_t)threads * lagged));
  return blocks > 0 ? (int)blocks : 1;
}

/* A tally of each piece for each block, as far as that is little to fetch. */
static int choose_copies(const esc_launch_layout *layout)
{
  size_t words = 0;
  for (int k = 0; k < layout->count; k++)
    words += (size_t)layout->pieces[k]->plan->tally.words;
  const size_t most = TALLY_BYTES_MAX / (words * sizeof(int64_t));
  return most >= (size_t)layout->blocks ? layout->blocks : most > 1 ? (int)most : 1;
}

static void lay_out_plan(esc_launch_layout *layout, int k)
{
  const esc_plan *const plan = layout->pieces[k]->plan;
  esc_piece_layout *const at = &layout->at[k];
  at->plan = take(layout, 1, sizeof *plan);
  at->rows = take(layout, plan->row_count * ESC_ROW_WIDTH, real_bytes(plan));
  at->start = take(layout, plan->dimension, real_bytes(plan));
  at->points = take(layout, start_numbers(plan), sizeof(double));
  at->steps = take(layout, plan->step_count, sizeof *plan->steps);
  at->data = take(layout, data_numbers(plan), real_bytes(plan));
  for (int s = 0; s < plan->noise_count; s++) {
    at->values[s] = take(layout, plan->noise[s].value_count, sizeof *plan->noise[s].values);
    at->roots[s] = take(layout, root_numbers(plan, s), sizeof *plan->noise[s].root);
  }
  at->next = take(layout, 1, sizeof(uint64_t));
}

static void lay_out_records(esc_launch_layout *layout, int k)
{
  const esc_piece *const piece = layout->pieces[k];
  const esc_sink *const sink = piece->sink;
  esc_piece_layout *const at = &layout->at[k];
  const int64_t before = piece->batch.first - sink->first;
  at->records = sink->steps ? within(sink->limit - before, piece->batch.count) : 0;
  at->final_records = sink->finals ? within(sink->finals_limit - before, piece->batch.count) : 0;
  at->exit_steps = take(layout, at->records, sizeof *sink->steps);
  at->outcomes = take(layout, at->records, sizeof *sink->outcomes);
  at->finals = take(layout, at->final_records * piece->plan->dimension, sizeof *sink->finals);
}

esc_status esc_launch_lay_out(const esc_cuda_kernel *kernel, esc_piece *const *pieces, int count,
                              esc_launch_layout *layout)
{
  const esc_plan *const plan = pieces[0]->plan;
  *layout = (esc_launch_layout){.pieces = pieces, .count = count};
  layout->at = calloc((size_t)count, sizeof *layout->at);
  if (!layout->at)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a launch");
  layout->blocks = choose_blocks(kernel, layout);
  layout->points = take(layout, count, sizeof(esc_trajectory_point));
  for (int k = 0; k < count; k++)
    lay_out_plan(layout, k);
  layout->lane_steps = take(layout, 1, sizeof(uint64_t));
  const int copies = choose_copies(layout);
  for (int k = 0; k < count; k++) {
    layout->at[k].tally_copies = copies;
    layout->at[k].tally = take(layout, copies * pieces[k]->plan->tally.words, sizeof(int64_t));
  }
  layout->records = layout->all;
  for (int k = 0; k < count; k++)
    lay_out_records(layout, k);
  layout->lagged =
      take(layout, (int64_t)layout->blocks * kernel->threads * plan->lag_count * plan->dimension,
           real_bytes(plan));
  return ESC_STATUS_OK;
}

void esc_launch_layout_free(esc_launch_layout *layout)
{
  free(layout->at);
}

size_t esc_launch_bytes_up(const esc_launch_layout *layout)
{
  return layout->lane_steps + 256;
}

size_t esc_launch_bytes_down(const esc_launch_layout *layout)
{
  return layout->records - layout->lane_steps;
}

/* --- going up --- */

static void write_real(unsigned char *to, int64_t k, double value, int bits)
{
  if (bits == 64)
    ((double *)(void *)to)[k] = value;
  else
    ((float *)(void *)to)[k] = (float)value;
}

static void write_array(unsigned char *up, size_t at, const void *from, int64_t count, size_t size)
{
  if (count > 0)
    memcpy(up + at, from, (size_t)count * size);
}

/* The plan as the kernel reads it: its pointers lead into the GPU's memory. */
static void fill_plan(const esc_plan *plan, const esc_piece_layout *at, unsigned char *device,
                      unsigned char *up)
{
  const int bits = plan->state_bits;
  esc_plan *const there = (esc_plan *)(void *)(up + at->plan);
  *there = *plan;
  there->landscape_context = NULL;
  there->rows = NULL; /* those of the state's type are read */
  there->start = (const double *)(void *)(device + at->points);
  there->steps = (const int64_t *)(void *)(device + at->steps);
  there->network.data_f32 = (const float *)(void *)(device + at->data); /* one of them is read */
  there->network.data_f64 = (const double *)(void *)(device + at->data);
  for (int64_t k = 0; k < data_numbers(plan); k++)
    write_real(up + at->data, k, plan->network.data_f64[k], bits);
  for (int64_t k = 0; k < plan->row_count * ESC_ROW_WIDTH; k++)
    write_real(up + at->rows, k, plan->rows[k], bits);
  for (int j = 0; has_one_start(plan) && j < plan->dimension; j++)
    write_real(up + at->start, j, plan->start[j], bits);
  write_array(up, at->points, plan->start, start_numbers(plan), sizeof *plan->start);
  write_array(up, at->steps, plan->steps, plan->step_count, sizeof *plan->steps);
  for (int k = 0; k < plan->noise_count; k++) {
    there->noise[k].values = (const float *)(void *)(device + at->values[k]);
    there->noise[k].root = (const float *)(void *)(device + at->roots[k]);
    write_array(up, at->values[k], plan->noise[k].values, plan->noise[k].value_count,
                sizeof *plan->noise[k].values);
    write_array(up, at->roots[k], plan->noise[k].root, root_numbers(plan, k),
                sizeof *plan->noise[k].root);
  }
}

static esc_trajectory_point point_of(const esc_piece *piece, const esc_piece_layout *at,
                                     unsigned char *device)
{
  esc_trajectory_point point = {0};
  point.plan = (const esc_plan *)(void *)(device + at->plan);
  point.rows = device + at->rows;
  point.start = has_one_start(piece->plan) ? device + at->start : NULL;
  point.tally = (int64_t *)(void *)(device + at->tally);
  point.tally_copies = at->tally_copies;
  point.sink.first = piece->batch.first;
  point.sink.limit = at->records;
  point.sink.steps = at->records ? (int64_t *)(void *)(device + at->exit_steps) : NULL;
  point.sink.outcomes = at->records ? (int32_t *)(void *)(device + at->outcomes) : NULL;
  point.sink.finals = at->final_records ? (double *)(void *)(device + at->finals) : NULL;
  point.sink.finals_limit = at->final_records;
  point.recorded = at->records > at->final_records ? at->records : at->final_records;
  point.end = piece->batch.first + piece->batch.count;
  point.next = (unsigned long long *)(void *)(device + at->next);
  return point;
}

void esc_launch_fill(const esc_launch_layout *layout, unsigned char *device, unsigned char *up)
{
  const uint64_t none = 0;
  for (int k = 0; k < layout->count; k++) {
    const esc_piece *const piece = layout->pieces[k];
    const esc_piece_layout *const at = &layout->at[k];
    const uint64_t first = (uint64_t)piece->batch.first;
    const esc_trajectory_point point = point_of(piece, at, device);
    memcpy(up + layout->points + (size_t)k * sizeof point, &point, sizeof point);
    fill_plan(piece->plan, at, device, up);
    memcpy(up + at->next, &first, sizeof first);
  }
  memcpy(up + layout->lane_steps, &none, sizeof none);
}

/* --- coming down --- */

void esc_launch_add_tallies(const esc_launch_layout *layout, const unsigned char *down)
{
  for (int k = 0; k < layout->count; k++) {
    const esc_piece_layout *const at = &layout->at[k];
    const int64_t words = layout->pieces[k]->plan->tally.words;
    const int64_t *const from =
        (const int64_t *)(const void *)(down + (at->tally - layout->lane_steps));
    for (int64_t copy = 0; copy < at->tally_copies; copy++)
      for (int64_t w = 0; w < words; w++)
        layout->pieces[k]->tally[w] += from[copy * words + w];
  }
}

int64_t esc_launch_lane_steps(const unsigned char *down)
{
  int64_t steps;
  memcpy(&steps, down, sizeof steps);
  return steps;
}
