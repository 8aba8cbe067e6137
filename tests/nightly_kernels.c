/* Every landscape with every law, rule and state, compiled by NVRTC for every architecture: many
 * hours of one core, so that it is no test of the suite, which compiles pairs. The order is fixed;
 * a shard takes every n-th kernel, and tools/nightly runs as many as there are cores.
 *
 *   nightly_kernels [--shard K/N] [--limit SECONDS] [--every N] [--math exact|fast]
 *
 * --every: only each N-th of all combinations. Prints what failed, then
 * "COMPILED of ALL kernels, FAILED failed". Status 0: all compiled; 1: some did not; 2: usage; 3:
 * no NVRTC; 124: the time was up first. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "composed_plans.h"
#include "escapement/escapement.h"
#include "host/cuda/compose_kernel.h"
#include "host/cuda/kernel_compiler.h"
#include "host/plan.h"

static const int architectures[] = {80, 90, 100};
enum { ARCHITECTURES = sizeof architectures / sizeof *architectures };

typedef struct settings {
  int shard, shards, every;
  esc_math math;
  double limit; /* seconds; 0: none */
} settings;

typedef struct count {
  long all, compiled, failed;
} count;

/* --- what there is to combine --- */

typedef struct names {
  const char *name[64];
  int count;
} names;

static names names_of(esc_catalogue catalogue)
{
  names n = {{NULL}, 0};
  const esc_entry *const entries = esc_catalogue_entries(catalogue, &n.count);
  for (int k = 0; k < n.count; k++)
    n.name[k] = entries[k].name;
  return n;
}

static names rules(void)
{
  names n = names_of(ESC_CATALOGUE_OPTIMIZERS);
  n.name[n.count++] = "lookahead";
  return n;
}

/* --- one of them --- */

static int complain(const char *name, const char *why)
{
  printf("FAILED %s: %s\n", name, why);
  fflush(stdout);
  return 0;
}

static int compile(const composed_experiment *e, int architecture, const char *name)
{
  static char source[ESC_COMPOSED_BYTES];
  esc_planned *planned = NULL;
  void *image = NULL;
  size_t bytes = 0;
  if (esc_plan_make(&e->experiment, &planned))
    return complain(name, esc_last_error());
  esc_compose_kernel(&planned->plan, source);
  const esc_status status = esc_compile_kernel(source, architecture / 10, architecture % 10,
                                               planned->plan.fast, &image, &bytes);
  esc_plan_free(planned);
  const int is_cubin = !status && bytes > 1000 && memcmp(image, "\177ELF", 4) == 0;
  free(image);
  if (status)
    return complain(name, esc_last_error());
  return is_cubin || complain(name, "no machine code");
}

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* --- all of them --- */

/* The k-th of all: architectures change fastest, then states, rules, laws, landscapes. */
static int compile_number(const settings *set, const names *landscapes, const names *laws,
                          const names *updates, long k)
{
  static composed_experiment e;
  char name[256];
  long rest = k;
  const int architecture = architectures[rest % ARCHITECTURES];
  rest /= ARCHITECTURES;
  const int combination = (int)rest;
  const esc_state state = rest % 2 ? ESC_STATE_F64 : ESC_STATE_F32;
  rest /= 2;
  const char *const rule = updates->name[rest % updates->count];
  rest /= updates->count;
  const char *const law = laws->name[rest % laws->count];
  const char *const landscape = landscapes->name[rest / laws->count];
  snprintf(name, sizeof name, "%ld: %s, %s, %s, f%d, sm_%d", k, landscape, law, rule,
           state == ESC_STATE_F64 ? 64 : 32, architecture);
  composed_mix(landscape, law, rule, state, combination, &e);
  e.experiment.math = set->math;
  return compile(&e, architecture, name);
}

static int compile_all(const settings *set)
{
  const names landscapes = names_of(ESC_CATALOGUE_LANDSCAPES),
              laws = names_of(ESC_CATALOGUE_NOISES), updates = rules();
  const long all =
      (long)ARCHITECTURES * 2 * updates.count * laws.count * landscapes.count / set->every;
  const double end = set->limit > 0.0 ? now() + set->limit : 1e300;
  count c = {0, 0, 0};
  for (long k = set->shard; k < all; k += set->shards) {
    c.all++;
    if (now() > end)
      continue;
    const int good = compile_number(set, &landscapes, &laws, &updates, k * set->every);
    c.compiled += good;
    c.failed += !good;
  }
  printf("%ld of %ld kernels, %ld failed\n", c.compiled, c.all, c.failed);
  return c.failed ? 1 : c.compiled < c.all ? 124 : 0;
}

static int read_options(int argc, char **argv, settings *set)
{
  static const struct option options[] = {{"shard", required_argument, NULL, 's'},
                                          {"limit", required_argument, NULL, 'l'},
                                          {"every", required_argument, NULL, 'e'},
                                          {"math", required_argument, NULL, 'm'},
                                          {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == 's' && sscanf(optarg, "%d/%d", &set->shard, &set->shards) == 2)
      ;
    else if (option == 'l')
      set->limit = atof(optarg);
    else if (option == 'e')
      set->every = atoi(optarg);
    else if (option == 'm' && (strcmp(optarg, "exact") == 0 || strcmp(optarg, "fast") == 0))
      set->math = *optarg == 'f' ? ESC_MATH_FAST : ESC_MATH_EXACT;
    else
      return 0;
  }
  return optind == argc && set->shards > 0 && set->shard >= 0 && set->shard < set->shards &&
         set->every > 0;
}

int main(int argc, char **argv)
{
  settings set = {0, 1, 1, ESC_MATH_EXACT, 0.0};
  const char *why = "";
  if (!read_options(argc, argv, &set)) {
    fprintf(stderr, "usage: nightly_kernels [--shard K/N] [--limit SECONDS] [--every N] "
                    "[--math exact|fast]\n");
    return 2;
  }
  if (!esc_kernel_compiler(&why)) {
    fprintf(stderr, "nightly_kernels: %s\n", why);
    return 3;
  }
  return compile_all(&set);
}
