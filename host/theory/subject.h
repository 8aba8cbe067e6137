/* An experiment as the formulas look at it: the plan (so that every check has passed and every
 * default is in place), and beside it the numbers before they are rounded to the state's type. The
 * predicates say how far it is from the plain chain; a formula asks for just what it needs. */
#ifndef ESC_THEORY_SUBJECT_H
#define ESC_THEORY_SUBJECT_H

#include "host/plan.h"
#include "host/settings.h"

#define ESC_NO_MEMORY "out of memory" /* where a reason is returned */

typedef struct esc_theory_source {
  const esc_noise *noise;
  const esc_plan_noise *planned;
  int law;
  double key[ESC_RULE_KEYS_MAX];
  double scale;    /* of the law; for `anneal` that of variance 1 */
  double variance; /* of xi, sparseness counted; NaN: none, or not known (clipped) */
} esc_theory_source;

typedef struct esc_subject {
  const esc_experiment *experiment;
  esc_planned *planned;
  const esc_plan *plan;
  double landscape_key[ESC_RULE_KEYS_MAX]; /* unset for a landscape of the caller's */
  double update_key[ESC_RULE_KEYS_MAX];
  int source_count; /* without those that draw nothing */
  esc_theory_source source[ESC_SOURCES_MAX];
} esc_subject;

/* Begins a subject, which the caller ends; *subject needs no end on failure. */
esc_status esc_subject_begin(esc_subject *subject, const esc_experiment *experiment);
void esc_subject_end(esc_subject *subject);

/* One dimension, and a landscape of the catalogue. */
int esc_subject_is_line(const esc_subject *subject);

/* No schedule, decay, clip_update or projection. */
int esc_subject_is_plain_rule(const esc_subject *subject);

/* The same, and plain SGD. */
int esc_subject_is_plain_sgd(const esc_subject *subject);

/* Plain SGD but for a projection. */
int esc_subject_is_projected_sgd(const esc_subject *subject);

/* Plain SGD but for clip_update. */
int esc_subject_is_clipped_sgd(const esc_subject *subject);

/* Nothing ends a trajectory but its steps. */
int esc_subject_never_ends(const esc_subject *subject);

/* Ends at the walls alone, once: no sets, no renewal, and no bound `beyond` inside the walls. */
int esc_subject_ends_at_walls(const esc_subject *subject);

/* The one source of noise on the gradient, neither clipped, sparse, annealed, correlated nor
 * scaled; NULL where the noise is another. */
const esc_theory_source *esc_subject_plain_noise(const esc_subject *subject);

/* Whether its law is symmetric about 0. */
int esc_law_is_symmetric(const esc_theory_source *source);

/* A symmetric stable law, Cauchy's as Student's t among them; key[0] is its index. */
int esc_law_is_stable(const esc_theory_source *source);

/* The one start of all trajectories; 0 where they have several. */
int esc_subject_start(const esc_subject *subject, double *x0);

/* U' at x, as the plan has it. */
double esc_subject_slope(const esc_subject *subject, double x);

#endif
