/* Float64 reference of the noise laws of docs/numerics.md: distribution function, upper tail,
 * density where it has a closed form, mean and variance. Unclipped laws of one component; `scale`
 * multiplies the law as written there. */
#ifndef REFERENCE_NOISE_H
#define REFERENCE_NOISE_H

typedef struct ref_noise {
  const char *law;     /* gaussian uniform rademacher laplace logistic student_t pareto stable */
  double scale;        /* gaussian: sd; uniform: half-width; rademacher: size; pareto: least |xi|
                          before centring; others: the usual scale */
  double nu;           /* student_t */
  double alpha;        /* pareto, stable */
  double beta;         /* stable, Nolan's S1 */
  double weight_right; /* pareto: P(sign = +) */
} ref_noise;

/* P(xi <= x) and P(xi > x), each accurate in relative terms in its own tail. The stable law is
 * computed from Zolotarev's integral as in Nolan, "Numerical calculation of stable densities and
 * distribution functions" (1997), Theorem 1, to about 1e-10. */
double ref_noise_cdf(const ref_noise *noise, double x);
double ref_noise_tail(const ref_noise *noise, double x);

/* Density: gaussian, uniform, laplace, logistic, student_t, pareto; stable for alpha = 2 and for
 * (alpha, beta) = (1, 0), and by the derivative of the same integral elsewhere; rademacher NaN. */
double ref_noise_density(const ref_noise *noise, double x);

/* Mean (NaN where there is none) and variance (infinite or NaN where there is none). */
double ref_noise_mean(const ref_noise *noise);
double ref_noise_variance(const ref_noise *noise);

/* The scale that gives this variance; NaN where the law has none. */
double ref_noise_scale(const ref_noise *noise, double variance);

#endif
