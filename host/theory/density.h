/* The law of a step's noise as the solver of chains needs it: density and tails of one jump
 * w = (y - m)/s, where m is where the noise-free step leads and s the scale of the noise; and the
 * places at which a quadrature must be cut. */
#ifndef ESC_THEORY_DENSITY_H
#define ESC_THEORY_DENSITY_H

#include "host/theory/law.h"
#include "host/theory/stable_law.h"

enum { ESC_CUTS_MAX = 256 };

typedef struct esc_density {
  int law;
  double index;    /* nu or alpha */
  double right;    /* pareto: the share of jumps to the right, of xi */
  double shift;    /* pareto: the mean that is taken off */
  double front;    /* a constant of the density */
  double stretch;  /* the source's scale is to be multiplied by it */
  double sign;     /* of a jump against xi: -1 on the gradient, +1 on the parameter */
  double reach;    /* no mass to speak of beyond it; infinite for heavy tails */
  int rough_count; /* jumps and kinks of the density, */
  double rough[4]; /* among the cuts */
  int cut_count;   /* between two neighbours the density is smooth: rising */
  double cut[ESC_CUTS_MAX];
  esc_stable_law stable; /* of a stable law */
} esc_density;

/* The law of a source at scale 1. 0 where it has no density here, with the reason in *why. */
int esc_density_begin(esc_density *density, const esc_theory_source *source, const char **why);

/* The law of a drawn start: normal or uniform on (-1, 1). */
void esc_density_of_start(esc_density *density, int law);

double esc_density_at(const esc_density *density, double w);
double esc_density_below(const esc_density *density, double w); /* P(jump < w) */
double esc_density_between(const esc_density *density, double a, double b);

#endif
