/* Exact values of the discrete chains of docs/exact_values.md, in double: the numbers printed there
 * with their headings, the closed forms, and a dense Nystroem solver for the memoryless chain
 * x' = x - lr*(U'(x) + xi) in one dimension, which needs no theory at all. Nothing here comes from
 * host/theory or kernels/. */
#ifndef REFERENCE_CHAIN_H
#define REFERENCE_CHAIN_H

#include "reference_noise.h"

#include <stdint.h>

/* ---- the solver ----------------------------------------------------------------------------- */

/* The chain, killed when it leaves the open interval (lower, upper). The noise needs a smooth
 * density (gaussian, logistic, student_t, stable): the quadrature then converges exponentially. An
 * unbounded side is a bound so far out that it is not reached. */
typedef struct ref_chain {
  double (*gradient)(double x, const void *context); /* U' */
  const void *context;
  double lr;
  ref_noise noise;
  double lower, upper;
  double kinks[4]; /* where U' or its derivatives jump, ascending */
  int kink_count;
  double nodes_per_step; /* quadrature nodes per lr*scale; 0: 4, enough for Gaussian noise */
} ref_chain;

typedef struct ref_exit {
  double mean;          /* E[T], the count of steps, the leaving step included */
  double second_moment; /* E[T^2] */
  double sd;
  double right; /* P(leaves at or above upper) */
} ref_exit;

/* Solves for `count` starts; *survival_factor (may be NULL) receives the largest eigenvalue of the
 * killed kernel. Returns 0, or -1 if out of memory or too large. */
int ref_exit_solve(const ref_chain *chain, int count, const double *starts, ref_exit *exits,
                   double *survival_factor);

/* fractions[i] = P(X_steps[i] in (low, high), no exit before) from `start`; steps ascending from 1.
 */
int ref_presence_solve(const ref_chain *chain, double start, double low, double high, int count,
                       const int64_t *steps, double *fractions);

/* ---- closed forms: maxima ------------------------------------------------------------------- */

/* P(right) of the sharp maximum U = a x (x < 0), -b x (x > 0), from 0 by convention and from y. */
typedef struct ref_splitting {
  double from_right; /* h(0+): the slope at 0 is that of the right */
  double from_left;  /* h(0-) */
  double from_zero;  /* U'(0) = 0 */
} ref_splitting;
ref_splitting ref_laplace_splitting(double a, double b, double scale);
double ref_laplace_splitting_from(double a, double b, double scale, double y); /* y = x/lr != 0 */

/* Rademacher noise of size 1, a = b = (m-1)/(m+1), m whole: the root rho and h(0+) = 1/(1+rho). */
double ref_rademacher_root(int m);
double ref_rademacher_splitting(int m);

/* Chang & Peres: p(drift/sigma) = P(walk never goes below 0); a = b: h(0+) = (1+p^2)/2. */
double ref_chang_peres(double drift_over_sigma);

/* The constant A_p of the flat maximum, and P(right | x0) there with equal and unequal sides. */
double ref_flat_maximum_constant(double p);
double ref_flat_maximum_right(double p, double c, double lr, double sigma, double x0);
double ref_unequal_sides_right(double p, double c_left, double c_right);

/* ---- closed forms: minima, parabolic maxima, walks ------------------------------------------ */

double ref_sgd_variance(double lr, double k, double sigma);
double ref_sgd_variance_at(double lr, double k, double sigma, int64_t n);
typedef struct ref_momentum_moments {
  double x, v, xv; /* Var x, Var v, Cov(x, v) of v' = mu v - lr g, x' = x + v' */
} ref_momentum_moments;
ref_momentum_moments ref_momentum_variance(double lr, double k, double sigma, double mu);
/* The iterate x of form lookahead, and the point y = x + mu(x - x_prev) of form bengio. */
double ref_nesterov_variance(double lr, double k, double sigma, double mu);
double ref_nesterov_point_variance(double lr, double k, double sigma, double mu);
double ref_stable_scale(double lr, double k, double alpha, double scale);
/* x' = (1 - lr k - lr s z1) x - lr sigma z2 */
double ref_state_noise_variance(double lr, double k, double s, double sigma);
double ref_state_noise_tail_index(double lr, double k, double s);
/* V_{t+1} = (1 - lr k)^2 V_t + lr^2 eta0/(1+t)^gamma, V_0 = 0, n times. */
double ref_annealed_variance(double lr, double k, double eta0, double gamma, int64_t n);

/* Parabolic maximum U = -c x^2/2: P(right | x0). */
double ref_parabolic_gaussian(double lr, double c, double sigma, double x0);
double ref_parabolic_cauchy(double c, double scale, double x0);
double ref_parabolic_rademacher(double lr, double x0); /* lr*c = 1, |x0| <= lr, size 1 */
double ref_parabolic_stable_scale(double lr, double c, double alpha, double scale);
double ref_parabolic_momentum(double lr, double c, double sigma, double mu, double x0);

/* Free Gaussian walk of step sd s leaving (-L, L), to about exp(-sqrt(2 pi) d/s), d the distance from x0 to the nearer wall (Siegmund).
 */
double ref_siegmund_rho(void);
double ref_free_walk_mean(double s, double L, double x0);
double ref_free_walk_right(double s, double L, double x0);

double ref_zeta(double s); /* Riemann zeta, real s != 1 */

/* ---- printed constants ---------------------------------------------------------------------- */

typedef enum ref_quantity {
  REF_MEAN, /* E[T] */
  REF_SD,   /* sd of T */
  REF_SD_OVER_MEAN,
  REF_P_RIGHT,
  REF_FACTOR /* survival factor per step */
} ref_quantity;

/* One printed number: U = power_well(p, q), power_maximum (q = 0) or free walk (p = 0); noise
 * `cauchy ? stable(1,0) : gaussian` of scale sigma; leaving (lower, upper) from `start`. */
typedef struct ref_printed_exit {
  const char *source; /* where it stands in docs/exact_values.md */
  double p, q;
  int cauchy;
  double lr, sigma, lower, upper, start;
  ref_quantity quantity;
  double value;
  double unit; /* of the last printed digit */
} ref_printed_exit;
extern const ref_printed_exit ref_printed_exits[];
extern const int ref_printed_exit_count;

typedef struct ref_printed_presence {
  const char *source;
  double p, q, lr, sigma;
  int64_t step;
  double near_top;     /* P(|x| < .3), printed to 1e-6 */
  double near_minimum; /* P(||x|-1| < .2); negative: not printed */
} ref_printed_presence;
extern const ref_printed_presence ref_printed_presences[];
extern const int ref_printed_presence_count;

typedef struct ref_printed_splitting {
  const char *source;
  const char *law; /* gaussian or laplace, variance 1 */
  double a, b;
  ref_splitting value; /* printed to 1e-8 */
} ref_printed_splitting;
extern const ref_printed_splitting ref_printed_splittings[];
extern const int ref_printed_splitting_count;

typedef struct ref_printed_constant {
  const char *source;
  const char *name;
  double argument;
  double value;
  double unit;
} ref_printed_constant;
extern const ref_printed_constant ref_printed_constants[];
extern const int ref_printed_constant_count;

/* The chain of a printed exit or presence; `well` must outlive it. */
typedef struct ref_well {
  double p, q; /* U' = -|x|^(p-1) sgn x + |x|^(q-1) sgn x; p or q = 0: that term is absent */
} ref_well;
ref_chain ref_well_chain(const ref_well *well, double lr, double sigma, int cauchy, double lower,
                         double upper);

#endif
