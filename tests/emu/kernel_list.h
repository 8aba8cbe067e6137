/* The kernels that were compiled for the emulator, and how one is run. */
#ifndef ESC_EMU_KERNEL_LIST_H
#define ESC_EMU_KERNEL_LIST_H

#include <stddef.h>
#include <stdint.h>

#define ESC_EMU_THREADS_MAX 1024

/* device_code.h has the same. Kernels enter themselves before main. */
typedef struct esc_emu_kernel {
  const char *name;
  size_t args_bytes;
  unsigned int most_threads;
  void (*run)(const void *args);
  struct esc_emu_kernel *next;
} esc_emu_kernel;

void esc_emu_add_kernel(esc_emu_kernel *kernel);

typedef struct esc_emu_grid {
  const esc_emu_kernel *kernel;
  const void *args;
  unsigned int blocks[3], threads[3];
  int order; /* esc_emu_order */
  uint64_t seed;
} esc_emu_grid;

/* Runs a grid to its end; one at a time. Dies with a sentence where its threads cannot go on. */
void esc_emu_run_grid(const esc_emu_grid *grid);

#endif
