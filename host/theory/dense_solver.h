/* Linear equations with a dense matrix, by LU with partial pivoting. */
#ifndef ESC_THEORY_DENSE_SOLVER_H
#define ESC_THEORY_DENSE_SOLVER_H

/* Factors the n x n matrix (rows one after another) in place; pivots takes n numbers. Returns 0
 * where a pivot is 0 or no number. */
int esc_lu_factor(int n, double *matrix, int *pivots);

/* Solves for one right-hand side, in place. */
void esc_lu_solve(int n, const double *matrix, const int *pivots, double *x);

#endif
