/* Opening devices. */
#include "host/opened_device.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "host/error.h"

#define THREADS_MAX 4096

static int is(const char *word, const char *other)
{
  return strcmp(word, other) == 0;
}

esc_status esc_device_open(const esc_device_options *options, esc_device **device)
{
  const esc_device_options defaults = ESC_DEVICE_OPTIONS_INIT;
  const esc_device_options *const asked = options ? options : &defaults;
  if (!device)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "device: expected a place for it, found NULL");
  if (asked->struct_size < sizeof *asked)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "options.struct_size: expected %zu, found %zu: begin with "
                    "ESC_DEVICE_OPTIONS_INIT",
                    sizeof *asked, asked->struct_size);
  const char *const backend = asked->backend ? asked->backend : "auto";
  if (!is(backend, "auto") && !is(backend, "cpu") && !is(backend, "cuda"))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "backend: expected auto, cpu or cuda, found \"%s\"",
                    backend);
  const char *isa = asked->isa ? asked->isa : "auto", *why = NULL;
  if (is(isa, "auto") && getenv("ESC_ISA"))
    isa = getenv("ESC_ISA");
  if (!is(isa, "auto") && !is(isa, "baseline") && !is(isa, "avx2") && !is(isa, "avx512"))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "isa: expected auto, baseline, avx2 or avx512, found \"%s\"", isa);
  if (asked->threads < 0 || asked->threads > THREADS_MAX)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "threads: expected 0 (all) to %d, found %d",
                    THREADS_MAX, asked->threads);
  if (!esc_backend_available(backend, &why))
    return esc_fail(ESC_STATUS_DEVICE_REFUSED, "backend %s: %s", backend, why);

  esc_device *const opened = calloc(1, sizeof *opened);
  if (!opened)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a device");
  opened->backend = &esc_cpu_backend;
  opened->threads = asked->threads ? asked->threads : omp_get_max_threads();
  opened->opened = opened->backend->open(isa, &why);
  if (!opened->opened) {
    free(opened);
    return esc_fail(ESC_STATUS_DEVICE_REFUSED, "isa %s: %s", isa, why);
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
  info->backend = device->backend->name;
  info->isa = device->backend->isa(device->opened);
  info->threads = device->threads;
  return ESC_STATUS_OK;
}

int esc_backend_available(const char *backend, const char **why)
{
  const int cpu = backend && (is(backend, "cpu") || is(backend, "auto"));
  const char *const cuda = "this version has no cuda backend yet";
  if (why)
    *why = cpu ? "always there" : backend && is(backend, "cuda") ? cuda : "no such backend";
  return cpu;
}

int esc_isa_available(const char *isa)
{
  return isa && esc_cpu_isa_available(isa);
}
