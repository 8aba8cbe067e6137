/* Networks in double: matrices of weights [out][in] and vectors of biases are copied out of the
 * parameters first, then each row goes forth and back through them. check_reference.c compares the
 * gradient with finite differences. */
#include "reference_network.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { WIDEST = 64, DEEPEST = 8 };

typedef struct matrices {
  double w[DEEPEST][WIDEST][WIDEST], b[DEEPEST][WIDEST];
} matrices;

int ref_network_parameters(const ref_network *network)
{
  int count = 0;
  for (int l = 1; l < network->layers; l++)
    count += network->units[l] * network->units[l - 1] + network->units[l];
  return count;
}

/* Copies x into matrices, or matrices into x. */
static void unpack(const ref_network *network, matrices *m, double *x, int into_x)
{
  int at = 0;
  for (int l = 1; l < network->layers; l++) {
    for (int u = 0; u < network->units[l]; u++)
      for (int k = 0; k < network->units[l - 1]; k++, at++) {
        double *const place = &m->w[l][u][k];
        *(into_x ? &x[at] : place) = into_x ? *place : x[at];
      }
    for (int u = 0; u < network->units[l]; u++, at++) {
      double *const place = &m->b[l][u];
      *(into_x ? &x[at] : place) = into_x ? *place : x[at];
    }
  }
}

static double function(int kind, double z)
{
  switch (kind) {
  case REF_TANH:
    return tanh(z);
  case REF_SIGMOID:
    return 1.0 / (1.0 + exp(-z));
  case REF_RELU:
    return z > 0.0 ? z : 0.0;
  default:
    return z;
  }
}

static double derivative(int kind, double z)
{
  switch (kind) {
  case REF_TANH:
    return 1.0 / (cosh(z) * cosh(z));
  case REF_SIGMOID:
    return 1.0 / ((1.0 + exp(-z)) * (1.0 + exp(z)));
  case REF_RELU:
    return z > 0.0 ? 1.0 : 0.0;
  default:
    return 1.0;
  }
}

/* The loss of one row; its derivatives are added to g. */
static double one_row(const ref_network *network, const matrices *m, const double *input,
                      const double *target, double weight, matrices *g)
{
  double z[DEEPEST][WIDEST], a[DEEPEST][WIDEST], delta[DEEPEST][WIDEST], loss = 0.0;
  const int last = network->layers - 1;
  memcpy(a[0], input, (size_t)network->units[0] * sizeof *input);
  for (int l = 1; l <= last; l++)
    for (int u = 0; u < network->units[l]; u++) {
      z[l][u] = m->b[l][u];
      for (int k = 0; k < network->units[l - 1]; k++)
        z[l][u] += m->w[l][u][k] * a[l - 1][k];
      a[l][u] = function(l == last ? network->output : network->hidden, z[l][u]);
    }
  for (int u = 0; u < network->units[last]; u++) {
    const double t = target[u];
    if (network->logistic) {
      const double s = function(REF_SIGMOID, z[last][u]);
      /* -log s(z) = log1p(exp(-z)), -log(1 - s(z)) = log1p(exp(z)) */
      loss += t * log1p(exp(-z[last][u])) + (1.0 - t) * log1p(exp(z[last][u]));
      delta[last][u] = weight * (s - t);
    } else {
      loss += (a[last][u] - t) * (a[last][u] - t);
      delta[last][u] = weight * 2.0 * (a[last][u] - t) * derivative(network->output, z[last][u]);
    }
  }
  for (int l = last; l >= 1; l--) {
    for (int u = 0; u < network->units[l]; u++) {
      g->b[l][u] += delta[l][u];
      for (int k = 0; k < network->units[l - 1]; k++)
        g->w[l][u][k] += delta[l][u] * a[l - 1][k];
    }
    for (int k = 0; l > 1 && k < network->units[l - 1]; k++) {
      double sum = 0.0;
      for (int u = 0; u < network->units[l]; u++)
        sum += m->w[l][u][k] * delta[l][u];
      delta[l - 1][k] = sum * derivative(network->hidden, z[l - 1][k]);
    }
  }
  return weight * loss;
}

double ref_network_loss(const ref_network *network, int rows, const double *data, const double *x,
                        double *gradient)
{
  static matrices m, g;
  const int inputs = network->units[0], outputs = network->units[network->layers - 1];
  double loss = 0.0, copy[WIDEST];
  memcpy(copy, x, (size_t)ref_network_parameters(network) * sizeof *x);
  unpack(network, &m, copy, 0);
  memset(&g, 0, sizeof g);
  for (int row = 0; row < rows; row++) {
    const double *const at = data + row * (inputs + outputs);
    loss += one_row(network, &m, at, at + inputs, 1.0 / (rows * outputs), &g);
  }
  if (gradient)
    unpack(network, &g, gradient, 1);
  return loss;
}
