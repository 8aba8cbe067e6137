/* The operator of a chain as a matrix, and linear equations with it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/theory/chain_solver.h"
#include "host/theory/dense_solver.h"

static double *numbers(int64_t count)
{
  return calloc((size_t)count, sizeof(double));
}

double esc_operator_node(const esc_operator *op, int i)
{
  const int nodes = esc_mesh_nodes(&op->mesh);
  return i < nodes ? esc_mesh_node(&op->mesh, i) : esc_chain_end(op->chain, i - nodes);
}

/* The edges of balls are strict, which no density sees. */
static void fill_known(esc_operator *op)
{
  const esc_plan *const plan = op->chain->subject->plan;
  for (int i = 0; i < op->n; i++) {
    const double x = esc_operator_node(op, i);
    for (int ending = 0; ending < ESC_ENDINGS; ending++)
      op->ending[ending][i] = esc_chain_ending(op->chain, x, (esc_ending)ending);
    for (int ball = 0; ball < plan->near_count; ball++)
      op->inside[ball][i] = esc_chain_into_ball(op->chain, x, ball);
  }
}

const char *esc_operator_begin(esc_operator *op, const esc_chain *chain, const esc_mesh *mesh,
                               int order)
{
  *op = (esc_operator){.chain = chain, .mesh = *mesh};
  op->rule = esc_gauss_rule(order);
  op->fine = esc_gauss_rule(ESC_ORDER_FINE);
  op->mesh.rule = &op->rule;
  op->n = esc_mesh_nodes(&op->mesh) + esc_chain_ends_held(chain);
  int there = (op->matrix = numbers((int64_t)op->n * op->n)) != NULL;
  for (int k = 0; k < ESC_ENDINGS; k++)
    there &= (op->ending[k] = numbers(op->n)) != NULL;
  for (int k = 0; k < chain->subject->plan->near_count; k++)
    there &= (op->inside[k] = numbers(op->n)) != NULL;
  if (!there)
    return ESC_NO_MEMORY;
  fill_known(op);
  for (int i = 0; i < op->n; i++)
    esc_chain_row(chain, &op->mesh, &op->fine, esc_operator_node(op, i),
                  op->matrix + (size_t)i * (size_t)op->n);
  return NULL;
}

void esc_operator_end(esc_operator *op)
{
  free(op->matrix);
  free(op->lu);
  free(op->pivots);
  for (int k = 0; k < ESC_ENDINGS; k++)
    free(op->ending[k]);
  for (int k = 0; k < ESC_BALLS_MAX; k++)
    free(op->inside[k]);
  *op = (esc_operator){0};
}

const char *esc_operator_factor(esc_operator *op)
{
  const size_t size = (size_t)op->n * (size_t)op->n;
  op->lu = malloc(size * sizeof *op->lu);
  op->pivots = malloc((size_t)op->n * sizeof *op->pivots);
  if (!op->lu || !op->pivots)
    return ESC_NO_MEMORY;
  for (size_t k = 0; k < size; k++)
    op->lu[k] = -op->matrix[k];
  for (int i = 0; i < op->n; i++)
    op->lu[(size_t)i * (size_t)op->n + (size_t)i] += 1.0;
  return esc_lu_factor(op->n, op->lu, op->pivots) ? NULL : "it never ends";
}

void esc_operator_solve(const esc_operator *op, double *u)
{
  esc_lu_solve(op->n, op->lu, op->pivots, u);
}

/* Inverse iteration: (I - K)^-1 multiplies the slowest mode by 1/(1 - factor), which is far larger
 * than for the others. */
const char *esc_operator_survival(const esc_operator *op, double *factor)
{
  double *const u = numbers(op->n);
  double slowest = 0.0;
  if (!u)
    return ESC_NO_MEMORY;
  *factor = (double)NAN;
  for (int i = 0; i < op->n; i++)
    u[i] = 1.0;
  for (int k = 0; k < 100 && isnan(*factor); k++) {
    double most = 0.0;
    esc_operator_solve(op, u);
    for (int i = 0; i < op->n; i++)
      most = fabs(u[i]) > fabs(most) ? u[i] : most;
    for (int i = 0; i < op->n; i++)
      u[i] /= most;
    if (fabs(most - slowest) < 1e-13 * fabs(most))
      *factor = 1.0 - 1.0 / most;
    slowest = most;
  }
  free(u);
  return NULL;
}

/* E u of the first position, u solved from itself in place. */
static double solved(const esc_operator *op, const esc_entry_law *entry, double *u)
{
  esc_operator_solve(op, u);
  return esc_row_times(op->n, entry->row, u);
}

/* Powers of the time: with t_j(x) = E[T^j | x] and T = 1 + T' from the next position on,
 * t_k - K t_k = 1 + sum over 0 < j < k of C(k, j) K t_j, in which K t_j is t_j less its own right
 * side. Puts E T^k, k = 1 .. 4, into power[k]. */
static const char *powers_of_time(const esc_operator *op, const esc_entry_law *entry,
                                  double power[5], double *longest)
{
  static const double binomial[5][5] = {{1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}, {1, 4, 6, 4, 1}};
  const int n = op->n;
  double *const all = numbers(8 * (int64_t)n), later[5] = {0.0};
  if (!all)
    return ESC_NO_MEMORY;
  for (int i = 0; i < n; i++)
    later[0] += entry->row[i];
  for (int k = 1; k <= 4; k++) {
    double *const t = all + 2 * (k - 1) * n, *const right = t + n;
    for (int i = 0; i < n; i++) {
      right[i] = 1.0;
      for (int j = 1; j < k; j++)
        right[i] += binomial[k][j] * (all[2 * (j - 1) * n + i] - all[2 * (j - 1) * n + n + i]);
      t[i] = right[i];
    }
    later[k] = solved(op, entry, t);
    power[k] = entry->time * (1.0 - later[0]); /* those that ended with the first step */
    for (int j = 0; j <= k; j++)
      power[k] += binomial[k][j] * (entry->time || j == k ? later[j] : 0.0);
    for (int i = 0; k == 1 && i < n; i++)
      *longest = fmax(*longest, fabs(t[i]));
  }
  free(all);
  return NULL;
}

/* h(x) = P(ends so | x) is P(next step ends so) + K h, and E[T; ends so | x] = h + K of it. */
const char *esc_totals_in_the_end(const esc_operator *op, const esc_entry_law *entry,
                                  esc_totals *totals, double *longest)
{
  const size_t size = (size_t)op->n * sizeof(double);
  double *const u = numbers(op->n), power[5];
  if (!u)
    return ESC_NO_MEMORY;
  *totals = (esc_totals){0};
  *longest = 1.0;
  for (int k = 0; k < ESC_ENDINGS; k++) {
    memcpy(u, op->ending[k], size);
    totals->ended[k] = entry->ended[k] + solved(op, entry, u);
    totals->timed[k] = entry->time * totals->ended[k] + solved(op, entry, u);
  }
  free(u);
  const char *const why = powers_of_time(op, entry, power, longest);
  if (why)
    return why;
  const double mean = power[1];
  totals->at_risk = mean;
  totals->squares = power[2];
  totals->fourth = power[4] - 4.0 * mean * power[3] + 6.0 * mean * mean * power[2] -
                   3.0 * mean * mean * mean * mean;
  return NULL;
}

double esc_row_times(int n, const double *row, const double *u)
{
  double sum = 0.0;
  for (int i = 0; i < n; i++)
    sum += row[i] * u[i];
  return sum;
}
