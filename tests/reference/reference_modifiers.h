/* What surrounds a rule in a step of an optimizer, in double, from docs and papers and from nothing
 * in kernels/: schedules, unscaling and clipping, annealed noise, the moving average, the norm, and
 * the random words of a step with the rounding they decide. */
#ifndef REFERENCE_MODIFIERS_H
#define REFERENCE_MODIFIERS_H

#include <stdint.h>

enum {
  REF_CONSTANT,
  REF_INVERSE_SQRT,
  REF_POWER,
  REF_EXPONENTIAL,
  REF_STEP,
  REF_WARMUP_COSINE,
  REF_SCHEDULES
};

/* Keys: power exponent; exponential gamma; step every, gamma; warmup_cosine warmup, total, least.
 */
typedef struct ref_schedule {
  int kind;
  double key[3];
} ref_schedule;

/* The factor of lr, or of decay, at step t = 1, 2, ... */
double ref_schedule_factor(const ref_schedule *s, int64_t t);

/* The product of the momenta mu_1 ... mu_steps of nadam's schedule; 1 before the first. */
double ref_nadam_progress(double beta1, double momentum_decay, int64_t steps);

/* What gradients are multiplied by: min(1, most/(norm + eps))/scale, norm that of the unscaled
 * gradients; raw_norm is the norm as they stand. */
double ref_gradient_factor(double scale, double raw_norm, double most, double eps);

/* The standard deviation of annealed noise at step t = 1, 2, ... (Neelakantan et al. 2015). */
double ref_noise_deviation(double eta0, double gamma, int64_t t);

/* Salmon et al. 2011: Philox4x32-10. */
void ref_philox(uint64_t key, uint64_t low, uint64_t high, uint32_t word[4]);

/* The standard normal on element i of a tensor at its step t. *spread: what a rounding in float may
 * do to it, in units of that rounding: its radius is the root of a logarithm, which near radius 0
 * is the logarithm of almost 1. */
double ref_noise_normal(uint64_t seed, int64_t tensor, int64_t t, int64_t i, double *spread);

/* The 16 bits that decide how element i of an array of a tensor is rounded at its step t. Arrays:
 * 0 value, 1 master, 2 average, 3 to 5 states. */
uint32_t ref_rounding_word(uint64_t seed, int64_t tensor, int array, int64_t t, int64_t i);

/* x, a float, in a type of 16 bits: away from zero if the share cut off, in 16 bits, and the word
 * come to a whole. What is beyond the largest number goes to the nearest. */
uint32_t ref_encode_random(int type, double x, uint32_t word16);

#endif
