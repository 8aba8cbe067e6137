/* A linear rule on a quadratic: the moments of the chain, step by step, exactly. With U' = k x and
 * noise of variance q a step of sgd, momentum or nesterov is
 *   b' = mu b + p g,  x' = x - s g - r b',  g = k (x - l b) + xi,
 * so mean and covariance of (x, b) obey a linear recursion of their own, whatever the law of xi.
 * The closed forms of docs/exact_values.md are its fixed points; nothing here uses them. For sgd
 * the fourth moment goes along, because it is the error of a measured variance. */
#include <math.h>

#include "host/theory/law.h"
#include "host/theory/predictions.h"
#include "host/theory/special_functions.h"

#define STEPS_MAX 10000000 /* more are followed only where nothing changes any longer */

typedef struct esc_linear_chain {
  double k, mu, l;
  double first[3], later[3]; /* p, s, r of the first step and of the others */
  double q, q4;              /* variance and fourth cumulant of the noise on the gradient, */
  double extra, extra4;      /* and of what is added to the parameter */
  double c0, c2;             /* the noise on the gradient is scaled by sqrt(c0 + c2 x^2) */
  double eta0, gamma;        /* its variance is q eta0/(1+t)^gamma; eta0 = NaN: constant */
} esc_linear_chain;

typedef struct esc_linear_state {
  int64_t t;
  double mx, mb, xx, xb, bb; /* means and covariances */
  double lagged_x, lagged_b; /* covariances with x at an earlier step */
  double x3, x4;             /* raw moments of x, for sgd under symmetric noise */
} esc_linear_state;

static double second_moment(const esc_linear_state *at)
{
  return at->xx + at->mx * at->mx;
}

/* One step of the pair by its two linear maps: x' = ax x + ab b + ..., b' = bx x + bb b + .... */
static esc_linear_state linear_step(const esc_linear_chain *c, const esc_linear_state *at)
{
  const double *const part = at->t == 0 ? c->first : c->later;
  const double p = part[0], s = part[1], r = part[2];
  const double bx = p * c->k, bb = c->mu - p * c->k * c->l;
  const double ax = 1.0 - s * c->k - r * bx, ab = s * c->k * c->l - r * bb;
  const double nx = -s - r * p, nb = p; /* of xi */
  const double fade = isnan(c->eta0) ? 1.0 : c->eta0 * pow(1.0 + (double)at->t, -c->gamma);
  const double q = c->q * fade * (c->c0 + c->c2 * second_moment(at));
  esc_linear_state to = {.t = at->t + 1};
  to.mx = ax * at->mx + ab * at->mb;
  to.mb = bx * at->mx + bb * at->mb;
  to.xx = ax * ax * at->xx + 2.0 * ax * ab * at->xb + ab * ab * at->bb + nx * nx * q + c->extra;
  to.xb = ax * bx * at->xx + (ax * bb + ab * bx) * at->xb + ab * bb * at->bb + nx * nb * q;
  to.bb = bx * bx * at->xx + 2.0 * bx * bb * at->xb + bb * bb * at->bb + nb * nb * q;
  to.lagged_x = ax * at->lagged_x + ab * at->lagged_b;
  to.lagged_b = bx * at->lagged_x + bb * at->lagged_b;
  /* sgd: x' = ax x + h w + e, w symmetric of variance v and fourth moment w4, h^2 = c0 + c2 x^2 */
  const double m2 = second_moment(at), v = s * s * c->q * fade;
  const double w4 = s * s * s * s * fade * fade * c->q4 + 3.0 * v * v;
  const double e2 = c->extra, e4 = c->extra4 + 3.0 * e2 * e2;
  const double h2 = c->c0 + c->c2 * m2, x2h2 = c->c0 * m2 + c->c2 * at->x4;
  const double h4 = c->c0 * c->c0 + 2.0 * c->c0 * c->c2 * m2 + c->c2 * c->c2 * at->x4;
  to.x3 = ax * (ax * ax * at->x3 + 3.0 * v * (c->c0 * at->mx + c->c2 * at->x3) + 3.0 * e2 * at->mx);
  to.x4 = ax * ax * ax * ax * at->x4 + 6.0 * ax * ax * (v * x2h2 + e2 * m2) + w4 * h4 + e4 +
          6.0 * v * h2 * e2;
  return to;
}

static int is_same(double a, double b)
{
  return fabs(a - b) <= 4e-16 * fabs(b) + 1e-300;
}

static int settled(const esc_linear_state *a, const esc_linear_state *b)
{
  return is_same(a->mx, b->mx) && is_same(a->mb, b->mb) && is_same(a->xx, b->xx) &&
         is_same(a->xb, b->xb) && is_same(a->bb, b->bb) && is_same(a->lagged_x, b->lagged_x) &&
         is_same(a->lagged_b, b->lagged_b) && is_same(a->x3, b->x3) && is_same(a->x4, b->x4);
}

/* Advances to step n; 0 if that is too far. */
static int advance(const esc_linear_chain *c, esc_linear_state *at, int64_t n)
{
  const int64_t begun = at->t;
  while (at->t < n) {
    const esc_linear_state next = linear_step(c, at);
    const int done = at->t > 0 && isnan(c->eta0) && settled(at, &next);
    *at = next;
    if (done)
      at->t = n;
    if (at->t - begun > STEPS_MAX)
      return 0;
  }
  return isfinite(at->xx);
}

/* --- from an experiment --- */

static int rule_of(const esc_subject *subject, esc_linear_chain *c)
{
  const double lr = subject->plan->lr, *const key = subject->update_key;
  const double kept = 1.0 - key[1]; /* 1 - dampening */
  c->mu = subject->plan->update == ESC_UPDATE_sgd ? 0.0 : key[0];
  c->l = 0.0;
  for (int later = 0; later < 2; later++) {
    double *const part = later ? c->later : c->first;
    const double a = later ? kept : 1.0;
    const int second = key[2] > 0.0; /* lr_inside; form: lookahead */
    switch (subject->plan->update) {
    case ESC_UPDATE_sgd:
      part[0] = 0.0, part[1] = lr, part[2] = 0.0;
      break;
    case ESC_UPDATE_momentum:
      part[0] = second ? lr * a : a, part[1] = 0.0, part[2] = second ? 1.0 : lr;
      break;
    case ESC_UPDATE_nesterov:
      part[0] = second ? lr : a, part[1] = second ? 0.0 : lr, part[2] = second ? 1.0 : lr * c->mu;
      c->l = second ? c->mu : 0.0;
      break;
    default:
      return 0;
    }
  }
  return 1;
}

/* Sources add up: variances, and fourth cumulants where all have one. */
static int noise_of(const esc_subject *subject, esc_linear_chain *c)
{
  c->c0 = 1.0, c->eta0 = (double)NAN;
  for (int i = 0; i < subject->source_count; i++) {
    const esc_theory_source *const source = &subject->source[i];
    const esc_noise *const noise = source->noise;
    const int alone = subject->source_count == 1 && !source->planned->on_parameter;
    if (!isfinite(source->variance) || esc_law_unit_mean(source) != 0.0)
      return 0;
    if ((source->planned->annealed || source->planned->scaled_by_state) && !alone)
      return 0;
    if (source->planned->annealed)
      c->eta0 = noise->anneal[0], c->gamma = noise->anneal[1];
    if (source->planned->scaled_by_state)
      c->c0 = noise->state_scale[0], c->c2 = noise->state_scale[1];
    const double fourth = esc_law_unit_fourth(source) * pow(source->scale, 4) * noise->sparse;
    const double cumulant = fourth - 3.0 * source->variance * source->variance;
    *(source->planned->on_parameter ? &c->extra : &c->q) += source->variance;
    *(source->planned->on_parameter ? &c->extra4 : &c->q4) += cumulant;
  }
  return c->c2 == 0.0 || c->l == 0.0;
}

static int start_of(const esc_subject *subject, esc_linear_state *at)
{
  const esc_plan *const plan = subject->plan;
  const double *const v = plan->start;
  double m, spread = 0.0, fourth = 0.0; /* central moments */
  if (plan->start_kind == ESC_START_UNIFORM) {
    m = 0.5 * (v[0] + v[1]);
    spread = (v[1] - v[0]) * (v[1] - v[0]) / 12.0;
    fourth = 1.8 * spread * spread;
  } else if (plan->start_kind == ESC_START_NORMAL) {
    m = v[0];
    spread = v[1] * v[1];
    fourth = 3.0 * spread * spread;
  } else if (!esc_subject_start(subject, &m))
    return 0;
  *at = (esc_linear_state){.mx = m, .xx = spread};
  at->x3 = m * (m * m + 3.0 * spread);
  at->x4 = m * m * (m * m + 6.0 * spread) + fourth;
  return 1;
}

/* --- what is said --- */

typedef struct esc_linear_view {
  const esc_subject *subject;
  esc_linear_chain chain;
  int normal; /* x is exactly Gaussian at every step */
  esc_predictions *to;
} esc_linear_view;

static esc_prediction exact(double value, double deviation, int64_t step, const char *source)
{
  return (esc_prediction){.value = value,
                          .deviation = deviation,
                          .step = step,
                          .error = 1e-11 * fabs(value),
                          .source = source};
}

/* The standard deviation of a sample variance of one: sqrt(mu4 - mu2^2). */
static double variance_deviation(const esc_linear_view *view, const esc_linear_state *at)
{
  const double m = at->mx, m2 = second_moment(at);
  if (view->normal)
    return sqrt(2.0) * at->xx;
  if (view->subject->plan->update != ESC_UPDATE_sgd)
    return (double)NAN;
  const double fourth = at->x4 - 4.0 * m * at->x3 + 6.0 * m * m * m2 - 3.0 * m * m * m * m;
  return sqrt(fmax(fourth - at->xx * at->xx, 0.0));
}

static void say_moments(const esc_linear_view *view, const esc_linear_state *at, const char *where,
                        int64_t step)
{
  static const char source[] = "recursion of mean and covariance of a linear rule on a quadratic";
  const esc_prediction mean = exact(at->mx, sqrt(at->xx), step, source);
  const esc_prediction variance = exact(at->xx, variance_deviation(view, at), step, source);
  esc_predictions_add(view->to, &mean, "%s.mean", where);
  esc_predictions_add(view->to, &variance, "%s.variance", where);
}

static void say_quantiles(const esc_linear_view *view, const esc_linear_state *at)
{
  static const char *const names[3] = {"0.05", "0.5", "0.95"};
  static const double shares[3] = {0.05, 0.5, 0.95};
  for (int k = 0; k < 3; k++) {
    const double value = at->mx + sqrt(at->xx) * esc_normal_point(shares[k]);
    const esc_prediction p =
        exact(value, (double)NAN, -1, "normal quantile: Gaussian noise through a linear rule");
    esc_predictions_add(view->to, &p, "final.quantiles.%s", names[k]);
  }
}

/* P(|x - point| < radius) of a normal x. */
static void say_near(const esc_linear_view *view, const esc_linear_state *at, int64_t step)
{
  const esc_plan *const plan = view->subject->plan;
  const double sd = sqrt(at->xx);
  for (int b = 0; sd > 0.0 && b < plan->near_count; b++) {
    const double centre = plan->near[b].point[0], radius = sqrt(plan->near[b].squared_radius);
    const double share =
        esc_normal_between((centre - radius - at->mx) / sd, (centre + radius - at->mx) / sd);
    const esc_prediction p = exact(share, sqrt(share * (1.0 - share)), step,
                                   "normal share: Gaussian noise through a linear rule");
    esc_predictions_add(view->to, &p, "curves.near.%s.fraction",
                        view->subject->planned->names.near[b]);
  }
}

/* Corr(x at n - m, x at n), by following the covariance with x at n - m for m steps. */
static void say_correlations(const esc_linear_view *view, const esc_linear_state *start)
{
  const esc_plan *const plan = view->subject->plan;
  for (int i = 0; i < plan->lag_count; i++) {
    const int64_t lag = plan->lags[plan->lag_count - 1 - i];
    esc_linear_state at = *start;
    if (!advance(&view->chain, &at, plan->stop_steps - lag))
      return;
    const double before = at.xx;
    at.lagged_x = at.xx, at.lagged_b = at.xb;
    if (!(before > 0.0) || !advance(&view->chain, &at, plan->stop_steps))
      continue;
    const double rho = at.lagged_x / sqrt(before * at.xx);
    const esc_prediction p = exact(rho, view->normal ? 1.0 - rho * rho : (double)NAN, lag,
                                   "covariance of a linear rule carried over the lag");
    esc_predictions_add(view->to, &p, "correlation");
  }
}

void esc_predict_linear_chain(const esc_subject *subject, esc_predictions *to)
{
  const esc_plan *const plan = subject->plan;
  esc_linear_view view = {.subject = subject, .to = to};
  esc_linear_state start;
  const int quadratic = esc_subject_is_line(subject) && plan->landscape == ESC_LANDSCAPE_quadratic;
  if (!quadratic || !esc_subject_is_plain_rule(subject) || !esc_subject_never_ends(subject))
    return;
  view.chain.k = esc_subject_slope(subject, 1.0);
  if (view.chain.k < 0.0 || !rule_of(subject, &view.chain) || !noise_of(subject, &view.chain) ||
      !start_of(subject, &start))
    return;
  view.normal = view.chain.c2 == 0.0 && plan->start_kind != ESC_START_UNIFORM;
  for (int i = 0; i < subject->source_count; i++)
    view.normal &=
        subject->source[i].law == ESC_LAW_gaussian && subject->source[i].noise->sparse == 1.0;
  esc_linear_state at = start;
  for (int64_t i = 0; i < plan->step_count; i++) {
    if (!advance(&view.chain, &at, plan->steps[i]))
      return;
    if (plan->observe_moments)
      say_moments(&view, &at, "curves.moments", plan->steps[i]);
    if (view.normal)
      say_near(&view, &at, plan->steps[i]);
  }
  if (!advance(&view.chain, &at, plan->stop_steps))
    return;
  say_moments(&view, &at, "final", -1);
  if (view.normal && at.xx > 0.0)
    say_quantiles(&view, &at);
  say_correlations(&view, &start);
}
