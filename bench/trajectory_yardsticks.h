/* What stands beside the rows of bench_trajectories: what limits them, and what one would otherwise
 * write. Each call measures once. */
#ifndef ESC_BENCH_TRAJECTORY_YARDSTICKS_H
#define ESC_BENCH_TRAJECTORY_YARDSTICKS_H

#include <stdint.h>

/* Random words per second of Philox alone: of one core with an instruction set's loop, `share` of
 * half a second; of the GPU, where the CUDA backend is built. 0: it failed. */
double yardstick_words(const char *isa, double share);
double yardstick_device_words(void);
/* Whether the GPU's words are those of the CPU. */
int yardstick_device_words_right(void);

/* Steps per second of one trajectory after another with Philox, Box-Muller and libm, over the
 * double well. */
double yardstick_scalar(double share);

/* The same in NumPy; 0 where there is none. */
double yardstick_numpy(void);

/* Seconds from the shell's prompt to the result on standard output of so many trajectories over
 * the double well, from -1 to x >= 1; `steps` of them together. 0: it failed, and said why. */
double yardstick_command(const char *backend, int64_t trajectories, double *steps);

#endif
