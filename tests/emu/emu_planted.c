/* A mistake in a kernel or in its caller, by name, that the emulator or a sanitizer must report:
 * ctest reads the report. A plain program. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/emu/emulator.h"
#include "tests/emu/planted_launch.h"

enum { BLOCKS = 4, THREADS = 128 };

static const struct {
  const char *name, *kernel;
  int planted;
} mistakes[] = {
    {"nothing", "planted_sum", PLANTED_NOTHING},
    {"nothing_in_warps", "planted_warp", PLANTED_NOTHING},
    {"nothing_without_barriers", "planted_copy", PLANTED_NOTHING},
    {"barrier", "planted_sum", PLANTED_BARRIER},
    {"warp_barrier", "planted_warp", PLANTED_WARP_BARRIER},
    {"hang", "planted_copy", PLANTED_HANG},
    {"shared", "planted_copy", PLANTED_SHARED},
    {"global", "planted_copy", PLANTED_GLOBAL},
    {"wide", "planted_copy", PLANTED_WIDE},
};

static void *on_device(size_t bytes)
{
  void *memory = NULL;
  if (cudaMalloc(&memory, bytes) || cudaMemsetAsync(memory, 0, bytes, NULL))
    exit(2);
  return memory;
}

static int run(const char *kernel, int planted)
{
  const size_t count = (size_t)BLOCKS * THREADS;
  uint32_t *const in = on_device(count * sizeof *in);
  uint32_t *const out = on_device((planted == PLANTED_GLOBAL ? 1 : 3) * count * sizeof *out);
  uint32_t *const few = on_device((BLOCKS + 1) * sizeof *few);
  const planted_args args = {in, out, few, few + BLOCKS, planted};
  const int failed = planted_launch(planted_kernel(kernel), args, BLOCKS, THREADS, NULL) ||
                     cudaDeviceSynchronize();
  cudaFree(in);
  cudaFree(out);
  cudaFree(few);
  return failed;
}

/* The host reads memory of the device. */
static int read_from_host(void)
{
  volatile uint32_t *const memory = on_device(64);
  cudaDeviceSynchronize();
  const uint32_t seen = memory[3];
  cudaFree((void *)(uintptr_t)memory);
  return seen > 0;
}

/* The buffer of a copy is gone before anybody waits for it. */
static int copy_from_the_past(void)
{
  uint32_t *const memory = on_device(64);
  uint32_t *const gone = calloc(16, sizeof *gone);
  const int failed = cudaMemcpyAsync(memory, gone, 64, cudaMemcpyHostToDevice, NULL) != cudaSuccess;
  free(gone);
  cudaDeviceSynchronize();
  cudaFree(memory);
  return failed;
}

/* To ctest a program that aborts has failed, whatever it said. */
static void leave(int number)
{
  (void)number;
  _exit(3);
}

int main(int count, char **arguments)
{
  const char *const asked = count == 2 ? arguments[1] : "";
  signal(SIGABRT, leave);
  if (strcmp(asked, "host") == 0)
    return read_from_host();
  if (strcmp(asked, "gone") == 0)
    return copy_from_the_past();
  for (size_t k = 0; k < sizeof mistakes / sizeof mistakes[0]; k++)
    if (strcmp(asked, mistakes[k].name) == 0)
      return run(mistakes[k].kernel, mistakes[k].planted);
  fprintf(stderr, "usage: emu_planted MISTAKE\n");
  return 2;
}
