/* The compiler of composed kernels where the device is emulated: it knows the sources that were
 * composed and compiled before the tests were linked (tests/compose_sources.c), and an image is
 * such a source, by which emu_kernels.c finds the kernel. */
#include <stdlib.h>
#include <string.h>

#include "host/cuda/kernel_compiler.h"
#include "host/error.h"
#include "tests/emu/kernel_list.h"

/* Images are not kept: they are good for this program alone. */
const char *esc_kernel_compiler(const char **why)
{
  (void)why;
  return "";
}

esc_status esc_compile_kernel(const char *source, int major, int minor, int fast, void **image,
                              size_t *bytes)
{
  (void)major, (void)minor, (void)fast;
  if (!esc_emu_composed_kernel(source))
    return esc_fail(ESC_STATUS_INTERNAL, "emulator: no such source was compiled:\n%s", source);
  const size_t mark = strlen(ESC_EMU_COMPOSED_MARK), length = strlen(source);
  char *const made = malloc(mark + length + 1);
  if (!made)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for a kernel");
  memcpy(made, ESC_EMU_COMPOSED_MARK, mark);
  memcpy(made + mark, source, length + 1);
  *image = made;
  *bytes = mark + length + 1;
  return ESC_STATUS_OK;
}
