/* NVRTC: finding it, and one compilation. Exact mode is held as by nvcc (cmake/cuda_kernels.cmake):
 * no contraction, correctly rounded division and square root, no flushing. math: fast lets all of
 * that go. */
#include "host/cuda/kernel_compiler.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cuda/kernel_sources.h"
#include "host/error.h"

/* --- finding NVRTC --- */

typedef struct program program; /* _nvrtcProgram */

static struct {
  int (*version)(int *major, int *minor);
  int (*arch_count)(int *count);
  int (*archs)(int *archs);
  int (*create)(program **made, const char *source, const char *name, int header_count,
                const char *const *headers, const char *const *names);
  int (*destroy)(program **made);
  int (*compile)(program *made, int option_count, const char *const *options);
  int (*ptx_size)(program *made, size_t *bytes);
  int (*ptx)(program *made, char *to);
  int (*cubin_size)(program *made, size_t *bytes);
  int (*cubin)(program *made, char *to);
  int (*log_size)(program *made, size_t *bytes);
  int (*log)(program *made, char *to);
  const char *(*error)(int result);
} nvrtc;

static const char *why_not; /* NULL: NVRTC is there */
static char identity[96];

/* Beside the toolkit that this was built with, where the loader looks, and where toolkits lie. */
#ifndef ESC_TOOLKIT_LIBRARIES
#define ESC_TOOLKIT_LIBRARIES "/usr/local/cuda/lib64"
#endif
static void *open_library(void)
{
  static const char *const folders[] = {ESC_TOOLKIT_LIBRARIES "/", "", "/usr/local/cuda/lib64/"};
  static const char *const versions[] = {"13", "12"};
  for (size_t v = 0; v < sizeof versions / sizeof *versions; v++)
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
      char name[1024];
      snprintf(name, sizeof name, "%slibnvrtc.so.%s", folders[f], versions[v]);
      void *const library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
      if (library)
        return library;
    }
  return NULL;
}

static int find(void *library, const char *name, void *function)
{
  void *const found = dlsym(library, name);
  memcpy(function, &found, sizeof found); /* C has no cast from void * for it */
  return found != NULL;
}

static int find_all(void *library)
{
  return find(library, "nvrtcVersion", &nvrtc.version) &&
         find(library, "nvrtcGetNumSupportedArchs", &nvrtc.arch_count) &&
         find(library, "nvrtcGetSupportedArchs", &nvrtc.archs) &&
         find(library, "nvrtcCreateProgram", &nvrtc.create) &&
         find(library, "nvrtcDestroyProgram", &nvrtc.destroy) &&
         find(library, "nvrtcCompileProgram", &nvrtc.compile) &&
         find(library, "nvrtcGetPTXSize", &nvrtc.ptx_size) &&
         find(library, "nvrtcGetPTX", &nvrtc.ptx) &&
         find(library, "nvrtcGetCUBINSize", &nvrtc.cubin_size) &&
         find(library, "nvrtcGetCUBIN", &nvrtc.cubin) &&
         find(library, "nvrtcGetProgramLogSize", &nvrtc.log_size) &&
         find(library, "nvrtcGetProgramLog", &nvrtc.log) &&
         find(library, "nvrtcGetErrorString", &nvrtc.error);
}

/* FNV-1a over all texts: two builds never take each other's images for theirs. */
static uint64_t hash_of_sources(void)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (int k = 0; k < esc_kernel_source_count; k++)
    for (const char *at = esc_kernel_sources[k].text; *at; at++)
      hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
  return hash;
}

static void open_nvrtc(void)
{
  int major = 0, minor = 0;
  void *const library = open_library();
  if (!library)
    why_not = "NVRTC (libnvrtc.so.13 or .12, of the CUDA toolkit) is not on this machine: it "
              "compiles the kernels of trajectories";
  else if (!find_all(library) || nvrtc.version(&major, &minor) != 0)
    why_not = "NVRTC (libnvrtc.so) is there, but lacks functions that are needed";
  else
    snprintf(identity, sizeof identity, "nvrtc %d.%d, headers %016llx", major, minor,
             (unsigned long long)hash_of_sources());
}

const char *esc_kernel_compiler(const char **why)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_nvrtc);
  if (why_not && why)
    *why = why_not;
  return why_not ? NULL : identity;
}

/* --- one compilation --- */

/* The newest architecture that NVRTC knows up to that of the GPU; 0 if there is none. */
static int choose_architecture(int gpu)
{
  int archs[64], count = 0, best = 0;
  if (nvrtc.arch_count(&count) || count < 1 || count > 64 || nvrtc.archs(archs))
    return 0;
  for (int k = 0; k < count; k++)
    if (archs[k] <= gpu && archs[k] > best)
      best = archs[k];
  return best;
}

static int create(const char *source, program **made)
{
  const size_t count = (size_t)esc_kernel_source_count;
  const char **const headers = malloc(2 * count * sizeof *headers);
  if (!headers)
    return -1;
  for (size_t k = 0; k < count; k++) {
    headers[k] = esc_kernel_sources[k].text;
    headers[count + k] = esc_kernel_sources[k].name;
  }
  const int error =
      nvrtc.create(made, source, "escapement_kernel.cu", (int)count, headers, headers + count);
  free(headers);
  return error;
}

/* A file of its own with the source and what the compiler says of it; its name, or "". */
static void keep_source(const char *source, const char *log, char path[256])
{
  const char *const folder = getenv("TMPDIR");
  snprintf(path, 256, "%.200s/escapement-kernel-XXXXXX.cu", folder && *folder ? folder : "/tmp");
  const int number = mkstemps(path, 3);
  FILE *const file = number >= 0 ? fdopen(number, "w") : NULL;
  if (!file) {
    if (number >= 0)
      close(number);
    path[0] = '\0';
    return;
  }
  fprintf(file, "%s\n#if 0\n%s\n#endif\n", source, log);
  fclose(file);
}

/* The first error of a log, or its first line. */
static const char *first_error(const char *log)
{
  const char *const error = strstr(log, "error");
  if (!error)
    return log;
  const char *line = error;
  while (line > log && line[-1] != '\n')
    line--;
  return line;
}

static esc_status does_not_compile(program *made, const char *source, int result)
{
  size_t bytes = 0;
  char path[256];
  char *log = NULL;
  if (nvrtc.log_size(made, &bytes) == 0 && bytes > 0)
    log = calloc(bytes + 1, 1);
  if (log)
    nvrtc.log(made, log);
  keep_source(source, log ? log : "", path);
  const char *const line = log && *log ? first_error(log) : nvrtc.error(result);
  const esc_status status =
      esc_fail(ESC_STATUS_INTERNAL, "a kernel of trajectories does not compile: %.*s%s%s%s",
               (int)(strcspn(line, "\n") < 240 ? strcspn(line, "\n") : 240), line,
               path[0] ? " (source and log are kept in " : "", path, path[0] ? ")" : "");
  free(log);
  return status;
}

/* Machine code where NVRTC knows the GPU, else PTX, which the driver assembles. */
static esc_status take_image(program *made, int is_cubin, void **image, size_t *bytes)
{
  size_t size = 0;
  int error = is_cubin ? nvrtc.cubin_size(made, &size) : nvrtc.ptx_size(made, &size);
  if (error || size == 0)
    return esc_fail(ESC_STATUS_INTERNAL, "nvrtc: no code came out of a kernel");
  char *const taken = malloc(size);
  if (!taken)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a kernel");
  error = is_cubin ? nvrtc.cubin(made, taken) : nvrtc.ptx(made, taken);
  if (error) {
    free(taken);
    return esc_fail(ESC_STATUS_INTERNAL, "nvrtc: %s", nvrtc.error(error));
  }
  *image = taken;
  *bytes = size;
  return ESC_STATUS_OK;
}

esc_status esc_compile_kernel(const char *source, int major, int minor, int fast, void **image,
                              size_t *bytes)
{
  const char *why = NULL;
  if (!esc_kernel_compiler(&why))
    return esc_fail(ESC_STATUS_DEVICE_REFUSED, "backend cuda: %s", why);
  const int gpu = 10 * major + minor, chosen = choose_architecture(gpu);
  if (chosen == 0)
    return esc_fail(ESC_STATUS_DEVICE_REFUSED,
                    "backend cuda: the NVRTC here compiles for no GPU as old as sm_%d", gpu);
  char architecture[48];
  snprintf(architecture, sizeof architecture, "--gpu-architecture=%s_%d",
           chosen == gpu ? "sm" : "compute", chosen);
  const char *const options[] = {architecture,
                                 "--std=c++17",
                                 "--device-as-default-execution-space", /* public headers declare */
                                 fast ? "--fmad=true" : "--fmad=false",
                                 fast ? "--prec-div=false" : "--prec-div=true",
                                 fast ? "--prec-sqrt=false" : "--prec-sqrt=true",
                                 fast ? "--ftz=true" : "--ftz=false"};
  program *made = NULL;
  const int created = create(source, &made);
  if (created)
    return created < 0 ? esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a kernel")
                       : esc_fail(ESC_STATUS_INTERNAL, "nvrtc: %s", nvrtc.error(created));
  const int result = nvrtc.compile(made, sizeof options / sizeof *options, options);
  const esc_status status = result ? does_not_compile(made, source, result)
                                   : take_image(made, chosen == gpu, image, bytes);
  nvrtc.destroy(&made);
  return status;
}
