/* The chain x' = m(x) + s(x) w of plain SGD in one dimension, killed where it ends: what one step
 * does, as an integral operator on functions of x that a mesh holds by their values at its nodes.
 *
 * (K u)(x) = integral over the domain of g((y - m(x))/s(x))/s(x) u(y) dy, g the density of w. On
 * each panel u is the polynomial through its values and the integral is taken with the density as
 * it is, cut at its kinks and where it changes fast, so that panels need to resolve u alone: noise
 * much narrower than a panel, or with a kink, costs nothing. */
#ifndef ESC_THEORY_CHAIN_H
#define ESC_THEORY_CHAIN_H

#include "host/theory/density.h"
#include "host/theory/mesh.h"

enum { ESC_REGIONS_MAX = 5, ESC_KINKS_MAX = 8 };

/* An interval that ends a trajectory. */
typedef enum esc_ending {
  ESC_ENDS_LEFT,
  ESC_ENDS_RIGHT,
  ESC_ENDS_DIVERGED,
  ESC_ENDS_LOST, /* beyond where an open side is cut off: no outcome, but a bound on the error */
  ESC_ENDINGS
} esc_ending;

typedef struct esc_region {
  double low, high;
  esc_ending ending;
} esc_region;

typedef struct esc_chain {
  const esc_subject *subject;
  esc_density density;
  double scale, c0, c2; /* s(x) = scale sqrt(c0 + c2 x^2) */
  double lower, upper;  /* the domain; its ends are out of it */
  int leaves;           /* it has walls, and exits are of interest */
  int held[2]; /* a projection keeps it from leaving there: its end is a place of its own */
  int region_count;
  esc_region region[ESC_REGIONS_MAX];
  int kink_count;
  double kink[ESC_KINKS_MAX]; /* of the landscape */
} esc_chain;

/* The chain of a subject. 0 where it is not of this kind, with the reason in *why. */
int esc_chain_begin(esc_chain *chain, const esc_subject *subject, const char **why);

/* Where the noise-free step leads, and the scale of the noise there. */
double esc_chain_mean(const esc_chain *chain, double x);
double esc_chain_scale(const esc_chain *chain, double x);

/* P(a step from x leads into (low, high)). */
double esc_chain_into(const esc_chain *chain, double x, double low, double high);

/* P(a step from x leads into a watched ball, within the domain). */
double esc_chain_into_ball(const esc_chain *chain, double x, int ball);

/* The ends at which a projection holds trajectories: how many (0 to 2), where, and P(a step from x
 * leads there). They are nodes of the operator after those of the mesh. */
int esc_chain_ends_held(const esc_chain *chain);
double esc_chain_end(const esc_chain *chain, int end);
double esc_chain_to_end(const esc_chain *chain, double x, int end);

/* P(a step from x ends so). */
double esc_chain_ending(const esc_chain *chain, double x, esc_ending ending);

/* The row of the operator for a start x: (K u)(x) = sum_i row[i] u(node i), over the nodes of the
 * mesh and the ends that are held. */
void esc_chain_row(const esc_chain *chain, const esc_mesh *mesh, const esc_gauss *fine, double x,
                   double *row);

/* A law of the position itself, scaled and moved. */
typedef struct esc_position {
  const esc_density *density;
  double m, s;
} esc_position;

/* The same for a drawn start: E u = sum_i row[i] u(node i), over the domain. */
void esc_chain_start_row(const esc_chain *chain, const esc_mesh *mesh, const esc_gauss *fine,
                         const esc_position *start, double *row);

/* The bounds of a watched ball within the domain; 0 if it is not in it. */
int esc_chain_ball(const esc_chain *chain, int ball, double *low, double *high);

#endif
