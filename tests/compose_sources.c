/* Writes the composed source of each experiment of composed_plans.c to FOLDER/composed_K.cu, for
 * the emulator's compiler: with the text itself behind it, and in front a name of its own. What is
 * there already stays as it is, so that nothing is compiled again in vain. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cuda/compose_kernel.h"
#include "host/plan.h"
#include "tests/composed_plans.h"

enum { TEXT_BYTES = 2 * ESC_COMPOSED_BYTES + 512 };

static char (*composed)[ESC_COMPOSED_BYTES];

static void compose(int k)
{
  composed_experiment e;
  esc_planned *planned = NULL;
  composed_make(k, &e);
  if (esc_plan_make(&e.experiment, &planned)) {
    fprintf(stderr, "%s: %s: %s\n", composed_name(k), esc_last_error_key(), esc_last_error());
    exit(1);
  }
  esc_compose_kernel(&planned->plan, composed[k]);
  esc_plan_free(planned);
}

/* Kernels are entered by their text: the first of several is enough. */
static int first_like(int k)
{
  int first = 0;
  while (strcmp(composed[first], composed[k]) != 0)
    first++;
  return first;
}

static int is_in(const char *path, const char *text)
{
  static char found[TEXT_BYTES];
  FILE *const file = fopen(path, "r");
  if (!file)
    return 0;
  found[fread(found, 1, sizeof found - 1, file)] = '\0';
  fclose(file);
  return strcmp(found, text) == 0;
}

static void write_source(const char *folder, int k)
{
  static char path[4096], text[TEXT_BYTES];
  snprintf(path, sizeof path, "%s/composed_%d.cu", folder, k);
  if (first_like(k) < k)
    snprintf(text, sizeof text, "/* the same as composed_%d.cu */\n", first_like(k));
  else
    snprintf(
        text, sizeof text,
        "/* %s */\n#define esc_trajectories esc_trajectories_%d\n%sESC_EMU_COMPOSED(R\"(%s)\")\n",
        composed_name(k), k, composed[k], composed[k]);
  if (is_in(path, text))
    return;
  FILE *const file = fopen(path, "w");
  if (!file || fputs(text, file) < 0 || fclose(file)) {
    perror(path);
    exit(1);
  }
}

int main(int argc, char **argv)
{
  const int count = composed_count();
  composed = calloc((size_t)count, sizeof *composed);
  if (argc != 2 || !composed) {
    fprintf(stderr, "usage: compose_sources FOLDER\n");
    return 2;
  }
  for (int k = 0; k < count; k++)
    compose(k);
  for (int k = 0; k < count; k++)
    write_source(argv[1], k);
  free(composed);
  return 0;
}
