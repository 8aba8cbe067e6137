/* Symmetric stable laws: density and tail at scale 1, from a table of polynomials that is made once
 * for an index. */
#ifndef ESC_THEORY_STABLE_LAW_H
#define ESC_THEORY_STABLE_LAW_H

enum { ESC_STABLE_CELLS = 14, ESC_STABLE_NODES = 20, ESC_STABLE_TERMS = 60 };

typedef struct esc_stable_law {
  double index;
  double point[ESC_STABLE_NODES], weight[ESC_STABLE_NODES]; /* of interpolation */
  /* values at the Chebyshev points of [2^-10, 2^-9], ... [8, 16] */
  double density[ESC_STABLE_CELLS][ESC_STABLE_NODES];
  double tail[ESC_STABLE_CELLS][ESC_STABLE_NODES];
  int terms; /* of the series far out, in x^-alpha */
  double term[ESC_STABLE_TERMS];
} esc_stable_law;

/* 0 for an index below 0.5, above 1.98 or within 0.02 of 1 (which is Cauchy's, and closed). */
int esc_stable_law_begin(esc_stable_law *law, double index);

double esc_stable_law_at(const esc_stable_law *law, double x);    /* x >= 0 */
double esc_stable_law_above(const esc_stable_law *law, double x); /* P(X > x), x >= 0 */

#endif
