/* Landscapes over lanes: a slope and a value loop each, made from the rule by its shape; and for
 * sums over coordinates the whole of plain descent, a group at once. */
#include <string.h>

#include "kernels/cpu/loops.h"

/* The constants of coordinate j, from double to the state's type. */
static void load_constants(const esc_plan *plan, int j, esc_real *to, size_t size)
{
  for (size_t k = 0; k < size / sizeof(esc_real); k++)
    to[k] = (esc_real)plan->landscape_constants[j][k];
}

/* The gradient that a rule gets. */
static inline esc_real noisy(esc_real scale, esc_real slope, float xi)
{
  return esc_fma(scale, slope, (esc_real)xi);
}

/* The constants c of coordinate j, as the rule wants them. */
#define ESC_LOAD(name, j)                                                                          \
  union {                                                                                          \
    esc_##name c;                                                                                  \
    esc_real number[sizeof(esc_##name) / sizeof(esc_real)];                                        \
  } load;                                                                                          \
  load_constants(plan, j, load.number, sizeof load.c);                                             \
  const esc_##name c = load.c;

#define ESC_LOOPS_SINGLE(name)                                                                     \
  static void slope_##name(int n, int stride, const esc_plan *plan, const esc_real *x,             \
                           const float *xi, esc_real *g)                                           \
  {                                                                                                \
    const esc_real scale = (esc_real)plan->landscape_scale;                                        \
    for (int j = 0; j < plan->dimension; j++) {                                                    \
      ESC_LOAD(name, j)                                                                            \
      const esc_real *const restrict at = x + (ptrdiff_t)j * stride;                               \
      esc_real *const restrict out = g + (ptrdiff_t)j * stride;                                    \
      if (xi) {                                                                                    \
        const float *const restrict noise = xi + (ptrdiff_t)j * stride;                            \
        for (int i = 0; i < n; i++)                                                                \
          out[i] = noisy(scale, esc_##name##_slope(&c, at[i]), noise[i]);                          \
      } else {                                                                                     \
        for (int i = 0; i < n; i++)                                                                \
          out[i] = scale * esc_##name##_slope(&c, at[i]);                                          \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  static void value_##name(int n, int stride, const esc_plan *plan, const esc_real *x,             \
                           esc_real *restrict u)                                                   \
  {                                                                                                \
    const esc_real scale = (esc_real)plan->landscape_scale;                                        \
    memset(u, 0, (size_t)n * sizeof *u);                                                           \
    for (int j = 0; j < plan->dimension; j++) {                                                    \
      ESC_LOAD(name, j)                                                                            \
      const esc_real *const restrict at = x + (ptrdiff_t)j * stride;                               \
      for (int i = 0; i < n; i++)                                                                  \
        u[i] = esc_fma(scale, esc_##name##_value(&c, at[i]), u[i]);                                \
    }                                                                                              \
  }

#define ESC_LOOPS_CHAIN(name)                                                                      \
  static void slope_##name(int n, int stride, const esc_plan *plan, const esc_real *x,             \
                           const float *xi, esc_real *g)                                           \
  {                                                                                                \
    ESC_LOAD(name, 0)                                                                              \
    memset(g, 0, (size_t)n * sizeof *g);                                                           \
    for (int j = 0; j + 1 < plan->dimension; j++) {                                                \
      const esc_real *const restrict first = x + (ptrdiff_t)j * stride;                            \
      const esc_real *const restrict second = first + stride;                                      \
      esc_real *const restrict out = g + (ptrdiff_t)j * stride;                                    \
      esc_real *const restrict next = out + stride;                                                \
      for (int i = 0; i < n; i++) {                                                                \
        esc_real gx, gy;                                                                           \
        esc_##name##_slope(&c, first[i], second[i], &gx, &gy);                                     \
        out[i] += gx;                                                                              \
        next[i] = gy;                                                                              \
      }                                                                                            \
    }                                                                                              \
    for (int j = 0; j < plan->dimension; j++)                                                      \
      esc_scale_and_add(n, (esc_real)plan->landscape_scale, xi ? xi + (ptrdiff_t)j *stride : NULL, \
                        g + (ptrdiff_t)j * stride);                                                \
  }                                                                                                \
  static void value_##name(int n, int stride, const esc_plan *plan, const esc_real *x,             \
                           esc_real *restrict u)                                                   \
  {                                                                                                \
    ESC_LOAD(name, 0)                                                                              \
    const esc_real scale = (esc_real)plan->landscape_scale;                                        \
    memset(u, 0, (size_t)n * sizeof *u);                                                           \
    for (int j = 0; j + 1 < plan->dimension; j++) {                                                \
      const esc_real *const restrict first = x + (ptrdiff_t)j * stride;                            \
      const esc_real *const restrict second = first + stride;                                      \
      for (int i = 0; i < n; i++)                                                                  \
        u[i] = esc_fma(scale, esc_##name##_value(&c, first[i], second[i]), u[i]);                  \
    }                                                                                              \
  }

#define ESC_LOOPS_NETWORK(name)     /* network_loops.c */
#define ESC_LOOPS(name, shape, ...) ESC_LOOPS_##shape(name)
ESC_LANDSCAPE_CATALOGUE(ESC_LOOPS)

/* A step of sgd from x, whose gradient nothing changes. */
#define ESC_STEP_DOWN(name, x, xi)                                                                 \
  (x - esc_sgd_update(&sgd, row, noisy(scale, esc_##name##_slope(&c, x), xi)))

#define ESC_DESCENT_SINGLE(name)                                                                   \
  static void descend_##name(int n, int stride, const esc_plan *plan, esc_row row,                 \
                             const float *xi, esc_positions at)                                    \
  {                                                                                                \
    const esc_real scale = (esc_real)plan->landscape_scale;                                        \
    const ptrdiff_t wide = (ptrdiff_t)plan->dimension * stride;                                    \
    const esc_sgd sgd = {0};                                                                       \
    for (int j = 0; j < plan->dimension; j++) {                                                    \
      ESC_LOAD(name, j)                                                                            \
      const ptrdiff_t column = (ptrdiff_t)j * stride;                                              \
      const float *const restrict xi1 = xi + column, *const restrict xi2 = xi1 + wide;             \
      const float *const restrict xi3 = xi2 + wide, *const restrict xi4 = xi3 + wide;              \
      const esc_real *const restrict x0 = at[0] + column;                                          \
      esc_real *const restrict x1 = at[1] + column, *const restrict x2 = at[2] + column;           \
      esc_real *const restrict x3 = at[3] + column, *const restrict x4 = at[4] + column;           \
      _Pragma("omp simd") for (int i = 0; i < n; i++)                                              \
      {                                                                                            \
        const esc_real first = ESC_STEP_DOWN(name, x0[i], xi1[i]);                                 \
        const esc_real second = ESC_STEP_DOWN(name, first, xi2[i]);                                \
        const esc_real third = ESC_STEP_DOWN(name, second, xi3[i]);                                \
        x1[i] = first;                                                                             \
        x2[i] = second;                                                                            \
        x3[i] = third;                                                                             \
        x4[i] = ESC_STEP_DOWN(name, third, xi4[i]);                                                \
      }                                                                                            \
    }                                                                                              \
  }
#define ESC_DESCENT_CHAIN(name)
#define ESC_DESCENT_NETWORK(name)
#define ESC_DESCENT(name, shape, ...) ESC_DESCENT_##shape(name)
ESC_LANDSCAPE_CATALOGUE(ESC_DESCENT)

static void call(int n, int stride, const esc_plan *plan, const esc_real *x, const float *xi,
                 esc_real *g, esc_real *u, double *scratch)
{
  const int dimension = plan->dimension;
  double *const points = scratch, *const gradients = points + (ptrdiff_t)dimension * n;
  double *const values = gradients + (ptrdiff_t)dimension * n;
  for (int j = 0; j < dimension; j++)
    for (int i = 0; i < n; i++)
      points[(ptrdiff_t)j * n + i] = (double)x[(ptrdiff_t)j * stride + i];
  plan->landscape_function(plan->landscape_context, n, dimension, points, u ? values : NULL,
                           gradients);
  for (int i = 0; u && i < n; i++)
    u[i] = (esc_real)(plan->landscape_scale * values[i]);
  for (int j = 0; g && j < dimension; j++) {
    esc_real *const out = g + (ptrdiff_t)j * stride;
    for (int i = 0; i < n; i++)
      out[i] = (esc_real)gradients[(ptrdiff_t)j * n + i];
    esc_scale_and_add(n, (esc_real)plan->landscape_scale, xi ? xi + (ptrdiff_t)j * stride : NULL,
                      out);
  }
}

#define ESC_SLOPE_SINGLE(name)        slope_##name,
#define ESC_SLOPE_CHAIN(name)         slope_##name,
#define ESC_SLOPE_NETWORK(name)       ESC_NETWORK_SLOPE,
#define ESC_SLOPE(name, shape, ...)   ESC_SLOPE_##shape(name)
#define ESC_VALUE_SINGLE(name)        value_##name,
#define ESC_VALUE_CHAIN(name)         value_##name,
#define ESC_VALUE_NETWORK(name)       ESC_NETWORK_VALUE,
#define ESC_VALUE(name, shape, ...)   ESC_VALUE_##shape(name)
#define ESC_DESCEND_SINGLE(name)      descend_##name,
#define ESC_DESCEND_CHAIN(name)       NULL,
#define ESC_DESCEND_NETWORK(name)     NULL,
#define ESC_DESCEND(name, shape, ...) ESC_DESCEND_##shape(name)
const esc_landscape_loops ESC_LANDSCAPE_LOOPS = {
    .slope = {ESC_LANDSCAPE_CATALOGUE(ESC_SLOPE)},
    .value = {ESC_LANDSCAPE_CATALOGUE(ESC_VALUE)},
    .descend = {ESC_LANDSCAPE_CATALOGUE(ESC_DESCEND)},
    .batch = ESC_NETWORK_BATCH,
    .call = call,
};
