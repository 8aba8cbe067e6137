/* Checks the reference against itself and against docs/exact_values.md: printed numbers by the
 * dense solver, closed forms by the solver or by direct iteration, gradients by differences,
 * distribution functions by known special cases, update rules by their known exact behaviour.
 * Stand-alone: gcc -O2 tests/reference/(all).c -lm; exit status 1 if anything disagrees. */
#include "reference_chain.h"
#include "reference_landscapes.h"
#include "reference_network.h"
#include "reference_noise.h"
#include "reference_updates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int checks, failures;
static int verbose;

static void check(const char *what, double got, double wanted, double tolerance)
{
  const int bad = !(fabs(got - wanted) <= tolerance);
  checks++;
  failures += bad;
  if (bad || verbose)
    printf("%s %-58s %.12g, expected %.12g, off %.2e (allowed %.1e)\n", bad ? "FAIL" : "ok  ", what,
           got, wanted, fabs(got - wanted), tolerance);
}

/* A printed number is right if it is the exact one rounded (6e-1: half a unit and solver error). */
static void check_printed(const char *what, double got, double printed, double unit)
{
  check(what, got, printed, 0.6 * unit);
}

/* ---- chains --------------------------------------------------------------------------------- */

static double quantity(const ref_exit *e, double factor, ref_quantity q)
{
  switch (q) {
  case REF_MEAN:
    return e->mean;
  case REF_SD:
    return e->sd;
  case REF_SD_OVER_MEAN:
    return e->sd / e->mean;
  case REF_P_RIGHT:
    return e->right;
  case REF_FACTOR:
    return factor;
  }
  return (double)NAN;
}

static void check_printed_exits(void)
{
  static const char *names[] = {"mean", "sd", "sd/mean", "P(right)", "factor"};
  for (int i = 0; i < ref_printed_exit_count; i++) {
    const ref_printed_exit *row = &ref_printed_exits[i];
    const ref_well well = {row->p, row->q};
    const ref_chain chain =
        ref_well_chain(&well, row->lr, row->sigma, row->cauchy, row->lower, row->upper);
    ref_exit e = {0};
    double factor = 0.0;
    char what[160];
    check("solver status", ref_exit_solve(&chain, 1, &row->start, &e, &factor), 0.0, 0.0);
    snprintf(what, sizeof what, "U_%g,%g lr %g sd %g (%g,%g) from %g %s", row->p, row->q, row->lr,
             row->sigma, row->lower, row->upper, row->start, names[row->quantity]);
    check_printed(what, quantity(&e, factor, row->quantity), row->value, row->unit);
  }
}

static void check_printed_presences(void)
{
  for (int i = 0; i < ref_printed_presence_count; i++) {
    const ref_printed_presence *row = &ref_printed_presences[i];
    const ref_well well = {row->p, row->q};
    const ref_chain chain = ref_well_chain(&well, row->lr, row->sigma, 0, -1.8, 1.8);
    double top = 0.0, side = 0.0;
    char what[160];
    ref_presence_solve(&chain, 0.0, -0.3, 0.3, 1, &row->step, &top);
    ref_presence_solve(&chain, 0.0, 0.8, 1.2, 1, &row->step, &side);
    snprintf(what, sizeof what, "U_%g,%g presence at %d, top", row->p, row->q, (int)row->step);
    check_printed(what, top, row->near_top, 1e-6);
    snprintf(what, sizeof what, "U_%g,%g presence at %d, minima", row->p, row->q, (int)row->step);
    check_printed(what, 2.0 * side, row->near_minimum, 1e-6);
  }
}

/* Halving the spacing must not matter at 1e-8. */
static void check_convergence(void)
{
  static const ref_well wells[] = {{2, 0}, {4, 0}, {2, 4}, {1, 2}, {4, 6}, {0, 0}};
  for (int i = 0; i < 6; i++) {
    const double start = 0.2;
    const int walk = i == 5;
    ref_chain chain = ref_well_chain(&wells[i], 0.05, 1.0, walk, -0.9, 0.9);
    ref_exit coarse = {0}, fine = {0};
    ref_exit_solve(&chain, 1, &start, &coarse, NULL);
    chain.nodes_per_step = walk ? 20.0 : 7.0;
    ref_exit_solve(&chain, 1, &start, &fine, NULL);
    check("solver converged, mean", coarse.mean / fine.mean, 1.0, 1e-9);
    check("solver converged, second moment", coarse.second_moment / fine.second_moment, 1.0, 1e-9);
    check("solver converged, P(right)", coarse.right, fine.right, 1e-9);
  }
}

typedef struct sharp {
  double a, b;
  ref_side at_zero;
} sharp;

static double sharp_gradient(double x, const void *context)
{
  const sharp *s = context;
  ref_landscape_keys keys = ref_landscape_defaults();
  double g;
  keys.left_slope = s->a;
  keys.right_slope = s->b;
  keys.at_zero = s->at_zero;
  ref_landscape("sharp_maximum", &keys, 1, &x, &g);
  return g;
}

static double solved_splitting(double a, double b, ref_side at_zero)
{
  const sharp context = {a, b, at_zero};
  const ref_chain chain = {.gradient = sharp_gradient,
                           .context = &context,
                           .lr = 1.0,
                           .noise = {.law = "gaussian", .scale = 1.0},
                           .lower = -14.0 / a,
                           .upper = 14.0 / b,
                           .kinks = {0.0},
                           .kink_count = 1};
  const double start = 0.0;
  ref_exit e = {0};
  ref_exit_solve(&chain, 1, &start, &e, NULL);
  return e.right;
}

/* h(y) = E h(y + drift + zeta) for Laplace zeta of scale 1, by Simpson on a fine grid that has the
 * kink and the jump on its points. */
static double laplace_one_step(double a, double b, double y, double drift)
{
  const double mean = y + drift;
  double sum = 0.0;
  const double cuts[4] = {fmin(mean, 0.0) - 45.0, fmin(mean, 0.0), fmax(mean, 0.0),
                          fmax(mean, 0.0) + 45.0};
  for (int piece = 0; piece < 3; piece++) {
    const int n = 20000;
    const double h = (cuts[piece + 1] - cuts[piece]) / n;
    for (int i = 0; i <= n; i++) {
      double z = cuts[piece] + h * i;
      if (i == 0 || i == n) /* one-sided values at 0 */
        z += (i == 0 ? 1e-12 : -1e-12);
      const double weight = i == 0 || i == n ? 1.0 : i % 2 ? 4.0 : 2.0;
      sum +=
          weight * h / 3.0 * 0.5 * exp(-fabs(z - mean)) * ref_laplace_splitting_from(a, b, 1.0, z);
    }
  }
  return sum;
}

static void check_splitting(void)
{
  for (int i = 0; i < ref_printed_splitting_count; i++) {
    const ref_printed_splitting *row = &ref_printed_splittings[i];
    ref_splitting h = ref_laplace_splitting(row->a, row->b, sqrt(0.5));
    if (strcmp(row->law, "gaussian") == 0)
      h = (ref_splitting){solved_splitting(row->a, row->b, REF_RIGHT),
                          solved_splitting(row->a, row->b, REF_LEFT),
                          solved_splitting(row->a, row->b, REF_ZERO)};
    check_printed("sharp maximum h0+", h.from_right, row->value.from_right, 1e-8);
    check_printed("sharp maximum h0-", h.from_left, row->value.from_left, 1e-8);
    check_printed("sharp maximum h0", h.from_zero, row->value.from_zero, 1e-8);
  }
  const double a = 0.3, b = 0.8;
  const ref_splitting h = ref_laplace_splitting(a, b, 1.0);
  check("Laplace h(0+) is one step", laplace_one_step(a, b, 0.0, b), h.from_right, 1e-9);
  check("Laplace h(0-) is one step", laplace_one_step(a, b, 0.0, -a), h.from_left, 1e-9);
  check("Laplace h(0) is one step", laplace_one_step(a, b, 0.0, 0.0), h.from_zero, 1e-9);
  check("Laplace h(1) is one step", laplace_one_step(a, b, 1.0, b),
        ref_laplace_splitting_from(a, b, 1.0, 1.0), 1e-9);
  check("Laplace h(-2) is one step", laplace_one_step(a, b, -2.0, -a),
        ref_laplace_splitting_from(a, b, 1.0, -2.0), 1e-9);
  const double p = ref_chang_peres(0.7);
  check("Chang and Peres against the solver", solved_splitting(0.7, 0.7, REF_RIGHT),
        0.5 * (1.0 + p * p), 1e-9);
}

/* Rademacher, a = b = 1/2, on the lattice of half steps (steps +3, -1 right of 0; +1, -3 left). */
static void check_rademacher(void)
{
  enum { half = 300 };
  static double h[2 * half + 1];
  for (int i = 0; i <= 2 * half; i++)
    h[i] = i >= half ? 1.0 : 0.0;
  for (int round = 0; round < 20000; round++)
    for (int i = 3; i <= 2 * half - 3; i++)
      h[i] = i >= half ? 0.5 * (h[i + 3] + h[i - 1]) : 0.5 * (h[i + 1] + h[i - 3]);
  check("Rademacher splitting on the lattice", h[half], ref_rademacher_splitting(3), 1e-10);
}

static double constant_of(const ref_printed_constant *row)
{
  const double x = row->argument;
  if (strcmp(row->name, "flat_maximum_constant") == 0)
    return ref_flat_maximum_constant(x);
  if (strcmp(row->name, "rademacher_root") == 0)
    return ref_rademacher_root((int)x);
  if (strcmp(row->name, "rademacher_splitting") == 0)
    return ref_rademacher_splitting((int)x);
  if (strcmp(row->name, "chang_peres") == 0)
    return ref_chang_peres(x);
  if (strcmp(row->name, "siegmund_rho") == 0)
    return ref_siegmund_rho();
  if (strcmp(row->name, "state_noise_variance") == 0)
    return ref_state_noise_variance(0.1, 1.0, 2.0, 1.0);
  if (strcmp(row->name, "state_noise_tail_index") == 0)
    return ref_state_noise_tail_index(0.1, 1.0, 2.0);
  return (double)NAN;
}

static void check_constants(void)
{
  for (int i = 0; i < ref_printed_constant_count; i++)
    check_printed(ref_printed_constants[i].name, constant_of(&ref_printed_constants[i]),
                  ref_printed_constants[i].value, ref_printed_constants[i].unit);
  check("zeta(2)", ref_zeta(2.0), 1.6449340668482264, 1e-14);
  check("zeta(1/2)", ref_zeta(0.5), -1.4603545088095868, 1e-13);
  check("zeta(-1/2)", ref_zeta(-0.5), -0.20788622497735457, 1e-13);
  check("free walk mean", ref_free_walk_mean(0.1, 1.0, 0.0), 112.24136, 6e-6);
  check("free walk P(right)", ref_free_walk_right(0.1, 1.0, 0.5), .73623691, 6e-9);
}

/* The parabolic maximum on a wide interval against the closed forms. */
static void check_parabolic(void)
{
  const ref_well well = {2, 0};
  const double starts[2] = {0.1, -0.3};
  ref_exit e[2];
  ref_chain chain = ref_well_chain(&well, 0.1, 1.0, 0, -4.0, 4.0);
  ref_exit_solve(&chain, 2, starts, e, NULL);
  for (int i = 0; i < 2; i++)
    check("parabolic, Gaussian, on (-4, 4)", e[i].right,
          ref_parabolic_gaussian(0.1, 1.0, 1.0, starts[i]), 1e-9);
  check("parabolic momentum with mu = 0", ref_parabolic_momentum(0.1, 1.0, 1.0, 0.0, 0.1),
        ref_parabolic_gaussian(0.1, 1.0, 1.0, 0.1), 1e-14);
  /* W of scale g at alpha = 2 has variance 2 g^2; the Gaussian W has lr^2/(q^2 - 1) */
  check("parabolic stable scale at alpha 2", ref_parabolic_stable_scale(0.1, 1.0, 2.0, 1.0),
        0.1 / sqrt(1.1 * 1.1 - 1.0), 1e-14);
}

/* Momentum from a parabolic maximum: P(right) is the limit of P(x_n > 0), and x_n is normal, so its
 * mean and covariances, iterated, give it. */
static void check_parabolic_momentum(void)
{
  const double lr = 0.1, c = 1.0, mu = 0.8, x0 = 0.05, sigma = 1.0;
  double x = x0, v = 0.0, xx = 0.0, xv = 0.0, vv = 0.0; /* means, then covariances */
  for (int n = 0; n < 400; n++) { /* v' = mu v + lr c x + lr sigma z; x' = x + v' */
    const double v1 = mu * v + lr * c * x, k = lr * c;
    const double vv1 = mu * mu * vv + 2 * mu * k * xv + k * k * xx + lr * lr * sigma * sigma;
    const double xv1 = mu * xv + k * xx + vv1;            /* Cov(x + v', v') */
    const double xx1 = xx + 2 * (mu * xv + k * xx) + vv1; /* Var(x + v') */
    x += v1;
    v = v1;
    xx = xx1;
    xv = xv1;
    vv = vv1;
  }
  check("parabolic momentum by iteration", 0.5 * erfc(-x / sqrt(2.0 * xx)),
        ref_parabolic_momentum(lr, c, sigma, mu, x0), 1e-10);
}

static void check_stationary(void)
{
  const double lr = 0.2, k = 1.5, mu = 0.7, sigma = 1.3, a = 1.0 - lr * k;
  double xx = 0, xv = 0, vv = 0, sgd = 0, r0 = 0, r1 = 0;
  for (int n = 0; n < 5000; n++) {
    const double g = lr * k;
    const double vv1 = mu * mu * vv - 2 * mu * g * xv + g * g * xx + lr * lr * sigma * sigma;
    const double xv1 = mu * xv - g * xx + vv1, xx1 = xx + 2 * (mu * xv - g * xx) + vv1;
    vv = vv1;
    xv = xv1;
    xx = xx1;
    sgd = a * a * sgd + lr * lr * sigma * sigma;
    const double f1 = (1 + mu) * a, f2 = -mu * a; /* x' = f1 x + f2 x_prev + noise */
    const double next0 = f1 * f1 * r0 + f2 * f2 * r0 + 2 * f1 * f2 * r1 + lr * lr * sigma * sigma;
    r1 = f1 * r0 + f2 * r1;
    r0 = next0;
  }
  const ref_momentum_moments m = ref_momentum_variance(lr, k, sigma, mu);
  check("momentum Var x", m.x, xx, 1e-12);
  check("momentum Var v", m.v, vv, 1e-12);
  check("momentum Cov", m.xv, xv, 1e-12);
  check("sgd variance", ref_sgd_variance(lr, k, sigma), sgd, 1e-12);
  check("sgd variance at 3", ref_sgd_variance_at(lr, k, sigma, 3),
        lr * lr * sigma * sigma * (1 + a * a + a * a * a * a), 1e-14);
  check("nesterov variance", ref_nesterov_variance(lr, k, sigma, mu), r0, 1e-12);
  check("nesterov mu = 0", ref_nesterov_variance(lr, k, sigma, 0.0), sgd, 1e-12);
  check("nesterov point", ref_nesterov_point_variance(lr, k, sigma, mu),
        ((1 + mu) * (1 + mu) + mu * mu) * r0 - 2 * mu * (1 + mu) * r1, 1e-12);
  check("stable scale at alpha 2", pow(ref_stable_scale(lr, k, 2.0, 1.0), 2.0) * sigma * sigma, sgd,
        1e-12);
  check("annealed, gamma 0", ref_annealed_variance(lr, k, sigma * sigma, 0.0, 500), sgd, 1e-12);
}

/* ---- landscapes ----------------------------------------------------------------------------- */

static void check_gradient(const char *name, int d, const double *x)
{
  static const double spectrum[3] = {0.5, 1.0, 4.0};
  ref_landscape_keys keys = ref_landscape_defaults();
  double g[3], at[3];
  keys.spectrum = spectrum;
  keys.tilt = 0.3;
  keys.p = 3.0;
  keys.c_left = 0.7;
  keys.scale = 1.7;
  ref_landscape(name, &keys, d, x, g);
  for (int i = 0; i < d; i++) {
    const double h = 1e-4;
    double u[4];
    for (int j = 0; j < 4; j++) {
      memcpy(at, x, sizeof at);
      at[i] += h * (j < 2 ? j - 2 : j - 1);
      u[j] = ref_landscape(name, &keys, d, at, NULL);
    }
    const double slope = (u[0] - 8 * u[1] + 8 * u[2] - u[3]) / (12 * h);
    check(name, g[i], slope, 1e-7 * (1.0 + fabs(slope) + fabs(u[0])));
  }
}

static void check_gradients(void)
{
  static const char *one[] = {"quadratic",     "double_well",     "power_maximum",
                              "sharp_maximum", "power_well",      "washboard",
                              "wang_oh_rhee",  "styblinski_tang", "rastrigin"};
  static const char *two[] = {"quadratic",    "styblinski_tang", "rastrigin",       "rosenbrock",
                              "saddle",       "monkey_saddle",   "himmelblau",      "beale",
                              "muller_brown", "six_hump_camel",  "three_hump_camel"};
  static const double points[5][3] = {{0.37, -0.61, 0.2},
                                      {-0.92, 0.44, 1.1},
                                      {1.21, 1.33, -0.7},
                                      {-1.45, -0.3, 0.5},
                                      {1.62, 0.05, -0.05}};
  for (int p = 0; p < 5; p++) {
    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
      check_gradient(one[i], 1, points[p]);
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
      check_gradient(two[i], 2, points[p]);
    check_gradient("rosenbrock", 3, points[p]);
    check_gradient("quadratic", 3, points[p]);
  }
}

/* Newton from the table's point, Hessian by differences of the gradient. Polishes x in place and
 * returns the number of negative eigenvalues. */
static int newton(const ref_critical *c, const ref_landscape_keys *keys, double x[2])
{
  double h[2][2] = {{0, 0}, {0, 1}};
  for (int round = 0; round < 6; round++) {
    double g[2] = {0, 0}, up[2], down[2], at[2];
    ref_landscape(c->landscape, keys, c->dimension, x, g);
    for (int i = 0; i < c->dimension; i++) {
      memcpy(at, x, sizeof at);
      at[i] = x[i] + 1e-5;
      ref_landscape(c->landscape, keys, c->dimension, at, up);
      at[i] = x[i] - 1e-5;
      ref_landscape(c->landscape, keys, c->dimension, at, down);
      for (int j = 0; j < c->dimension; j++)
        h[j][i] = (up[j] - down[j]) / 2e-5;
    }
    const double det = h[0][0] * h[1][1] - h[0][1] * h[1][0];
    const double dx = (h[1][1] * g[0] - h[0][1] * g[1]) / det;
    x[1] -= c->dimension == 1 ? 0.0 : (h[0][0] * g[1] - h[1][0] * g[0]) / det;
    x[0] -= dx;
  }
  if (c->dimension == 1)
    return h[0][0] < 0.0 ? 2 : 0;
  const double det = h[0][0] * h[1][1] - h[0][1] * h[1][0];
  return det < 0.0 ? 1 : h[0][0] < 0.0 ? 2 : 0;
}

static void check_criticals(void)
{
  for (int i = 0; i < ref_critical_count; i++) {
    const ref_critical *c = &ref_criticals[i];
    ref_landscape_keys keys = ref_landscape_defaults();
    double x[2] = {c->x[0], c->x[1]};
    char what[80];
    keys.tilt = c->tilt;
    snprintf(what, sizeof what, "critical point of %s near %g, %g", c->landscape, x[0], x[1]);
    check(what, newton(c, &keys, x), (double)c->kind, 0.0);
    check(what, x[0], c->x[0], 0.6e-8);
    check(what, x[1], c->x[1], 0.6e-8);
    const double unit = strcmp(c->landscape, "himmelblau") == 0 ? 1e-6 : 1e-8;
    check(what, ref_landscape(c->landscape, &keys, c->dimension, x, NULL), c->value, 0.6 * unit);
  }
}

/* The turning points of the four-well potential on its range, by a scan of the slope. */
static void check_four_wells(void)
{
  const ref_landscape_keys keys = ref_landscape_defaults();
  int minima = 0, maxima = 0;
  double before = 0.0;
  for (int i = 0; i <= 64000; i++) {
    const double x = -1.6 + 5e-5 * i + 1.7e-6;
    double g;
    ref_landscape("wang_oh_rhee", &keys, 1, &x, &g);
    minima += before < 0.0 && g > 0.0;
    maxima += before > 0.0 && g < 0.0;
    before = g;
  }
  check("wang_oh_rhee minima on (-1.6, 1.6)", minima, 4.0, 0.0);
  check("wang_oh_rhee maxima on (-1.6, 1.6)", maxima, 3.0, 0.0);
}

static void check_kinks(void)
{
  ref_landscape_keys keys = ref_landscape_defaults();
  const double zero = 0.0;
  static const double wanted[3] = {0.0, 1.0, -1.0}; /* zero, left, right: all slopes are 1 */
  keys.p = 1.0;
  keys.q = 2.0;
  for (int side = 0; side < 3; side++) {
    double g;
    keys.at_zero = (ref_side)side;
    ref_landscape("sharp_maximum", &keys, 1, &zero, &g);
    check("at_zero of sharp_maximum", g, wanted[side], 0.0);
    ref_landscape("power_maximum", &keys, 1, &zero, &g);
    check("at_zero of power_maximum", g, wanted[side], 0.0);
    ref_landscape("power_well", &keys, 1, &zero, &g);
    check("at_zero of power_well", g, wanted[side], 0.0);
  }
}

/* ---- networks ------------------------------------------------------------------------------- */

/* The gradient against differences of the loss, for every activation, output and loss. */
static void check_network(const ref_network *network)
{
  static const double data[] = {0.5, -1.0, 1.0, 0.25, -0.75, 2.0, 0.0, 1.0, 1.5, 0.5, 0.5, 0.0};
  const int parameters = ref_network_parameters(network);
  double x[64], g[64];
  for (int j = 0; j < parameters; j++)
    x[j] = 0.1 + 0.9 * sin(3.0 * j + 1.0);
  ref_network_loss(network, 3, data, x, g);
  for (int j = 0; j < parameters; j++) {
    const double at = x[j], h = 1e-6;
    x[j] = at + h;
    const double above = ref_network_loss(network, 3, data, x, NULL);
    x[j] = at - h;
    const double below = ref_network_loss(network, 3, data, x, NULL);
    x[j] = at;
    check("slope of a network", g[j], (above - below) / (2.0 * h), 1e-8);
  }
}

static void check_networks(void)
{
  for (int hidden = REF_TANH; hidden <= REF_RELU; hidden++)
    for (int output = 0; output < 4; output++) {
      static const int outputs[4] = {REF_LINEAR, REF_SIGMOID, REF_TANH, REF_SIGMOID};
      const ref_network network = {4, {2, 3, 2, 2}, hidden, outputs[output], output == 3};
      check_network(&network);
    }
}

/* ---- noise ---------------------------------------------------------------------------------- */

/* cdf + tail = 1, and the density is the slope of the distribution function. */
static void check_law(ref_noise noise)
{
  static const double points[] = {-7.3, -2.1, -0.45, 0.3, 1.2, 4.4, 21.0};
  for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
    const double x = points[i], h = 1e-3;
    const double slope = (ref_noise_cdf(&noise, x - 2 * h) - 8 * ref_noise_cdf(&noise, x - h) +
                          8 * ref_noise_cdf(&noise, x + h) - ref_noise_cdf(&noise, x + 2 * h)) /
                         (12 * h);
    check(noise.law, ref_noise_cdf(&noise, x) + ref_noise_tail(&noise, x), 1.0, 1e-9);
    check(noise.law, ref_noise_density(&noise, x), slope, 1e-7);
  }
}

static void check_noise(void)
{
  static const char *laws[] = {"gaussian", "uniform", "laplace", "logistic"};
  static const double alphas[] = {0.5, 0.8, 1.0, 1.3, 1.5, 1.9, 2.0}, betas[] = {0, 0.6, -1};
  for (int i = 0; i < 4; i++)
    check_law((ref_noise){.law = laws[i], .scale = 1.4});
  check_law((ref_noise){.law = "student_t", .scale = 1.4, .nu = 1.5});
  check_law((ref_noise){.law = "student_t", .scale = 1.0, .nu = 30.0});
  check_law((ref_noise){.law = "pareto", .scale = 1.0, .alpha = 1.5, .weight_right = 0.7});
  for (int i = 0; i < 7; i++)
    for (int j = 0; j < 3; j++)
      check_law((ref_noise){.law = "stable", .scale = 1.0, .alpha = alphas[i], .beta = betas[j]});
  ref_noise n = {.law = "student_t", .scale = 1.0, .nu = 1.0};
  check("student_t 1 is Cauchy", ref_noise_tail(&n, 3.0), atan(1.0 / 3.0) / acos(-1.0), 1e-14);
  n = (ref_noise){.law = "stable", .scale = 1.0, .alpha = 0.5, .beta = 1.0};
  check("stable 1/2, 1 is Levy", ref_noise_cdf(&n, 0.8), erfc(sqrt(0.5 / 0.8)), 1e-12);
  check("stable 1/2, 1 has no left", ref_noise_cdf(&n, -0.1), 0.0, 1e-12);
  n = (ref_noise){.law = "stable", .scale = 1.0, .alpha = 1.999999, .beta = 0.0};
  check("stable near 2", ref_noise_cdf(&n, 1.0), 0.5 * erfc(-0.5), 1e-6);
  n.alpha = 1.000001;
  check("stable near 1", ref_noise_cdf(&n, 1.0), 0.75, 1e-6);
  n.alpha = 1.5; /* P(zeta > u) ~ C_alpha u^-alpha, docs/exact_values.md */
  check("stable tail constant", ref_noise_tail(&n, 1e6) * 1e9,
        tgamma(1.5) * sin(0.75 * acos(-1.0)) / acos(-1.0), 1e-8);
  n.alpha = 0.5;
  check("stable tail constant, 1/2", ref_noise_tail(&n, 1e16) * 1e8,
        tgamma(0.5) * sin(0.25 * acos(-1.0)) / acos(-1.0), 1e-8);
}

/* ---- updates -------------------------------------------------------------------------------- */

static void check_adaptive_rules(void)
{
  ref_optimizer adam = ref_optimizer_defaults("adam");
  double state[4], w = 0.0, size;
  ref_initial_state(&adam, state);
  for (int t = 1; t <= 50; t++) { /* exactly -lr g/(|g|+eps) each step */
    const double next = ref_update(&adam, t, -0.3, w, state, &size);
    check("adam under a constant gradient", next - w, adam.lr * 0.3 / (0.3 + adam.eps), 1e-15);
    check("adam magnitude", size, next - w, 1e-15);
    w = next;
  }
  ref_optimizer rmsprop = ref_optimizer_defaults("rmsprop");
  rmsprop.eps = 0.0;
  rmsprop.lr = 0.1;
  ref_initial_state(&rmsprop, state);
  w = 0.05;
  state[0] = w * w;
  for (int t = 1; t <= 20; t++) { /* period 2 on U = x^2/2 */
    w = ref_update(&rmsprop, t, w, w, state, NULL);
    check("rmsprop orbit", w, t % 2 ? -0.05 : 0.05, 1e-15);
  }
}

/* lookahead (iterate x) and bengio (point y = x - lr mu b) are one trajectory. */
static void check_nesterov_forms(void)
{
  ref_optimizer bengio = ref_optimizer_defaults("nesterov");
  ref_optimizer ahead = bengio;
  ref_optimizer inside = bengio;
  double sb[4], sa[4], si[4], y = 1.0, x = 1.0, z = 1.0;
  ahead.lookahead = inside.lookahead = inside.lr_inside = 1;
  bengio.lr = ahead.lr = inside.lr = 0.1;
  ref_initial_state(&bengio, sb);
  ref_initial_state(&ahead, sa);
  ref_initial_state(&inside, si);
  for (int t = 1; t <= 30; t++) {
    const double point = ref_evaluation_point(&ahead, x, sa);
    check("nesterov forms meet", point, y, 1e-14);
    y = ref_update(&bengio, t, y * y * y, y, sb, NULL);
    x = ref_update(&ahead, t, point * point * point, x, sa, NULL);
    const double other = ref_evaluation_point(&inside, z, si);
    z = ref_update(&inside, t, other * other * other, z, si, NULL);
    check("nesterov lr inside", z, x, 1e-14);
  }
}

static void check_rule_values(void)
{
  double state[4];
  ref_optimizer o = ref_optimizer_defaults("adamw");
  ref_initial_state(&o, state);
  check("adamw first step", ref_update(&o, 1, 2.0, 3.0, state, NULL),
        3.0 - 1e-3 * 1e-2 * 3.0 - 1e-3 * 2.0 / (2.0 + 1e-8), 1e-15);
  o = ref_optimizer_defaults("lion");
  ref_initial_state(&o, state);
  check("lion at zero", ref_update(&o, 1, 0.0, 3.0, state, NULL), 3.0, 0.0);
  o = ref_optimizer_defaults("radam"); /* rho_t <= 5 up to t = 5: an unrectified step lr*mhat */
  for (int t = 1; t <= 6; t++) {
    ref_initial_state(&o, state);
    const double w = ref_update(&o, t, 2.0, 0.0, state, NULL);
    check("radam rectified from 6", fabs(w + 2e-3 * 0.1 / (1.0 - pow(0.9, t))) > 1e-9, t > 5, 0.0);
  }
  o = ref_optimizer_defaults("nadam");
  ref_initial_state(&o, state);
  const double mu1 = 0.9 * (1 - .5 * pow(.96, .004)), mu2 = 0.9 * (1 - .5 * pow(.96, .008));
  check("nadam first step", ref_update(&o, 1, 2.0, 0.0, state, NULL),
        -2e-3 * (2.0 + mu2 * 0.2 / (1.0 - mu1 * mu2)) / (2.0 + 1e-8), 1e-15);
}

int main(int count, char **arguments)
{
  verbose = count > 1 && strcmp(arguments[1], "-v") == 0;
  check_constants();
  check_splitting();
  check_rademacher();
  check_parabolic();
  check_parabolic_momentum();
  check_stationary();
  check_convergence();
  check_printed_exits();
  check_printed_presences();
  check_gradients();
  check_criticals();
  check_four_wells();
  check_kinks();
  check_networks();
  check_noise();
  check_adaptive_rules();
  check_nesterov_forms();
  check_rule_values();
  printf("%d checks, %d failed\n", checks, failures);
  return failures != 0;
}
