/* What the parts of the emulated runtime share: how a call begins and ends, the queues, the graphs
 * under capture, and memory by address. */
#ifndef ESC_EMU_STATE_H
#define ESC_EMU_STATE_H

#include <cuda_runtime_api.h>
#include <pthread.h>
#include <stdint.h>

#include "tests/emu/emulator.h"
#include "tests/emu/kernel_list.h"

/* Every call of the runtime is between these two: they lock, count, and know what fails. A call
 * that emu_begin refused does nothing and hands its error to emu_end. */
cudaError_t emu_begin(esc_emu_call call);
cudaError_t emu_end(cudaError_t error);

void emu_lock(void);
void emu_unlock(void);
const esc_emu_settings *emu_settings(void);
esc_emu_live *emu_live(void);
void emu_lose(cudaError_t error);
int emu_is_lost(void);
/* Counts a piece of work; its error if it is one that is to fail. */
cudaError_t emu_begin_work(void);
void emu_die(const char *why);

/* --- the current device --------------------------------------------------------------------------
 */

int emu_current_device(void);
/* It has a context from now on. */
void emu_make_context(void);
/* All are gone that nobody holds, and device 0 is the thread's current one. */
void emu_forget_contexts(void);
/* A function of the driver that deals with contexts, or NULL. */
void *emu_context_function(const char *name);

/* --- memory --------------------------------------------------------------------------------------
 */

typedef enum emu_place { EMU_NOWHERE, EMU_ON_HOST, EMU_ON_DEVICE } emu_place;

typedef struct emu_allocation {
  char *memory;
  size_t bytes;
  emu_place place;
  struct emu_allocation *next;
} emu_allocation;

const emu_allocation *emu_allocation_of(const void *address);
/* The host may touch the device's memory only in between, which the address sanitizer holds. */
void emu_open_memory(void);
void emu_close_memory(void);
/* Whether a copy between these places is possible. */
cudaError_t emu_check_copy(const void *to, const void *from, size_t bytes,
                           enum cudaMemcpyKind kind);

/* --- work ----------------------------------------------------------------------------------------
 */

typedef enum emu_kind { EMU_KERNEL, EMU_COPY, EMU_FILL, EMU_RECORD, EMU_WAIT } emu_kind;

typedef struct emu_work {
  emu_kind kind;
  uint64_t number; /* in the order of all queues */
  /* a kernel: arguments as they were at the launch */
  const esc_emu_kernel *kernel;
  void *args;
  unsigned int blocks, threads;
  /* a copy, with the host's address; a fill */
  void *to;
  const void *from;
  size_t bytes;
  int value;
  /* an event */
  cudaEvent_t event;
  uint64_t recorded;
  struct emu_work *next;
} emu_work;

typedef struct emu_queue {
  emu_work *first, *last;
} emu_queue;

void emu_append(emu_queue *queue, emu_work *work);
/* A copy of work, on its own; NULL: no memory. */
emu_work *emu_new_work(const emu_work *like);
void emu_free_work(emu_work *work);
void emu_free_queue(emu_queue *queue);

struct CUstream_st {
  emu_queue queue;
  int blocking; /* ordered with the default stream */
  cudaGraph_t capture;
  enum cudaStreamCaptureStatus status;
  enum cudaStreamCaptureMode mode;
  pthread_t captor;
  int device;
  struct CUstream_st *next;
};

struct CUgraph_st {
  emu_queue work;
};

/* NULL where there is no such stream. */
struct CUstream_st *emu_stream(cudaStream_t handle);
/* Puts work behind a stream's, or into the graph it is captured in. */
cudaError_t emu_queue_work(cudaStream_t stream, const emu_work *work);
/* Whether a call may be made that captures forbid; if not, they are void. */
cudaError_t emu_forbidden_in_capture(void);
/* Whether a call on this stream may wait. */
cudaError_t emu_may_wait_for(struct CUstream_st *stream);
/* Carries out a stream's work up to a number. */
void emu_run(struct CUstream_st *stream, uint64_t number);
void emu_run_all(void);
void emu_drop_work(void);

#endif
