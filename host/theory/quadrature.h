/* Gauss-Legendre quadrature, and polynomials through its nodes. */
#ifndef ESC_THEORY_QUADRATURE_H
#define ESC_THEORY_QUADRATURE_H

enum { ESC_GAUSS_MAX = 32 };

/* The rule of `order` nodes on (-1, 1), with the barycentric weights of interpolation through them.
 */
typedef struct esc_gauss {
  int order;
  double node[ESC_GAUSS_MAX], weight[ESC_GAUSS_MAX], barycentric[ESC_GAUSS_MAX];
} esc_gauss;

esc_gauss esc_gauss_rule(int order);

/* The Lagrange polynomials of the nodes at t in [-1, 1]: order of them. */
void esc_gauss_lagrange(const esc_gauss *rule, double t, double *at);

/* The larger of the last two coefficients of the Legendre series through values at the nodes: about
 * what the nodes do not resolve. */
double esc_gauss_unresolved(const esc_gauss *rule, const double *values);

#endif
