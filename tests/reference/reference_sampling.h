/* Float64 references of noise that is more than a variate a coordinate: minibatches by epoch, by
 * the urn that they stand for; second moments of SGD on a quadratic under correlated noise, and
 * under noise in proportion to the loss. Written from docs/numerics.md and docs/reproducibility.md.
 */
#ifndef REFERENCE_SAMPLING_H
#define REFERENCE_SAMPLING_H

#include <stdint.h>

/* A trajectory's minibatches of `batch` of the `count` terms. */
typedef struct ref_epochs {
  const double *terms;
  int count, batch;
  uint64_t seed, id;
  int source;    /* of several, from 0 */
  int dimension; /* each coordinate has batches of its own */
} ref_epochs;

/* The mean of the centred terms of coordinate j in step `turn` of the epoch whose first step is
 * step `first` of the trajectory, both from 0. */
double ref_epoch_mean(const ref_epochs *epochs, int64_t first, int turn, int j);

/* Second moment E x_i x_j of x' = x - lr (K x + xi), K diagonal, xi of covariance s_ij, n steps
 * after x = 0: the discrete Lyapunov equation, summed; the stationary one as n goes to infinity. */
double ref_quadratic_covariance(double lr, double k_i, double k_j, double s_ij, int n);

/* E x^power (2 or 4) of x' = x - lr (k x + |x| sqrt(k) z), z normal of deviation s, n steps after
 * x0: noise in proportion to the loss k x^2/2. */
double ref_proportional_moment(double lr, double k, double s, double x0, int n, int power);

#endif
