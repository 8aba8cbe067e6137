/* train_mlp on the CPU: matrix products by CBLAS where the build found one, else by a plain loop.
 */
#include "mlp_device.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#if MLP_CBLAS
#include <cblas.h>
#endif

static int open_device(void **stream)
{
  *stream = NULL;
#if MLP_CBLAS
  openblas_set_num_threads(1); /* products as small as these only wait for each other */
#endif
  return 1;
}

static void close_device(void)
{
}

static float *allocate(size_t count)
{
  return calloc(count, sizeof(float));
}

static void release(float *memory)
{
  free(memory);
}

static void copy(float *to, const float *from, size_t count)
{
  memcpy(to, from, count * sizeof *to);
}

static void multiply(int flip_a, int flip_b, int m, int n, int k, const float *a, const float *b,
                     float beta, float *c)
{
#if MLP_CBLAS
  cblas_sgemm(CblasRowMajor, flip_a ? CblasTrans : CblasNoTrans, flip_b ? CblasTrans : CblasNoTrans,
              m, n, k, 1.0f, a, flip_a ? m : k, b, flip_b ? k : n, beta, c, n);
#else
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++)
      c[i * n + j] = beta == 0.0f ? 0.0f : beta * c[i * n + j];
    for (int l = 0; l < k; l++)
      for (int j = 0; j < n; j++)
        c[i * n + j] +=
            (flip_a ? a[l * m + i] : a[i * k + l]) * (flip_b ? b[j * k + l] : b[l * n + j]);
  }
#endif
}

static void squash(float *x, int count)
{
  for (int i = 0; i < count; i++)
    x[i] = tanhf(x[i]);
}

static void squash_back(float *slope, const float *h, int count)
{
  for (int i = 0; i < count; i++)
    slope[i] *= 1.0f - h[i] * h[i];
}

static void logistic(const float *out, const float *side, float *loss, float *slope, int count)
{
  for (int i = 0; i < count; i++) {
    const float z = -side[i] * out[i];
    loss[i] = z > 0.0f ? z + log1pf(expf(-z)) : log1pf(expf(z));
    slope[i] = -side[i] / (1.0f + expf(-z)) / (float)count;
  }
}

static int repeat(int (*work)(void *context), void *context, int times)
{
  for (int k = 0; k < times; k++)
    if (!work(context))
      return 0;
  return 1;
}

const mlp_device mlp_cpu = {"cpu",
#if MLP_CBLAS
                            "CBLAS",
#else
                            "a plain loop",
#endif
                            open_device, close_device, allocate,    release,  copy,  copy,
                            multiply,    squash,       squash_back, logistic, repeat};
