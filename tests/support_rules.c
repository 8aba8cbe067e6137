/* support_rules.h says what these are. */
#include "tests/support_rules.h"

#include <math.h>
#include <string.h>

int support_variant(int k, ref_optimizer *o)
{
#define RULE(number, rule, ...)                                                                    \
  case number:                                                                                     \
    *o = ref_optimizer_defaults(rule);                                                             \
    o->lr = 0.0625 + 0.01 * number;                                                                \
    __VA_ARGS__;                                                                                   \
    return 1;
  switch (k) {
    RULE(0, "sgd", (void)0)
    RULE(1, "sgd", o->weight_decay = 0.03)
    RULE(2, "sgd", o->weight_decay = 0.03, o->decoupled = 1)
    RULE(3, "momentum", o->momentum = 0.8)
    RULE(4, "momentum", o->dampening = 0.3, o->weight_decay = 0.02)
    RULE(5, "momentum", o->lr_inside = 1, o->dampening = 0.25)
    RULE(6, "momentum", o->lr_inside = 1, o->weight_decay = 0.07, o->decoupled = 1)
    RULE(7, "nesterov", o->momentum = 0.7)
    RULE(8, "nesterov", o->dampening = 0.2, o->weight_decay = 0.02)
    RULE(9, "nesterov", o->lookahead = 1, o->lr_inside = 1)
    RULE(10, "nesterov", o->lookahead = 1, o->lr_inside = 1, o->momentum = 0.6)
    RULE(11, "adagrad", (void)0)
    RULE(12, "adagrad", o->lr_decay = 0.1, o->eps = 1e-3, o->weight_decay = 0.05)
    RULE(13, "adagrad", o->eps_inside = 1, o->eps = 1e-2, o->initial_accumulator = 0.5)
    RULE(14, "adadelta", (void)0)
    RULE(15, "adadelta", o->rho = 0.7, o->eps = 1e-3, o->weight_decay = 0.01)
    RULE(16, "rmsprop", (void)0)
    RULE(17, "rmsprop", o->alpha = 0.9, o->eps = 0.01, o->eps_inside = 1)
    RULE(18, "rmsprop", o->centered = 1, o->eps = 1e-4)
    RULE(19, "rmsprop", o->momentum = 0.6, o->eps = 1e-2, o->weight_decay = 0.02)
    RULE(20, "rmsprop", o->momentum = 0.4, o->centered = 1, o->eps_inside = 1, o->eps = 1e-3)
    RULE(21, "adam", (void)0)
    RULE(22, "adam", o->bias_correction = 0, o->eps = 1e-3)
    RULE(23, "adam", o->beta1 = 0.5, o->beta2 = 0.9, o->eps = 0.1, o->weight_decay = 0.02)
    RULE(24, "adam", o->weight_decay = 0.04, o->decoupled = 1, o->eps = 1e-2)
    RULE(25, "adam", o->beta1 = 0.0, o->eps = 1e-2)
    RULE(26, "adamw", (void)0)
    RULE(27, "adamw", o->weight_decay = 0.3, o->bias_correction = 0)
    RULE(28, "amsgrad", (void)0)
    RULE(29, "amsgrad", o->bias_correction = 0, o->eps = 1e-2, o->weight_decay = 0.03)
    RULE(30, "adamax", (void)0)
    RULE(31, "adamax", o->bias_correction = 0, o->eps = 0.05, o->beta2 = 0.9)
    RULE(32, "nadam", (void)0)
    RULE(33, "nadam", o->momentum_decay = 0.05, o->eps = 1e-2, o->weight_decay = 0.01)
    RULE(34, "nadam", o->ruder = 1)
    RULE(35, "nadam", o->ruder = 1, o->beta1 = 0.6, o->beta2 = 0.95, o->eps = 1e-3)
    RULE(36, "radam", (void)0)
    RULE(37, "radam", o->threshold = 4.0, o->eps = 1e-2)
    RULE(38, "radam", o->beta1 = 0.7, o->beta2 = 0.99, o->weight_decay = 0.02)
    RULE(39, "lion", (void)0)
    RULE(40, "lion", o->weight_decay = 0.2, o->beta1 = 0.6, o->beta2 = 0.8)
    RULE(41, "sign_sgd", (void)0)
    RULE(42, "sign_sgd", o->weight_decay = 0.1)
    RULE(43, "radam", o->beta2 = 0.6) /* rho never reaches the threshold */
  default:
    return 0;
  }
}

void support_name_rule(const ref_optimizer *o, support_keys *keys)
{
  const char *const name = o->name;
#define IS(rule) (strcmp(name, rule) == 0)
  const int adam = IS("adam") || IS("adamw") || IS("amsgrad");
  if (IS("momentum") || IS("nesterov")) {
    support_number(keys, "momentum", o->momentum);
    support_number(keys, "dampening", o->dampening);
  }
  if (IS("momentum"))
    support_number(keys, "lr_inside", o->lr_inside);
  if (IS("nesterov"))
    support_word(keys, "form", o->lookahead ? "lookahead" : "bengio");
  if (adam || IS("adamax") || IS("nadam") || IS("radam") || IS("lion")) {
    support_number(keys, "beta1", o->beta1);
    support_number(keys, "beta2", o->beta2);
  }
  if (ref_optimizer_defaults(name).eps > 0.0) /* 0 is not the default */
    support_number(keys, "eps", o->eps);
  if (adam || IS("adamax"))
    support_number(keys, "bias_correction", o->bias_correction);
  if (adam)
    support_number(keys, "beta1_decay", o->paper_schedule ? o->beta1_decay : 1.0);
  if (IS("adagrad")) {
    support_number(keys, "lr_decay", o->lr_decay);
    support_number(keys, "initial_accumulator", o->initial_accumulator);
  }
  if (IS("adagrad") || IS("rmsprop"))
    support_number(keys, "eps_inside", o->eps_inside);
  if (IS("adadelta"))
    support_number(keys, "rho", o->rho);
  if (IS("rmsprop")) {
    support_number(keys, "alpha", o->alpha);
    support_number(keys, "centered", o->centered);
    support_number(keys, "momentum", o->momentum);
  }
  if (IS("nadam")) {
    support_number(keys, "momentum_decay", o->momentum_decay);
    support_word(keys, "form", o->ruder ? "ruder" : "torch");
  }
  if (IS("radam"))
    support_number(keys, "threshold", o->threshold);
#undef IS
}

double support_gradient(support_rng *rng)
{
  const int kind = (int)(support_draw(rng) % 10);
  const double normal = support_normal(rng);
  if (kind == 0)
    return 0.0;
  if (kind == 1)
    return normal * exp2(support_between(rng, -110.0, -40.0));
  if (kind == 2)
    return normal * exp2(support_between(rng, 20.0, 45.0));
  return normal * exp2(support_between(rng, -8.0, 8.0));
}

void support_state(support_rng *rng, const ref_optimizer *o, double g, double state[4])
{
  const double size = fabs(g) * exp2(support_between(rng, -3.0, 3.0)) + 1e-12;
  const double mean = size * support_normal(rng);
  const double square = mean * mean + size * size * support_between(rng, 0.01, 2.0);
  const char *const name = o->name;
  if (strcmp(name, "rmsprop") == 0) {
    state[0] = square;
    state[1] = o->centered ? mean : 0.0;
    state[2] = o->momentum > 0.0 ? support_normal(rng) : 0.0;
  } else if (strcmp(name, "adagrad") == 0) {
    state[0] = square;
  } else if (strcmp(name, "adadelta") == 0) {
    state[0] = square;
    state[1] = support_between(rng, 0.0, 1.0);
  } else {
    state[0] = mean;
    state[1] = strcmp(name, "adamax") == 0 ? sqrt(square) : square;
    state[2] = square * support_between(rng, 0.5, 2.0);
  }
}
