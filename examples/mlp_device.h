/* What train_mlp needs of a device beside the optimizer: memory, matrix products, three functions
 * of elements, and a way to record work once and run it often. Matrices lie row by row. */
#ifndef MLP_DEVICE_H
#define MLP_DEVICE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mlp_device {
  const char *backend;        /* of escapement */
  const char *products;       /* where matrix products come from */
  int (*open)(void **stream); /* 0 if there is none */
  void (*close)(void);
  float *(*allocate)(size_t count); /* zeros; NULL if there is no memory */
  void (*release)(float *memory);
  void (*put)(float *to, const float *from, size_t count);
  void (*get)(float *to, const float *from, size_t count); /* waits for what is queued */
  /* c (m x n) = a b + beta c; a is m x k, stored k x m with flip_a; b is k x n likewise. */
  void (*multiply)(int flip_a, int flip_b, int m, int n, int k, const float *a, const float *b,
                   float beta, float *c);
  void (*squash)(float *x, int count);                          /* x = tanh(x) */
  void (*squash_back)(float *slope, const float *h, int count); /* slope *= 1 - h^2 */
  /* loss = log(1 + exp(-side out)), and its derivative by out, over count */
  void (*logistic)(const float *out, const float *side, float *loss, float *slope, int count);
  /* Runs work(context) `times` times; on a GPU it is captured in a CUDA graph and replayed.
   * 0 if something failed. */
  int (*repeat)(int (*work)(void *context), void *context, int times);
} mlp_device;

extern const mlp_device mlp_cpu;
extern const mlp_device mlp_cuda; /* where it was built with cuBLAS: MLP_CUDA */

#ifdef __cplusplus
}
#endif

#endif
