/* Minibatch noise of a finite sum: the loss is the mean of n terms U_i = U + h_i x with the h_i
 * centred, and a step uses the mean of `batch` of them, drawn with or without replacement. The
 * words are those of the minibatch stream, fresh blocks at every step, or at every epoch:
 *   yes:   batch words, term floor(w n / 2^32) each;
 *   no:    n words, term i taken if floor(w_i (n-i)/2^32) < what is still to be taken
 *          (selection sampling, Knuth, Algorithm S), so that every subset is equally likely;
 *   epoch: n words for the n/batch steps of an epoch. In term order, each term takes one of the
 *          n-i places left, all equally likely; the places are dealt to the steps in turn, so that
 *          every way to part the terms is equally likely (as after a uniform permutation). A step
 *          need only count the places left before its own, and no step need remember another. */
#ifndef ESC_FINITE_SUM_H
#define ESC_FINITE_SUM_H

#include "kernels/rules/noises/noise.h"

#define ESC_KEYS_finite_sum(KEY)                                                                   \
  KEY(values, LIST, ANY, ESC_REQUIRED, NULL, "the slopes h_i; or n and spread")                    \
  KEY(n, NUMBER, COUNT, 0.0, NULL, "so many slopes, evenly spaced")                                \
  KEY(spread, NUMBER, POSITIVE, 1.0, NULL, "they lie in [-spread, spread]")                        \
  KEY(batch, NUMBER, COUNT, 1.0, NULL, "terms in a step")                                          \
  KEY(replace, WORD, ANY, 1.0, "no|yes|epoch",                                                     \
      "whether a term can be drawn twice in a step; epoch: not before all were drawn")

/* floor(word * count / 2^32), an even draw from count things. */
ESC_RULE uint32_t esc_word_below(uint32_t word, uint32_t count)
{
  return (uint32_t)(((uint64_t)word * count) >> 32);
}

/* Whether the next term, with `remaining` places left, takes one of this step's; *before counts the
 * places left of the steps before it (none without epochs: Algorithm S), *left those of its own. */
ESC_RULE int esc_batch_takes(uint32_t word, uint32_t remaining, int32_t *before, int32_t *left)
{
  const int32_t place = (int32_t)esc_word_below(word, remaining);
  const int earlier = place < *before, taken = !earlier & (place < *before + *left);
  *before -= earlier;
  *left -= taken;
  return taken;
}

#endif
