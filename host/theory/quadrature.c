/* Gauss-Legendre quadrature. Nodes are the roots of the Legendre polynomial, by Newton's method;
 * barycentric weights are (-1)^k sqrt((1 - x_k^2) w_k) (Wang, Huybrechs and Vandewalle 2014). */
#include "host/theory/quadrature.h"

#include <math.h>
#include <stddef.h>

#define PI 3.14159265358979323846

/* P_n(x), and its derivative where asked for. */
static double legendre(int n, double x, double *derivative)
{
  double before = 1.0, now = x;
  for (int k = 2; k <= n; k++) {
    const double next = ((2 * k - 1) * x * now - (k - 1) * before) / k;
    before = now;
    now = next;
  }
  if (derivative)
    *derivative = n * (x * now - before) / (x * x - 1.0);
  return n == 0 ? 1.0 : now;
}

esc_gauss esc_gauss_rule(int order)
{
  esc_gauss rule = {.order = order};
  for (int k = 0; k < order; k++) {
    double x = -cos(PI * (k + 0.75) / (order + 0.5)), slope = 1.0;
    for (int iteration = 0; iteration < 10; iteration++)
      x -= legendre(order, x, &slope) / slope;
    legendre(order, x, &slope);
    rule.node[k] = x;
    rule.weight[k] = 2.0 / ((1.0 - x * x) * slope * slope);
    rule.barycentric[k] = (k % 2 ? -1.0 : 1.0) * sqrt((1.0 - x * x) * rule.weight[k]);
  }
  return rule;
}

void esc_gauss_lagrange(const esc_gauss *rule, double t, double *at)
{
  double sum = 0.0;
  for (int k = 0; k < rule->order; k++) {
    const double off = t - rule->node[k];
    if (off == 0.0) {
      for (int j = 0; j < rule->order; j++)
        at[j] = j == k;
      return;
    }
    at[k] = rule->barycentric[k] / off;
    sum += at[k];
  }
  for (int k = 0; k < rule->order; k++)
    at[k] /= sum;
}

double esc_gauss_unresolved(const esc_gauss *rule, const double *values)
{
  double last = 0.0;
  for (int degree = rule->order - 2; degree < rule->order; degree++) {
    double coefficient = 0.0;
    for (int k = 0; k < rule->order; k++)
      coefficient += rule->weight[k] * values[k] * legendre(degree, rule->node[k], NULL);
    last = fmax(last, fabs(coefficient) * (degree + 0.5));
  }
  return last;
}
