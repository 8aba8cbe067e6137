/* Bins of sizes (floats not below 0): 2^bits of them to the octave, by the exponent and the leading
 * bits of the significand. The next bin begins where a bin ends. */
#ifndef ESC_SIZE_BINS_H
#define ESC_SIZE_BINS_H

#include "kernels/rules/rule.h"

ESC_RULE int esc_size_bin(float size, int bits)
{
  return (int)(esc_bits_of_f32(size) >> (23 - bits));
}

ESC_RULE float esc_size_bin_edge(int bin, int bits)
{
  return esc_f32_of_bits((uint32_t)bin << (23 - bits));
}

/* Distances behind a tail index: all finite floats. A double beyond them falls into the last. */
#define ESC_TAIL_BITS 7
#define ESC_TAIL_BINS (255 << ESC_TAIL_BITS)

ESC_RULE int esc_tail_bin(esc_real distance)
{
  const int bin = esc_size_bin((float)distance, ESC_TAIL_BITS);
  return bin < ESC_TAIL_BINS ? bin : ESC_TAIL_BINS - 1;
}

/* |m|/sqrt(v) from 2^-20 up to 2^12; what lies outside falls into the first or the last. */
#define ESC_SNR_BITS  5
#define ESC_SNR_BINS  (32 << ESC_SNR_BITS)
#define ESC_SNR_FIRST ((127 - 20) << ESC_SNR_BITS)

ESC_RULE int esc_snr_bin(esc_real ratio)
{
  const int bin = esc_size_bin((float)ratio, ESC_SNR_BITS) - ESC_SNR_FIRST;
  const int raised = bin < 0 ? 0 : bin;
  return raised < ESC_SNR_BINS ? raised : ESC_SNR_BINS - 1;
}

/* Adam's signal to noise (Kingma and Ba 2015, section 2.1), before its bias correction, which
 * depends on the step alone; not finite while v is 0. */
ESC_RULE esc_real esc_signal_to_noise(esc_real m, esc_real v)
{
  return esc_abs(m) / esc_sqrt(v);
}

#endif
