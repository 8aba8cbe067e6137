/* The solver and the closed forms of reference_chain.h. The solver: with T the steps to leave,
 * E[T|x] = 1 + int k(x,y) E[T|y] dy over the interval, k the density of the next point. On
 * Gauss-Legendre panels (cut at kinks of the drift) this is a linear system (Nystroem); any start
 * is then one more evaluation of the right side. The printed constants stand at the end. */
#include "reference_chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* ---- quadrature and dense algebra ----------------------------------------------------------- */

enum { panel_order = 24, most_nodes = 4000 };

/* Gauss-Legendre nodes and weights on (-1, 1), Newton from Chebyshev-like seeds. */
static void gauss_legendre(int n, double *x, double *w)
{
  for (int i = 0; i < n; i++) {
    double z = -cos(pi * (i + 0.75) / (n + 0.5)), slope = 1.0;
    for (int round = 0; round < 8; round++) {
      double p0 = 1.0, p1 = z;
      for (int j = 2; j <= n; j++) {
        const double p2 = ((2 * j - 1) * z * p1 - (j - 1) * p0) / j;
        p0 = p1;
        p1 = p2;
      }
      slope = n * (z * p1 - p0) / (z * z - 1.0);
      z -= p1 / slope;
    }
    x[i] = z;
    w[i] = 2.0 / ((1.0 - z * z) * slope * slope);
  }
}

/* LU with partial pivoting, in place, row major. */
static void factorise(int n, double *a, int *pivot)
{
  for (int k = 0; k < n; k++) {
    int best = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(a[(size_t)i * (size_t)n + (size_t)k]) >
          fabs(a[(size_t)best * (size_t)n + (size_t)k]))
        best = i;
    pivot[k] = best;
    double *top = a + (size_t)k * (size_t)n, *swap = a + (size_t)best * (size_t)n;
    for (int j = 0; j < n && best != k; j++) {
      const double held = top[j];
      top[j] = swap[j];
      swap[j] = held;
    }
    for (int i = k + 1; i < n; i++) {
      double *row = a + (size_t)i * (size_t)n;
      const double factor = row[k] /= top[k];
      for (int j = k + 1; j < n; j++)
        row[j] -= factor * top[j];
    }
  }
}

static void solve(int n, const double *a, const int *pivot, double *b)
{
  for (int k = 0; k < n; k++) { /* whole rows were swapped, so all swaps come first */
    const double held = b[k];
    b[k] = b[pivot[k]];
    b[pivot[k]] = held;
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++)
      b[i] -= a[(size_t)i * (size_t)n + (size_t)j] * b[j];
  for (int i = n - 1; i >= 0; i--) {
    for (int j = i + 1; j < n; j++)
      b[i] -= a[(size_t)i * (size_t)n + (size_t)j] * b[j];
    b[i] /= a[(size_t)i * (size_t)n + (size_t)i];
  }
}

/* ---- the grid and the kernel ---------------------------------------------------------------- */

typedef struct grid {
  int count;
  double *x, *w;
} grid;

static int panels_of(const ref_chain *chain, double width)
{
  const double density = chain->nodes_per_step > 0.0 ? chain->nodes_per_step : 4.0;
  const double nodes = density * width / (chain->lr * chain->noise.scale);
  return 1 + (int)(nodes / panel_order);
}

/* Ends of the smooth pieces: the interval cut at its kinks. Returns the number of pieces. */
static int pieces_of(const ref_chain *chain, double ends[6])
{
  int count = 0;
  ends[0] = chain->lower;
  for (int i = 0; i < chain->kink_count; i++)
    if (chain->kinks[i] > chain->lower && chain->kinks[i] < chain->upper)
      ends[++count] = chain->kinks[i];
  ends[++count] = chain->upper;
  return count;
}

static int make_grid(const ref_chain *chain, grid *g)
{
  double ends[6], x[panel_order], w[panel_order];
  const int pieces = pieces_of(chain, ends);
  int panels = 0;
  for (int i = 0; i < pieces; i++)
    panels += panels_of(chain, ends[i + 1] - ends[i]);
  g->count = 0;
  g->x = malloc((size_t)panels * panel_order * sizeof *g->x);
  g->w = malloc((size_t)panels * panel_order * sizeof *g->w);
  if (!g->x || !g->w || panels > most_nodes / panel_order)
    return -1;
  gauss_legendre(panel_order, x, w);
  for (int i = 0; i < pieces; i++) {
    const int here = panels_of(chain, ends[i + 1] - ends[i]);
    const double half = 0.5 * (ends[i + 1] - ends[i]) / here;
    for (int j = 0; j < here * panel_order; j++) {
      g->x[g->count] = ends[i] + half * (2 * (j / panel_order) + 1 + x[j % panel_order]);
      g->w[g->count++] = half * w[j % panel_order];
    }
  }
  return 0;
}

static void free_grid(grid *g)
{
  free(g->x);
  free(g->w);
}

static double mean_of_next(const ref_chain *chain, double x)
{
  return x - chain->lr * chain->gradient(x, chain->context);
}

/* row[j] = w_j * density at x_j of the next point after x. */
static void kernel_row(const ref_chain *chain, const grid *g, double x, double *row)
{
  const double mean = mean_of_next(chain, x);
  for (int j = 0; j < g->count; j++)
    row[j] = g->w[j] * ref_noise_density(&chain->noise, (mean - g->x[j]) / chain->lr) / chain->lr;
}

/* P(the point after x is at or above y): xi <= (mean - y)/lr. */
static double lands_above(const ref_chain *chain, double x, double y)
{
  return ref_noise_cdf(&chain->noise, (mean_of_next(chain, x) - y) / chain->lr);
}

static double lands_between(const ref_chain *chain, double x, double low, double high)
{
  const double mean = mean_of_next(chain, x);
  return ref_noise_cdf(&chain->noise, (mean - low) / chain->lr) -
         ref_noise_cdf(&chain->noise, (mean - high) / chain->lr);
}

static double dot(int n, const double *a, const double *b)
{
  double sum = 0.0;
  for (int i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* ---- exit ----------------------------------------------------------------------------------- */

/* The largest eigenvalue of K by inverse iteration on I - K. */
static double survival(int n, const double *lu, const int *pivot, double *v)
{
  double growth = 1.0;
  for (int i = 0; i < n; i++)
    v[i] = 1.0;
  for (int round = 0; round < 200; round++) {
    solve(n, lu, pivot, v);
    double largest = 0.0;
    for (int i = 0; i < n; i++)
      largest = fmax(largest, fabs(v[i]));
    for (int i = 0; i < n; i++)
      v[i] /= largest;
    if (fabs(largest - growth) < 1e-15 * largest)
      break;
    growth = largest;
  }
  return 1.0 - 1.0 / growth;
}

static void solve_on_grid(const ref_chain *chain, const grid *g, double *lu, int *pivot,
                          double *mean, double *second, double *right)
{
  const int n = g->count;
  for (int i = 0; i < n; i++) {
    double *row = lu + (size_t)i * (size_t)n;
    kernel_row(chain, g, g->x[i], row);
    for (int j = 0; j < n; j++)
      row[j] = (i == j ? 1.0 : 0.0) - row[j];
    mean[i] = 1.0;
    right[i] = lands_above(chain, g->x[i], chain->upper);
  }
  factorise(n, lu, pivot);
  solve(n, lu, pivot, mean);
  solve(n, lu, pivot, right);
  for (int i = 0; i < n; i++) /* E[T^2] = 1 + 2 K E[T] + K E[T^2], and K E[T] = E[T] - 1 */
    second[i] = 2.0 * mean[i] - 1.0;
  solve(n, lu, pivot, second);
}

static ref_exit exit_from(const ref_chain *chain, const grid *g, double x, const double *mean,
                          const double *second, const double *right, double *row)
{
  ref_exit e;
  kernel_row(chain, g, x, row);
  e.mean = 1.0 + dot(g->count, row, mean);
  e.second_moment = 1.0 + 2.0 * (e.mean - 1.0) + dot(g->count, row, second);
  e.sd = sqrt(fmax(e.second_moment - e.mean * e.mean, 0.0));
  e.right = lands_above(chain, x, chain->upper) + dot(g->count, row, right);
  return e;
}

int ref_exit_solve(const ref_chain *chain, int count, const double *starts, ref_exit *exits,
                   double *survival_factor)
{
  grid g;
  if (make_grid(chain, &g) != 0) {
    free_grid(&g);
    return -1;
  }
  const size_t n = (size_t)g.count;
  double *work = calloc(n * n + 4 * n, sizeof *work);
  int *pivot = calloc(n, sizeof *pivot);
  if (work && pivot) {
    double *mean = work + n * n, *second = mean + n, *right = second + n, *row = right + n;
    solve_on_grid(chain, &g, work, pivot, mean, second, right);
    for (int i = 0; i < count; i++)
      exits[i] = exit_from(chain, &g, starts[i], mean, second, right, row);
    if (survival_factor)
      *survival_factor = survival(g.count, work, pivot, row);
  }
  const int status = work && pivot ? 0 : -1;
  free(work);
  free(pivot);
  free_grid(&g);
  return status;
}

/* ---- presence ------------------------------------------------------------------------------- */

/* u_n(x) = P(X_n in the set | X_0 = x): u_1 in closed form, u_n = K u_{n-1}. */
int ref_presence_solve(const ref_chain *chain, double start, double low, double high, int count,
                       const int64_t *steps, double *fractions)
{
  grid g;
  if (make_grid(chain, &g) != 0) {
    free_grid(&g);
    return -1;
  }
  const size_t n = (size_t)g.count;
  double *kernel = malloc((n * n + 3 * n) * sizeof *kernel);
  if (kernel) {
    double *u = kernel + n * n, *next = u + n, *row = next + n;
    for (size_t i = 0; i < n; i++) {
      kernel_row(chain, &g, g.x[i], kernel + i * n);
      u[i] = lands_between(chain, g.x[i], low, high);
    }
    kernel_row(chain, &g, start, row);
    int64_t now = 1; /* u is u_now */
    for (int i = 0; i < count; i++) {
      for (; now < steps[i] - 1; now++) {
        for (size_t j = 0; j < n; j++)
          next[j] = dot(g.count, kernel + j * n, u);
        memcpy(u, next, n * sizeof *u);
      }
      fractions[i] = steps[i] == 1 ? lands_between(chain, start, low, high) : dot(g.count, row, u);
    }
  }
  const int status = kernel ? 0 : -1;
  free(kernel);
  free_grid(&g);
  return status;
}

/* ---- closed forms --------------------------------------------------------------------------- */

static double bisect(double (*f)(double x, const double *key), const double *key, double lo,
                     double hi)
{
  const int rising = f(hi, key) > 0.0;
  for (int i = 0; i < 200; i++) {
    const double middle = 0.5 * (lo + hi);
    if ((f(middle, key) > 0.0) == rising)
      hi = middle;
    else
      lo = middle;
  }
  return 0.5 * (lo + hi);
}

/* a A/s = -ln(1 - A^2). */
static double laplace_equation(double root, const double *slope)
{
  return -log1p(-root * root) - *slope * root;
}

static double laplace_root(double slope)
{
  return bisect(laplace_equation, &slope, 1e-12 * slope, 1.0 - 1e-16);
}

ref_splitting ref_laplace_splitting(double a, double b, double scale)
{
  const double A = laplace_root(a / scale), B = laplace_root(b / scale);
  return (ref_splitting){B * (1.0 + A * B) / (A + B), B * (1.0 - A * A) / (A + B), B / (A + B)};
}

double ref_laplace_splitting_from(double a, double b, double scale, double y)
{
  const double A = laplace_root(a / scale), B = laplace_root(b / scale);
  return y > 0.0 ? 1.0 - A * (1.0 - B * B) / (A + B) * exp(-B * y / scale)
                 : B * (1.0 - A * A) / (A + B) * exp(A * y / scale);
}

static double rademacher_equation(double rho, const double *m)
{
  return 1.0 + pow(rho, *m + 1.0) - 2.0 * rho;
}

double ref_rademacher_root(int m)
{
  const double key = m;
  return bisect(rademacher_equation, &key, 0.0, 1.0 - 1e-6);
}

double ref_rademacher_splitting(int m)
{
  return 1.0 / (1.0 + ref_rademacher_root(m));
}

/* Euler-Maclaurin for s > 1, the functional equation below 1/2, and in between the first again. */
double ref_zeta(double s)
{
  static const double bernoulli[] = {1.0 / 6,  -1.0 / 30,     1.0 / 42, -1.0 / 30,
                                     5.0 / 66, -691.0 / 2730, 7.0 / 6,  -3617.0 / 510};
  enum { terms = 20 };
  if (s < 0.0)
    return pow(2.0, s) * pow(pi, s - 1.0) * sin(0.5 * pi * s) * tgamma(1.0 - s) * ref_zeta(1.0 - s);
  double sum = 0.5 * pow(terms, -s) + pow(terms, 1.0 - s) / (s - 1.0);
  for (int n = 1; n < terms; n++)
    sum += pow(n, -s);
  double rising = s, factorial = 2.0, power = pow(terms, -s - 1.0);
  for (int k = 1; k <= 8; k++) { /* B_2k/(2k)! s(s+1)...(s+2k-2) N^(-s-2k+1) */
    sum += bernoulli[k - 1] / factorial * rising * power;
    rising *= (s + 2 * k - 1) * (s + 2 * k);
    factorial *= (2 * k + 1) * (2 * k + 2);
    power /= (double)terms * terms;
  }
  return sum;
}

double ref_chang_peres(double beta)
{
  double sum = 0.0, power = 1.0; /* (-beta^2/2)^r / r! */
  for (int r = 0; r < 90; r++) {
    sum += ref_zeta(0.5 - r) * power / (2 * r + 1);
    power *= -0.5 * beta * beta / (r + 1);
  }
  return sqrt(2.0) * beta * exp(beta / sqrt(2.0 * pi) * sum);
}

double ref_flat_maximum_constant(double p)
{
  return 2.0 / (p * p) * pow(2.0 / p, -2.0 / p) * tgamma(2.0 / p) * tgamma(1.0 / p) *
         tgamma(1.0 - 2.0 / p) / tgamma(1.0 - 1.0 / p);
}

/* P(a, x), regularised lower incomplete gamma, by its series (fine for the moderate x met here). */
static double gamma_lower(double a, double x)
{
  double term = 1.0 / a, sum = term;
  for (int n = 1; n < 2000; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return x > 0.0 ? exp(a * log(x) - x - lgamma(a)) * sum : 0.0;
}

double ref_flat_maximum_right(double p, double c, double lr, double sigma, double x0)
{
  const double rate = 2.0 * c / (lr * sigma * sigma * p);
  const double share = gamma_lower(1.0 / p, rate * pow(fabs(x0), p));
  return 0.5 * (1.0 + (x0 < 0.0 ? -share : share));
}

double ref_unequal_sides_right(double p, double c_left, double c_right)
{
  const double left = pow(c_left, 1.0 / p), right = pow(c_right, 1.0 / p);
  return right / (left + right);
}

double ref_sgd_variance(double lr, double k, double sigma)
{
  return lr * sigma * sigma / (k * (2.0 - lr * k));
}

double ref_sgd_variance_at(double lr, double k, double sigma, int64_t n)
{
  return ref_sgd_variance(lr, k, sigma) * (1.0 - pow(1.0 - lr * k, 2.0 * (double)n));
}

ref_momentum_moments ref_momentum_variance(double lr, double k, double sigma, double mu)
{
  const double room = (1.0 - mu) * (2.0 * (1.0 + mu) - lr * k), power = lr * sigma * sigma;
  const double v = 2.0 * lr * power / room;
  return (ref_momentum_moments){power * (1.0 + mu) / (k * room), v, 0.5 * v};
}

double ref_nesterov_variance(double lr, double k, double sigma, double mu)
{
  const double f1 = (1.0 + mu) * (1.0 - lr * k), f2 = -mu * (1.0 - lr * k);
  return lr * lr * sigma * sigma * (1.0 - f2) / ((1.0 + f2) * ((1.0 - f2) * (1.0 - f2) - f1 * f1));
}

/* y = (1+mu) x - mu x_prev, and Cov(x, x_prev) = Var x * f1/(1-f2). */
double ref_nesterov_point_variance(double lr, double k, double sigma, double mu)
{
  const double f1 = (1.0 + mu) * (1.0 - lr * k), f2 = -mu * (1.0 - lr * k);
  const double correlation = f1 / (1.0 - f2);
  return ref_nesterov_variance(lr, k, sigma, mu) *
         ((1.0 + mu) * (1.0 + mu) + mu * mu - 2.0 * mu * (1.0 + mu) * correlation);
}

double ref_stable_scale(double lr, double k, double alpha, double scale)
{
  return lr * scale / pow(1.0 - pow(fabs(1.0 - lr * k), alpha), 1.0 / alpha);
}

double ref_state_noise_variance(double lr, double k, double s, double sigma)
{
  return lr * sigma * sigma / (2.0 * k - lr * k * k - lr * s * s);
}

/* E|a - b z|^kappa - 1 for a standard normal z, by Gauss-Legendre on both sides of the zero. */
static double kesten_equation(double kappa, const double *key)
{
  enum { order = 64 };
  double x[order], w[order], sum = 0.0;
  const double zero = key[0] / key[1], ends[3] = {-14.0, fmin(fmax(zero, -13.0), 13.0), 14.0};
  gauss_legendre(order, x, w);
  for (int side = 0; side < 2; side++)
    for (int part = 0; part < 8; part++)
      for (int i = 0; i < order; i++) {
        const double half = (ends[side + 1] - ends[side]) / 16.0;
        const double z = ends[side] + half * (2 * part + 1 + x[i]);
        sum += half * w[i] * pow(fabs(key[0] - key[1] * z), kappa) * exp(-0.5 * z * z);
      }
  return sum / sqrt(2.0 * pi) - 1.0;
}

double ref_state_noise_tail_index(double lr, double k, double s)
{
  const double key[2] = {1.0 - lr * k, lr * s};
  return bisect(kesten_equation, key, 0.05, 60.0);
}

double ref_annealed_variance(double lr, double k, double eta0, double gamma, int64_t n)
{
  double v = 0.0;
  for (int64_t t = 0; t < n; t++)
    v = (1.0 - lr * k) * (1.0 - lr * k) * v + lr * lr * eta0 / pow(1.0 + (double)t, gamma);
  return v;
}

static double normal_cdf(double x)
{
  return 0.5 * erfc(-x / sqrt(2.0));
}

double ref_parabolic_gaussian(double lr, double c, double sigma, double x0)
{
  return normal_cdf(x0 * sqrt(c * (2.0 + lr * c) / (lr * sigma * sigma)));
}

double ref_parabolic_cauchy(double c, double scale, double x0)
{
  return 0.5 + atan(c * x0 / scale) / pi;
}

double ref_parabolic_rademacher(double lr, double x0)
{
  return fmin(fmax(0.5 * (1.0 + x0 / lr), 0.0), 1.0);
}

double ref_parabolic_stable_scale(double lr, double c, double alpha, double scale)
{
  return lr * scale * pow(pow(1.0 + lr * c, alpha) - 1.0, -1.0 / alpha);
}

double ref_parabolic_momentum(double lr, double c, double sigma, double mu, double x0)
{
  const double sum = 1.0 + mu + lr * c, root = sqrt(sum * sum - 4.0 * mu);
  const double large = 0.5 * (sum + root), small = 0.5 * (sum - root);
  return normal_cdf(x0 * (1.0 - small) * sqrt(large * large - 1.0) / (lr * sigma));
}

double ref_siegmund_rho(void)
{
  return -ref_zeta(0.5) / sqrt(2.0 * pi);
}

double ref_free_walk_mean(double s, double L, double x0)
{
  const double wide = L + ref_siegmund_rho() * s;
  return (wide * wide - x0 * x0) / (s * s) + 0.25;
}

double ref_free_walk_right(double s, double L, double x0)
{
  const double wide = L + ref_siegmund_rho() * s;
  return (wide + x0) / (2.0 * wide);
}

/* ---- the wells of docs/exact_values.md ------------------------------------------------------ */

static double well_gradient(double x, const void *context)
{
  const ref_well *well = context;
  const double r = fabs(x);
  double slope = 0.0;
  if (r == 0.0)
    return 0.0; /* U'(0) = 0 */
  if (well->p != 0.0)
    slope -= pow(r, well->p - 1.0);
  if (well->q != 0.0)
    slope += pow(r, well->q - 1.0);
  return x < 0.0 ? -slope : slope;
}

ref_chain ref_well_chain(const ref_well *well, double lr, double sigma, int cauchy, double lower,
                         double upper)
{
  const ref_noise gaussian = {.law = "gaussian", .scale = sigma};
  const ref_noise stable = {.law = "stable", .scale = sigma, .alpha = 1.0};
  return (ref_chain){.gradient = well_gradient,
                     .context = well,
                     .lr = lr,
                     .noise = cauchy ? stable : gaussian,
                     .lower = lower,
                     .upper = upper,
                     .kinks = {0.0},
                     .kink_count = 1,
                     .nodes_per_step = cauchy ? 12.0 : 0.0};
}

/* ---- printed constants ---------------------------------------------------------------------- */

static const char parabolic[] = "docs/exact_values.md, parabolic maximum, exit of |x| < 1";
static const char quartic[] = "docs/exact_values.md, flat quartic maximum";
static const char walk[] = "docs/exact_values.md, free Gaussian walk, L=1, s=.1";
static const char cauchy[] = "docs/exact_values.md, Cauchy walk";
static const char well[] = "docs/exact_values.md, double well, start -1";
static const char family[] = "docs/exact_values.md, the family U_{p,q}";
static const char curves[] = "docs/exact_values.md, presence from x0 = 0";
static const char sharp[] = "docs/exact_values.md, sharp maximum, variance 1";
static const char flat[] = "docs/exact_values.md, A_p of a flat maximum";
static const char chang[] = "docs/exact_values.md, Chang and Peres";
static const char coin[] = "docs/exact_values.md, Rademacher";
static const char kesten[] = "docs/exact_values.md, state-dependent noise";

/* Where an entry says 1e-0 the last printed digit is a whole step. */
const ref_printed_exit ref_printed_exits[] = {
    {parabolic, 2, 0, 0, .1, 1, -1, 1, 0, REF_MEAN, 23.252648, 1e-6},
    {parabolic, 2, 0, 0, .1, 1, -1, 1, 0, REF_SD, 11.426, 1e-3},
    {parabolic, 2, 0, 0, .1, 1, -1, 1, .1, REF_P_RIGHT, .67661654, 1e-8},
    {parabolic, 2, 0, 0, .05, 1, -1, 1, 0, REF_MEAN, 51.695537, 1e-6},
    {parabolic, 2, 0, 0, .05, 1, -1, 1, 0, REF_SD, 22.540, 1e-3},
    {parabolic, 2, 0, 0, .05, 1, -1, 1, .1, REF_P_RIGHT, .73901525, 1e-8},
    {parabolic, 2, 0, 0, .01, 1, -1, 1, 0, REF_MEAN, 330.94707, 1e-5},
    {parabolic, 2, 0, 0, .01, 1, -1, 1, 0, REF_SD, 111.40, 1e-2},
    {parabolic, 2, 0, 0, .01, 1, -1, 1, .1, REF_P_RIGHT, .92186734, 1e-8},
    {quartic, 4, 0, 0, .1, 1, -1, 1, 0, REF_MEAN, 49.348093, 1e-6},
    {quartic, 4, 0, 0, .1, 1, -1, 1, 0, REF_SD, 34.1648, 1e-4},
    {quartic, 4, 0, 0, .1, 1, -1, 1, .2, REF_MEAN, 45.344614, 1e-6},
    {quartic, 4, 0, 0, .1, 1, -1, 1, .2, REF_P_RIGHT, .66321331, 1e-8},
    {quartic, 4, 0, 0, .1, 1, -1, 1, 0, REF_FACTOR, .9706074805, 1e-10},
    {quartic, 4, 0, 0, .05, 1, -1, 1, 0, REF_MEAN, 139.65913, 1e-5},
    {quartic, 4, 0, 0, .05, 1, -1, 1, 0, REF_SD, 95.074, 1e-3},
    {quartic, 4, 0, 0, .05, 1, -1, 1, .2, REF_MEAN, 123.69737, 1e-5},
    {quartic, 4, 0, 0, .05, 1, -1, 1, .2, REF_P_RIGHT, .69498027, 1e-8},
    {quartic, 4, 0, 0, .05, 1, -1, 1, 0, REF_FACTOR, .9893376677, 1e-10},
    {quartic, 4, 0, 0, .01, 1, -1, 1, 0, REF_MEAN, 1596.4599, 1e-4},
    {quartic, 4, 0, 0, .01, 1, -1, 1, 0, REF_SD, 1053.84, 1e-2},
    {quartic, 4, 0, 0, .01, 1, -1, 1, .2, REF_MEAN, 1204.6619, 1e-4},
    {quartic, 4, 0, 0, .01, 1, -1, 1, .2, REF_P_RIGHT, .78873425, 1e-8},
    {quartic, 4, 0, 0, .01, 1, -1, 1, 0, REF_FACTOR, .9990335395, 1e-10},
    {walk, 0, 0, 0, .1, 1, -1, 1, 0, REF_MEAN, 112.24136, 1e-5},
    {walk, 0, 0, 0, .1, 1, -1, 1, .5, REF_MEAN, 87.241361, 1e-6},
    {walk, 0, 0, 0, .1, 1, -1, 1, .5, REF_P_RIGHT, .73623691, 1e-8},
    {cauchy, 0, 0, 1, .2, 1, -1, 1, 0, REF_MEAN, 6.0755026, 1e-7},
    {cauchy, 0, 0, 1, .2, 1, -1, 1, .5, REF_MEAN, 5.4708808, 1e-7},
    {cauchy, 0, 0, 1, .2, 1, -1, 1, .5, REF_P_RIGHT, .64348156, 1e-8},
    {cauchy, 0, 0, 1, .05, 1, -1, 1, 0, REF_MEAN, 21.270637, 1e-6},
    {cauchy, 0, 0, 1, .05, 1, -1, 1, .5, REF_MEAN, 18.684998, 1e-6},
    {cauchy, 0, 0, 1, .05, 1, -1, 1, .5, REF_P_RIGHT, .65860193, 1e-8},
    {well, 2, 4, 0, .2, .7, -2.6, 0, -1, REF_MEAN, 2299.93, 1e-2},
    {well, 2, 4, 0, .2, .7, -2.6, 1, -1, REF_MEAN, 3670.89, 1e-2},
    {well, 2, 4, 0, .2, .7, -2.6, 0, -1, REF_SD_OVER_MEAN, .9957, 1e-4},
    {well, 2, 4, 0, .1, 1, -2.6, 0, -1, REF_MEAN, 4168.94, 1e-2},
    {well, 2, 4, 0, .1, 1, -2.6, 1, -1, REF_MEAN, 7055.28, 1e-2},
    {well, 2, 4, 0, .1, 1, -2.6, 0, -1, REF_SD_OVER_MEAN, .9955, 1e-4},
    {well, 2, 4, 0, .1, .8, -2.6, 0, -1, REF_MEAN, 66899.8, 1e-1},
    {well, 2, 4, 0, .1, .8, -2.6, 1, -1, REF_MEAN, 112011.0, 1e-0},
    {well, 2, 4, 0, .1, .8, -2.6, 0, -1, REF_SD_OVER_MEAN, .9997, 1e-4},
    {well, 2, 4, 0, .1, 1, -2.6, .5, -1, REF_MEAN, 6928.20, 1e-2},
    {family, 4, 6, 0, .05, .5, -.9, .9, 0, REF_MEAN, 325.98979, 1e-5},
    {family, 4, 6, 0, .05, .5, -.9, .9, .02, REF_P_RIGHT, .52684109, 1e-8},
    {family, 4, 6, 0, .05, .5, -.9, .9, .05, REF_P_RIGHT, .56710297, 1e-8},
    {family, 4, 6, 0, .05, .5, -.9, .9, .1, REF_P_RIGHT, .63413070, 1e-8},
    {family, 1, 2, 0, .05, .5, -.9, .9, 0, REF_MEAN, 44.168101, 1e-6},
    {family, 1, 2, 0, .05, .5, -.9, .9, .02, REF_P_RIGHT, .99686545, 1e-8},
    {family, 1, 2, 0, .05, .5, -.9, .9, .05, REF_P_RIGHT, .99993439, 1e-8},
    {family, 1, 2, 0, .05, .5, -.9, .9, .1, REF_P_RIGHT, .99999995, 1e-8},
    {family, 2, 4, 0, .05, 1, -.9, .9, 0, REF_MEAN, 63.180891, 1e-6},
    {family, 2, 4, 0, .05, 1, -.9, .9, .02, REF_P_RIGHT, .54993043, 1e-8},
    {family, 2, 4, 0, .05, 1, -.9, .9, .05, REF_P_RIGHT, .62305683, 1e-8},
    {family, 2, 4, 0, .05, 1, -.9, .9, .1, REF_P_RIGHT, .73422574, 1e-8},
    {family, 2, 4, 0, .05, 1, -2.6, .5, -1, REF_MEAN, 2007387.0, 1e-0},
    {family, 1, 2, 0, .05, 1, -.9, .9, 0, REF_MEAN, 39.601798, 1e-6},
    {family, 1, 2, 0, .05, 1, -.9, .9, .02, REF_P_RIGHT, .89221964, 1e-8},
    {family, 1, 2, 0, .05, 1, -.9, .9, .05, REF_P_RIGHT, .95682601, 1e-8},
    {family, 1, 2, 0, .05, 1, -.9, .9, .1, REF_P_RIGHT, .99205650, 1e-8},
    {family, 2, 4, 0, .1, 1, -.9, .9, 0, REF_MEAN, 28.249620, 1e-6},
    {family, 2, 4, 0, .1, 1, -.9, .9, .02, REF_P_RIGHT, .53490638, 1e-8},
    {family, 2, 4, 0, .1, 1, -.9, .9, .05, REF_P_RIGHT, .58662115, 1e-8},
    {family, 2, 4, 0, .1, 1, -.9, .9, .1, REF_P_RIGHT, .66878838, 1e-8},
    {family, 2, 4, 0, .1, 1, -2.6, .5, -1, REF_MEAN, 6928.200, 1e-3},
};
const int ref_printed_exit_count = (int)(sizeof ref_printed_exits / sizeof *ref_printed_exits);

const ref_printed_presence ref_printed_presences[] = {
    {curves, 1, 2, .05, .5, 10, .094724, 0},        {curves, 1, 2, .05, .5, 20, .000004, .011209},
    {curves, 1, 2, .05, .5, 50, 0, .934436},        {curves, 1, 2, .05, .5, 100, 0, .987256},
    {curves, 2, 4, .05, .5, 10, .997460, 0},        {curves, 2, 4, .05, .5, 50, .279993, .165427},
    {curves, 2, 4, .05, .5, 100, .026080, .885906}, {curves, 2, 4, .05, .5, 200, .000217, .997999},
    {curves, 4, 6, .05, .5, 50, .887432, .000302},  {curves, 4, 6, .05, .5, 100, .690174, .040871},
    {curves, 4, 6, .05, .5, 200, .416856, .333554}, {curves, 4, 6, .05, .5, 400, .153440, .747316},
    {curves, 4, 6, .05, .5, 800, .020818, .961312},
};
const int ref_printed_presence_count =
    (int)(sizeof ref_printed_presences / sizeof *ref_printed_presences);

const ref_printed_splitting ref_printed_splittings[] = {
    {sharp, "gaussian", .5, .5, {.64009256, .35990744, .5}},
    {sharp, "laplace", .5, .5, {.66822575, .33177425, .5}},
    {sharp, "gaussian", .25, .5, {.74556516, .58375099, .64008575}},
    {sharp, "laplace", .2, .6, {.83053628, .65310628, .70538060}},
    {sharp, "gaussian", 1, .5, {.56190706, .13815945, .40221660}},
    {sharp, "laplace", .1, .3, {.77658484, .72184055, .73627784}},
};
const int ref_printed_splitting_count =
    (int)(sizeof ref_printed_splittings / sizeof *ref_printed_splittings);

const ref_printed_constant ref_printed_constants[] = {
    {flat, "flat_maximum_constant", 3, 2.0898117, 1e-7},
    {flat, "flat_maximum_constant", 4, 1.6431309, 1e-7},
    {flat, "flat_maximum_constant", 6, 1.4333195, 1e-7},
    {flat, "flat_maximum_constant", 8, 1.3575761, 1e-7},
    {coin, "rademacher_root", 3, .5436890127, 1e-10},
    {coin, "rademacher_splitting", 3, .6477988713, 1e-10},
    {chang, "chang_peres", .25, .3056989962, 1e-10},
    {chang, "chang_peres", .5, .5293251498, 1e-10},
    {chang, "chang_peres", 1, .8005431181, 1e-10},
    {chang, "chang_peres", 2, .9762690979, 1e-10},
    {walk, "siegmund_rho", 0, .5825971579, 1e-10},
    {kesten, "state_noise_variance", 0, .066667, 1e-6}, /* eta .1, k 1, s 2, sigma 1 */
    {kesten, "state_noise_tail_index", 0, 6.154195, 1e-6},
};
const int ref_printed_constant_count =
    (int)(sizeof ref_printed_constants / sizeof *ref_printed_constants);
