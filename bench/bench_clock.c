/* The host's clock and the summary of rounds. */
#include "bench/bench_clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

double bench_now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void bench_summarise(bench_rounds *rounds)
{
  double sorted[BENCH_ROUNDS];
  memcpy(sorted, rounds->round, sizeof sorted);
  qsort(sorted, BENCH_ROUNDS, sizeof *sorted, by_size);
  const double median = sorted[BENCH_ROUNDS / 2];
  rounds->median = median;
  rounds->spread = median > 0.0 ? (sorted[BENCH_ROUNDS - 2] - sorted[1]) / median : 0.0;
  rounds->least = sorted[0];
}
