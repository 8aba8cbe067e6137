/* The current device of each thread, and contexts: a device gets one with the first call that
 * works on it while it is current, or is made current by. The driver's functions for contexts, as
 * host/cuda asks for them. */
#include <stdint.h>
#include <string.h>

#include "tests/emu/emu_state.h"

enum { DEVICES = 8, DEPTH = 8 };

static struct context {
  int made;
  int64_t retained;
} contexts[DEVICES];

static _Thread_local int set, pushed[DEPTH], depth;

int emu_current_device(void)
{
  return depth > 0 ? pushed[depth - 1] : set;
}

void emu_make_context(void)
{
  contexts[emu_current_device()].made = 1;
}

void emu_forget_contexts(void)
{
  for (int k = 0; k < DEVICES; k++)
    contexts[k].made = contexts[k].retained > 0;
  set = 0;
}

int esc_emu_has_context(int device)
{
  emu_lock();
  const int made = contexts[device].made;
  emu_unlock();
  return made;
}

/* --- the runtime --- */

cudaError_t cudaGetDevice(int *device)
{
  const cudaError_t error = emu_begin(ESC_EMU_cudaGetDevice);
  if (!error)
    *device = emu_current_device();
  return emu_end(error);
}

cudaError_t cudaSetDevice(int device)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaSetDevice);
  if (!error && (device < 0 || device >= emu_settings()->devices))
    error = cudaErrorInvalidDevice;
  if (!error) {
    set = device;
    contexts[device].made = 1;
  }
  return emu_end(error);
}

/* --- the driver, whose numbers of errors are the runtime's --- */

static int retain(void **context, int device)
{
  cudaError_t error = emu_begin(ESC_EMU_cuDevicePrimaryCtxRetain);
  if (!error && (device < 0 || device >= emu_settings()->devices))
    error = cudaErrorInvalidDevice;
  if (!error) {
    contexts[device].made = 1;
    contexts[device].retained++;
    emu_live()->contexts++;
    *context = &contexts[device];
  }
  return (int)emu_end(error);
}

static int release(int device)
{
  emu_lock(); /* is not made to fail: nothing could be done about it */
  contexts[device].retained--;
  emu_live()->contexts--;
  emu_unlock();
  return 0;
}

static int push(void *context)
{
  cudaError_t error = emu_begin(ESC_EMU_cuCtxPushCurrent);
  if (!error && depth == DEPTH)
    emu_die("contexts are pushed and not popped");
  if (!error)
    pushed[depth++] = (int)((struct context *)context - contexts);
  return (int)emu_end(error);
}

static int pop(void **context)
{
  emu_lock();
  if (depth == 0)
    emu_die("a context is popped that was not pushed");
  *context = &contexts[pushed[--depth]];
  emu_unlock();
  return 0;
}

void *emu_context_function(const char *name)
{
  static const struct {
    const char *name;
    union {
      int (*retain)(void **, int);
      int (*release)(int);
      int (*push)(void *);
      int (*pop)(void **);
      void *pointer;
    } function;
  } functions[] = {{"cuDevicePrimaryCtxRetain", {.retain = retain}},
                   {"cuDevicePrimaryCtxRelease", {.release = release}},
                   {"cuCtxPushCurrent", {.push = push}},
                   {"cuCtxPopCurrent", {.pop = pop}}};
  for (size_t k = 0; k < sizeof functions / sizeof *functions; k++)
    if (strcmp(name, functions[k].name) == 0)
      return functions[k].function.pointer;
  return NULL;
}
