/* Landscapes at points in double, for set-up (critical points, bounds) and pictures. One point at a
 * time, through the same rules as everywhere. Compiled once, with ESC_REAL_BITS 64. */
#include "kernels/backend.h"

void esc_evaluate_landscape(const esc_plan *plan, int64_t count, const double *points,
                            double *values, double *gradients);

/* Coordinate j of the point at hand. */
#define AT(j) x[(j)*count]

#define ESC_POINT_SINGLE(name)                                                                     \
  static double evaluate_##name(const esc_plan *plan, int64_t count, const double *x, double *g)   \
  {                                                                                                \
    double value = 0.0;                                                                            \
    for (int j = 0; j < plan->dimension; j++) {                                                    \
      const esc_##name *const c = (const void *)plan->landscape_constants[j];                      \
      value += esc_##name##_value(c, AT(j));                                                       \
      g[j] = esc_##name##_slope(c, AT(j));                                                         \
    }                                                                                              \
    return value;                                                                                  \
  }
#define ESC_POINT_CHAIN(name)                                                                      \
  static double evaluate_##name(const esc_plan *plan, int64_t count, const double *x, double *g)   \
  {                                                                                                \
    const esc_##name *const c = (const void *)plan->landscape_constants[0];                        \
    double value = 0.0;                                                                            \
    for (int j = 0; j < plan->dimension; j++)                                                      \
      g[j] = 0.0;                                                                                  \
    for (int j = 0; j + 1 < plan->dimension; j++) {                                                \
      double gx, gy;                                                                               \
      esc_##name##_slope(c, AT(j), AT(j + 1), &gx, &gy);                                           \
      value += esc_##name##_value(c, AT(j), AT(j + 1));                                            \
      g[j] += gx;                                                                                  \
      g[j + 1] = gy;                                                                               \
    }                                                                                              \
    return value;                                                                                  \
  }
/* Over all rows, whatever the minibatch of a step. */
static double evaluate_network(const esc_plan *plan, int64_t count, const double *x, double *g)
{
  const esc_plan_network *const network = &plan->network;
  const esc_network_shape *const shape = &network->shape;
  const double share = plan->landscape_constants[0][1];
  double unit[ESC_NETWORK_UNITS_MAX], slope[ESC_NETWORK_UNITS_MAX], target[ESC_NETWORK_UNITS_MAX];
  const esc_network_room room = {unit, slope, target};
  double at[ESC_DIMENSION_MAX], value = 0.0;
  for (int j = 0; j < plan->dimension; j++) {
    at[j] = AT(j);
    g[j] = 0.0;
  }
  for (int row = 0; row < network->rows; row++) {
    const double *const data = network->data_f64 + (ptrdiff_t)row * esc_network_width(shape);
    esc_network_take_row(1, shape, data, room);
    esc_network_add_row(1, 1, shape, share, at, room, g);
    esc_network_add_loss(1, 1, shape, at, room, &value);
  }
  return share * value;
}

#define ESC_POINT_NETWORK(name)
#define ESC_POINT(name, shape, ...) ESC_POINT_##shape(name)
ESC_LANDSCAPE_CATALOGUE(ESC_POINT)

#define ESC_POINT_ENTRY(name, ...) evaluate_##name,
static double (*const evaluators[])(const esc_plan *, int64_t, const double *,
                                    double *) = {ESC_LANDSCAPE_CATALOGUE(ESC_POINT_ENTRY)};

void esc_evaluate_landscape(const esc_plan *plan, int64_t count, const double *points,
                            double *values, double *gradients)
{
  double g[ESC_DIMENSION_MAX];
  for (int64_t i = 0; i < count; i++) {
    const double value = evaluators[plan->landscape](plan, count, points + i, g);
    if (values)
      values[i] = plan->landscape_scale * value;
    for (int j = 0; gradients && j < plan->dimension; j++)
      gradients[(int64_t)j * count + i] = plan->landscape_scale * g[j];
  }
}
