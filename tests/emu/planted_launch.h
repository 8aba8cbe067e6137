/* Launches of planted kernels through the runtime, for test_emulator.c and emu_planted.c. */
#ifndef ESC_EMU_PLANTED_LAUNCH_H
#define ESC_EMU_PLANTED_LAUNCH_H

#include <cuda_runtime_api.h>

#include "tests/emu/planted_kernels.h"

static inline cudaKernel_t planted_kernel(const char *name)
{
  static const unsigned char code[1] = {0};
  cudaLibrary_t library = NULL;
  cudaKernel_t kernel = NULL;
  if (cudaLibraryLoadData(&library, code, NULL, NULL, 0, NULL, NULL, 0))
    return NULL;
  if (cudaLibraryGetKernel(&kernel, library, name))
    kernel = NULL;
  cudaLibraryUnload(library); /* the emulator's kernels outlive it */
  return kernel;
}

static inline cudaError_t planted_launch(cudaKernel_t kernel, planted_args args,
                                         unsigned int blocks, unsigned int threads,
                                         cudaStream_t stream)
{
  const cudaLaunchConfig_t config = {
      .gridDim = {blocks, 1, 1}, .blockDim = {threads, 1, 1}, .stream = stream};
  void *arguments[] = {&args};
  return cudaLaunchKernelExC(&config, (const void *)kernel, arguments);
}

#endif
