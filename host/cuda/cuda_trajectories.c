/* Pieces of trajectories on a GPU: those that share a kernel go up together, one launch runs them,
 * tallies and records come back. While it runs the host asks now and then whether it shall stop. */
#include "host/cuda/cuda_device.h"

#include <string.h>
#include <time.h>

#include "host/cuda/kernel_store.h"
#include "host/cuda/launch_layout.h"
#include "host/error.h"

#define SECONDS_BETWEEN_POLLS 0.05

/* --- the pinned memory: the flag that stops a kernel, then what goes up, then what comes down ---
 */

#define STOP_BYTES 256

static volatile int *stop_of(const esc_workspace *space)
{
  return (volatile int *)space->pinned;
}

static unsigned char *up_of(const esc_workspace *space)
{
  return space->pinned + STOP_BYTES;
}

static unsigned char *down_of(const esc_workspace *space, const esc_launch_layout *layout)
{
  return up_of(space) + esc_launch_bytes_up(layout);
}

/* --- the kernel --- */

/* Of a lane's steps between two looks at the flag: what takes some milliseconds. */
static uint32_t poll_steps(const esc_plan *plan)
{
  int64_t cost = esc_gradient_cost(plan);
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

static esc_trajectory_args args_of(const esc_launch_layout *layout, const esc_workspace *space)
{
  unsigned char *const device = space->device;
  esc_trajectory_args args = {0};
  args.points = (const esc_trajectory_point *)(void *)(device + layout->points);
  args.point_count = layout->count;
  args.lagged = device + layout->lagged;
  args.lane_steps = (unsigned long long *)(void *)(device + layout->lane_steps);
  args.stop = stop_of(space);
  args.key = esc_philox_key_of(layout->pieces[0]->plan->seed);
  args.poll_steps = poll_steps(layout->pieces[0]->plan);
  for (int k = 1; k < layout->count; k++)
    if (poll_steps(layout->pieces[k]->plan) < args.poll_steps)
      args.poll_steps = poll_steps(layout->pieces[k]->plan);
  return args;
}

/* Queues all of it. */
static esc_status queue(esc_cuda_device *device, const esc_launch_layout *layout,
                        const esc_cuda_kernel *kernel, esc_workspace *space)
{
  *stop_of(space) = 0;
  esc_launch_fill(layout, space->device, up_of(space));
  cudaError_t error = cudaMemcpyAsync(space->device, up_of(space), esc_launch_bytes_up(layout),
                                      cudaMemcpyHostToDevice, space->stream);
  const size_t tallies = layout->lane_steps + 256;
  if (error == cudaSuccess)
    error = cudaMemsetAsync(space->device + tallies, 0, layout->records - tallies, space->stream);
  if (error != cudaSuccess)
    return esc_cuda_fail(device, error, "sending trajectories to the GPU");
  esc_trajectory_args args = args_of(layout, space);
  const esc_status status = esc_cuda_launch(device, kernel, layout->blocks, &args, space->stream);
  if (status)
    return status;
  error = cudaMemcpyAsync(down_of(space, layout), space->device + layout->lane_steps,
                          esc_launch_bytes_down(layout), cudaMemcpyDeviceToHost, space->stream);
  if (error == cudaSuccess)
    error = cudaEventRecord(space->done, space->stream);
  return error == cudaSuccess ? ESC_STATUS_OK
                              : esc_cuda_fail(device, error, "asking for the tallies");
}

/* Waits until it has run; INTERRUPTED if the host asked for the end meanwhile. Naps are short at
 * first, so that small launches are not waited for in vain. */
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
      return esc_cuda_fail(device, error, "running trajectories");
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

static cudaError_t fetch_records_of(const esc_workspace *space, const esc_piece *piece,
                                    const esc_piece_layout *at)
{
  const esc_sink *const sink = piece->sink;
  const int64_t before = piece->batch.first - sink->first;
  const int dimension = piece->plan->dimension;
  cudaError_t error = cudaSuccess;
  if (at->records) {
    error = fetch(space, sink->steps + before, at->exit_steps, at->records, sizeof *sink->steps);
    if (error == cudaSuccess)
      error =
          fetch(space, sink->outcomes + before, at->outcomes, at->records, sizeof *sink->outcomes);
  }
  if (error == cudaSuccess && at->final_records)
    error = fetch(space, sink->finals + before * dimension, at->finals,
                  at->final_records * dimension, sizeof *sink->finals);
  return error;
}

static esc_status fetch_records(esc_cuda_device *device, const esc_launch_layout *layout,
                                const esc_workspace *space)
{
  cudaError_t error = cudaSuccess;
  int64_t records = 0;
  for (int k = 0; k < layout->count && error == cudaSuccess; k++) {
    records += layout->at[k].records + layout->at[k].final_records;
    error = fetch_records_of(space, layout->pieces[k], &layout->at[k]);
  }
  if (error == cudaSuccess && records > 0)
    error = cudaStreamSynchronize(space->stream);
  return error == cudaSuccess ? ESC_STATUS_OK
                              : esc_cuda_fail(device, error, "fetching the records");
}

/* --- all of it --- */

static esc_status run_laid_out(esc_cuda_device *device, const esc_launch_layout *layout,
                               const esc_cuda_kernel *kernel, esc_control *control)
{
  esc_workspace *space;
  const size_t pinned = STOP_BYTES + esc_launch_bytes_up(layout) + esc_launch_bytes_down(layout);
  esc_status status = esc_workspace_take(device, layout->all, pinned, &space);
  if (status)
    return status;
  status = queue(device, layout, kernel, space);
  if (!status)
    status = wait_for(device, space, control);
  if (!status)
    status = fetch_records(device, layout, space);
  if (!status)
    esc_launch_add_tallies(layout, down_of(space, layout));
  if (!status || status == ESC_STATUS_INTERRUPTED) {
    const int64_t steps = esc_launch_lane_steps(down_of(space, layout));
    control->lane_steps += steps;
    if (control->poll)
      control->poll(control->context, steps);
  }
  esc_workspace_give(device, space, status && status != ESC_STATUS_INTERRUPTED);
  return status;
}

static esc_status check_piece(const esc_piece *piece)
{
  if (piece->plan->landscape_function)
    return esc_fail(ESC_STATUS_UNSUPPORTED,
                    "backend cuda: a landscape that is a function of the caller's runs on the cpu "
                    "backend only");
  if (piece->sink->visit)
    return esc_fail(ESC_STATUS_UNSUPPORTED,
                    "backend cuda: single steps are shown by the cpu backend only");
  return ESC_STATUS_OK;
}

/* How many pieces, from the first, share its kernel and its seed, which Philox's rounds take from
 * the arguments. */
static esc_status find_alike(esc_cuda_device *device, const esc_loaded_kernel *kernel,
                             esc_piece *const *pieces, int count, int *alike)
{
  esc_status status = ESC_STATUS_OK;
  for (*alike = 1; *alike < count; ++*alike) {
    const esc_plan *const plan = pieces[*alike]->plan;
    const esc_loaded_kernel *other;
    if (plan == pieces[*alike - 1]->plan)
      continue;
    if (plan->seed != pieces[0]->plan->seed || (status = check_piece(pieces[*alike])))
      break;
    status = esc_kernel_take(device, plan, &other);
    if (status)
      break;
    esc_kernel_give(device, other);
    if (other != kernel)
      break;
  }
  return status;
}

/* Runs the first pieces, as many as one launch can take: *ran. */
static esc_status run_first(esc_cuda_device *device, esc_piece *const *pieces, int count,
                            esc_control *control, int *ran)
{
  const esc_loaded_kernel *kernel;
  esc_launch_layout layout;
  esc_status status = check_piece(pieces[0]);
  if (!status)
    status = esc_kernel_take(device, pieces[0]->plan, &kernel);
  if (status)
    return status;
  status = find_alike(device, kernel, pieces, count, ran);
  if (!status)
    status = esc_launch_lay_out(&kernel->kernel, pieces, *ran, &layout);
  if (!status) {
    status = run_laid_out(device, &layout, &kernel->kernel, control);
    esc_launch_layout_free(&layout);
  }
  esc_kernel_give(device, kernel);
  return status;
}

esc_status esc_cuda_run_pieces(esc_cuda_device *device, esc_piece *const *pieces, int count,
                               esc_control *control)
{
  int before, ran;
  control->complete = 0;
  esc_status status = esc_cuda_enter(device, &before);
  if (status)
    return status;
  while (!status && control->complete < count) {
    status =
        run_first(device, pieces + control->complete, count - control->complete, control, &ran);
    if (!status)
      control->complete += ran;
  }
  return esc_cuda_leave(device, before, status);
}
