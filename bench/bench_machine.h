/* What a benchmark of updates needs of the machine under a backend: memory, a clock, a yardstick
 * of the same run, and elementary passes. One table for the CPU, one for CUDA where its toolkit is
 * found. No part of the library. */
#ifndef ESC_BENCH_MACHINE_H
#define ESC_BENCH_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "bench/unfused_rules.h"

/* Something to be timed; 0 if it failed. */
typedef int bench_work(void *context);

typedef struct bench_machine {
  const char *backend;   /* as esc_device_options has it */
  const char *yardstick; /* in words */
  const char *vectors;   /* which library of vectors the passes use */
  /* 0 if there is none; then nothing else may be called. */
  int (*open)(int threads);
  void (*close)(void);
  /* JSON: the inside of an object, on one line: what the machine is. */
  const char *(*describe)(void);
  size_t (*cache)(void);  /* bytes of its last cache */
  size_t (*memory)(void); /* bytes that may be taken */
  void *stream;           /* for steps; set by open */
  void *(*allocate)(size_t bytes);
  void (*release)(void *memory);
  void (*copy)(void *to, const void *from, size_t bytes); /* either way; waits */
  /* Seconds of one of `times` calls, on the device's clock, without what the host does in between;
   * negative if a call failed. `queue`: the calls as they are; else replayed from a graph where
   * there are graphs. */
  double (*time)(bench_work *work, void *context, int times, int queue);
  /* Seconds that the host takes to queue a call; 0 where a call is synchronous. */
  double (*host_time)(bench_work *work, void *context, int times);
  int (*launches)(bench_work *work, void *context); /* of a call; 0 where there are none */
  double (*traffic)(void); /* the yardstick, now: bytes read and written per second */
  void (*pass)(const pass *p, int64_t count, float *const array[ARRAYS]);
} bench_machine;

extern bench_machine bench_machine_cpu;
#if ESC_BENCH_CUDA
extern bench_machine bench_machine_cuda;
#endif

#endif
