/* Landscapes against the float64 references of tests/reference: values and gradients at random
 * points, at kinks and at 0, in double and through the loops of every instruction set; critical
 * points and overshoot bounds as the program reports them, against docs/numerics.md. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "host/plan.h"
#include "reference_landscapes.h"
#include "tests/support.h"
#include "tests/support_loops.h"

static const double spectrum[3] = {0.5, -1.25, 3.0};

/* The k-th landscape with its keys, on both sides; `reach` is how far out points are drawn. */
typedef struct terrain {
  const char *name;
  int dimension;
  double reach;
  ref_landscape_keys keys;
} terrain;

static const char *const sides[] = {"zero", "left", "right"};

static int terrain_at(int k, terrain *t)
{
#define LAND(number, label, dim, far, ...)                                                         \
  case number:                                                                                     \
    *t = (terrain){label, dim, far, ref_landscape_defaults()};                                     \
    __VA_ARGS__;                                                                                   \
    return 1;
  ref_landscape_keys *const keys = &t->keys;
  switch (k) {
    LAND(0, "quadratic", 1, 5.0, keys->k = 0.7)
    LAND(1, "quadratic", 3, 5.0, keys->spectrum = spectrum)
    LAND(2, "quadratic", 2, 5.0, keys->k = -1.5, keys->scale = 2.5)
    LAND(3, "double_well", 1, 3.0, keys->tilt = 0.1)
    LAND(4, "double_well", 1, 3.0, keys->tilt = -0.3, keys->scale = -0.5)
    LAND(5, "power_maximum", 1, 2.0, keys->p = 1.0, keys->c_left = 0.5, keys->at_zero = REF_LEFT)
    LAND(6, "power_maximum", 1, 2.0, keys->p = 1.0, keys->c_left = 0.5, keys->at_zero = REF_RIGHT)
    LAND(7, "power_maximum", 1, 2.0, keys->p = 1.0, keys->c_right = 2.0, keys->at_zero = REF_ZERO)
    LAND(8, "power_maximum", 1, 2.0, keys->p = 2.5, keys->c_left = 0.5, keys->c_right = 2.0)
    LAND(9, "power_maximum", 1, 2.0, keys->p = 4.0, keys->at_zero = REF_RIGHT)
    LAND(10, "sharp_maximum", 1, 2.0, keys->left_slope = 0.2, keys->right_slope = 0.6,
         keys->at_zero = REF_LEFT)
    LAND(11, "sharp_maximum", 1, 2.0, keys->left_slope = 0.2, keys->right_slope = 0.6,
         keys->at_zero = REF_RIGHT)
    LAND(12, "sharp_maximum", 1, 2.0, keys->left_slope = 0.2, keys->right_slope = 0.6,
         keys->at_zero = REF_ZERO, keys->scale = 1.5)
    LAND(13, "power_well", 1, 1.5, keys->p = 1.0, keys->q = 2.0, keys->at_zero = REF_LEFT)
    LAND(14, "power_well", 1, 1.5, keys->p = 1.0, keys->q = 2.0, keys->at_zero = REF_RIGHT)
    LAND(15, "power_well", 1, 1.5, keys->p = 1.0, keys->q = 3.5)
    LAND(16, "power_well", 1, 1.5, keys->p = 2.0, keys->q = 4.0, keys->at_zero = REF_RIGHT)
    LAND(17, "power_well", 1, 1.5, keys->p = 4.0, keys->q = 6.0)
    LAND(18, "washboard", 1, 20.0, keys->tilt = 0.2)
    LAND(19, "wang_oh_rhee", 1, 1.6, (void)0)
    LAND(20, "styblinski_tang", 1, 5.0, (void)0)
    LAND(21, "styblinski_tang", 3, 5.0, keys->scale = 0.1)
    LAND(22, "rastrigin", 1, 5.0, keys->amplitude = 10.0)
    LAND(23, "rastrigin", 3, 5.0, keys->amplitude = 3.0)
    LAND(24, "rosenbrock", 2, 2.0, (void)0)
    LAND(25, "rosenbrock", 4, 2.0, keys->scale = 0.01)
    LAND(26, "saddle", 2, 2.0, keys->k = 0.5, keys->c = 3.0)
    LAND(27, "monkey_saddle", 2, 2.0, (void)0)
    LAND(28, "himmelblau", 2, 5.0, (void)0)
    LAND(29, "beale", 2, 4.0, (void)0)
    LAND(30, "muller_brown", 2, 1.5, keys->scale = 0.01)
    LAND(31, "six_hump_camel", 2, 2.0, (void)0)
    LAND(32, "three_hump_camel", 2, 2.0, (void)0)
  default:
    return 0;
  }
}

static int is(const terrain *t, const char *name)
{
  return strcmp(t->name, name) == 0;
}

static support_case case_of(const terrain *t)
{
  support_case c = support_begin(t->name, NULL, "sgd", 0.1);
  support_keys *const to = &c.landscape_keys;
  const ref_landscape_keys *const keys = &t->keys;
  c.landscape.scale = keys->scale;
  if (is(t, "quadratic") && keys->spectrum)
    support_list(to, "spectrum", keys->spectrum, t->dimension);
  if ((is(t, "quadratic") && !keys->spectrum) || is(t, "saddle"))
    support_number(to, "k", keys->k);
  if (is(t, "saddle"))
    support_number(to, "c", keys->c);
  if (is(t, "double_well") || is(t, "washboard"))
    support_number(to, "tilt", keys->tilt);
  if (is(t, "power_maximum")) {
    support_number(to, "c_left", keys->c_left);
    support_number(to, "c_right", keys->c_right);
  }
  if (is(t, "sharp_maximum")) {
    support_number(to, "left_slope", keys->left_slope);
    support_number(to, "right_slope", keys->right_slope);
  }
  if (is(t, "power_maximum") || is(t, "power_well"))
    support_number(to, "p", keys->p);
  if (is(t, "power_well"))
    support_number(to, "q", keys->q);
  if (is(t, "power_maximum") || is(t, "power_well") || is(t, "sharp_maximum"))
    support_word(to, "at_zero", sides[keys->at_zero]);
  if (is(t, "rastrigin"))
    support_number(to, "amplitude", keys->amplitude);
  if (is(t, "rastrigin") || is(t, "styblinski_tang") || is(t, "rosenbrock") ||
      (is(t, "quadratic") && !keys->spectrum))
    support_number(to, "dimension", t->dimension);
  return c;
}

/* The size of U and its slopes around x: roundings are measured by it, for terms may cancel. */
static double size_around(const terrain *t, const double *x)
{
  static const double moves[3][2] = {{1.0, 0.0}, {-1.0, 0.25}, {0.5, -0.25}};
  double size = 0.0, at[4], g[4];
  int places = 1;
  for (int j = 0; j < t->dimension; j++)
    places *= 3;
  for (int place = 0; place < places; place++) {
    for (int j = 0, rest = place; j < t->dimension; j++, rest /= 3)
      at[j] = moves[rest % 3][0] * x[j] + moves[rest % 3][1];
    double here = fabs(ref_landscape(t->name, &t->keys, t->dimension, at, g));
    for (int j = 0; j < t->dimension; j++)
      here += fabs(g[j]);
    size = here > size ? here : size;
  }
  return size;
}

typedef struct points {
  double x[4 * SUPPORT_LANES], values[SUPPORT_LANES], gradients[4 * SUPPORT_LANES];
} points;

/* Random points, representable in float, the first few where formulas change. */
static void draw_points(support_rng *rng, const terrain *t, points *p)
{
  static const double special[] = {0.0, -0.0, 1e-30, -1e-30, 1.0, -1.0, 0.5, -0.5};
  for (int j = 0; j < t->dimension; j++)
    for (int i = 0; i < SUPPORT_LANES; i++)
      p->x[j * SUPPORT_LANES + i] =
          i < 8 ? special[(i + j) % 8] : (double)(float)support_between(rng, -t->reach, t->reach);
}

static void check_points(const terrain *t, const points *p, double tolerance, const char *how)
{
  for (int i = 0; i < SUPPORT_LANES; i++) {
    double x[4], g[4];
    for (int j = 0; j < t->dimension; j++)
      x[j] = p->x[j * SUPPORT_LANES + i];
    const double value = ref_landscape(t->name, &t->keys, t->dimension, x, g);
    const double bound = tolerance * size_around(t, x);
    cr_assert(fabs(p->values[i] - value) <= bound,
              "%s, %s, at (%.9g, %.9g): U = %.17g, expected %.17g +- %g", t->name, how, x[0], x[1],
              p->values[i], value, bound);
    for (int j = 0; j < t->dimension; j++)
      cr_assert(fabs(p->gradients[j * SUPPORT_LANES + i] - g[j]) <= bound,
                "%s, %s, at (%.9g, %.9g): slope %d = %.17g, expected %.17g +- %g", t->name, how,
                x[0], x[1], j, p->gradients[j * SUPPORT_LANES + i], g[j], bound);
  }
}

static void check_terrain(const terrain *t, uint64_t seed)
{
  support_rng rng = {seed};
  support_case c = case_of(t);
  points p;
  esc_planned *planned = NULL;
  draw_points(&rng, t, &p);
  support_experiment(&c);
  cr_assert_eq(esc_landscape_evaluate(&c.landscape, SUPPORT_LANES, p.x, p.values, p.gradients),
               ESC_STATUS_OK, "%s: %s", t->name, esc_last_error());
  check_points(t, &p, 1e-13, "in double");
  cr_assert_eq(esc_plan_make(&c.experiment, &planned), ESC_STATUS_OK, "%s", esc_last_error());
  for (const char *const *isa = support_isas(); *isa; isa++) {
    const support_points at = {*isa, &planned->plan, p.x, p.values, p.gradients};
    support_landscape_f32(&at);
    check_points(t, &p, 16.0 * (double)FLT_EPSILON, *isa);
    support_landscape_f64(&at);
    check_points(t, &p, 1e-13, *isa);
  }
  esc_plan_free(planned);
}

Test(landscapes, values_and_slopes)
{
  terrain t;
  for (int k = 0; terrain_at(k, &t); k++)
    for (uint64_t seed = 1; seed <= 20; seed++)
      check_terrain(&t, 100 * (uint64_t)k + seed);
}

/* Every landscape of the catalogue stands above, or has tests of its own (test_network.c). */
Test(landscapes, none_is_left_out)
{
  int count;
  const esc_entry *const entries = esc_catalogue_entries(ESC_CATALOGUE_LANDSCAPES, &count);
  for (int k = 0; k < count; k++) {
    terrain t;
    int found = strcmp(entries[k].name, "network") == 0;
    for (int n = 0; terrain_at(n, &t); n++)
      found |= is(&t, entries[k].name);
    cr_expect(found, "%s is not tested", entries[k].name);
  }
}

/* Exactly at a kink the chosen slope holds, bit for bit, for 0 and -0. */
Test(landscapes, at_zero)
{
  static const double expected[] = {0.0, 0.25, -0.75};
  for (int side = 0; side < 3; side++) {
    terrain t = {"sharp_maximum", 1, 1.0, ref_landscape_defaults()};
    t.keys.left_slope = 0.25;
    t.keys.right_slope = 0.75;
    t.keys.at_zero = (ref_side)side;
    support_case c = case_of(&t);
    const double at[4] = {0.0, -0.0, 1e-300, -1e-300};
    double g[4];
    support_experiment(&c);
    cr_assert_eq(esc_landscape_evaluate(&c.landscape, 4, at, NULL, g), ESC_STATUS_OK);
    cr_assert(g[0] == expected[side] && g[1] == expected[side], "%s: %g, %g", sides[side], g[0],
              g[1]);
    cr_assert(g[2] == -0.75 && g[3] == 0.25);
  }
}

/* Without a word at_zero is zero (docs/numerics.md). */
Test(landscapes, at_zero_is_zero_by_default)
{
  static const char *const names[] = {"sharp_maximum", "power_maximum", "power_well"};
  for (int k = 0; k < 3; k++) {
    support_case c = support_begin(names[k], NULL, "sgd", 0.1);
    if (k > 0)
      support_number(&c.landscape_keys, "p", 1.0);
    const double at[1] = {0.0};
    double g[1] = {7.0};
    support_experiment(&c);
    cr_assert_eq(esc_landscape_evaluate(&c.landscape, 1, at, NULL, g), ESC_STATUS_OK);
    cr_assert(g[0] == 0.0, "%s: %g", names[k], g[0]);
  }
}

/* --- critical points
 * -------------------------------------------------------------------------------- */

static esc_landscape_info describe(support_case *c, double lr)
{
  esc_landscape_info info = ESC_LANDSCAPE_INFO_INIT;
  support_experiment(c);
  cr_assert_eq(esc_landscape_describe(&c->landscape, lr, &info), ESC_STATUS_OK, "%s",
               esc_last_error());
  return info;
}

static int has_critical(const esc_landscape_info *info, const ref_critical *point)
{
  static const int kinds[] = {[REF_MINIMUM] = -1, [REF_SADDLE] = 0, [REF_MAXIMUM] = 1};
  for (int k = 0; k < info->critical_count; k++) {
    const esc_critical_point *const at = &info->critical[k];
    const double apart = hypot(at->position[0] - point->x[0],
                               point->dimension > 1 ? at->position[1] - point->x[1] : 0.0);
    if (apart < 2e-8 && fabs(at->value - point->value) < 1e-6 && at->kind == kinds[point->kind])
      return 1;
  }
  return 0;
}

Test(landscapes, critical_points)
{
  for (int k = 0; k < ref_critical_count; k++) {
    const ref_critical *const point = &ref_criticals[k];
    support_case c = support_begin(point->landscape, NULL, "sgd", 0.1);
    if (strcmp(point->landscape, "double_well") == 0)
      support_number(&c.landscape_keys, "tilt", point->tilt);
    if (strcmp(point->landscape, "rosenbrock") == 0)
      support_number(&c.landscape_keys, "dimension", 2.0);
    const esc_landscape_info info = describe(&c, 0.1);
    cr_expect(has_critical(&info, point), "%s: (%g, %g) at %g is not among its %d",
              point->landscape, point->x[0], point->x[1], point->value, info.critical_count);
  }
}

static int count_kind(const esc_landscape_info *info, int kind)
{
  int count = 0;
  for (int k = 0; k < info->critical_count; k++)
    count += info->critical[k].kind == kind;
  return count;
}

/* As many as there are, and none besides. */
Test(landscapes, number_of_critical_points)
{
  static const struct {
    char name[20];
    int minima, saddles, maxima;
  } expected[] = {
      {"double_well", 2, 0, 1},      {"styblinski_tang", 2, 0, 1}, {"wang_oh_rhee", 4, 0, 4},
      {"himmelblau", 4, 4, 1},       {"muller_brown", 3, 2, 0},    {"six_hump_camel", 6, 7, 2},
      {"three_hump_camel", 3, 2, 0}, {"sharp_maximum", 0, 0, 1},   {"power_well", 2, 0, 1},
      {"quadratic", 1, 0, 0},        {"rosenbrock", 1, 0, 0},      {"beale", 1, 2, 0}};
  for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
    support_case c = support_begin(expected[k].name, NULL, "sgd", 0.1);
    if (strcmp(expected[k].name, "rosenbrock") == 0)
      support_number(&c.landscape_keys, "dimension", 2.0);
    const esc_landscape_info info = describe(&c, 0.1);
    const int minima = count_kind(&info, -1), saddles = count_kind(&info, 0);
    const int maxima = count_kind(&info, 1);
    cr_expect(minima == expected[k].minima && saddles == expected[k].saddles &&
                  maxima == expected[k].maxima,
              "%s: %d minima, %d saddles, %d maxima", expected[k].name, minima, saddles, maxima);
  }
}

/* --- overshoot
 * -------------------------------------------------------------------------------------- */

/* x^3 - x: |x| > sqrt(1 + 2/lr). */
Test(landscapes, overshoot_of_the_double_well)
{
  static const double lrs[] = {0.01, 0.05, 0.1, 0.2, 0.5};
  for (int k = 0; k < 5; k++) {
    support_case c = support_begin("double_well", NULL, "sgd", lrs[k]);
    const esc_landscape_info info = describe(&c, lrs[k]);
    const double bound = sqrt(1.0 + 2.0 / lrs[k]);
    cr_assert(fabs(info.overshoot[1] - bound) < 1e-9 * bound, "lr %g: %.12g, expected %.12g",
              lrs[k], info.overshoot[1], bound);
    cr_assert(fabs(info.overshoot[0] + bound) < 1e-9 * bound);
  }
}

/* With a tilt the sides differ: lr (x^3 - x + h) = 2 x. */
Test(landscapes, overshoot_with_a_tilt)
{
  support_case c = support_begin("double_well", NULL, "sgd", 0.1);
  support_number(&c.landscape_keys, "tilt", 0.3);
  const esc_landscape_info info = describe(&c, 0.1);
  for (int side = 0; side < 2; side++) {
    const double x = info.overshoot[side];
    cr_assert(fabs(0.1 * (x * x * x - x + 0.3) - 2.0 * x) < 1e-8, "%g", x);
    cr_assert(side ? x > 4.0 : x < -4.0);
  }
  cr_assert(fabs(info.overshoot[0] + info.overshoot[1]) > 1e-3);
}

/* A quadratic converges or does not, wherever it is; a slope that is bounded never overshoots. */
Test(landscapes, no_overshoot_bound)
{
  static const char *const names[] = {"quadratic", "sharp_maximum", "washboard", "power_maximum"};
  for (int k = 0; k < 4; k++) {
    support_case c = support_begin(names[k], NULL, "sgd", 0.5);
    const esc_landscape_info info = describe(&c, 0.5);
    cr_expect(isinf(info.overshoot[0]) && isinf(info.overshoot[1]), "%s: %g, %g", names[k],
              info.overshoot[0], info.overshoot[1]);
  }
}

/* --- the caller's own
 * ------------------------------------------------------------------------------- */

static void plane_wave(void *context, int64_t count, int dimension, const double *at,
                       double *values, double *gradients)
{
  const double *const wave = context;
  for (int64_t i = 0; i < count; i++) {
    double phase = 0.0;
    for (int j = 0; j < dimension; j++)
      phase += wave[j] * at[j * count + i];
    if (values)
      values[i] = sin(phase);
    for (int j = 0; j < dimension; j++)
      gradients[j * count + i] = wave[j] * cos(phase);
  }
}

/* A landscape of the caller's is scaled like any other, and values or gradients may be left out. */
Test(landscapes, of_the_caller)
{
  double wave[2] = {0.5, 2.0};
  const double at[4] = {0.1, 0.2, 0.3, -0.4};
  double values[2] = {0}, gradients[4] = {0}, again[4] = {0};
  esc_landscape landscape = ESC_LANDSCAPE_INIT(NULL);
  landscape.function = plane_wave;
  landscape.context = wave;
  landscape.dimension = 2;
  landscape.scale = 3.0;
  cr_assert_eq(esc_landscape_evaluate(&landscape, 2, at, values, gradients), ESC_STATUS_OK, "%s",
               esc_last_error());
  cr_expect_float_eq(values[1], 3.0 * sin(0.5 * 0.2 - 2.0 * 0.4), 1e-15);
  cr_expect_float_eq(gradients[2], 6.0 * cos(0.5 * 0.1 + 2.0 * 0.3), 1e-15);
  cr_assert_eq(esc_landscape_evaluate(&landscape, 2, at, NULL, again), ESC_STATUS_OK);
  cr_expect(memcmp(again, gradients, sizeof again) == 0);
  values[1] = 0.0;
  cr_assert_eq(esc_landscape_evaluate(&landscape, 2, at, values, NULL), ESC_STATUS_OK);
  cr_expect_float_eq(values[1], 3.0 * sin(0.5 * 0.2 - 2.0 * 0.4), 1e-15);
}
