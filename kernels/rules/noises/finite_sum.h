/* Minibatch noise of a finite sum: the loss is the mean of n terms U_i = U + h_i x with the h_i
 * centred, and a step uses the mean of `batch` of them, drawn with or without replacement. The
 * words are those of the minibatch stream, a fresh block at every step:
 *   with:    batch words, term floor(w n / 2^32) each;
 *   without: n words, term i taken if floor(w_i (n-i)/2^32) < what is still to be taken
 *            (selection sampling, Knuth, Algorithm S), so that every subset is equally likely. */
#ifndef ESC_FINITE_SUM_H
#define ESC_FINITE_SUM_H

#include "kernels/rules/noises/noise.h"

#define ESC_KEYS_finite_sum(KEY)                                                                   \
  KEY(values, LIST, ANY, ESC_REQUIRED, NULL, "the slopes h_i; or n and spread")                    \
  KEY(n, NUMBER, COUNT, 0.0, NULL, "so many slopes, evenly spaced")                                \
  KEY(spread, NUMBER, POSITIVE, 1.0, NULL, "they lie in [-spread, spread]")                        \
  KEY(batch, NUMBER, COUNT, 1.0, NULL, "terms in a step")                                          \
  KEY(replace, WORD, ANY, 1.0, "no|yes", "whether a term can be drawn twice in a step")

/* floor(word * count / 2^32), an even draw from count things. */
ESC_RULE uint32_t esc_word_below(uint32_t word, uint32_t count)
{
  return (uint32_t)(((uint64_t)word * count) >> 32);
}

#endif
