/* Memory of the emulated device and pinned memory of the host: from malloc, filled with rubbish,
 * with guards around it, so that a kernel or a copy that leaves it is found when it is freed or
 * work ends; under the address sanitizer at once. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/emu/emu_state.h"

#define ALIGNMENT 256
#define GUARD     ALIGNMENT
#define RUBBISH   0xc7
#define GUARDIAN  0x5e

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif

#ifdef ADDRESS_SANITIZER
void __asan_poison_memory_region(void const volatile *memory, size_t bytes);
void __asan_unpoison_memory_region(void const volatile *memory, size_t bytes);
#define close_region __asan_poison_memory_region
#define open_region  __asan_unpoison_memory_region
#else
static void close_region(const void *memory, size_t bytes)
{
  (void)memory, (void)bytes;
}
static void open_region(const void *memory, size_t bytes)
{
  (void)memory, (void)bytes;
}
#endif

static emu_allocation *allocations;
static int opened;

const emu_allocation *emu_allocation_of(const void *address)
{
  const uintptr_t at = (uintptr_t)address;
  for (const emu_allocation *a = allocations; a; a = a->next)
    if (at - (uintptr_t)a->memory < a->bytes)
      return a;
  return NULL;
}

/* --- guards
 * --------------------------------------------------------------------------------------- */

/* Guards are always closed: the sanitizer reports the very access. */
static void set_guards(const emu_allocation *a)
{
  memset(a->memory - GUARD, GUARDIAN, GUARD);
  memset(a->memory + a->bytes, GUARDIAN, GUARD);
  memset(a->memory, RUBBISH, a->bytes);
  close_region(a->memory - GUARD, GUARD + a->bytes + GUARD);
  if (opened || a->place == EMU_ON_HOST)
    open_region(a->memory, a->bytes);
}

static void check_guards(const emu_allocation *a)
{
#ifndef ADDRESS_SANITIZER
  for (int k = 0; k < GUARD; k++)
    if ((unsigned char)a->memory[k - GUARD] != GUARDIAN ||
        (unsigned char)a->memory[a->bytes + (size_t)k] != GUARDIAN)
      emu_die("somebody wrote outside an allocation of the device or of pinned memory");
#else
  (void)a;
#endif
}

void emu_open_memory(void)
{
  if (opened++ == 0)
    for (const emu_allocation *a = allocations; a; a = a->next)
      open_region(a->memory, a->bytes);
}

void emu_close_memory(void)
{
  if (--opened > 0)
    return;
  for (const emu_allocation *a = allocations; a; a = a->next) {
    check_guards(a);
    if (a->place == EMU_ON_DEVICE)
      close_region(a->memory, a->bytes);
  }
}

/* --- allocations
 * ---------------------------------------------------------------------------------- */

static void count(emu_place place, int64_t allocations_more, int64_t bytes_more)
{
  esc_emu_live *const live = emu_live();
  if (place == EMU_ON_DEVICE) {
    live->device_allocations += allocations_more;
    live->device_bytes += bytes_more;
  } else {
    live->host_allocations += allocations_more;
    live->host_bytes += bytes_more;
  }
}

static cudaError_t allocate(void **memory, size_t bytes, emu_place place)
{
  if (!memory)
    return cudaErrorInvalidValue;
  if (bytes == 0) {
    *memory = NULL;
    return cudaSuccess;
  }
  void *base = NULL;
  emu_allocation *const a = malloc(sizeof *a);
  if (!a || bytes > SIZE_MAX / 2 || posix_memalign(&base, ALIGNMENT, GUARD + bytes + GUARD)) {
    free(a);
    return cudaErrorMemoryAllocation;
  }
  *a = (emu_allocation){(char *)base + GUARD, bytes, place, allocations};
  allocations = a;
  set_guards(a);
  count(place, 1, (int64_t)bytes);
  *memory = a->memory;
  return cudaSuccess;
}

static cudaError_t release(void *memory, emu_place place)
{
  if (!memory)
    return cudaSuccess;
  emu_allocation **link = &allocations;
  while (*link && (*link)->memory != memory)
    link = &(*link)->next;
  emu_allocation *const a = *link;
  if (!a || a->place != place)
    return cudaErrorInvalidValue;
  *link = a->next;
  check_guards(a);
  open_region(a->memory - GUARD, GUARD + a->bytes + GUARD);
  count(place, -1, -(int64_t)a->bytes);
  free(a->memory - GUARD);
  free(a);
  return cudaSuccess;
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaMalloc);
  if (!error)
    error = emu_forbidden_in_capture();
  if (!error)
    error = allocate(memory, bytes, EMU_ON_DEVICE);
  return emu_end(error);
}

cudaError_t cudaMallocHost(void **memory, size_t bytes)
{
  cudaError_t error = emu_begin(ESC_EMU_cudaMallocHost);
  if (!error)
    error = emu_forbidden_in_capture();
  if (!error)
    error = allocate(memory, bytes, EMU_ON_HOST);
  return emu_end(error);
}

/* Freeing waits for the device. A lost device's memory is gone too, but the emulator needs to be
 * told, so it takes it and reports the error. */
static cudaError_t release_when_done(cudaError_t error, void *memory, emu_place place)
{
  if (!error)
    error = emu_forbidden_in_capture();
  if (!error)
    emu_run_all();
  if (!error || emu_is_lost()) {
    const cudaError_t freed = release(memory, place);
    error = error ? error : freed;
  }
  return error;
}

cudaError_t cudaFree(void *memory)
{
  return emu_end(release_when_done(emu_begin(ESC_EMU_cudaFree), memory, EMU_ON_DEVICE));
}

cudaError_t cudaFreeHost(void *memory)
{
  return emu_end(release_when_done(emu_begin(ESC_EMU_cudaFreeHost), memory, EMU_ON_HOST));
}

/* --- addresses
 * ------------------------------------------------------------------------------------ */

static emu_place place_of(const void *address)
{
  const emu_allocation *const a = emu_allocation_of(address);
  return a ? a->place : EMU_NOWHERE;
}

cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes *attributes, const void *memory)
{
  const cudaError_t error = emu_begin(ESC_EMU_cudaPointerGetAttributes);
  if (!error) {
    const emu_place place = place_of(memory);
    void *const address = (void *)(uintptr_t)memory;
    *attributes = (struct cudaPointerAttributes){cudaMemoryTypeUnregistered, -2, NULL, address};
    if (place == EMU_ON_HOST)
      *attributes = (struct cudaPointerAttributes){cudaMemoryTypeHost, 0, address, address};
    if (place == EMU_ON_DEVICE)
      *attributes = (struct cudaPointerAttributes){cudaMemoryTypeDevice, 0, address, NULL};
  }
  return emu_end(error);
}

/* cuMemGetAddressRange: 1 is CUDA_ERROR_INVALID_VALUE, 500 CUDA_ERROR_NOT_FOUND. */
static int address_range(unsigned long long *base, size_t *bytes, unsigned long long address)
{
  emu_lock();
  const emu_allocation *const a = emu_allocation_of((const void *)(uintptr_t)address);
  if (a && base)
    *base = (unsigned long long)(uintptr_t)a->memory;
  if (a && bytes)
    *bytes = a->bytes;
  emu_unlock();
  return a ? 0 : 500;
}

cudaError_t cudaGetDriverEntryPointByVersion(const char *symbol, void **function,
                                             unsigned int version, unsigned long long flags,
                                             cudaDriverEntryPointQueryResult *result)
{
  const cudaError_t error = emu_begin(ESC_EMU_cudaGetDriverEntryPointByVersion);
  (void)version, (void)flags;
  if (!error) {
    union {
      int (*function)(unsigned long long *, size_t *, unsigned long long);
      void *pointer;
    } found = {address_range};
    if (strcmp(symbol, "cuMemGetAddressRange") != 0)
      found.pointer = emu_context_function(symbol);
    *function = found.pointer;
    if (result)
      *result = found.pointer ? cudaDriverEntryPointSuccess : cudaDriverEntryPointSymbolNotFound;
  }
  return emu_end(error);
}

static int lies_within(const void *memory, size_t bytes)
{
  const emu_allocation *const a = emu_allocation_of(memory);
  return !a || (uintptr_t)memory - (uintptr_t)a->memory + bytes <= a->bytes;
}

cudaError_t emu_check_copy(const void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
  const int to_device = place_of(to) == EMU_ON_DEVICE;
  const int from_device = place_of(from) == EMU_ON_DEVICE;
  if (bytes == 0)
    return cudaSuccess;
  if (!to || !from || !lies_within(to, bytes) || !lies_within(from, bytes))
    return cudaErrorInvalidValue;
  if (kind == cudaMemcpyDefault)
    return cudaSuccess;
  if (to_device != (kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice) ||
      from_device != (kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice))
    return cudaErrorInvalidValue;
  return cudaSuccess;
}
