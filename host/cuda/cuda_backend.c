/* The table of the cuda backend. */
#include "host/cuda/cuda_device.h"

#include "host/error.h"

static void *cuda_open(const char *isa, const char **why)
{
  (void)isa;
  void *device = NULL;
  if (esc_cuda_open(0, 1, &device))
    *why = esc_last_error();
  return device;
}

static const char *cuda_isa(const void *device)
{
  return ((const esc_cuda_device *)device)->isa;
}

/* Lanes without a trajectory are lost, so that one for each lane is the least; two batches overlap,
 * so that the next one's blocks begin where the last ones of this one have ended. */
#define LANES_PER_MULTIPROCESSOR 1024
static esc_batching cuda_batching(void *opened)
{
  const esc_cuda_device *const device = opened;
  const int64_t lanes = (int64_t)device->multiprocessors * LANES_PER_MULTIPROCESSOR;
  return (esc_batching){.first = lanes,
                        .least = lanes,
                        .largest = (int64_t)1 << 31,
                        .seconds = 0.3,
                        .threads = 2 * (device->peer_count + 1),
                        .pieces = 1024};
}

static esc_status cuda_landscape(void *device, const esc_plan *plan, int64_t count,
                                 const double *points, double *values, double *gradients)
{
  (void)device, (void)plan, (void)count, (void)points, (void)values, (void)gradients;
  return esc_fail(ESC_STATUS_UNSUPPORTED,
                  "backend cuda: this version evaluates landscapes on the cpu backend only");
}

static esc_status cuda_settle(void *device, const esc_plan *plan, int64_t count, double *points,
                              double *values, unsigned char *settled)
{
  (void)device, (void)plan, (void)count, (void)points, (void)values, (void)settled;
  return esc_fail(ESC_STATUS_UNSUPPORTED,
                  "backend cuda: this version settles points on the cpu backend only");
}

const esc_backend esc_cuda_backend = {
    .name = "cuda",
    .open = cuda_open,
    .close = esc_cuda_close,
    .isa = cuda_isa,
    .batching = cuda_batching,
    .trajectories = esc_cuda_trajectories,
    .landscape = cuda_landscape,
    .settle = cuda_settle,
    .alloc = esc_cuda_alloc,
    .free = esc_cuda_free,
    .owns = esc_cuda_owns,
    .copy = esc_cuda_copy,
    .upload = esc_cuda_upload,
    .sync = esc_cuda_sync,
    .wait = esc_cuda_wait,
    .start = esc_cuda_start,
    .norm = esc_cuda_norm,
    .update = esc_cuda_update,
};
