/* Kernels by name, what fits on a multiprocessor, launches, and copies: all that becomes work of a
 * stream. */
#include <stdlib.h>
#include <string.h>

#include "tests/emu/emu_state.h"

static esc_emu_kernel *kernels;
static esc_emu_composed *composed_kernels;

struct CUlib_st {
  const esc_emu_kernel *only; /* the one that its composed source makes; NULL: all others */
};

void esc_emu_add_kernel(esc_emu_kernel *kernel)
{
  kernel->next = kernels;
  kernels = kernel;
}

void esc_emu_add_composed(esc_emu_composed *composed)
{
  composed->next = composed_kernels;
  composed_kernels = composed;
}

const esc_emu_kernel *esc_emu_composed_kernel(const char *source)
{
  const esc_emu_composed *found = composed_kernels;
  while (found && strcmp(found->source, source) != 0)
    found = found->next;
  return found ? found->kernel : NULL;
}

static const char *composed_source(const void *code)
{
  const size_t mark = strlen(ESC_EMU_COMPOSED_MARK);
  return strncmp(code, ESC_EMU_COMPOSED_MARK, mark) == 0 ? (const char *)code + mark : NULL;
}

cudaError_t cudaLibraryLoadData(cudaLibrary_t *library, const void *code,
                                enum cudaJitOption *jit_options, void **jit_values,
                                unsigned int jit_count, enum cudaLibraryOption *options,
                                void **values, unsigned int count)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaLibraryLoadData);
  (void)jit_options, (void)jit_values, (void)jit_count, (void)options, (void)values, (void)count;
  if (!error && (!library || !code))
    error = cudaErrorInvalidValue;
  if (!error)
    error = emu_forbidden_in_capture();
  if (!error) {
    const char *const source = composed_source(code);
    *library = calloc(1, sizeof **library);
    error = *library ? cudaSuccess : cudaErrorMemoryAllocation;
    emu_live()->libraries += !error;
    if (!error && source)
      (*library)->only = esc_emu_composed_kernel(source);
  }
  return emu_end(error);
}

cudaError_t cudaLibraryUnload(cudaLibrary_t library)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaLibraryUnload);
  if (!library)
    error = error ? error : cudaErrorInvalidResourceHandle;
  if (library && (!error || emu_is_lost())) {
    free(library);
    emu_live()->libraries--;
  }
  return emu_end(error);
}

cudaError_t cudaLibraryGetKernel(cudaKernel_t *kernel, cudaLibrary_t library, const char *name)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaLibraryGetKernel);
  if (!error && !library)
    error = cudaErrorInvalidResourceHandle;
  if (!error) {
    const esc_emu_kernel *found = library->only ? library->only : kernels;
    while (found && strcmp(found->name, name) != 0)
      found = library->only ? NULL : found->next;
    if (found)
      *kernel = (cudaKernel_t)(uintptr_t)found;
    else
      error = cudaErrorSymbolNotFound;
  }
  return emu_end(error);
}

static const esc_emu_kernel *known_kernel(const void *handle)
{
  for (const esc_emu_kernel *k = kernels; k; k = k->next)
    if (k == handle)
      return k;
  return NULL;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, const void *kernel,
                                                          int threads, size_t shared_bytes)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaOccupancyMaxActiveBlocksPerMultiprocessor);
  const esc_emu_kernel *const known = known_kernel(kernel);
  (void)shared_bytes;
  if (!error && !known)
    error = cudaErrorInvalidDeviceFunction;
  if (!error && threads < 1)
    error = cudaErrorInvalidValue;
  if (!error)
    *blocks =
        (unsigned int)threads > known->most_threads ? 0 : emu_settings()->blocks_per_multiprocessor;
  return emu_end(error);
}

static cudaError_t launch(const cudaLaunchConfig_t *config, const esc_emu_kernel *kernel,
                          void **args)
{
  const dim3 grid = config->gridDim, block = config->blockDim;
  if (!kernel)
    return cudaErrorInvalidDeviceFunction;
  if (!args || !args[0])
    return cudaErrorInvalidValue;
  if (config->dynamicSmemBytes || config->numAttrs)
    return cudaErrorNotSupported;
  if (grid.x < 1 || grid.x > 0x7fffffffu || block.x < 1 || block.x > ESC_EMU_THREADS_MAX ||
      grid.y != 1 || grid.z != 1 || block.y != 1 || block.z != 1)
    return cudaErrorInvalidConfiguration;
  if (block.x > kernel->most_threads)
    return cudaErrorLaunchOutOfResources;
  const struct CUstream_st *const stream = emu_stream(config->stream);
  if (config->stream && stream && stream->device != emu_current_device())
    return cudaErrorInvalidResourceHandle;
  const emu_work work = {
      .kind = EMU_KERNEL, .kernel = kernel, .args = args[0], .blocks = grid.x, .threads = block.x};
  return emu_queue_work(config->stream, &work);
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *config, const void *kernel, void **args)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaLaunchKernelExC);
  if (!error)
    error = config ? launch(config, known_kernel(kernel), args) : cudaErrorInvalidValue;
  return emu_end(error);
}

/* --- copies
 * --------------------------------------------------------------------------------------- */

static cudaError_t queue_copy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                              cudaStream_t stream)
{
  const emu_work work = {.kind = EMU_COPY, .to = to, .from = from, .bytes = bytes};
  const cudaError_t error = emu_check_copy(to, from, bytes, kind);
  return error ? error : emu_queue_work(stream, &work);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaMemcpyAsync);
  if (!error)
    error = queue_copy(to, from, bytes, kind, stream);
  return emu_end(error);
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaMemcpy);
  if (!error)
    error = emu_may_wait_for(emu_stream(NULL));
  if (!error)
    error = queue_copy(to, from, bytes, kind, NULL);
  if (!error) {
    emu_run(emu_stream(NULL), UINT64_MAX);
    error = emu_is_lost() ? cudaPeekAtLastError() : cudaSuccess;
  }
  return emu_end(error);
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaMemsetAsync);
  const emu_allocation *const a = emu_allocation_of(to);
  const emu_work work = {.kind = EMU_FILL, .to = to, .value = value, .bytes = bytes};
  if (!error && bytes > 0 && (!a || (size_t)((char *)to - a->memory) + bytes > a->bytes))
    error = cudaErrorInvalidValue;
  if (!error)
    error = emu_queue_work(stream, &work);
  return emu_end(error);
}
