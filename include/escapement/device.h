/* A device: the backend that does the arithmetic, opened once and used by one thread at a time. */
#ifndef ESCAPEMENT_DEVICE_H
#define ESCAPEMENT_DEVICE_H

#include <stddef.h>

#include "escapement/status.h"

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

typedef struct esc_device esc_device;

typedef struct esc_device_options {
  size_t struct_size;  /* sizeof(esc_device_options), set by the initialiser */
  const char *backend; /* "auto", "cpu" or "cuda". auto takes cuda where a GPU answers and NVRTC is
                          there, else cpu; esc_device_describe says which, and arrays of an
                          optimizer lie in that device's memory. What no GPU does (a landscape that
                          is a function of the caller's, a replay) auto does on the CPU. */
  int threads;         /* CPU threads; 0: as many as OpenMP would take */
  const char *isa;     /* "auto", "baseline", "avx2" or "avx512": for tests; NULL as auto. The
                          environment variable ESC_ISA sets it where this says auto. A backend
                          "auto" with an instruction set is the CPU. */
  int device;          /* of cuda: the number of the GPU, from 0; -1: the caller's current one */
  int gpus;            /* of cuda: so many, `device` among them, share the trajectories of a run; 0:
                          all of the machine that are able to. The others are opened when a run
                          first needs them. An optimizer stays on `device`. */
} esc_device_options;

#define ESC_DEVICE_OPTIONS_INIT {sizeof(esc_device_options), "auto", 0, "auto", 0, 0}

/* Opens a device. options may be NULL (the defaults). *device is the caller's, to be closed. On a
 * GPU this loads all kernels and takes a megabyte of pinned memory; like every call of the library
 * it leaves the caller's current device as it was, without a context if it had none.
 * Errors: BAD_ARGUMENT (unknown backend or instruction set, negative threads, a device below -1),
 * DEVICE_REFUSED (the backend, the instruction set or the GPU is not on this machine),
 * OUT_OF_MEMORY. Synchronous. */
esc_status esc_device_open(const esc_device_options *options, esc_device **device);

/* Closes a device; NULL is allowed. */
void esc_device_close(esc_device *device);

typedef struct esc_device_info {
  size_t struct_size;
  const char *backend; /* "cpu" or "cuda" */
  const char *isa;     /* instruction set of the loops: "baseline", "avx2", "avx512"; "sm_90" */
  int threads;         /* of the CPU */
  const char *name;    /* of the GPU, "NVIDIA H200"; on the CPU NULL, and the next three 0 */
  size_t memory;       /* its bytes */
  int multiprocessors;
  int gpus;            /* that share the trajectories of a run */
} esc_device_info;

#define ESC_DEVICE_INFO_INIT {sizeof(esc_device_info), NULL, NULL, 0, NULL, 0, 0, 0}

/* Fills *info (its struct_size set by the caller). Strings live as long as the device. */
esc_status esc_device_describe(const esc_device *device, esc_device_info *info);

/* Whether backend ("auto", "cpu", "cuda") can be opened here: 1 or 0; *why (may be NULL) gets a
 * sentence that lives as long as the library. */
int esc_backend_available(const char *backend, const char **why);

/* Whether the loops of an instruction set are in this build and this processor runs them. */
int esc_isa_available(const char *isa);

#ifdef __cplusplus
}
#endif
#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
