/* The GPUs of a machine that share the trajectories of a run. Which of them carries out a load
 * never changes a bit of it. They are opened when they are first given one. */
#include "host/cuda/cuda_device.h"

#include <stdlib.h>

#include "host/error.h"

struct esc_cuda_peer {
  int number;
  int loads;               /* that it is at, or is being opened for */
  int refused;             /* it could not be opened */
  pthread_mutex_t opening; /* guards what follows */
  esc_cuda_device *gpu;
};

/* --- which --- */

static void add(esc_cuda_device *device, int number)
{
  esc_cuda_peer *const peer = &device->peers[device->peer_count++];
  *peer = (esc_cuda_peer){.number = number};
  pthread_mutex_init(&peer->opening, NULL);
}

/* `gpus`: how many, this one included; 0: all that run these kernels. */
esc_status esc_cuda_peers_find(esc_cuda_device *device, int gpus)
{
  int count = 0;
  if (gpus == 1)
    return ESC_STATUS_OK;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess)
    return esc_cuda_fail(device, error, "counting the GPUs");
  device->peers = calloc((size_t)count, sizeof *device->peers);
  if (!device->peers)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the list of GPUs");
  for (int k = 0; k < count && (gpus == 0 || device->peer_count + 1 < gpus); k++)
    if (k != device->number && esc_cuda_is_able(k))
      add(device, k);
  if (gpus > device->peer_count + 1)
    return esc_fail(ESC_STATUS_DEVICE_REFUSED, "gpus: expected at most %d, as there are, found %d",
                    device->peer_count + 1, gpus);
  return ESC_STATUS_OK;
}

void esc_cuda_peers_close(esc_cuda_device *device)
{
  for (int k = 0; k < device->peer_count; k++) {
    if (device->peers[k].gpu)
      esc_cuda_close(device->peers[k].gpu);
    pthread_mutex_destroy(&device->peers[k].opening);
  }
  free(device->peers);
}

/* --- who carries out the next load --- */

static int is_able(esc_cuda_peer *peer)
{
  return !peer->refused && (!peer->gpu || peer->gpu->lost == cudaSuccess);
}

/* The one with the least to do; the device itself where that is as good. NULL: itself. */
static esc_cuda_peer *choose(esc_cuda_device *device)
{
  esc_cuda_peer *least = NULL;
  pthread_mutex_lock(&device->lock);
  int loads = device->loads;
  for (int k = 0; k < device->peer_count; k++)
    if (is_able(&device->peers[k]) && device->peers[k].loads < loads) {
      least = &device->peers[k];
      loads = least->loads;
    }
  ++*(least ? &least->loads : &device->loads);
  pthread_mutex_unlock(&device->lock);
  return least;
}

static void leave(esc_cuda_device *device, esc_cuda_peer *peer, int refused)
{
  pthread_mutex_lock(&device->lock);
  --*(peer ? &peer->loads : &device->loads);
  if (refused)
    peer->refused = 1;
  pthread_mutex_unlock(&device->lock);
}

static int open_peer(esc_cuda_device *device, esc_cuda_peer *peer)
{
  void *opened = NULL;
  pthread_mutex_lock(&peer->opening);
  if (!peer->gpu && !esc_cuda_open(peer->number, 1, &opened)) {
    pthread_mutex_lock(&device->lock);
    peer->gpu = opened;
    pthread_mutex_unlock(&device->lock);
  }
  pthread_mutex_unlock(&peer->opening);
  return peer->gpu != NULL;
}

/* A GPU that cannot be opened, or was lost in an earlier run, is passed over: another takes its
 * place. */
esc_status esc_cuda_trajectories(void *opened, esc_piece *const *pieces, int count,
                                 esc_control *control)
{
  esc_cuda_device *const device = opened;
  for (;;) {
    esc_cuda_peer *const peer = choose(device);
    const int there = !peer || open_peer(device, peer);
    const esc_status status =
        there ? esc_cuda_run_pieces(peer ? peer->gpu : device, pieces, count, control)
              : ESC_STATUS_OK;
    leave(device, peer, !there);
    if (there)
      return status;
  }
}
