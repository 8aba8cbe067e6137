/* Estimates from sizes. Every formula is in docs/statistics.md. */
#include "host/size_estimates.h"

#include <math.h>

#include "host/intervals.h"

enum { LEAST = 10 }; /* sizes beyond a threshold, or blocks, that an estimate is formed from */

static int64_t count_all(const int64_t *bins, int count)
{
  int64_t sum = 0;
  for (int k = 0; k < count; k++)
    sum += bins[k];
  return sum;
}

/* --- Hill --- */

/* The last bin from which on there are at least `wanted`; how many there are. */
static int threshold_bin(const int64_t *bins, int64_t wanted, int64_t *beyond)
{
  int bin = ESC_TAIL_BINS;
  *beyond = 0;
  while (bin > 0 && *beyond < wanted)
    *beyond += bins[--bin];
  return bin;
}

static double tail_edge(int bin)
{
  return bin < ESC_TAIL_BINS ? (double)esc_size_bin_edge(bin, ESC_TAIL_BITS) : 0x1p128;
}

void esc_hill_estimate(const int64_t *bins, double share, esc_tail_index *tail)
{
  const int64_t total = count_all(bins, ESC_TAIL_BINS);
  const int64_t asked = (int64_t)ceil(share * (double)total),
                wanted = asked > LEAST ? asked : LEAST;
  double sum = 0.0;
  tail->count = total;
  tail->hill = esc_no_estimate();
  const int first = threshold_bin(bins, wanted, &tail->beyond);
  tail->threshold = tail_edge(first);
  if (tail->beyond < wanted || !(tail->threshold > 0.0))
    return;
  for (int k = first; k < ESC_TAIL_BINS; k++) /* a bin's sizes count as its middle, by ratio */
    if (bins[k])
      sum += (double)bins[k] *
             (0.5 * (log(tail_edge(k)) + log(tail_edge(k + 1))) - log(tail->threshold));
  const double mean = sum / (double)tail->beyond;
  if (mean > 4.0 * 0x1p-7) /* nearer to the threshold bins tell no tail from a bound */
    tail->hill = esc_hill_interval(mean, tail->beyond);
}

/* --- blocks --- */

/* The logarithm of the distance of the sum of `count` positions from the point. */
static double log_of_sum(const double *x, int64_t count, int dimension, const double *point)
{
  double squares = 0.0;
  for (int j = 0; j < dimension; j++) {
    double sum = 0.0;
    for (int64_t i = 0; i < count; i++)
      sum += x[i * dimension + j] - point[j];
    squares += sum * sum;
  }
  return 0.5 * log(squares);
}

/* Of one block: log |its sum| less the mean of the logarithms of its members. */
static double log_growth(const double *x, int64_t size, int dimension, const double *point)
{
  double mean = 0.0;
  for (int64_t i = 0; i < size; i++)
    mean += log_of_sum(x + i * dimension, 1, dimension, point) / (double)size;
  return log_of_sum(x, size, dimension, point) - mean;
}

void esc_block_estimate(const double *positions, int64_t count, int dimension, const double *point,
                        esc_tail_index *tail)
{
  const int64_t size = (int64_t)floor(sqrt((double)count));
  int64_t used = 0;
  double mean = 0.0, squares = 0.0;
  tail->block = esc_no_estimate();
  tail->block_size = size;
  for (int64_t k = 0; size > 1 && (k + 1) * size <= count; k++) {
    const double growth = log_growth(positions + k * size * dimension, size, dimension, point);
    if (!isfinite(growth)) /* a position right on the point, or none */
      continue;
    used++;
    const double off = growth - mean;
    mean += off / (double)used;
    squares += off * (growth - mean);
  }
  tail->block_count = used;
  if (used < LEAST || !(mean > 0.0))
    return;
  const double scale = log((double)size);
  const esc_estimate inverse =
      esc_mean_interval(mean / scale, sqrt(squares / (double)(used - 1)) / scale, used);
  tail->block.value = 1.0 / inverse.value;
  tail->block.low = 1.0 / inverse.high;
  tail->block.high = inverse.low > 0.0 ? 1.0 / inverse.low : (double)INFINITY;
}

/* --- signal to noise --- */

static double snr_edge(int bin)
{
  if (bin == 0)
    return 0.0;
  return bin < ESC_SNR_BINS ? (double)esc_size_bin_edge(bin + ESC_SNR_FIRST, ESC_SNR_BITS)
                            : (double)INFINITY;
}

/* The bin that holds the value of a rank, from 0. */
static int bin_of_rank(const int64_t *bins, int64_t rank)
{
  int bin = 0;
  for (int64_t seen = bins[0]; seen <= rank && bin + 1 < ESC_SNR_BINS;)
    seen += bins[++bin];
  return bin;
}

esc_estimate esc_snr_quantile(const int64_t *bins, double q)
{
  const int64_t total = count_all(bins, ESC_SNR_BINS);
  int64_t low, high;
  if (total < 1)
    return esc_no_estimate();
  esc_quantile_ranks(q, total, &low, &high);
  const int middle = bin_of_rank(bins, (int64_t)ceil(q * (double)total) - 1);
  const double last = middle + 1 < ESC_SNR_BINS ? snr_edge(middle + 1) : snr_edge(middle);
  const esc_estimate quantile = {
      0.5 * (snr_edge(middle) + last), low < 0 ? 0.0 : snr_edge(bin_of_rank(bins, low)),
      high < total ? snr_edge(bin_of_rank(bins, high) + 1) : (double)NAN};
  return quantile;
}
