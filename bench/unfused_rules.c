/* The passes of every rule, with the defaults of the catalogue. */
#include "bench/unfused_rules.h"

#include <math.h>
#include <string.h>

enum { W = ARRAY_W, G = ARRAY_G, T = ARRAY_T, Q = ARRAY_Q };
enum { M = ARRAY_S0, V = ARRAY_S1, LARGEST = ARRAY_S2 }; /* of adam and its like */

static void put(unfused_program *p, pass_kind kind, double a, int x, int y, int z)
{
  const pass next = {kind, a, x, y, z};
  p->passes[p->count++] = next;
  const int used[3] = {x, y, z};
  for (int k = 0; k < 3; k++)
    if (used[k] >= ARRAY_S0 && used[k] <= ARRAY_S2 && used[k] - ARRAY_S0 + 1 > p->states)
      p->states = used[k] - ARRAY_S0 + 1;
}

static void scale(unfused_program *p, double a, int x)
{
  put(p, PASS_SCALE, a, x, 0, 0);
}

static void axpy(unfused_program *p, double a, int x, int y)
{
  put(p, PASS_AXPY, a, x, y, 0);
}

static void add(unfused_program *p, double a, int x)
{
  put(p, PASS_ADD, a, x, 0, 0);
}

static void binary(unfused_program *p, pass_kind kind, int x, int y, int z)
{
  put(p, kind, 0.0, x, y, z);
}

static void unary(unfused_program *p, pass_kind kind, int x, int y)
{
  put(p, kind, 0.0, x, y, 0);
}

/* average = keep average + (1 - keep) x */
static void average(unfused_program *p, double keep, int x, int into)
{
  scale(p, keep, into);
  axpy(p, 1.0 - keep, x, into);
}

static void average_square(unfused_program *p, double keep, int into)
{
  binary(p, PASS_MULTIPLY, G, G, T);
  average(p, keep, T, into);
}

/* T = x/(factor sqrt(square) + eps) */
static void over_root(unfused_program *p, int x, int square, double factor, double eps)
{
  unary(p, PASS_ROOT, square, T);
  if (factor != 1.0)
    scale(p, factor, T);
  add(p, eps, T);
  binary(p, PASS_DIVIDE, x, T, T);
}

static const double beta1 = 0.9, beta2 = 0.999, eps8 = 1e-8;

static void sgd(unfused_program *p, double lr, int t)
{
  (void)t;
  axpy(p, -lr, G, W);
}

static void momentum(unfused_program *p, double lr, int t)
{
  (void)t;
  scale(p, 0.9, M);
  axpy(p, 1.0, G, M);
  axpy(p, -lr, M, W);
}

static void nesterov(unfused_program *p, double lr, int t)
{
  (void)t;
  scale(p, 0.9, M);
  axpy(p, 1.0, G, M);
  axpy(p, -lr, G, W);
  axpy(p, -lr * 0.9, M, W);
}

static void adagrad(unfused_program *p, double lr, int t)
{
  (void)t;
  binary(p, PASS_MULTIPLY, G, G, T);
  axpy(p, 1.0, T, M);
  over_root(p, G, M, 1.0, 1e-10);
  axpy(p, -lr, T, W);
}

/* T = sqrt(x + eps) */
static void root_above(unfused_program *p, int x, double eps, int into)
{
  unary(p, PASS_COPY, x, into);
  add(p, eps, into);
  unary(p, PASS_ROOT, into, into);
}

static void adadelta(unfused_program *p, double lr, int t)
{
  enum { SQUARE = ARRAY_S0, STEPS = ARRAY_S1 };
  (void)t;
  average_square(p, 0.9, SQUARE);
  root_above(p, SQUARE, 1e-6, T);
  root_above(p, STEPS, 1e-6, Q);
  binary(p, PASS_DIVIDE, Q, T, Q);
  binary(p, PASS_MULTIPLY, Q, G, Q);
  axpy(p, -lr, Q, W);
  binary(p, PASS_MULTIPLY, Q, Q, Q);
  average(p, 0.9, Q, STEPS);
}

static void rmsprop(unfused_program *p, double lr, int t)
{
  (void)t;
  average_square(p, 0.99, M);
  over_root(p, G, M, 1.0, eps8);
  axpy(p, -lr, T, W);
}

static void adam_with(unfused_program *p, double lr, int t, int square)
{
  average(p, beta1, G, M);
  average_square(p, beta2, V);
  if (square != V)
    unary(p, PASS_LARGER, V, square);
  over_root(p, M, square, 1.0 / sqrt(1.0 - pow(beta2, t)), eps8);
  axpy(p, -lr / (1.0 - pow(beta1, t)), T, W);
}

static void adam(unfused_program *p, double lr, int t)
{
  adam_with(p, lr, t, V);
}

static void adamw(unfused_program *p, double lr, int t)
{
  scale(p, 1.0 - lr * 0.01, W);
  adam_with(p, lr, t, V);
}

static void amsgrad(unfused_program *p, double lr, int t)
{
  adam_with(p, lr, t, LARGEST);
}

static void adamax(unfused_program *p, double lr, int t)
{
  average(p, beta1, G, M);
  scale(p, beta2, V);
  unary(p, PASS_SIZE, G, T);
  add(p, eps8, T);
  unary(p, PASS_LARGER, T, V);
  binary(p, PASS_DIVIDE, M, V, T);
  axpy(p, -lr / (1.0 - pow(beta1, t)), T, W);
}

static double nadam_mu(int t)
{
  return beta1 * (1.0 - 0.5 * pow(0.96, 4e-3 * t));
}

static void nadam(unfused_program *p, double lr, int t)
{
  double product = 1.0;
  for (int s = 1; s <= t; s++)
    product *= nadam_mu(s);
  average(p, beta1, G, M);
  average_square(p, beta2, V);
  unary(p, PASS_ROOT, V, T);
  scale(p, 1.0 / sqrt(1.0 - pow(beta2, t)), T);
  add(p, eps8, T);
  binary(p, PASS_DIVIDE, G, T, Q);
  axpy(p, -lr * (1.0 - nadam_mu(t)) / (1.0 - product), Q, W);
  binary(p, PASS_DIVIDE, M, T, Q);
  axpy(p, -lr * nadam_mu(t + 1) / (1.0 - product * nadam_mu(t + 1)), Q, W);
}

static void radam(unfused_program *p, double lr, int t)
{
  const double power = pow(beta2, t), most = 2.0 / (1.0 - beta2) - 1.0;
  const double rho = most - 2.0 * t * power / (1.0 - power);
  const double mean = lr / (1.0 - pow(beta1, t));
  average(p, beta1, G, M);
  average_square(p, beta2, V);
  if (rho <= 5.0) {
    axpy(p, -mean, M, W);
    return;
  }
  const double r = sqrt((rho - 4.0) * (rho - 2.0) * most / ((most - 4.0) * (most - 2.0) * rho));
  over_root(p, M, V, 1.0, eps8);
  axpy(p, -mean * r * sqrt(1.0 - power), T, W);
}

static void lion(unfused_program *p, double lr, int t)
{
  (void)t;
  unary(p, PASS_COPY, M, T);
  scale(p, 0.9, T);
  axpy(p, 0.1, G, T);
  unary(p, PASS_SIGN, T, T);
  axpy(p, -lr, T, W);
  average(p, 0.99, G, M);
}

static void sign_sgd(unfused_program *p, double lr, int t)
{
  (void)t;
  unary(p, PASS_SIGN, G, T);
  axpy(p, -lr, T, W);
}

typedef void make_passes(unfused_program *program, double lr, int t);

const char *const unfused_rule_names[] = {"sgd",     "momentum", "nesterov", "adagrad",  "adadelta",
                                          "rmsprop", "adam",     "adamw",    "amsgrad",  "adamax",
                                          "nadam",   "radam",    "lion",     "sign_sgd", NULL};
static make_passes *const makers[] = {sgd,     momentum, nesterov, adagrad, adadelta,
                                      rmsprop, adam,     adamw,    amsgrad, adamax,
                                      nadam,   radam,    lion,     sign_sgd};

int unfused_program_make(const char *rule, double lr, int t, unfused_program *program)
{
  memset(program, 0, sizeof *program);
  for (int k = 0; unfused_rule_names[k]; k++)
    if (strcmp(unfused_rule_names[k], rule) == 0) {
      makers[k](program, lr, t);
      return 1;
    }
  return 0;
}

void unfused_program_clip(unfused_program *program)
{
  enum { IN_FRONT = 2 };
  memmove(program->passes + IN_FRONT, program->passes, (size_t)program->count * sizeof(pass));
  /* The factor is not 1, which BLAS would skip, and near enough to it to be used again and again.
   */
  const pass norm = {PASS_NORM, 0.0, G, 0, 0}, factor = {PASS_SCALE, 1.0 - 0x1p-23, G, 0, 0};
  program->passes[0] = norm;
  program->passes[1] = factor;
  program->count += IN_FRONT;
}
