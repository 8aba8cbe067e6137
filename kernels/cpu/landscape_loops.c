/* Landscapes over lanes: a slope and a value loop each, made from the rule by its shape. */
#include <string.h>

#include "kernels/cpu/loops.h"

/* The constants of coordinate j, from double to the state's type. */
static void load_constants(const esc_plan *plan, int j, esc_real *to, size_t size)
{
  for (size_t k = 0; k < size / sizeof(esc_real); k++)
    to[k] = (esc_real)plan->landscape_constants[j][k];
}

/* g = scale*g + xi: the last thing every slope loop does. */
static void scale_and_add(int n, esc_real scale, const float *restrict xi, esc_real *restrict g)
{
  if (xi)
    for (int i = 0; i < n; i++)
      g[i] = esc_fma(scale, g[i], (esc_real)xi[i]);
  else
    for (int i = 0; i < n; i++)
      g[i] = scale * g[i];
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
          out[i] = esc_fma(scale, esc_##name##_slope(&c, at[i]), (esc_real)noise[i]);              \
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
      scale_and_add(n, (esc_real)plan->landscape_scale, xi ? xi + (ptrdiff_t)j *stride : NULL,     \
                    g + (ptrdiff_t)j * stride);                                                    \
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

#define ESC_LOOPS(name, shape, ...) ESC_LOOPS_##shape(name)
ESC_LANDSCAPE_CATALOGUE(ESC_LOOPS)

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
    scale_and_add(n, (esc_real)plan->landscape_scale, xi ? xi + (ptrdiff_t)j * stride : NULL, out);
  }
}

#define ESC_SLOPE(name, ...) slope_##name,
#define ESC_VALUE(name, ...) value_##name,
const esc_landscape_loops ESC_LANDSCAPE_LOOPS = {
    .slope = {ESC_LANDSCAPE_CATALOGUE(ESC_SLOPE)},
    .value = {ESC_LANDSCAPE_CATALOGUE(ESC_VALUE)},
    .call = call,
};
