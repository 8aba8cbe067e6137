/* Float64 reference of every update rule: one step from a given state, written from the papers
 * that docs/numerics.md names and from nothing in kernels/. It covers the rule, coupled and
 * decoupled decay; clipping, unscaling, schedules of the whole experiment and storage types are not
 * here (pass the gradient after clipping, and the lr in force).
 *
 * State slots, all zero before step 1 unless ref_initial_state() says otherwise:
 *   sgd, sign_sgd      none
 *   momentum, nesterov 0: b (holds lr inside when lr_inside)
 *   adagrad            0: s (starts at initial_accumulator)
 *   adadelta           0: v, mean of g^2       1: u, mean of d^2
 *   rmsprop            0: v, mean of g^2       1: m, mean of g if centered       2: b if momentum
 *   adam, adamw, radam 0: m                    1: v
 *   amsgrad            0: m                    1: v                              2: max of v
 *   adamax             0: m                    1: u
 *   nadam              0: m                    1: v (the product of mu_t is formed anew from t)
 *   lion               0: m
 */
#ifndef REFERENCE_UPDATES_H
#define REFERENCE_UPDATES_H

#include <stdint.h>

typedef struct ref_optimizer {
  const char *name;
  double lr;
  double weight_decay;
  int decoupled;              /* w -= lr*wd*w beside the step, instead of g += wd*w before it */
  double momentum;            /* momentum, nesterov, rmsprop */
  double dampening;           /* momentum, nesterov: tau */
  int lr_inside;              /* momentum, nesterov: v = mu*v + lr*g; w -= v (Ruder, Sutskever) */
  int lookahead;              /* nesterov: the gradient was taken at ref_evaluation_point() */
  double beta1;               /* adam family, lion */
  double beta2;               /* adam family, lion */
  double eps;                 /* all with a root, and adamax */
  int eps_inside;             /* adagrad, rmsprop, adam, adamw, amsgrad: sqrt(. + eps) */
  double rho;                 /* adadelta */
  double alpha;               /* rmsprop */
  int centered;               /* rmsprop */
  double initial_accumulator; /* adagrad: s before step 1 */
  double lr_decay;            /* adagrad: lr/(1 + (t-1)*lr_decay) */
  int bias_correction;        /* adam family; 0 leaves every 1 - beta^t (nadam: product) out */
  int paper_schedule;         /* adam, adamw, amsgrad: lr_t = lr/sqrt(t) and beta1_decay holds */
  double beta1_decay;         /* with paper_schedule: beta1_t = beta1*beta1_decay^(t-1) */
  double momentum_decay;      /* nadam: psi */
  int ruder;                  /* nadam: Ruder's form without a schedule of mu, else torch's */
  double threshold;           /* radam: rectify when rho_t > threshold (torch 5, paper 4) */
} ref_optimizer;

/* The defaults of docs/numerics.md for a rule; name is NULL in the answer if it is not known. */
ref_optimizer ref_optimizer_defaults(const char *name);

/* Number of slots of `state` the rule uses, 0 to 3. */
int ref_state_count(const ref_optimizer *o);

/* The state before step 1. */
void ref_initial_state(const ref_optimizer *o, double state[4]);

/* Where the gradient of the next step belongs: the parameter itself, or, for nesterov with
 * lookahead, w - mu*v (lr_inside) or w - lr*mu*b. */
double ref_evaluation_point(const ref_optimizer *o, double parameter, const double state[4]);

/* Step t (from 1). Returns the new parameter and updates the state. *magnitude (may be NULL) is the
 * update formed from the absolute values of its terms: U in the bound eps*(|w| + 8 U) of
 * CONTRIBUTING.md. Where cancellation under a root amplifies rounding (rmsprop centered) U is
 * enlarged by that amplification; where rounding in float decides a sign (lion with c = 0 but for
 * rounding) it is infinite: no bound holds there. */
double ref_update(const ref_optimizer *o, int64_t t, double gradient, double parameter,
                  double state[4], double *magnitude);

#endif
