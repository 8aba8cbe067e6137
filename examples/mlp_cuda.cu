// train_mlp on a GPU: matrix products by cuBLAS, three small kernels, and a CUDA graph.
#define MLP_CUDA 1
#include "mlp_device.h"

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <stdio.h>

static cudaStream_t queue;
static cublasHandle_t blas;

static int worked(cudaError_t error)
{
  if (error != cudaSuccess)
    fprintf(stderr, "train_mlp: %s\n", cudaGetErrorString(error));
  return error == cudaSuccess;
}

static void close_device(void)
{
  cublasDestroy(blas);
  cudaStreamDestroy(queue);
}

// cuBLAS takes memory of its own when it first needs some, which a capture does not allow: it is
// given some before.
static int open_device(void **stream)
{
  static void *workspace;
  const size_t bytes = (size_t)32 << 20;
  if (!worked(cudaStreamCreateWithFlags(&queue, cudaStreamNonBlocking)) ||
      cublasCreate(&blas) != CUBLAS_STATUS_SUCCESS || !worked(cudaMalloc(&workspace, bytes)))
    return 0;
  *stream = queue;
  return cublasSetStream(blas, queue) == CUBLAS_STATUS_SUCCESS &&
         cublasSetWorkspace(blas, workspace, bytes) == CUBLAS_STATUS_SUCCESS;
}

static float *allocate(size_t count)
{
  float *memory = nullptr;
  if (!worked(cudaMalloc(&memory, count * sizeof *memory)))
    return nullptr;
  worked(cudaMemset(memory, 0, count * sizeof *memory));
  return memory;
}

static void release(float *memory)
{
  cudaFree(memory);
}

static void copy(float *to, const float *from, size_t count)
{
  worked(cudaStreamSynchronize(queue));
  worked(cudaMemcpy(to, from, count * sizeof *to, cudaMemcpyDefault));
}

// cuBLAS has matrices column by column: what lies row by row is the transpose to it, and
// c^T = b^T a^T.
static void multiply(int flip_a, int flip_b, int m, int n, int k, const float *a, const float *b,
                     float beta, float *c)
{
  const float one = 1.0f;
  cublasSgemm(blas, flip_b ? CUBLAS_OP_T : CUBLAS_OP_N, flip_a ? CUBLAS_OP_T : CUBLAS_OP_N, n, m, k,
              &one, b, flip_b ? k : n, a, flip_a ? m : k, &beta, c, n);
}

enum { THREADS = 128 };

static __global__ void squash_kernel(float *x, int count)
{
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count)
    x[i] = tanhf(x[i]);
}

static __global__ void squash_back_kernel(float *slope, const float *h, int count)
{
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count)
    slope[i] *= 1.0f - h[i] * h[i];
}

static __global__ void logistic_kernel(const float *out, const float *side, float *loss,
                                       float *slope, int count)
{
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count)
    return;
  const float z = -side[i] * out[i];
  loss[i] = z > 0.0f ? z + log1pf(expf(-z)) : log1pf(expf(z));
  slope[i] = -side[i] / (1.0f + expf(-z)) / (float)count;
}

static int blocks_of(int count)
{
  return (count + THREADS - 1) / THREADS;
}

static void squash(float *x, int count)
{
  squash_kernel<<<blocks_of(count), THREADS, 0, queue>>>(x, count);
}

static void squash_back(float *slope, const float *h, int count)
{
  squash_back_kernel<<<blocks_of(count), THREADS, 0, queue>>>(slope, h, count);
}

static void logistic(const float *out, const float *side, float *loss, float *slope, int count)
{
  logistic_kernel<<<blocks_of(count), THREADS, 0, queue>>>(out, side, loss, slope, count);
}

// The work is recorded, not run, while the stream is being captured; then it is replayed. The
// optimizer's step counters and schedule are on the device and go on from replay to replay.
static int repeat(int (*work)(void *context), void *context, int times)
{
  cudaGraph_t graph;
  cudaGraphExec_t replay;
  if (!worked(cudaStreamBeginCapture(queue, cudaStreamCaptureModeThreadLocal)))
    return 0;
  const int recorded = work(context);
  if (!worked(cudaStreamEndCapture(queue, &graph)) || !recorded ||
      !worked(cudaGraphInstantiate(&replay, graph, 0)))
    return 0;
  int ok = 1;
  for (int k = 0; k < times && ok; k++)
    ok = worked(cudaGraphLaunch(replay, queue));
  ok = worked(cudaStreamSynchronize(queue)) && ok;
  cudaGraphExecDestroy(replay);
  cudaGraphDestroy(graph);
  return ok;
}

const mlp_device mlp_cuda = {"cuda",   "cuBLAS", open_device, close_device, allocate,
                             release,  copy,     copy,        multiply,     squash,
                             squash_back, logistic, repeat};
