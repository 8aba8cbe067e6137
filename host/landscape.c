/* What the program knows of a landscape: its critical points, found by Newton's method from a grid
 * (the plane) or by bisection between changes of sign (one dimension), and the bound beyond which a
 * step of plain SGD overshoots. All from the rule itself, in double. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/error.h"
#include "host/plan.h"

#define ESC_BOX_ROW(name, shape, dimension, lo, hi, ...) {lo, hi},
static const struct {
  double lo, hi;
} boxes[] = {ESC_LANDSCAPE_CATALOGUE(ESC_BOX_ROW)};

static double evaluate(const esc_plan *plan, const double *x, double *gradient)
{
  double value;
  esc_cpu_backend.landscape(NULL, plan, 1, x, &value, gradient);
  return value;
}

static double slope(const esc_plan *plan, double x)
{
  double g;
  evaluate(plan, &x, &g);
  return g;
}

static void add_point(esc_landscape_info *info, const double *at, int dimension, double value,
                      int kind)
{
  const int most = (int)(sizeof info->critical / sizeof *info->critical);
  if (info->critical_count == most)
    return;
  esc_critical_point *const point = &info->critical[info->critical_count++];
  *point = (esc_critical_point){{at[0], dimension > 1 ? at[1] : 0.0}, value, kind};
}

/* --- one dimension --- */

/* The zero of the slope between a and b, where its sign changes. A kink is found as well. */
static double bisect(const esc_plan *plan, double a, double b)
{
  const int rising = slope(plan, a) < 0.0;
  for (int k = 0; k < 200 && b - a > 0.0; k++) {
    const double middle = a + 0.5 * (b - a), g = slope(plan, middle);
    if (g == 0.0 || middle == a || middle == b)
      return middle;
    if ((g < 0.0) == rising)
      a = middle;
    else
      b = middle;
  }
  return a;
}

#define CELLS 4001 /* odd, so that no cell border falls on 0 */

static void study_line(const esc_plan *plan, esc_landscape_info *info)
{
  const double lo = boxes[plan->landscape].lo, hi = boxes[plan->landscape].hi;
  double before = slope(plan, lo), left = lo;
  for (int k = 1; k <= CELLS; k++) {
    const double right = lo + (hi - lo) * k / CELLS, after = slope(plan, right);
    if ((before < 0.0 && after > 0.0) || (before > 0.0 && after < 0.0)) {
      double at = bisect(plan, left, right);
      at = fabs(at) < 1e-15 * (hi - lo) ? 0.0 : at; /* a kink at 0 is at 0 itself */
      add_point(info, &at, 1, evaluate(plan, &at, &(double){0}), before < 0.0 ? -1 : 1);
    }
    before = after;
    left = right;
  }
}

/* lr U'(x) - 2 x, turned so that it is positive where a step lands farther out on the other side.
 */
static double excess(const esc_plan *plan, double lr, double x)
{
  const double over = lr * slope(plan, x) - 2.0 * x;
  return x < 0.0 ? -over : over;
}

/* The bound on one side: beyond it every step overshoots. Infinite if far out none does, or if all
 * do, however near. */
static double overshoot(const esc_plan *plan, double lr, double side)
{
  double outer = 1e6;
  if (!(excess(plan, lr, side * outer) > 0.0))
    return (double)INFINITY;
  double inner = outer;
  while (inner > 1e-6 && excess(plan, lr, side * inner) > 0.0) {
    outer = inner;
    inner *= 0.99;
  }
  if (inner <= 1e-6)
    return (double)INFINITY;
  for (int k = 0; k < 200; k++) {
    const double middle = 0.5 * (inner + outer);
    if (excess(plan, lr, side * middle) > 0.0)
      outer = middle;
    else
      inner = middle;
  }
  return outer;
}

/* --- the plane --- */

/* The Hessian by central differences of the gradient. */
static void hessian(const esc_plan *plan, const double *x, double h[3])
{
  const double step = 1e-5;
  double plus[2], minus[2];
  const double right[2] = {x[0] + step, x[1]}, left[2] = {x[0] - step, x[1]};
  const double up[2] = {x[0], x[1] + step}, down[2] = {x[0], x[1] - step};
  evaluate(plan, right, plus);
  evaluate(plan, left, minus);
  h[0] = (plus[0] - minus[0]) / (2.0 * step);
  h[1] = (plus[1] - minus[1]) / (2.0 * step);
  evaluate(plan, up, plus);
  evaluate(plan, down, minus);
  h[2] = (plus[1] - minus[1]) / (2.0 * step);
}

static int newton(const esc_plan *plan, double x[2])
{
  double g[2], h[3];
  for (int k = 0; k < 60; k++) {
    evaluate(plan, x, g);
    hessian(plan, x, h);
    const double determinant = h[0] * h[2] - h[1] * h[1];
    if (determinant == 0.0 || !isfinite(determinant))
      return 0;
    const double dx = (h[2] * g[0] - h[1] * g[1]) / determinant;
    const double dy = (h[0] * g[1] - h[1] * g[0]) / determinant;
    x[0] -= dx;
    x[1] -= dy;
    if (!isfinite(x[0]) || !isfinite(x[1]))
      return 0;
    if (fabs(dx) + fabs(dy) < 1e-13 * (1.0 + fabs(x[0]) + fabs(x[1])))
      return 1;
  }
  return hypot(g[0], g[1]) < 1e-9;
}

static int known(const esc_critical_point *points, int count, const double x[2])
{
  for (int k = 0; k < count; k++)
    if (hypot(points[k].position[0] - x[0], points[k].position[1] - x[1]) < 1e-6)
      return 1;
  return 0;
}

static int kind_of(const double h[3])
{
  const double determinant = h[0] * h[2] - h[1] * h[1];
  if (determinant < 0.0)
    return 0;
  return h[0] > 0.0 ? -1 : 1;
}

#define GRID 25

static int by_value(const void *a, const void *b)
{
  const double u = ((const esc_critical_point *)a)->value,
               v = ((const esc_critical_point *)b)->value;
  return (u > v) - (u < v);
}

/* Where there are more than can be kept, the lowest are. */
static void study_plane(const esc_plan *plan, esc_landscape_info *info)
{
  const double lo = boxes[plan->landscape].lo, hi = boxes[plan->landscape].hi;
  const int most = (int)(sizeof info->critical / sizeof *info->critical);
  esc_critical_point found[GRID * GRID];
  int count = 0;
  for (int k = 0; k < GRID * GRID; k++) {
    double x[2] = {lo + (hi - lo) * (k % GRID) / (GRID - 1),
                   lo + (hi - lo) * (k / GRID) / (GRID - 1)};
    double h[3];
    if (!newton(plan, x) || x[0] < lo || x[0] > hi || x[1] < lo || x[1] > hi ||
        known(found, count, x))
      continue;
    hessian(plan, x, h);
    found[count++] =
        (esc_critical_point){{x[0], x[1]}, evaluate(plan, x, (double[2]){0}), kind_of(h)};
  }
  qsort(found, (size_t)count, sizeof *found, by_value);
  info->critical_count = count < most ? count : most;
  memcpy(info->critical, found, (size_t)info->critical_count * sizeof *found);
}

/* --- all of it, and what was found last: the points of a sweep mostly share a landscape --- */

/* What the study depends on. */
typedef struct esc_studied {
  int landscape, dimension;
  double scale, lr;
  double constants[2][ESC_LANDSCAPE_CONSTANTS_MAX]; /* no more coordinates are looked at */
} esc_studied;

static esc_studied studied_of(const esc_plan *plan, double lr)
{
  esc_studied key;
  memset(&key, 0, sizeof key); /* to be compared byte by byte */
  key.landscape = plan->landscape;
  key.dimension = plan->dimension;
  key.scale = plan->landscape_scale;
  key.lr = lr;
  memcpy(key.constants, plan->landscape_constants, sizeof key.constants);
  return key;
}

static void study_points(const esc_plan *plan, esc_landscape_info *info)
{
  info->dimension = plan->dimension;
  info->critical_count = 0;
  if (plan->dimension == 1)
    study_line(plan, info);
  if (plan->dimension == 2)
    study_plane(plan, info);
}

static void study_overshoot(const esc_plan *plan, double lr, esc_landscape_info *info)
{
  info->overshoot[0] = -(double)INFINITY;
  info->overshoot[1] = (double)INFINITY;
  if (plan->landscape_shape != ESC_SHAPE_SINGLE)
    return;
  esc_plan line = *plan; /* its first coordinate stands for all: those that differ have no bound */
  line.dimension = 1;
  info->overshoot[0] = -overshoot(&line, lr, -1.0);
  info->overshoot[1] = overshoot(&line, lr, 1.0);
}

void esc_landscape_study(const esc_plan *plan, double lr, esc_landscape_info *info)
{
  static _Thread_local esc_studied last;
  static _Thread_local esc_landscape_info found; /* its struct_size is 0 until something was */
  if (plan->landscape_function || plan->landscape_shape == ESC_SHAPE_NETWORK) {
    info->dimension = plan->dimension;
    info->critical_count = 0;
    info->overshoot[0] = -(double)INFINITY;
    info->overshoot[1] = (double)INFINITY;
    return;
  }
  const esc_studied now = studied_of(plan, lr);
  esc_studied at_this_lr = last;
  at_this_lr.lr = lr;
  if (found.struct_size == 0 || memcmp(&at_this_lr, &now, sizeof now) != 0)
    study_points(plan, &found);
  if (found.struct_size == 0 || memcmp(&last, &now, sizeof now) != 0)
    study_overshoot(plan, lr, &found);
  last = now;
  found.struct_size = info->struct_size;
  *info = found;
  found.struct_size = sizeof found;
}

static esc_status check_sizes(const esc_landscape *landscape)
{
  esc_status status = ESC_STATUS_OK;
  if (landscape)
    status = esc_check_size("landscape", landscape->struct_size, sizeof *landscape);
  if (!status && landscape && landscape->data)
    status = esc_check_size("data", landscape->data->struct_size, sizeof *landscape->data);
  return status;
}

esc_status esc_landscape_describe(const esc_landscape *landscape, double lr,
                                  esc_landscape_info *info)
{
  if (!info || info->struct_size < sizeof *info)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "info: expected one begun with "
                                             "ESC_LANDSCAPE_INFO_INIT");
  if (!(lr > 0.0))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "lr: expected a number above 0, found %g", lr);
  esc_planned planned = {.owned_count = 0};
  esc_status status = check_sizes(landscape);
  if (!status)
    status = esc_plan_landscape(&planned, landscape);
  if (!status)
    esc_landscape_study(&planned.plan, lr, info);
  esc_plan_release(&planned);
  return status;
}

/* The caller's landscape, which always gets somewhere to put its gradients. */
static esc_status evaluate_own(const esc_landscape *landscape, int dimension, int64_t count,
                               const double *points, double *values, double *gradients)
{
  const size_t size = (size_t)count * (size_t)dimension;
  double *const spare = gradients ? NULL : calloc(size ? size : 1, sizeof *spare);
  double *const to = gradients ? gradients : spare;
  if (!to)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory: %zu gradients", size);
  landscape->function(landscape->context, count, dimension, points, values, to);
  for (int64_t i = 0; values && i < count; i++)
    values[i] *= landscape->scale;
  for (size_t k = 0; gradients && k < size; k++)
    gradients[k] *= landscape->scale;
  free(spare);
  return ESC_STATUS_OK;
}

esc_status esc_landscape_evaluate(const esc_landscape *landscape, int64_t count,
                                  const double *points, double *values, double *gradients)
{
  esc_planned planned = {.owned_count = 0};
  if (count < 0 || (count > 0 && !points))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "points: expected %lld of them, found NULL",
                    (long long)count);
  esc_status status = check_sizes(landscape);
  if (!status)
    status = esc_plan_landscape(&planned, landscape);
  if (!status && landscape->function)
    status = evaluate_own(landscape, planned.plan.dimension, count, points, values, gradients);
  else if (!status)
    status = esc_cpu_backend.landscape(NULL, &planned.plan, count, points, values, gradients);
  esc_plan_release(&planned);
  return status;
}
