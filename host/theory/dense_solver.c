/* LU by blocks of columns: a block is factored, then everything right of it and below it takes one
 * matrix product, whose rows are long enough for the compiler to vectorise (Golub and Van Loan,
 * Matrix Computations, algorithm 3.2.10 with pivoting). */
#include "host/theory/dense_solver.h"

#include <math.h>
#include <stdint.h>

enum { BLOCK = 32 };

static void swap_rows(int n, double *a, double *b)
{
  for (int j = 0; j < n; j++) {
    const double keep = a[j];
    a[j] = b[j];
    b[j] = keep;
  }
}

/* to -= sum over four of l[k] * row k. */
static void subtract_four(int count, double *restrict to, const double *restrict l,
                          const double *restrict rows, int stride)
{
  const double *const r0 = rows, *const r1 = r0 + stride, *const r2 = r1 + stride,
                      *const r3 = r2 + stride;
  const double l0 = l[0], l1 = l[1], l2 = l[2], l3 = l[3];
  for (int j = 0; j < count; j++)
    to[j] -= (l0 * r0[j] + l1 * r1[j]) + (l2 * r2[j] + l3 * r3[j]);
}

static void subtract_one(int count, double *restrict to, double l, const double *restrict row)
{
  for (int j = 0; j < count; j++)
    to[j] -= l * row[j];
}

/* Row `to` from column `from` on, less the rows first .. first + count - 1 of U times its own
 * entries of L. */
static void eliminate(int n, double *matrix, int row, int first, int count, int from)
{
  double *const to = matrix + (int64_t)row * n + from;
  const double *const l = matrix + (int64_t)row * n + first;
  int k = 0;
  for (; k + 4 <= count; k += 4)
    subtract_four(n - from, to, l + k, matrix + (int64_t)(first + k) * n + from, n);
  for (; k < count; k++)
    subtract_one(n - from, to, l[k], matrix + (int64_t)(first + k) * n + from);
}

/* Columns first .. last - 1, below the diagonal and on it; whole rows change places. */
static int factor_block(int n, double *matrix, int *pivots, int first, int last)
{
  for (int k = first; k < last; k++) {
    int best = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(matrix[(int64_t)i * n + k]) > fabs(matrix[(int64_t)best * n + k]))
        best = i;
    const double pivot = matrix[(int64_t)best * n + k];
    if (!(fabs(pivot) > 0.0))
      return 0;
    pivots[k] = best;
    if (best != k)
      swap_rows(n, matrix + (int64_t)k * n, matrix + (int64_t)best * n);
    for (int i = k + 1; i < n; i++) {
      double *const row = matrix + (int64_t)i * n;
      row[k] /= pivot;
      subtract_one(last - k - 1, row + k + 1, row[k], matrix + (int64_t)k * n + k + 1);
    }
  }
  return 1;
}

int esc_lu_factor(int n, double *matrix, int *pivots)
{
  for (int first = 0; first < n; first += BLOCK) {
    const int last = first + BLOCK < n ? first + BLOCK : n;
    if (!factor_block(n, matrix, pivots, first, last))
      return 0;
    for (int row = first + 1; row < last && last < n; row++)
      eliminate(n, matrix, row, first, row - first, last);
    for (int row = last; row < n; row++)
      eliminate(n, matrix, row, first, last - first, last);
  }
  return 1;
}

/* In four sums, which need not wait for each other. */
static double product(int count, const double *a, const double *b)
{
  double sum[4] = {0.0, 0.0, 0.0, 0.0};
  int j = 0;
  for (; j + 4 <= count; j += 4)
    for (int k = 0; k < 4; k++)
      sum[k] += a[j + k] * b[j + k];
  for (; j < count; j++)
    sum[0] += a[j] * b[j];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

void esc_lu_solve(int n, const double *matrix, const int *pivots, double *x)
{
  for (int k = 0; k < n; k++) {
    const double keep = x[k];
    x[k] = x[pivots[k]];
    x[pivots[k]] = keep;
  }
  for (int i = 0; i < n; i++)
    x[i] -= product(i, matrix + (int64_t)i * n, x);
  for (int i = n - 1; i >= 0; i--) {
    const double *const row = matrix + (int64_t)i * n;
    x[i] = (x[i] - product(n - i - 1, row + i + 1, x + i + 1)) / row[i];
  }
}
