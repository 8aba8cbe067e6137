/* A batch of trajectories on a GPU: the plan goes up, a composed kernel runs, tally and records
 * come back. While it runs the host asks now and then whether it shall stop. */
#include "host/cuda/cuda_device.h"

#include <string.h>
#include <time.h>

#include "host/cuda/kernel_store.h"
#include "host/error.h"
#include "kernels/cuda/trajectory/trajectory_args.h"

#define SECONDS_BETWEEN_POLLS 0.05
#define LAGGED_BYTES_MAX      ((size_t)1 << 30)
#define TALLY_BYTES_MAX       ((size_t)32 << 20) /* of all copies of a tally, if there are several */

/* --- where things stand in the GPU's memory --- */

/* Offsets. What is uploaded comes first, then what is downloaded: counters are both. */
typedef struct layout {
  size_t plan, rows, start, points, steps, values[ESC_SOURCES_MAX], roots[ESC_SOURCES_MAX];
  size_t next, lane_steps;
  size_t tally;
  size_t exit_steps, outcomes, finals; /* records */
  size_t lagged;
  size_t all;
  int64_t records, final_records; /* how many of them */
  int blocks, tally_copies;
} layout;

static size_t take(layout *at, int64_t count, size_t size)
{
  const size_t begin = at->all;
  at->all += ((size_t)count * size + 255) / 256 * 256;
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

static int64_t start_numbers(const esc_plan *plan)
{
  const int points = plan->start_kind == ESC_START_POINT || plan->start_kind == ESC_START_POINTS;
  return points ? plan->start_points * plan->dimension : 2; /* ends, or mean and deviation */
}

static int has_one_start(const esc_plan *plan)
{
  return (plan->start_kind == ESC_START_POINT || plan->start_kind == ESC_START_POINTS) &&
         plan->start_points == 1;
}

static int64_t within(int64_t value, int64_t most)
{
  return value < 0 ? 0 : value < most ? value : most;
}

/* As many blocks as run at once; fewer where there are fewer ids, or where what lanes keep for
 * correlations would fill the memory. */
static int choose_blocks(const esc_cuda_kernel *kernel, const esc_plan *plan, int64_t ids)
{
  const int64_t threads = kernel->threads;
  const size_t lagged = (size_t)plan->lag_count * (size_t)plan->dimension * real_bytes(plan);
  int64_t blocks = (ids + threads - 1) / threads;
  if (blocks > kernel->most_blocks)
    blocks = kernel->most_blocks;
  if (lagged && (size_t)blocks > LAGGED_BYTES_MAX / ((size_t)threads * lagged))
    blocks = (int64_t)(LAGGED_BYTES_MAX / ((size_t)threads * lagged));
  return blocks > 0 ? (int)blocks : 1;
}

/* A tally for each block, as far as that is little to fetch. */
static int choose_copies(const esc_plan *plan, int blocks)
{
  const size_t most = TALLY_BYTES_MAX / ((size_t)plan->tally.words * sizeof(int64_t));
  return most >= (size_t)blocks ? blocks : most > 1 ? (int)most : 1;
}

static layout lay_out(const esc_plan *plan, esc_batch batch, const esc_sink *sink,
                      const esc_cuda_kernel *kernel)
{
  layout at = {0};
  at.blocks = choose_blocks(kernel, plan, batch.count);
  at.tally_copies = choose_copies(plan, at.blocks);
  at.plan = take(&at, 1, sizeof *plan);
  at.rows = take(&at, plan->row_count * ESC_ROW_WIDTH, real_bytes(plan));
  at.start = take(&at, plan->dimension, real_bytes(plan));
  at.points = take(&at, start_numbers(plan), sizeof(double));
  at.steps = take(&at, plan->step_count, sizeof *plan->steps);
  for (int k = 0; k < plan->noise_count; k++) {
    at.values[k] = take(&at, plan->noise[k].value_count, sizeof *plan->noise[k].values);
    at.roots[k] = take(&at, root_numbers(plan, k), sizeof *plan->noise[k].root);
  }
  at.next = take(&at, 1, sizeof(uint64_t));
  at.lane_steps = take(&at, 1, sizeof(uint64_t));
  at.tally = take(&at, at.tally_copies * plan->tally.words, sizeof(int64_t));

  const int64_t before = batch.first - sink->first;
  at.records = sink->steps ? within(sink->limit - before, batch.count) : 0;
  at.final_records = sink->finals ? within(sink->finals_limit - before, batch.count) : 0;
  at.exit_steps = take(&at, at.records, sizeof *sink->steps);
  at.outcomes = take(&at, at.records, sizeof *sink->outcomes);
  at.finals = take(&at, at.final_records * plan->dimension, sizeof *sink->finals);
  at.lagged = take(&at, (int64_t)at.blocks * kernel->threads * plan->lag_count * plan->dimension,
                   real_bytes(plan));
  return at;
}

/* --- the pinned memory: the flag that stops a kernel, then what goes up, then what comes down ---
 */

#define STOP_BYTES 256

static size_t bytes_up(const layout *at)
{
  return at->tally; /* the first thing that is not uploaded */
}

static size_t bytes_down(const layout *at)
{
  return at->exit_steps - at->next;
}

static volatile int *stop_of(const esc_workspace *space)
{
  return (volatile int *)space->pinned;
}

static unsigned char *up_of(const esc_workspace *space)
{
  return space->pinned + STOP_BYTES;
}

static unsigned char *down_of(const esc_workspace *space, const layout *at)
{
  return up_of(space) + bytes_up(at);
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
static void write_plan(const esc_plan *plan, const layout *at, unsigned char *device,
                       unsigned char *up)
{
  esc_plan there = *plan;
  there.landscape_context = NULL;
  there.rows = NULL; /* those of the state's type are read */
  there.start = (const double *)(void *)(device + at->points);
  there.steps = (const int64_t *)(void *)(device + at->steps);
  for (int k = 0; k < plan->noise_count; k++) {
    there.noise[k].values = (const float *)(void *)(device + at->values[k]);
    there.noise[k].root = (const float *)(void *)(device + at->roots[k]);
  }
  memcpy(up + at->plan, &there, sizeof there);
}

static void fill(const esc_plan *plan, esc_batch batch, const layout *at, unsigned char *device,
                 unsigned char *up)
{
  const int bits = plan->state_bits;
  const uint64_t first = (uint64_t)batch.first, none = 0;
  write_plan(plan, at, device, up);
  for (int64_t k = 0; k < plan->row_count * ESC_ROW_WIDTH; k++)
    write_real(up + at->rows, k, plan->rows[k], bits);
  for (int j = 0; has_one_start(plan) && j < plan->dimension; j++)
    write_real(up + at->start, j, plan->start[j], bits);
  write_array(up, at->points, plan->start, start_numbers(plan), sizeof *plan->start);
  write_array(up, at->steps, plan->steps, plan->step_count, sizeof *plan->steps);
  for (int k = 0; k < plan->noise_count; k++) {
    write_array(up, at->values[k], plan->noise[k].values, plan->noise[k].value_count,
                sizeof *plan->noise[k].values);
    write_array(up, at->roots[k], plan->noise[k].root, root_numbers(plan, k),
                sizeof *plan->noise[k].root);
  }
  memcpy(up + at->next, &first, sizeof first);
  memcpy(up + at->lane_steps, &none, sizeof none);
}

/* --- the kernel --- */

/* Of a lane's steps between two looks at the flag: what takes some milliseconds. */
static uint32_t poll_steps(const esc_plan *plan)
{
  int64_t cost = plan->dimension;
  for (int k = 0; k < plan->noise_count; k++)
    cost += (int64_t)plan->dimension *
            (plan->noise[k].replace ? plan->noise[k].batch : plan->noise[k].value_count);
  uint32_t steps = 4096;
  while (steps > ESC_GROUP && cost > 1) {
    steps /= 2;
    cost /= 2;
  }
  return steps;
}

static esc_trajectory_args args_of(const esc_plan *plan, esc_batch batch, const layout *at,
                                   const esc_workspace *space)
{
  unsigned char *const device = space->device;
  esc_trajectory_args args = {0};
  args.plan = (const esc_plan *)(void *)(device + at->plan);
  args.rows = device + at->rows;
  args.start = has_one_start(plan) ? device + at->start : NULL;
  args.lagged = device + at->lagged;
  args.tally = (int64_t *)(void *)(device + at->tally);
  args.tally_copies = at->tally_copies;
  args.sink.first = batch.first;
  args.sink.limit = at->records;
  args.sink.steps = at->records ? (int64_t *)(void *)(device + at->exit_steps) : NULL;
  args.sink.outcomes = at->records ? (int32_t *)(void *)(device + at->outcomes) : NULL;
  args.sink.finals = at->final_records ? (double *)(void *)(device + at->finals) : NULL;
  args.sink.finals_limit = at->final_records;
  args.recorded = at->records > at->final_records ? at->records : at->final_records;
  args.end = batch.first + batch.count;
  args.next = (unsigned long long *)(void *)(device + at->next);
  args.lane_steps = (unsigned long long *)(void *)(device + at->lane_steps);
  args.stop = stop_of(space);
  args.key = esc_philox_key_of(plan->seed);
  args.poll_steps = poll_steps(plan);
  return args;
}

/* Queues all of it. */
static esc_status queue(esc_cuda_device *device, const esc_plan *plan, esc_batch batch,
                        const layout *at, const esc_cuda_kernel *kernel, esc_workspace *space)
{
  *stop_of(space) = 0;
  fill(plan, batch, at, space->device, up_of(space));
  cudaError_t error = cudaMemcpyAsync(space->device, up_of(space), bytes_up(at),
                                      cudaMemcpyHostToDevice, space->stream);
  if (error == cudaSuccess)
    error = cudaMemsetAsync(space->device + at->tally, 0,
                            (size_t)(at->tally_copies * plan->tally.words) * sizeof(int64_t),
                            space->stream);
  if (error != cudaSuccess)
    return esc_cuda_fail(device, error, "sending a batch to the GPU");
  esc_trajectory_args args = args_of(plan, batch, at, space);
  const esc_status status = esc_cuda_launch(device, kernel, at->blocks, &args, space->stream);
  if (status)
    return status;
  error = cudaMemcpyAsync(down_of(space, at), space->device + at->next, bytes_down(at),
                          cudaMemcpyDeviceToHost, space->stream);
  if (error == cudaSuccess)
    error = cudaEventRecord(space->done, space->stream);
  return error == cudaSuccess ? ESC_STATUS_OK
                              : esc_cuda_fail(device, error, "asking for a batch's tally");
}

/* Waits until it has run; INTERRUPTED if the host asked for the end meanwhile. Naps are short at
 * first, so that small batches are not waited for in vain. */
static esc_status wait_for(esc_cuda_device *device, const esc_workspace *space,
                           esc_control *control)
{
  int64_t nap = 20000, waited = (int64_t)(SECONDS_BETWEEN_POLLS * 1e9); /* nanoseconds */
  int stopped = 0;
  for (;;) {
    const cudaError_t error = cudaEventQuery(space->done);
    if (error == cudaSuccess)
      return stopped ? esc_fail(ESC_STATUS_INTERRUPTED, "interrupted") : ESC_STATUS_OK;
    if (error != cudaErrorNotReady)
      return esc_cuda_fail(device, error, "running a batch");
    cudaGetLastError();
    if (waited >= (int64_t)(SECONDS_BETWEEN_POLLS * 1e9)) {
      waited = 0;
      if (!stopped && control->poll && control->poll(control->context, 0))
        *stop_of(space) = stopped = 1;
    }
    const struct timespec moment = {0, nap};
    nanosleep(&moment, NULL);
    waited += nap;
    nap = nap < 500000 ? 2 * nap : 1000000;
  }
}

/* --- coming down --- */

static cudaError_t fetch(const esc_workspace *space, void *to, size_t at, int64_t count,
                         size_t size)
{
  if (count == 0)
    return cudaSuccess;
  return cudaMemcpyAsync(to, space->device + at, (size_t)count * size, cudaMemcpyDeviceToHost,
                         space->stream);
}

static esc_status fetch_records(esc_cuda_device *device, const esc_plan *plan, esc_batch batch,
                                const layout *at, const esc_workspace *space, const esc_sink *sink)
{
  const int64_t before = batch.first - sink->first;
  cudaError_t error = cudaSuccess;
  if (at->records) {
    error = fetch(space, sink->steps + before, at->exit_steps, at->records, sizeof *sink->steps);
    if (error == cudaSuccess)
      error =
          fetch(space, sink->outcomes + before, at->outcomes, at->records, sizeof *sink->outcomes);
  }
  if (error == cudaSuccess && at->final_records)
    error = fetch(space, sink->finals + before * plan->dimension, at->finals,
                  at->final_records * plan->dimension, sizeof *sink->finals);
  if (error == cudaSuccess && (at->records || at->final_records))
    error = cudaStreamSynchronize(space->stream);
  return error == cudaSuccess ? ESC_STATUS_OK
                              : esc_cuda_fail(device, error, "fetching the records of a batch");
}

static void add_tally(const esc_plan *plan, const layout *at, const esc_workspace *space,
                      int64_t *tally)
{
  const unsigned char *const down = down_of(space, at) + (at->tally - at->next);
  const int64_t *const from = (const int64_t *)(const void *)down;
  for (int64_t copy = 0; copy < at->tally_copies; copy++)
    for (int64_t k = 0; k < plan->tally.words; k++)
      tally[k] += from[copy * plan->tally.words + k];
}

static int64_t lane_steps_of(const layout *at, const esc_workspace *space)
{
  int64_t steps;
  memcpy(&steps, down_of(space, at) + (at->lane_steps - at->next), sizeof steps);
  return steps;
}

/* --- all of it --- */

static esc_status run_batch(esc_cuda_device *device, const esc_plan *plan, esc_batch batch,
                            int64_t *tally, const esc_sink *sink, esc_control *control,
                            const esc_cuda_kernel *kernel)
{
  const layout at = lay_out(plan, batch, sink, kernel);
  esc_workspace *space;
  esc_status status =
      esc_workspace_take(device, at.all, STOP_BYTES + bytes_up(&at) + bytes_down(&at), &space);
  if (status)
    return status;
  status = queue(device, plan, batch, &at, kernel, space);
  if (!status)
    status = wait_for(device, space, control);
  if (!status)
    status = fetch_records(device, plan, batch, &at, space, sink);
  if (!status)
    add_tally(plan, &at, space, tally);
  if (!status || status == ESC_STATUS_INTERRUPTED) {
    const int64_t steps = lane_steps_of(&at, space);
    control->lane_steps += steps;
    if (control->poll)
      control->poll(control->context, steps);
  }
  esc_workspace_give(device, space, status && status != ESC_STATUS_INTERRUPTED);
  return status;
}

static esc_status run_piece(esc_cuda_device *device, const esc_piece *piece, esc_control *control)
{
  const esc_loaded_kernel *loaded;
  if (piece->plan->landscape_function)
    return esc_fail(ESC_STATUS_UNSUPPORTED,
                    "backend cuda: a landscape that is a function of the caller's runs on the cpu "
                    "backend only");
  if (piece->sink->visit)
    return esc_fail(ESC_STATUS_UNSUPPORTED,
                    "backend cuda: single steps are shown by the cpu backend only");
  esc_status status = esc_kernel_take(device, piece->plan, &loaded);
  if (status)
    return status;
  status = run_batch(device, piece->plan, piece->batch, piece->tally, piece->sink, control,
                     &loaded->kernel);
  esc_kernel_give(device, loaded);
  return status;
}

esc_status esc_cuda_trajectories(void *opened, esc_piece *const *pieces, int count,
                                 esc_control *control)
{
  esc_cuda_device *const device = opened;
  int before;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  for (control->complete = 0; control->complete < count; control->complete++) {
    status = run_piece(device, pieces[control->complete], control);
    if (status)
      break;
  }
  return esc_cuda_leave(device, before, status);
}
