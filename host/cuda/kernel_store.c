/* Kernels in a GPU's memory. A call that finds none composes it and waits for the compiler with the
 * store locked, so that others who need it too wait instead of compiling it again. */
#include "host/cuda/kernel_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cuda/compose_kernel.h"
#include "host/cuda/kernel_cache.h"
#include "host/cuda/kernel_compiler.h"
#include "host/error.h"
#include "kernels/cuda/trajectory/trajectory_args.h"

#define KERNEL_NAME "esc_trajectories"
#define MOST        64 /* kernels; beyond that, those not in use go */

typedef struct image {
  void *code;
  size_t bytes;
} image;

/* All that an image is made from. */
typedef struct cache_key {
  char text[ESC_COMPOSED_BYTES + 256];
} cache_key;

static void write_key(const esc_cuda_device *device, const char *compiler, const char *source,
                      cache_key *key)
{
  snprintf(key->text, sizeof key->text, "%s\n%s\n%s", compiler, device->isa, source);
}

static cudaError_t load(const image *from, esc_loaded_kernel *to)
{
  return cudaLibraryLoadData(&to->library, from->code, NULL, NULL, 0, NULL, NULL, 0);
}

/* An image of the cache that the driver does not take is as good as none. */
static int load_cached(const char *key, esc_loaded_kernel *to)
{
  image cached = {NULL, 0};
  if (!esc_kernel_cache_read(key, &cached.code, &cached.bytes))
    return 0;
  const cudaError_t error = load(&cached, to);
  if (error != cudaSuccess)
    cudaGetLastError();
  free(cached.code);
  return error == cudaSuccess;
}

static esc_status load_compiled(esc_cuda_device *device, const char *source, int fast,
                                const char *key, esc_loaded_kernel *to)
{
  image made = {NULL, 0};
  esc_status status =
      esc_compile_kernel(source, device->major, device->minor, fast, &made.code, &made.bytes);
  if (status)
    return status;
  const cudaError_t error = load(&made, to);
  if (error != cudaSuccess)
    status = esc_cuda_fail(device, error, "loading a kernel of trajectories");
  else if (key)
    esc_kernel_cache_write(key, made.code, made.bytes);
  free(made.code);
  return status;
}

static esc_status load_kernel(esc_cuda_device *device, const char *source, int fast,
                              esc_loaded_kernel *to)
{
  const char *why = NULL, *const compiler = esc_kernel_compiler(&why);
  if (!compiler)
    return esc_fail(ESC_STATUS_DEVICE_REFUSED, "backend cuda: %s", why);
  cache_key key;
  write_key(device, compiler, source, &key);
  const int kept = compiler[0] != '\0';
  esc_status status = ESC_STATUS_OK;
  if (!kept || !load_cached(key.text, to))
    status = load_compiled(device, source, fast, kept ? key.text : NULL, to);
  if (status)
    return status;
  status =
      esc_cuda_find_kernel(device, to->library, KERNEL_NAME, ESC_TRAJECTORY_THREADS, &to->kernel);
  if (status) {
    cudaLibraryUnload(to->library);
    cudaGetLastError();
  }
  return status;
}

/* --- the list, locked --- */

static void unload(esc_loaded_kernel *kernel)
{
  cudaLibraryUnload(kernel->library);
  cudaGetLastError();
  free(kernel->source);
  free(kernel);
}

/* The oldest kernel that nobody uses goes; the newest stand in front. */
static void make_room(esc_cuda_device *device)
{
  esc_loaded_kernel **oldest = NULL;
  for (esc_loaded_kernel **at = &device->trajectory_kernels; *at; at = &(*at)->next)
    if ((*at)->users == 0)
      oldest = at;
  if (device->trajectory_kernel_count < MOST || !oldest)
    return;
  esc_loaded_kernel *const gone = *oldest;
  *oldest = gone->next;
  device->trajectory_kernel_count--;
  unload(gone);
}

static esc_status add(esc_cuda_device *device, const char *source, int fast,
                      esc_loaded_kernel **added)
{
  esc_loaded_kernel *const kernel = calloc(1, sizeof *kernel);
  const size_t bytes = strlen(source) + 1;
  if (kernel)
    kernel->source = malloc(bytes);
  if (!kernel || !kernel->source) {
    free(kernel);
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a kernel");
  }
  memcpy(kernel->source, source, bytes);
  make_room(device);
  const esc_status status = load_kernel(device, source, fast, kernel);
  if (status) {
    free(kernel->source);
    free(kernel);
    return status;
  }
  kernel->next = device->trajectory_kernels;
  device->trajectory_kernels = kernel;
  device->trajectory_kernel_count++;
  *added = kernel;
  return ESC_STATUS_OK;
}

esc_status esc_kernel_take(esc_cuda_device *device, const esc_plan *plan,
                           const esc_loaded_kernel **kernel)
{
  char source[ESC_COMPOSED_BYTES];
  esc_status status = ESC_STATUS_OK;
  esc_compose_kernel(plan, source);
  pthread_mutex_lock(&device->lock);
  esc_loaded_kernel *found = device->trajectory_kernels;
  while (found && strcmp(found->source, source) != 0)
    found = found->next;
  if (!found)
    status = add(device, source, plan->fast, &found);
  if (!status) {
    found->users++;
    *kernel = found;
  }
  pthread_mutex_unlock(&device->lock);
  return status;
}

void esc_kernel_give(esc_cuda_device *device, const esc_loaded_kernel *kernel)
{
  pthread_mutex_lock(&device->lock);
  for (esc_loaded_kernel *k = device->trajectory_kernels; k; k = k->next)
    if (k == kernel)
      k->users--;
  pthread_mutex_unlock(&device->lock);
}

void esc_kernels_drop(esc_cuda_device *device)
{
  while (device->trajectory_kernels) {
    esc_loaded_kernel *const gone = device->trajectory_kernels;
    device->trajectory_kernels = gone->next;
    unload(gone);
  }
  device->trajectory_kernel_count = 0;
}
