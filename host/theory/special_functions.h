/* Functions of mathematical statistics that the C library does not have. */
#ifndef ESC_THEORY_SPECIAL_FUNCTIONS_H
#define ESC_THEORY_SPECIAL_FUNCTIONS_H

/* The standard normal distribution function, right in both tails; and its inverse. */
double esc_normal_below(double z);
double esc_normal_point(double p);

/* P(a < z < b), without cancellation in the tails. */
double esc_normal_between(double a, double b);

/* log |Gamma(x)|, without the sign that lgamma leaves for all threads. */
double esc_log_gamma(double x);

/* The regularised incomplete gamma functions: P(a, x) and Q(a, x) = 1 - P(a, x); a > 0, x >= 0. */
double esc_gamma_below(double a, double x);
double esc_gamma_above(double a, double x);

/* The p-quantile of Student's t with `degrees` degrees of freedom, p > 1/2. */
double esc_student_point(double p, double degrees);

/* Riemann's zeta at 1/2 - r, r = 0, 1, 2, ... */
double esc_zeta_below_one(int r);

#endif
