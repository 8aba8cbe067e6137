/* Every observer, a line each: OBSERVER(key, what it gives). */
#ifndef ESC_OBSERVER_CATALOGUE_H
#define ESC_OBSERVER_CATALOGUE_H

#include "kernels/rules/observers/exact_sum.h"
#include "kernels/rules/observers/regions.h"
#include "kernels/rules/observers/size_bins.h"
#include "kernels/rules/observers/time_bins.h"

#define ESC_OBSERVER_CATALOGUE(OBSERVER)                                                           \
  OBSERVER(steps, "the steps at which curves are taken: a list, {log: [a, b, count]}, {every: n}") \
  OBSERVER(near, "share in a ball |x - point| < radius at the steps, stuck there, time spent")     \
  OBSERVER(histogram, "of the last position, per coordinate")                                      \
  OBSERVER(occupation, "histogram of the position over all steps")                                 \
  OBSERVER(correlation, "of x at steps - lag and at steps, over trajectories still running")       \
  OBSERVER(moments, "mean and variance of the living at the steps")                                \
  OBSERVER(loss, "mean and variance of U at the steps and at the last position")                   \
  OBSERVER(basins, "which basin holds the position, and moves between them (one dimension)")       \
  OBSERVER(overshoot, "how far beyond the wall an exit lands")                                     \
  OBSERVER(tail_index, "of the last position's size: Hill's estimate, and that of blocks")         \
  OBSERVER(snr, "Adam's |m|/sqrt(v) at the steps: mean, variance, quantiles")                      \
  OBSERVER(samples, "exit step, last position and outcome of each trajectory, to samples.h5")      \
  OBSERVER(paths, "the first n trajectories step by step, for a picture")

#endif
