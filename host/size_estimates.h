/* Estimates from bins of sizes (rules/observers/size_bins.h) and from positions in their order: the
 * tail index, quantiles of Adam's signal to noise. */
#ifndef ESC_HOST_SIZE_ESTIMATES_H
#define ESC_HOST_SIZE_ESTIMATES_H

#include "kernels/backend.h"

/* Hill's estimate from ESC_TAIL_BINS counts: into count, hill, threshold and beyond. */
void esc_hill_estimate(const int64_t *bins, double share, esc_tail_index *tail);

/* The block estimate from positions (count x dimension) and the point they are taken from: into
 * block, block_size and block_count. */
void esc_block_estimate(const double *positions, int64_t count, int dimension, const double *point,
                        esc_tail_index *tail);

/* The q-quantile of ESC_SNR_BINS counts: the middle of its bin, the interval that of order
 * statistics out to the edges of their bins. */
esc_estimate esc_snr_quantile(const int64_t *bins, double q);

#endif
