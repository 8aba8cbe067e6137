/* The bins of time histograms: exact below 256 steps, then 128 bins to the octave. */
#ifndef ESC_TIME_BINS_H
#define ESC_TIME_BINS_H

#include "kernels/rules/rule.h"

#define ESC_TIME_EXACT 256 /* times below are bins of their own */
#define ESC_TIME_BINS_PER_OCTAVE 128

ESC_RULE int esc_floor_log2(uint64_t number)
{
#if defined(__CUDACC__)
  return 63 - __clzll((long long)number);
#else
  return 63 - __builtin_clzll(number);
#endif
}

ESC_RULE int esc_time_bin(int64_t steps)
{
  if (steps < ESC_TIME_EXACT)
    return (int)steps;
  const int octave = esc_floor_log2((uint64_t)steps);
  return ESC_TIME_EXACT + (octave - 8) * ESC_TIME_BINS_PER_OCTAVE +
         (int)(steps >> (octave - 7)) - ESC_TIME_BINS_PER_OCTAVE;
}

/* The least time in a bin. */
ESC_RULE int64_t esc_time_bin_edge(int bin)
{
  if (bin < ESC_TIME_EXACT)
    return bin;
  const int above = bin - ESC_TIME_EXACT;
  return (int64_t)(ESC_TIME_BINS_PER_OCTAVE + above % ESC_TIME_BINS_PER_OCTAVE)
         << (above / ESC_TIME_BINS_PER_OCTAVE + 1);
}

#endif
