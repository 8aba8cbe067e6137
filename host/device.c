/* Opening devices: which backend, and what the caller may ask of it. */
#include "host/opened_device.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "host/cuda/cuda_backend.h"
#include "host/cuda/kernel_compiler.h"
#include "host/error.h"

#define THREADS_MAX 4096

static int is(const char *word, const char *other)
{
  return strcmp(word, other) == 0;
}

static const char *word_or_auto(const char *word)
{
  return word ? word : "auto";
}

static esc_status check(const esc_device_options *asked)
{
  const char *const backend = word_or_auto(asked->backend);
  const char *const isa = word_or_auto(asked->isa);
  if (!is(backend, "auto") && !is(backend, "cpu") && !is(backend, "cuda"))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "backend: expected auto, cpu or cuda, found \"%s\"",
                    backend);
  if (!is(isa, "auto") && !is(isa, "baseline") && !is(isa, "avx2") && !is(isa, "avx512"))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "isa: expected auto, baseline, avx2 or avx512, found \"%s\"", isa);
  if (asked->threads < 0 || asked->threads > THREADS_MAX)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "threads: expected 0 (all) to %d, found %d",
                    THREADS_MAX, asked->threads);
  if (asked->device < -1)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "device: expected a number from 0 on, or -1 (the current one), found %d",
                    asked->device);
  if (asked->gpus < 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "gpus: expected 0 (all) or more, found %d",
                    asked->gpus);
  return ESC_STATUS_OK;
}

static esc_status open_cpu(const char *isa, esc_device *device)
{
  const char *why = NULL;
  device->cpu = esc_cpu_backend.open(isa, &why);
  device->backend = &esc_cpu_backend;
  device->opened = device->cpu;
  return device->opened ? ESC_STATUS_OK
                        : esc_fail(ESC_STATUS_DEVICE_REFUSED, "isa %s: %s", isa, why);
}

#if ESC_HAVE_CUDA
static esc_status open_cuda(const esc_device_options *asked, esc_device *device)
{
  const esc_status status = esc_cuda_open(asked->device, asked->gpus, &device->opened);
  if (!status)
    device->backend = &esc_cuda_backend;
  return status;
}

static int is_cuda_available(const char **why)
{
  return esc_cuda_available(why);
}

/* Whether it can run trajectories too, for which it needs a compiler. */
static int runs_trajectories(const char **why)
{
  return esc_cuda_available(why) && esc_kernel_compiler(why);
}

static void describe_cuda(const esc_device *device, esc_device_info *info)
{
  if (device->backend == &esc_cuda_backend)
    esc_cuda_describe(device->opened, info);
}
#else
static int is_cuda_available(const char **why)
{
  *why = "this build has no cuda backend: no CUDA toolkit was found when it was made";
  return 0;
}

static int runs_trajectories(const char **why)
{
  return is_cuda_available(why);
}

static esc_status open_cuda(const esc_device_options *asked, esc_device *device)
{
  const char *why;
  (void)asked, (void)device;
  is_cuda_available(&why);
  return esc_fail(ESC_STATUS_DEVICE_REFUSED, "backend cuda: %s", why);
}

static void describe_cuda(const esc_device *device, esc_device_info *info)
{
  (void)device, (void)info;
}
#endif

/* The CPU is opened whatever was asked for. "auto" takes a GPU where one answers that does all that
 * the CPU does, and else stays with the CPU. */
static esc_status open_backend(const esc_device_options *asked, esc_device *device)
{
  const char *const backend = word_or_auto(asked->backend), *why = NULL;
  const esc_status status = open_cpu(word_or_auto(asked->isa), device);
  if (status || is(backend, "cpu"))
    return status;
  if (is(backend, "cuda"))
    return open_cuda(asked, device);
  device->automatic = 1;
  /* an instruction set that was named is one of the CPU */
  if (is(word_or_auto(asked->isa), "auto") && runs_trajectories(&why))
    open_cuda(asked, device);
  return ESC_STATUS_OK;
}

esc_status esc_device_open(const esc_device_options *options, esc_device **device)
{
  const esc_device_options defaults = ESC_DEVICE_OPTIONS_INIT;
  if (!device)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "device: expected a place for it, found NULL");
  esc_status status =
      esc_check_size("options", options ? options->struct_size : sizeof *options, sizeof *options);
  if (status)
    return status;
  esc_device_options asked = options ? *options : defaults;
  if (is(word_or_auto(asked.isa), "auto") && getenv("ESC_ISA"))
    asked.isa = getenv("ESC_ISA");
  status = check(&asked);
  if (status)
    return status;

  esc_device *const opened = calloc(1, sizeof *opened);
  if (!opened)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a device");
  opened->threads = asked.threads ? asked.threads : omp_get_max_threads();
  status = open_backend(&asked, opened);
  if (status) {
    free(opened);
    return status;
  }
  *device = opened;
  return ESC_STATUS_OK;
}

void esc_device_close(esc_device *device)
{
  if (!device)
    return;
  device->backend->close(device->opened);
  free(device);
}

esc_status esc_device_describe(const esc_device *device, esc_device_info *info)
{
  if (!device || !info || info->struct_size < sizeof *info)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "expected a device and an info begun with ESC_DEVICE_INFO_INIT");
  const esc_device_info nothing = ESC_DEVICE_INFO_INIT;
  const size_t size = info->struct_size;
  *info = nothing;
  info->struct_size = size;
  info->backend = device->backend->name;
  info->isa = device->backend->isa(device->opened);
  info->threads = device->threads;
  describe_cuda(device, info);
  return ESC_STATUS_OK;
}

int esc_backend_available(const char *backend, const char **why)
{
  const char *sentence = "no such backend";
  int there = 0;
  if (backend && is(backend, "cpu")) {
    there = 1;
    sentence = "always there";
  } else if (backend && is(backend, "auto")) {
    there = 1;
    sentence = runs_trajectories(&sentence) ? "takes cuda" : "takes cpu";
  } else if (backend && is(backend, "cuda")) {
    const char *unused;
    there = is_cuda_available(&sentence);
    if (there && !runs_trajectories(&unused))
      sentence = "for optimizers alone: NVRTC (libnvrtc.so), which compiles the kernels of "
                 "trajectories, is not there";
  }
  if (why)
    *why = sentence;
  return there;
}

int esc_isa_available(const char *isa)
{
  return isa && esc_cpu_isa_available(isa);
}
