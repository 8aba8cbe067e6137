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

/* Kernels of trajectories, each the same function of another source. Images begin with a mark that
 * no other does. */
typedef struct esc_emu_composed {
  const char *source;
  esc_emu_kernel *kernel;
  struct esc_emu_composed *next;
} esc_emu_composed;

#define ESC_EMU_COMPOSED_MARK "composed:"

void esc_emu_add_composed(esc_emu_composed *composed);
/* NULL where no such source was compiled. */
const esc_emu_kernel *esc_emu_composed_kernel(const char *source);

/* Lets the other threads of the block go on first. */
void esc_emu_yield(void);

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
