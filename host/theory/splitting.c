/* Which way off a sharp maximum U = a x (x < 0), -b x (x > 0). In y = x/lr the chain is a walk that
 * drifts away from 0 on either side, whatever lr is; P(right | y) follows from the all-time
 * extremes of the two walks (docs/exact_values.md). Closed for Laplace noise; for Gaussian noise
 * with a = b by the series of Chang and Peres (Ann. Probab. 25, 1997); for Rademacher noise where
 * the walk is one of a lattice that falls one place at a time. Far walls change it by the chance of
 * coming back from them, which is added to the error. */
#include <math.h>

#include "host/theory/predictions.h"
#include "host/theory/special_functions.h"

typedef struct esc_sharp {
  double a, b, at_zero; /* U' on the left, -U' on the right, U' at 0 */
  double lr, scale, x0, left, right;
} esc_sharp;

static int sharp_of(const esc_subject *subject, const esc_theory_source *source, esc_sharp *s)
{
  const esc_plan *const plan = subject->plan;
  const int sharp =
      plan->landscape == ESC_LANDSCAPE_sharp_maximum ||
      (plan->landscape == ESC_LANDSCAPE_power_maximum && subject->landscape_key[0] == 1.0);
  if (!sharp || !esc_subject_is_line(subject) || !esc_subject_is_plain_sgd(subject) ||
      !esc_subject_ends_at_walls(subject) || !esc_subject_start(subject, &s->x0))
    return 0;
  s->a = esc_subject_slope(subject, -1.0);
  s->b = -esc_subject_slope(subject, 1.0);
  s->at_zero = esc_subject_slope(subject, 0.0);
  s->lr = plan->lr;
  s->scale = source->scale;
  s->left = plan->walls[0], s->right = plan->walls[1];
  return s->a > 0.0 && s->b > 0.0;
}

/* --- Laplace --- */

/* The root in (0, 1) of t A = -ln(1 - A^2), whose right side is the flatter at first. */
static double laplace_root(double t)
{
  double low = 0.0, high = 1.0;
  for (int k = 0; k < 200; k++) {
    const double middle = 0.5 * (low + high);
    if (t * middle > -log1p(-middle * middle))
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

static double laplace_right(const esc_sharp *s, double x)
{
  const double a = laplace_root(s->a / s->scale), b = laplace_root(s->b / s->scale);
  const double y = x / s->lr, from_left = b * (1.0 - a * a) / (a + b);
  if (y > 0.0)
    return 1.0 - a * (1.0 - b * b) / (a + b) * exp(-b * y / s->scale);
  if (y < 0.0)
    return from_left * exp(a * y / s->scale);
  if (s->at_zero == 0.0)
    return b / (a + b);
  return s->at_zero > 0.0 ? from_left : b * (1.0 + a * b) / (a + b);
}

/* --- Gaussian, a = b, from 0 --- */

/* P(a walk of steps N(beta, 1) never goes below 0). */
static double never_below(double beta)
{
  double sum = 0.0, power = 1.0; /* (-beta^2/2)^r / r! */
  for (int r = 0; r < 300; r++) {
    const double term = esc_zeta_below_one(r) * power / (2 * r + 1);
    sum += term;
    if (fabs(term) < 1e-18 * fabs(sum))
      break;
    power *= -0.5 * beta * beta / (r + 1);
  }
  return sqrt(2.0) * beta * exp(beta / sqrt(2.0 * acos(-1.0)) * sum);
}

/* --- Rademacher, a = b = scale (m-1)/(m+1), from 0 --- */

/* Whether all of k u, k to `most`, are exact in the state's type. */
static int is_exact_lattice(double u, double most, int bits)
{
  int exponent;
  int64_t digits = (int64_t)ldexp(frexp(u, &exponent), 53);
  int used = 53;
  for (; digits > 0 && digits % 2 == 0; digits /= 2)
    used--;
  return used + (int)ceil(log2(most + 1.0)) <= bits;
}

/* rho < 1 with 2 rho = 1 + rho^(m+1): the chance of ever falling by one place; NaN where the walk
 * is no lattice walk in the state's own arithmetic. */
static double rademacher_root(const esc_subject *subject, const esc_sharp *s, double *unit)
{
  const double m = (s->scale + s->b) / (s->scale - s->b);
  *unit = s->lr * (s->scale - s->b);
  const double reach = fmax(-s->left, s->right) / *unit + m;
  const int bits = subject->plan->state_bits == 64 ? 53 : 24;
  if (!(s->b < s->scale) || m != round(m) || !is_exact_lattice(s->lr, 0.0, bits) ||
      !is_exact_lattice(s->b, 0.0, bits) || !is_exact_lattice(s->scale, 0.0, bits) ||
      !is_exact_lattice(*unit, reach, bits))
    return (double)NAN;
  double low = 0.0, high = pow(2.0 / (m + 1.0), 1.0 / m); /* where 1 + rho^(m+1) - 2 rho is least */
  for (int k = 0; k < 200; k++) {
    const double middle = 0.5 * (low + high);
    if (1.0 + pow(middle, m + 1.0) > 2.0 * middle)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

/* --- what is said --- */

static void say(esc_predictions *to, double right, double error, const char *source)
{
  const esc_prediction p = {.value = right,
                            .error = error,
                            .deviation = sqrt(right * (1.0 - right)),
                            .step = -1,
                            .eventual = 1,
                            .source = source};
  esc_predictions_add(to, &p, "outcomes.right.fraction");
}

/* With a = b the convention at 0 mirrors: h(0-) = 1 - h(0+), and 1/2 between them. */
static double mirrored(const esc_sharp *s, double from_right)
{
  if (s->at_zero == 0.0)
    return 0.5;
  return s->at_zero > 0.0 ? 1.0 - from_right : from_right;
}

void esc_predict_sharp_maximum(const esc_subject *subject, esc_predictions *to)
{
  const esc_theory_source *const source = esc_subject_plain_noise(subject);
  esc_sharp s;
  if (!source || !sharp_of(subject, source, &s))
    return;
  const double nearer = fmin(-s.left, s.right);
  if (source->law == ESC_LAW_laplace) {
    const double walls = fmax(laplace_right(&s, s.left), 1.0 - laplace_right(&s, s.right));
    say(to, laplace_right(&s, s.x0), walls + 1e-14, "P(right) off a kink, Laplace noise");
  }
  if (s.a != s.b || s.x0 != 0.0)
    return;
  const double beta = s.b / s.scale;
  if (source->law == ESC_LAW_gaussian && beta <= 3.0) {
    const double p = never_below(beta), from_right = 0.5 * (1.0 + p * p);
    /* back from y with probability exp(-2 b y/sigma^2) at most (Lundberg) */
    const double walls = exp(-2.0 * beta * nearer / (s.lr * s.scale));
    say(to, mirrored(&s, from_right), walls + 1e-13, "Chang and Peres 1997");
  }
  double unit;
  const double rho =
      source->law == ESC_LAW_rademacher ? rademacher_root(subject, &s, &unit) : (double)NAN;
  if (!isnan(rho))
    say(to, mirrored(&s, 1.0 / (1.0 + rho)), pow(rho, nearer / unit - 1.0) + 1e-15,
        "1/(1 + rho), 2 rho = 1 + rho^(m+1)");
}
