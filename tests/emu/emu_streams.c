/* Streams and events: work waits in a queue until somebody waits for it, and then runs with all
 * that must come before it. Work of different streams is ordered by events and by the default
 * stream only. */
#include <stdlib.h>
#include <string.h>

#include "kernels/fp_control.h"
#include "tests/emu/emu_state.h"

struct CUevent_st {
  uint64_t recorded; /* work number of the last record; 0: none */
  struct CUstream_st *stream;
  int captured, done, polls;
  int users; /* the handle, and work that names it */
  int device;
};

static struct CUstream_st legacy = {.blocking = 1};
static struct CUstream_st *streams = &legacy;
static uint64_t work_count;

struct CUstream_st *emu_stream(cudaStream_t handle)
{
  if (!handle || handle == cudaStreamLegacy)
    return &legacy;
  for (struct CUstream_st *s = streams; s; s = s->next)
    if (s == handle)
      return s;
  return NULL;
}

/* --- work
 * ----------------------------------------------------------------------------------------- */

void emu_append(emu_queue *queue, emu_work *work)
{
  work->next = NULL;
  if (queue->first)
    queue->last->next = work;
  else
    queue->first = work;
  queue->last = work;
}

emu_work *emu_new_work(const emu_work *like)
{
  emu_work *const made = malloc(sizeof *made);
  void *const args = like->args ? malloc(like->kernel->args_bytes) : NULL;
  if (!made || (like->args && !args)) {
    free(made);
    free(args);
    return NULL;
  }
  *made = *like;
  if (args)
    made->args = memcpy(args, like->args, like->kernel->args_bytes);
  if (made->event)
    made->event->users++;
  return made;
}

static void leave_event(cudaEvent_t event)
{
  if (event && --event->users == 0)
    free(event);
}

void emu_free_work(emu_work *work)
{
  leave_event(work->event);
  free(work->args);
  free(work);
}

void emu_free_queue(emu_queue *queue)
{
  while (queue->first) {
    emu_work *const work = queue->first;
    queue->first = work->next;
    emu_free_work(work);
  }
}

static void run_kernel(const emu_work *work)
{
  const esc_emu_settings *const settings = emu_settings();
  const uint64_t caller = esc_fp_default();
  const esc_emu_grid grid = {.kernel = work->kernel,
                             .args = work->args,
                             .blocks = {work->blocks, 1, 1},
                             .threads = {work->threads, 1, 1},
                             .order = (int)settings->order,
                             .seed = settings->seed + work->number};
  esc_emu_run_grid(&grid);
  esc_fp_restore(caller);
  emu_live()->kernels++;
  emu_live()->blocks += work->blocks;
}

static void carry_out(const emu_work *work)
{
  cudaError_t error = cudaSuccess;
  if (work->kind == EMU_KERNEL || work->kind == EMU_COPY || work->kind == EMU_FILL)
    error = emu_begin_work();
  if (error)
    emu_lose(error);
  if (emu_is_lost())
    return;
  switch (work->kind) {
  case EMU_KERNEL:
    run_kernel(work);
    break;
  case EMU_COPY:
    memmove(work->to, work->from, work->bytes);
    break;
  case EMU_FILL:
    memset(work->to, work->value, work->bytes);
    break;
  case EMU_RECORD:
    work->event->done |= work->event->recorded == work->number;
    break;
  case EMU_WAIT:
    break;
  }
}

/* Before a piece of work of one stream comes what others were given earlier, if one of the two is
 * the default stream; before a wait, what its event stands for. */
static void run_what_comes_before(struct CUstream_st *stream, const emu_work *work)
{
  if (work->kind == EMU_WAIT && work->event->stream)
    emu_run(work->event->stream, work->recorded);
  if (stream == &legacy) {
    for (struct CUstream_st *s = streams; s; s = s->next)
      if (s != &legacy && s->blocking)
        emu_run(s, work->number);
  } else if (stream->blocking) {
    emu_run(&legacy, work->number);
  }
}

void emu_run(struct CUstream_st *stream, uint64_t number)
{
  emu_open_memory();
  while (stream->queue.first && stream->queue.first->number <= number) {
    emu_work *const work = stream->queue.first;
    stream->queue.first = work->next;
    emu_live()->queued--;
    run_what_comes_before(stream, work);
    carry_out(work);
    emu_free_work(work);
  }
  emu_close_memory();
}

void emu_run_all(void)
{
  for (struct CUstream_st *s = streams; s; s = s->next)
    emu_run(s, UINT64_MAX);
}

void emu_drop_work(void)
{
  for (struct CUstream_st *s = streams; s; s = s->next)
    emu_free_queue(&s->queue);
  emu_live()->queued = 0;
}

/* --- capture
 * -------------------------------------------------------------------------------------- */

static int is_capturing(const struct CUstream_st *s)
{
  return s->status != cudaStreamCaptureStatusNone;
}

static cudaError_t spoil(struct CUstream_st *s)
{
  s->status = cudaStreamCaptureStatusInvalidated;
  return cudaErrorStreamCaptureUnsupported;
}

cudaError_t emu_forbidden_in_capture(void)
{
  cudaError_t error = cudaSuccess;
  for (struct CUstream_st *s = streams; s; s = s->next) {
    const int mine = pthread_equal(s->captor, pthread_self());
    if (is_capturing(s) && (s->mode == cudaStreamCaptureModeGlobal ||
                            (s->mode == cudaStreamCaptureModeThreadLocal && mine)))
      error = spoil(s);
  }
  return error;
}

/* The default stream would wait for one that is being captured. */
static cudaError_t implicit_capture(struct CUstream_st *stream)
{
  if (stream != &legacy)
    return cudaSuccess;
  for (struct CUstream_st *s = streams; s; s = s->next)
    if (is_capturing(s) && s->blocking) {
      spoil(s);
      return cudaErrorStreamCaptureImplicit;
    }
  return cudaSuccess;
}

cudaError_t emu_may_wait_for(struct CUstream_st *stream)
{
  if (!stream)
    return cudaErrorInvalidResourceHandle;
  if (is_capturing(stream))
    return spoil(stream);
  const cudaError_t error = implicit_capture(stream);
  return error ? error : emu_forbidden_in_capture();
}

cudaError_t emu_queue_work(cudaStream_t handle, const emu_work *work)
{
  struct CUstream_st *const stream = emu_stream(handle);
  if (!stream)
    return cudaErrorInvalidResourceHandle;
  if (stream->status == cudaStreamCaptureStatusInvalidated)
    return cudaErrorStreamCaptureInvalidated;
  cudaError_t error = implicit_capture(stream);
  if (error)
    return error;
  emu_work *const queued = emu_new_work(work);
  if (!queued)
    return cudaErrorMemoryAllocation;
  if (stream->capture) {
    emu_append(&stream->capture->work, queued);
    return cudaSuccess;
  }
  queued->number = ++work_count;
  if (queued->kind == EMU_RECORD) {
    queued->event->recorded = queued->number;
    queued->event->stream = stream;
    queued->event->done = queued->event->captured = queued->event->polls = 0;
  }
  emu_append(&stream->queue, queued);
  emu_live()->queued++;
  if (emu_settings()->eager)
    emu_run(stream, UINT64_MAX);
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, enum cudaStreamCaptureStatus *status)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaStreamIsCapturing);
  struct CUstream_st *const stream = emu_stream(handle);
  if (!error)
    error = stream ? implicit_capture(stream) : cudaErrorInvalidResourceHandle;
  if (!error)
    *status = stream->status;
  return emu_end(error);
}

static cudaError_t begin_capture(struct CUstream_st *stream, enum cudaStreamCaptureMode mode)
{
  if (!stream)
    return cudaErrorInvalidResourceHandle;
  if (stream == &legacy)
    return cudaErrorStreamCaptureUnsupported;
  if (is_capturing(stream))
    return cudaErrorInvalidValue;
  stream->capture = calloc(1, sizeof *stream->capture);
  if (!stream->capture)
    return cudaErrorMemoryAllocation;
  stream->status = cudaStreamCaptureStatusActive;
  stream->mode = mode;
  stream->captor = pthread_self();
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, enum cudaStreamCaptureMode mode)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaStreamBeginCapture);
  if (!error)
    error = begin_capture(emu_stream(handle), mode);
  return emu_end(error);
}

static cudaError_t end_capture(struct CUstream_st *stream, cudaGraph_t *graph)
{
  if (!stream || !stream->capture)
    return cudaErrorInvalidValue;
  if (stream->mode != cudaStreamCaptureModeRelaxed &&
      !pthread_equal(stream->captor, pthread_self()))
    return cudaErrorStreamCaptureWrongThread;
  const int valid = stream->status == cudaStreamCaptureStatusActive;
  cudaGraph_t const captured = stream->capture;
  stream->capture = NULL;
  stream->status = cudaStreamCaptureStatusNone;
  if (!valid) {
    emu_free_queue(&captured->work);
    free(captured);
    *graph = NULL;
    return cudaErrorStreamCaptureInvalidated;
  }
  *graph = captured;
  emu_live()->graphs++;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t *graph)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaStreamEndCapture);
  if (!error)
    error = end_capture(emu_stream(handle), graph);
  return emu_end(error);
}

/* --- streams
 * -------------------------------------------------------------------------------------- */

static cudaError_t create_stream(cudaStream_t *stream, int blocking)
{
  struct CUstream_st *const made = calloc(1, sizeof *made);
  if (!made)
    return cudaErrorMemoryAllocation;
  made->blocking = blocking;
  made->device = emu_current_device();
  made->next = legacy.next;
  legacy.next = made;
  emu_live()->streams++;
  *stream = made;
  return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *stream)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaStreamCreate);
  if (!error)
    error = create_stream(stream, 1);
  return emu_end(error);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned int flags)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaStreamCreateWithFlags);
  if (!error)
    error = create_stream(stream, !(flags & cudaStreamNonBlocking));
  return emu_end(error);
}

/* The device finishes what it was given. */
static cudaError_t destroy_stream(struct CUstream_st *stream)
{
  if (!stream || stream == &legacy)
    return cudaErrorInvalidResourceHandle;
  emu_run(stream, UINT64_MAX);
  struct CUstream_st *before = &legacy;
  while (before->next != stream)
    before = before->next;
  before->next = stream->next;
  if (stream->capture) {
    emu_free_queue(&stream->capture->work);
    free(stream->capture);
  }
  free(stream);
  emu_live()->streams--;
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaStreamDestroy);
  if (!error || emu_is_lost()) {
    const cudaError_t gone = destroy_stream(emu_stream(stream));
    error = error ? error : gone;
  }
  return emu_end(error);
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaStreamSynchronize);
  struct CUstream_st *const stream = emu_stream(handle);
  if (!error)
    error = emu_may_wait_for(stream);
  if (!error) {
    emu_run(stream, UINT64_MAX);
    if (stream == &legacy) /* it waits for all that wait for it */
      for (struct CUstream_st *s = streams; s; s = s->next)
        if (s->blocking)
          emu_run(s, UINT64_MAX);
    error = cudaPeekAtLastError() && emu_is_lost() ? cudaPeekAtLastError() : cudaSuccess;
  }
  return emu_end(error);
}

/* --- events
 * --------------------------------------------------------------------------------------- */

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaEventCreateWithFlags);
  struct CUevent_st *const made = error ? NULL : calloc(1, sizeof *made);
  (void)flags;
  if (!error && !made)
    error = cudaErrorMemoryAllocation;
  if (!error) {
    made->users = made->done = 1;
    made->device = emu_current_device();
    emu_live()->events++;
    *event = made;
  }
  return emu_end(error);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaEventDestroy);
  if (!event)
    error = error ? error : cudaErrorInvalidResourceHandle;
  if (event && (!error || emu_is_lost())) {
    leave_event(event);
    emu_live()->events--;
  }
  return emu_end(error);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaEventRecord);
  if (!error && !event)
    error = cudaErrorInvalidResourceHandle;
  if (!error) {
    const struct CUstream_st *const stream = emu_stream(handle);
    if (stream && stream->capture)
      event->captured = 1;
    const emu_work work = {.kind = EMU_RECORD, .event = event};
    error = handle && stream && stream->device != event->device ? cudaErrorInvalidResourceHandle
                                                                : emu_queue_work(handle, &work);
  }
  return emu_end(error);
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaStreamWaitEvent);
  (void)flags;
  if (!error && (!event || event->captured)) /* a capture does not spread to other streams here */
    error = event ? cudaErrorNotSupported : cudaErrorInvalidResourceHandle;
  if (!error) {
    const emu_work work = {.kind = EMU_WAIT, .event = event, .recorded = event->recorded};
    error = emu_queue_work(stream, &work);
  }
  return emu_end(error);
}

static cudaError_t check_event(cudaEvent_t event)
{
  if (!event)
    return cudaErrorInvalidResourceHandle;
  if (event->captured)
    return cudaErrorCapturedEvent;
  return emu_forbidden_in_capture();
}

static cudaError_t wait_for(cudaEvent_t event)
{
  if (!event->done)
    emu_run(event->stream, event->recorded);
  return emu_is_lost() ? cudaPeekAtLastError() : cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaEventSynchronize);
  if (!error)
    error = check_event(event);
  if (!error)
    error = wait_for(event);
  return emu_end(error);
}

cudaError_t cudaEventQuery(cudaEvent_t event)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaEventQuery);
  if (!error)
    error = check_event(event);
  if (!error && !event->done)
    error = event->polls++ < emu_settings()->polls ? cudaErrorNotReady : wait_for(event);
  return emu_end(error);
}
