/* The update rules in double, one function each: see reference_updates.h for the conventions and
 * the state slots. A rule returns its step (what is taken from the parameter) and, beside it, the
 * same step formed from absolute values. Nothing here is written for speed. */
#include "reference_updates.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct step {
  double value;     /* w' = w - value (- decoupled decay) */
  double magnitude; /* value with every term replaced by its absolute value */
} step;

/* What a rule receives: g after coupled decay, and |g| + wd*|w| for the magnitudes. */
typedef struct input {
  const ref_optimizer *o;
  int64_t t;
  double lr;
  double g;
  double g_abs;
} input;

static double sign(double x)
{
  return (x > 0.0) - (x < 0.0);
}

static double root(double v, double eps, int inside)
{
  return inside ? sqrt(v + eps) : sqrt(v) + eps;
}

/* 1 - beta^t, or 1 where bias correction is off (Kingma & Ba, Algorithm 1). */
static double correction(const ref_optimizer *o, double beta, int64_t t)
{
  return o->bias_correction ? 1.0 - pow(beta, (double)t) : 1.0;
}

static step sgd(const input *in)
{
  return (step){in->lr * in->g, in->lr * in->g_abs};
}

static step sign_sgd(const input *in)
{
  return (step){in->lr * sign(in->g), in->lr};
}

/* b = mu*b + (1-tau)*g, at the first step b = g. With lr_inside lr*g takes the place of g. */
static step buffer(const input *in, double *b)
{
  const ref_optimizer *o = in->o;
  const double lr = o->lr_inside ? in->lr : 1.0;
  const double keep = in->t == 1 ? 0.0 : o->momentum;
  const double weight = in->t == 1 ? 1.0 : 1.0 - o->dampening;
  const double size = keep * fabs(*b) + weight * lr * in->g_abs;
  *b = (in->t == 1 ? 0.0 : keep * *b) + weight * lr * in->g;
  return (step){*b, size};
}

/* Sutskever et al. 2013; Ruder eq. 4 with lr_inside. */
static step momentum(const input *in, double state[4])
{
  const double lr = in->o->lr_inside ? 1.0 : in->lr;
  const step b = buffer(in, &state[0]);
  return (step){lr * b.value, lr * b.magnitude};
}

/* Bengio et al. 2012: w -= lr*(g + mu*b). With lookahead (Ruder eq. 5) the gradient came from
 * w - gamma*v, and the step is that of momentum. */
static step nesterov(const input *in, double state[4])
{
  const ref_optimizer *o = in->o;
  if (o->lookahead)
    return momentum(in, state);
  const double outer = o->lr_inside ? 1.0 : in->lr;
  const double inner = o->lr_inside ? in->lr : 1.0;
  const step b = buffer(in, &state[0]);
  return (step){outer * (inner * in->g + o->momentum * b.value),
                outer * (inner * in->g_abs + o->momentum * b.magnitude)};
}

/* Duchi et al. 2011. */
static step adagrad(const input *in, double state[4])
{
  const ref_optimizer *o = in->o;
  const double lr = in->lr / (1.0 + (double)(in->t - 1) * o->lr_decay);
  state[0] += in->g * in->g;
  const double den = root(state[0], o->eps, o->eps_inside);
  return (step){lr * in->g / den, lr * in->g_abs / den};
}

/* Zeiler 2012, Algorithm 1. */
static step adadelta(const input *in, double state[4])
{
  const ref_optimizer *o = in->o;
  state[0] = o->rho * state[0] + (1.0 - o->rho) * in->g * in->g;
  const double ratio = sqrt(state[1] + o->eps) / sqrt(state[0] + o->eps);
  const double d = ratio * in->g;
  state[1] = o->rho * state[1] + (1.0 - o->rho) * d * d;
  return (step){in->lr * d, in->lr * ratio * in->g_abs};
}

/* How much more than its own rounding the root of v - m^2 carries: the relative error of the
 * difference is (v + m^2)/(v - m^2) roundings, which the root halves. */
static double amplification(double v, double m, double den)
{
  const double sum = v + m * m;
  const double difference = fmax(v - m * m, (double)FLT_EPSILON * sum);
  return difference > 0.0 ? 1.0 + sum / (2.0 * sqrt(difference) * den) : 1.0;
}

/* Hinton, lecture 6e; centered: Graves 2013, eq. 38 to 45. */
static step rmsprop(const input *in, double state[4])
{
  const ref_optimizer *o = in->o;
  double v = state[0] = o->alpha * state[0] + (1.0 - o->alpha) * in->g * in->g;
  double worse = 1.0;
  if (o->centered) {
    state[1] = o->alpha * state[1] + (1.0 - o->alpha) * in->g;
    v = fmax(v - state[1] * state[1], 0.0);
    worse = amplification(state[0], state[1], root(v, o->eps, o->eps_inside));
  }
  const double den = root(v, o->eps, o->eps_inside);
  if (o->momentum == 0.0)
    return (step){in->lr * in->g / den, in->lr * in->g_abs / den * worse};
  const double size = o->momentum * fabs(state[2]) + in->g_abs / den * worse;
  state[2] = o->momentum * state[2] + in->g / den;
  return (step){in->lr * state[2], in->lr * size};
}

/* m = beta1*m + (1-beta1)*g, with its magnitude; the first line of the whole adam family. */
static step first_moment(const input *in, double beta1, double *m)
{
  const double size = beta1 * fabs(*m) + (1.0 - beta1) * in->g_abs;
  *m = beta1 * *m + (1.0 - beta1) * in->g;
  return (step){*m, size};
}

static double second_moment(const input *in, double *v)
{
  *v = in->o->beta2 * *v + (1.0 - in->o->beta2) * in->g * in->g;
  return *v;
}

/* Kingma & Ba 2015, Algorithm 1; with paper_schedule the beta1_t of their section 4, the bias
 * correction staying 1 - beta1^t as in the proof of their Theorem 10.5. AMSGrad (Reddi et al. 2018)
 * takes the maximum over v before correction, as PyTorch. */
static step adam(const input *in, double state[4], int amsgrad)
{
  const ref_optimizer *o = in->o;
  const double decay = o->paper_schedule ? pow(o->beta1_decay, (double)(in->t - 1)) : 1.0;
  const step m = first_moment(in, o->beta1 * decay, &state[0]);
  double v = second_moment(in, &state[1]);
  if (amsgrad) {
    state[2] = state[2] > v ? state[2] : v;
    v = state[2];
  }
  const double den = root(v / correction(o, o->beta2, in->t), o->eps, o->eps_inside);
  const double lr = in->lr / correction(o, o->beta1, in->t);
  return (step){lr * m.value / den, lr * m.magnitude / den};
}

/* Kingma & Ba, Algorithm 2, with eps added to |g| as PyTorch. A NaN gradient makes u NaN. */
static step adamax(const input *in, double state[4])
{
  const ref_optimizer *o = in->o;
  const step m = first_moment(in, o->beta1, &state[0]);
  const double kept = o->beta2 * state[1];
  const double now = fabs(in->g) + o->eps;
  state[1] = kept > now ? kept : now;
  const double lr = in->lr / correction(o, o->beta1, in->t);
  return (step){lr * m.value / state[1], lr * m.magnitude / state[1]};
}

/* mu_t = beta1*(1 - 0.5*0.96^(t*psi)) (Dozat 2016; PyTorch). */
static double nadam_mu(const ref_optimizer *o, int64_t t)
{
  return o->beta1 * (1.0 - 0.5 * pow(0.96, (double)t * o->momentum_decay));
}

static double nadam_product(const ref_optimizer *o, int64_t t)
{
  double product = 1.0;
  for (int64_t i = 1; i <= t; i++)
    product *= nadam_mu(o, i);
  return product;
}

static step nadam(const input *in, double state[4])
{
  const ref_optimizer *o = in->o;
  const step m = first_moment(in, o->beta1, &state[0]);
  const double v = second_moment(in, &state[1]) / correction(o, o->beta2, in->t);
  const double den = root(v, o->eps, o->eps_inside);
  double on_m, on_g;
  if (o->ruder) { /* Ruder, eq. 34 */
    on_m = o->beta1 / correction(o, o->beta1, in->t);
    on_g = (1.0 - o->beta1) / correction(o, o->beta1, in->t);
  } else {
    const double mu = nadam_mu(o, in->t), next = nadam_mu(o, in->t + 1);
    const double product = o->bias_correction ? nadam_product(o, in->t) : 0.0;
    on_m = next / (1.0 - product * next);
    on_g = (1.0 - mu) / (1.0 - product);
  }
  return (step){in->lr * (on_m * m.value + on_g * in->g) / den,
                in->lr * (on_m * m.magnitude + on_g * in->g_abs) / den};
}

/* Liu et al. 2020, Algorithm 2, with PyTorch's eps: sqrt(1-beta2^t)/(sqrt(v) + eps). */
static step radam(const input *in, double state[4])
{
  const ref_optimizer *o = in->o;
  const double t = (double)in->t;
  const step m = first_moment(in, o->beta1, &state[0]);
  const double v = second_moment(in, &state[1]);
  const double power = pow(o->beta2, t);
  const double rho_inf = 2.0 / (1.0 - o->beta2) - 1.0;
  const double rho = rho_inf - 2.0 * t * power / (1.0 - power);
  double factor = in->lr / correction(o, o->beta1, in->t);
  if (rho > o->threshold) {
    const double rectifier =
        sqrt((rho - 4.0) * (rho - 2.0) * rho_inf / ((rho_inf - 4.0) * (rho_inf - 2.0) * rho));
    factor *= rectifier * sqrt(correction(o, o->beta2, in->t)) / (sqrt(v) + o->eps);
  }
  return (step){factor * m.value, factor * m.magnitude};
}

/* Chen et al. 2023, Algorithm 2: the update before the state. */
static step lion(const input *in, double state[4])
{
  const ref_optimizer *o = in->o;
  const double c = o->beta1 * state[0] + (1.0 - o->beta1) * in->g;
  const double size = o->beta1 * fabs(state[0]) + (1.0 - o->beta1) * in->g_abs;
  const int undecided = size > 0.0 && fabs(c) < 4.0 * (double)FLT_EPSILON * size;
  state[0] = o->beta2 * state[0] + (1.0 - o->beta2) * in->g;
  return (step){in->lr * sign(c), undecided ? (double)INFINITY : in->lr};
}

static int is(const ref_optimizer *o, const char *name)
{
  return strcmp(o->name, name) == 0;
}

static int is_adam(const ref_optimizer *o)
{
  return is(o, "adam") || is(o, "adamw") || is(o, "amsgrad");
}

static step take(const input *in, double state[4])
{
  const ref_optimizer *o = in->o;
  if (is(o, "sgd"))
    return sgd(in);
  if (is(o, "sign_sgd"))
    return sign_sgd(in);
  if (is(o, "momentum"))
    return momentum(in, state);
  if (is(o, "nesterov"))
    return nesterov(in, state);
  if (is(o, "adagrad"))
    return adagrad(in, state);
  if (is(o, "adadelta"))
    return adadelta(in, state);
  if (is(o, "rmsprop"))
    return rmsprop(in, state);
  if (is_adam(o))
    return adam(in, state, is(o, "amsgrad"));
  if (is(o, "adamax"))
    return adamax(in, state);
  if (is(o, "nadam"))
    return nadam(in, state);
  if (is(o, "radam"))
    return radam(in, state);
  if (is(o, "lion"))
    return lion(in, state);
  return (step){(double)NAN, (double)NAN};
}

double ref_update(const ref_optimizer *o, int64_t t, double gradient, double parameter,
                  double state[4], double *magnitude)
{
  const double coupled = o->decoupled ? 0.0 : o->weight_decay;
  const double decoupled = o->decoupled ? o->weight_decay : 0.0;
  input in = {.o = o, .t = t, .lr = o->lr, .g = gradient, .g_abs = fabs(gradient)};
  if (coupled != 0.0) {
    in.g += coupled * parameter;
    in.g_abs += coupled * fabs(parameter);
  }
  if (is_adam(o) && o->paper_schedule)
    in.lr /= sqrt((double)t);
  const step s = take(&in, state);
  if (magnitude)
    *magnitude = fabs(s.magnitude) + in.lr * decoupled * fabs(parameter);
  return parameter - (in.lr * decoupled * parameter + s.value);
}

double ref_evaluation_point(const ref_optimizer *o, double parameter, const double state[4])
{
  if (!is(o, "nesterov") || !o->lookahead)
    return parameter;
  return parameter - (o->lr_inside ? 1.0 : o->lr) * o->momentum * state[0];
}

int ref_state_count(const ref_optimizer *o)
{
  if (is(o, "sgd") || is(o, "sign_sgd"))
    return 0;
  if (is(o, "momentum") || is(o, "nesterov") || is(o, "adagrad") || is(o, "lion"))
    return 1;
  if (is(o, "rmsprop"))
    return o->momentum != 0.0 ? 3 : o->centered ? 2 : 1;
  return is(o, "amsgrad") ? 3 : 2;
}

void ref_initial_state(const ref_optimizer *o, double state[4])
{
  for (int i = 0; i < 4; i++)
    state[i] = 0.0;
  if (is(o, "adagrad"))
    state[0] = o->initial_accumulator;
}

/* lr, weight decay and eps by rule; docs/numerics.md, column "keys and defaults". */
static const struct {
  const char *name;
  double lr, weight_decay, eps, beta2;
  int decoupled;
} defaults[] = {
    {"sgd", 1e-3, 0, 0, 0, 0},
    {"sign_sgd", 1e-3, 0, 0, 0, 0},
    {"momentum", 1e-3, 0, 0, 0, 0},
    {"nesterov", 1e-3, 0, 0, 0, 0},
    {"adagrad", 1e-2, 0, 1e-10, 0, 0},
    {"adadelta", 1.0, 0, 1e-6, 0, 0},
    {"rmsprop", 1e-2, 0, 1e-8, 0, 0},
    {"adam", 1e-3, 0, 1e-8, 0.999, 0},
    {"adamw", 1e-3, 1e-2, 1e-8, .999, 1},
    {"amsgrad", 1e-3, 0, 1e-8, 0.999, 0},
    {"adamax", 2e-3, 0, 1e-8, 0.999, 0},
    {"nadam", 2e-3, 0, 1e-8, 0.999, 0},
    {"radam", 1e-3, 0, 1e-8, 0.999, 0},
    {"lion", 1e-4, 0, 0, 0.99, 1},
};

ref_optimizer ref_optimizer_defaults(const char *name)
{
  ref_optimizer o = {.beta1 = 0.9,
                     .rho = 0.9,
                     .alpha = 0.99,
                     .bias_correction = 1,
                     .beta1_decay = 1.0,
                     .momentum_decay = 4e-3,
                     .threshold = 5.0};
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
    if (strcmp(defaults[i].name, name) != 0)
      continue;
    o.name = defaults[i].name;
    o.lr = defaults[i].lr;
    o.weight_decay = defaults[i].weight_decay;
    o.eps = defaults[i].eps;
    o.beta2 = defaults[i].beta2;
    o.decoupled = defaults[i].decoupled;
    o.momentum = strcmp(name, "momentum") == 0 || strcmp(name, "nesterov") == 0 ? 0.9 : 0.0;
  }
  return o;
}
