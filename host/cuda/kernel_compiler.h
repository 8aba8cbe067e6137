/* Compiling a composed kernel at run time, with NVRTC, which is opened when it is first needed. The
 * emulator of the tests brings its own kernel_compiler.c and nothing else of this folder. */
#ifndef ESC_HOST_KERNEL_COMPILER_H
#define ESC_HOST_KERNEL_COMPILER_H

#include <stddef.h>

#include "escapement/status.h"

/* What compiles here and from which headers, for the key of a cache: another text, another image.
 * Empty: its images are not worth keeping. NULL where nothing compiles; *why then gets a sentence
 * that lives for ever. */
const char *esc_kernel_compiler(const char **why);

/* Compiles a source, of math: fast or exact, for GPUs of compute capability major.minor; *image is
 * to be freed. Errors: DEVICE_REFUSED (no NVRTC, or one that does not know this GPU), INTERNAL (it
 * does not compile: the sentence holds what the compiler says first and where source and log are
 * kept), OUT_OF_MEMORY. As many calls at once as there are threads. */
esc_status esc_compile_kernel(const char *source, int major, int minor, int fast, void **image,
                              size_t *bytes);

#endif
