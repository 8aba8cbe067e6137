/* NVRTC over composed kernels: each of a set that pairs every part with every other compiles for
 * one of three architectures, with ESC_TEST_ALL=1 in the environment for all of them. It needs no
 * GPU, only libnvrtc. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "composed_plans.h"
#include "escapement/escapement.h"
#include "host/cuda/compose_kernel.h"
#include "host/cuda/kernel_compiler.h"
#include "host/plan.h"

enum { PARTS = 4 }; /* because a case has a time of its own */

typedef struct architecture {
  int major, minor;
} architecture;

static const architecture architectures[] = {{8, 0}, {9, 0}, {10, 0}};
enum { ARCHITECTURES = sizeof architectures / sizeof *architectures };

/* No silent green. */
static int has_compiler(void)
{
  const char *why = "";
  if (esc_kernel_compiler(&why))
    return 1;
  cr_assert_null(getenv("ESC_REQUIRE_CUDA"), "%s", why);
  cr_log_warn("%s", why);
  return 0;
}

#define NEED_COMPILER                                                                              \
  if (!has_compiler())                                                                             \
  cr_skip_test("skipped: no NVRTC")

static int takes_all(void)
{
  const char *const all = getenv("ESC_TEST_ALL");
  return all && *all && strcmp(all, "0") != 0;
}

static esc_status compile(const char *source, int fast, architecture a, void **image, size_t *bytes)
{
  *image = NULL;
  *bytes = 0;
  return esc_compile_kernel(source, a.major, a.minor, fast, image, bytes);
}

/* An ELF file: machine code. */
static int is_cubin(const void *image, size_t bytes)
{
  return bytes > 1000 && memcmp(image, "\177ELF", 4) == 0;
}

static void compile_plan(int k)
{
  static composed_experiment experiment;
  static char source[ESC_COMPOSED_BYTES];
  esc_planned *planned = NULL;
  composed_make(k, &experiment);
  cr_assert_eq(esc_plan_make(&experiment.experiment, &planned), ESC_STATUS_OK, "%s: %s",
               composed_name(k), esc_last_error());
  esc_compose_kernel(&planned->plan, source);
  for (int a = 0; a < ARCHITECTURES; a++) {
    if (!takes_all() && a != k % ARCHITECTURES)
      continue;
    void *image;
    size_t bytes;
    const esc_status status = compile(source, planned->plan.fast, architectures[a], &image, &bytes);
    cr_expect_eq(status, ESC_STATUS_OK, "%s: %s", composed_name(k), esc_last_error());
    cr_expect(status || is_cubin(image, bytes), "%s", composed_name(k));
    free(image);
  }
  esc_plan_free(planned);
}

static void compile_part(int part)
{
  for (int k = part; k < composed_count(); k += PARTS)
    compile_plan(k);
}

Test(kernel_compiler, plans_1)
{
  NEED_COMPILER;
  compile_part(0);
}

Test(kernel_compiler, plans_2)
{
  NEED_COMPILER;
  compile_part(1);
}

Test(kernel_compiler, plans_3)
{
  NEED_COMPILER;
  compile_part(2);
}

Test(kernel_compiler, plans_4)
{
  NEED_COMPILER;
  compile_part(3);
}

/* --- what the compiler refuses --- */

/* The file's name as it stands in the sentence. */
static int kept_file(const char *sentence, char path[512])
{
  const char *const at = strstr(sentence, "kept in ");
  return at && sscanf(at, "kept in %511[^)]", path) == 1;
}

Test(kernel_compiler, what_does_not_compile_is_kept)
{
  NEED_COMPILER;
  static char text[8192];
  char path[512];
  void *image;
  size_t bytes;
  const char *const wrong = "extern \"C\" __global__ void kernel() { no_such_thing(); }";
  cr_assert_eq(compile(wrong, 0, architectures[1], &image, &bytes), ESC_STATUS_INTERNAL);
  cr_expect_null(image);
  cr_expect_not_null(strstr(esc_last_error(), "no_such_thing"), "%s", esc_last_error());
  cr_assert(kept_file(esc_last_error(), path), "%s", esc_last_error());
  FILE *const file = fopen(path, "r");
  cr_assert_not_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  unlink(path);
  cr_expect_not_null(strstr(text, wrong));
  cr_expect_not_null(strstr(text, "error"));
}

Test(kernel_compiler, an_old_gpu_is_refused_and_a_new_one_gets_ptx)
{
  NEED_COMPILER;
  const architecture old = {3, 0}, later = {99, 0};
  const char *const source = "extern \"C\" __global__ void kernel(float *x) { *x = 1.0f; }";
  void *image;
  size_t bytes;
  cr_expect_eq(compile(source, 0, old, &image, &bytes), ESC_STATUS_DEVICE_REFUSED);
  cr_expect_not_null(strstr(esc_last_error(), "sm_30"), "%s", esc_last_error());
  cr_assert_eq(compile(source, 0, later, &image, &bytes), ESC_STATUS_OK, "%s", esc_last_error());
  cr_expect_not_null(strstr(image, ".entry kernel"));
  free(image);
}
