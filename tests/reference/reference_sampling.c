/* reference_sampling.h says what these are. */
#include "reference_sampling.h"

#include <math.h>
#include <stdlib.h>

#include "reference_modifiers.h"

enum { STREAM_MINIBATCH = 3, STREAMS_PER_SOURCE = 8 };

/* Word i of the blocks that belong to a step and a coordinate. */
static uint32_t word_of(const ref_epochs *e, int64_t step, int j, int i)
{
  uint32_t words[4];
  const uint64_t stream = (uint64_t)(STREAMS_PER_SOURCE * e->source + STREAM_MINIBATCH) << 56;
  const uint64_t blocks = ((uint64_t)e->count + 3) / 4;
  const uint64_t place = (uint64_t)step * (uint64_t)e->dimension + (uint64_t)j;
  ref_philox(e->seed, stream | (place * blocks + (uint64_t)i / 4), e->id, words);
  return words[i % 4];
}

/* Every step of the epoch has `batch` places; a term takes one of those left, counted from the
 * first step's on. */
double ref_epoch_mean(const ref_epochs *e, int64_t first, int turn, int j)
{
  const int steps = e->count / e->batch;
  int *const left = malloc((size_t)steps * sizeof *left);
  double sum = 0.0, mean = 0.0;
  for (int step = 0; left && step < steps; step++)
    left[step] = e->batch;
  for (int i = 0; i < e->count; i++)
    mean += e->terms[i] / e->count;
  for (int i = 0; left && i < e->count; i++) {
    const double places = (double)(e->count - i);
    int place = (int)floor((double)word_of(e, first, j, i) * places * 0x1p-32), step = 0;
    while (place >= left[step])
      place -= left[step++];
    left[step]--;
    sum += step == turn ? e->terms[i] - mean : 0.0;
  }
  free(left);
  return sum / e->batch;
}

double ref_quadratic_covariance(double lr, double k_i, double k_j, double s_ij, int n)
{
  const double kept = (1.0 - lr * k_i) * (1.0 - lr * k_j);
  return lr * lr * s_ij * (1.0 - pow(kept, n)) / (1.0 - kept);
}

/* x' = x (a + b z) for a side of 0, a = 1 - lr k, b = lr sqrt(k), whichever the sign of x. */
double ref_proportional_moment(double lr, double k, double s, double x0, int n, int power)
{
  const double a = 1.0 - lr * k, b = lr * sqrt(k) * s;
  const double second = a * a + b * b;
  const double fourth = a * a * a * a + 6.0 * a * a * b * b + 3.0 * b * b * b * b;
  return pow(x0, power) * pow(power == 2 ? second : fourth, n);
}
