/* The operator of a chain on a mesh, and what is solved with it: functions of the starting point by
 * linear equations, and how the law of the position goes on from step to step. */
#ifndef ESC_THEORY_CHAIN_SOLVER_H
#define ESC_THEORY_CHAIN_SOLVER_H

#include "host/theory/chain.h"

enum { ESC_BALLS_MAX = ESC_NEARS_MAX, ESC_ORDER = 16, ESC_ORDER_LOW = 12, ESC_ORDER_FINE = 24 };

/* The nodes of a mesh with all that is known there beforehand. */
typedef struct esc_operator {
  const esc_chain *chain;
  esc_mesh mesh;
  esc_gauss rule, fine;
  int n;                         /* of the mesh, and the ends that are held */
  double *matrix;                /* n x n: K */
  double *ending[ESC_ENDINGS];   /* P(the next step ends so) at the nodes */
  double *inside[ESC_BALLS_MAX]; /* P(the next step leads into the ball) */
  double *lu;                    /* I - K, factored; NULL until it is */
  int *pivots;
} esc_operator;

/* Functions that can fail return NULL, or why in a few words. */

/* The mesh on which the chain's functions are resolved to some 1e-11, or as well as
 * ESC_PANELS_MAX panels can. */
const char *esc_chain_mesh(const esc_chain *chain, const esc_gauss *rule, esc_mesh *mesh);

/* Fills an operator on the panels of `mesh` with a rule of another order; to be ended even where
 * it fails. */
const char *esc_operator_begin(esc_operator *op, const esc_chain *chain, const esc_mesh *mesh,
                               int order);
void esc_operator_end(esc_operator *op);

/* The position of node i. */
double esc_operator_node(const esc_operator *op, int i);

/* Factors I - K. */
const char *esc_operator_factor(esc_operator *op);

/* Solves (I - K) u = u, in place. */
void esc_operator_solve(const esc_operator *op, double *u);

/* The largest eigenvalue of K: the share of the living that a late step leaves; NaN if it is not
 * found. */
const char *esc_operator_survival(const esc_operator *op, double *factor);

/* Where trajectories are after their first `time` steps: the row of a position, of an average of
 * positions, or of a law. */
typedef struct esc_entry_law {
  int time; /* 1 for fixed starts, 0 for drawn ones */
  double *row;
  double ended[ESC_ENDINGS];
  double inside[ESC_BALLS_MAX];
} esc_entry_law;

const char *esc_entry_law_begin(esc_entry_law *entry, const esc_operator *op);
void esc_entry_law_end(esc_entry_law *entry);

/* E u of the law's position. */
double esc_row_times(int n, const double *row, const double *u);

/* What has come of trajectories by step n, which may be infinite. */
typedef struct esc_totals {
  double survival;           /* P(T > n) */
  double ended[ESC_ENDINGS]; /* P(T <= n, ended so) */
  double timed[ESC_ENDINGS]; /* E[T; T <= n, ended so] */
  double at_risk;            /* sum of P(T > k) over k < n: E min(T, n) */
  double squares;            /* E min(T, n)^2 */
  double fourth;             /* in the long run: the fourth central moment of T */
} esc_totals;

/* In the long run, by linear equations; *longest gets the mean time from the worst start. */
const char *esc_totals_in_the_end(const esc_operator *op, const esc_entry_law *entry,
                                  esc_totals *totals, double *longest);

/* The chain in time, carried on from an entry. */
typedef struct esc_evolution {
  const esc_operator *op;
  int64_t n;
  esc_totals by;                /* step n */
  double *row, *before;         /* laws of the position at n and at n - 1 */
  double inside[ESC_BALLS_MAX]; /* P(in the ball at n) */
  double factor;                /* once only the slowest mode is left: its eigenvalue; else 0 */
  int64_t products;             /* matrix-vector products left to be spent */
} esc_evolution;

const char *esc_evolution_begin(esc_evolution *evolution, const esc_operator *op,
                                const esc_entry_law *entry);
void esc_evolution_end(esc_evolution *evolution);

/* On to step n; 0 where that takes too long. */
int esc_evolution_advance(esc_evolution *evolution, int64_t n);

#endif
