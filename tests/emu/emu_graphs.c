/* Graphs: what a capture recorded, with arguments of kernels as they were and the host's addresses
 * of copies as they are. A launch queues all of it again, in the order of the capture. */
#include <stdlib.h>

#include "tests/emu/emu_state.h"

struct CUgraphExec_st {
  emu_queue work;
};

static cudaError_t copy_queue(emu_queue *to, const emu_queue *from)
{
  for (const emu_work *work = from->first; work; work = work->next) {
    emu_work *const copy = emu_new_work(work);
    if (!copy) {
      emu_free_queue(to);
      return cudaErrorMemoryAllocation;
    }
    emu_append(to, copy);
  }
  return cudaSuccess;
}

static cudaError_t instantiate(cudaGraphExec_t *exec, cudaGraph_t graph)
{
  if (!exec || !graph)
    return cudaErrorInvalidValue;
  struct CUgraphExec_st *const made = calloc(1, sizeof *made);
  if (!made || copy_queue(&made->work, &graph->work)) {
    free(made);
    return cudaErrorMemoryAllocation;
  }
  *exec = made;
  emu_live()->graphs++;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaGraphInstantiate);
  (void)flags;
  if (!error)
    error = instantiate(exec, graph);
  return emu_end(error);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaGraphLaunch);
  if (!error && !exec)
    error = cudaErrorInvalidValue;
  if (!error)
    for (const emu_work *work = exec->work.first; work && !error; work = work->next)
      error = emu_queue_work(stream, work);
  return emu_end(error);
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaGraphDestroy);
  if (graph && (!error || emu_is_lost())) {
    emu_free_queue(&graph->work);
    free(graph);
    emu_live()->graphs--;
  }
  return emu_end(error);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaGraphExecDestroy);
  if (exec && (!error || emu_is_lost())) {
    emu_free_queue(&exec->work);
    free(exec);
    emu_live()->graphs--;
  }
  return emu_end(error);
}
