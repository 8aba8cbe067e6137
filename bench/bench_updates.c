/* Steps of an optimizer over lists of tensors: how long each takes beside its floor (the bytes it
 * must move over the rate of a plain stream in the same run) and beside the same rule unfused, one
 * pass per elementary operation. Each case is checked before it is timed, timed in rounds in turn
 * with the yardstick, and shown with its spread; a noisy run is flagged.
 *
 *   bench_updates [--json] [--backend cpu|cuda] [--isa NAME] [--threads N] [--seconds S]
 *                 [--only TEXT] [--fused-only] [--check] [--lists]
 *
 * --seconds: about how long the whole may take; no measurement is shorter than one step. --only:
 * the cases whose name has TEXT in it. --check: only the checks. --lists: prints the lists of
 * tensors, for the peers. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_clock.h"
#include "bench/update_subject.h"

typedef struct settings {
  const bench_machine *machine;
  esc_device_options device;
  const char *only;
  double slice; /* seconds of a measurement, at least */
  int json, fused_only, check_only;
} settings;

typedef struct measured {
  update_case c;
  int64_t tensors, elements;
  double bytes; /* per parameter */
  bench_rounds step, passes, share;
  double host, floor, least_floor;
  int launches, in_cache, left_out;
} measured;

/* --- measuring --- */

static int times_in(double slice, double seconds)
{
  const double times = slice / (seconds > 1e-7 ? seconds : 1e-7);
  return times < 1.0 ? 1 : times > 1000.0 ? 1000 : (int)times;
}

/* Calls of one kind, warmed up: how many make a measurement. 0: they fail. */
static int warm_up(const settings *set, bench_work *work, update_subject *s, int queue)
{
  if (set->machine->time(work, s, 1, 1) < 0.0)
    return 0;
  const double seconds = set->machine->time(work, s, 2, queue);
  return seconds < 0.0 ? 0 : times_in(set->slice, seconds);
}

static int measure_rounds(const settings *set, update_subject *s, measured *m)
{
  const bench_machine *const machine = set->machine;
  const int unfused = s->array[ARRAY_W] != NULL;
  const int steps = warm_up(set, update_subject_step, s, 0);
  const int passes = unfused ? warm_up(set, update_subject_passes, s, 1) : 1;
  bench_rounds floors = {{0.0}, 0.0, 0.0, 0.0};
  if (!steps || !passes)
    return 0;
  for (int k = 0; k < BENCH_ROUNDS; k++) {
    floors.round[k] = m->bytes * (double)m->elements / machine->traffic();
    m->step.round[k] = machine->time(update_subject_step, s, steps, 0);
    if (unfused)
      m->passes.round[k] = machine->time(update_subject_passes, s, passes, 1);
    if (m->step.round[k] < 0.0 || m->passes.round[k] < 0.0)
      return 0;
    m->share.round[k] = floors.round[k] / m->step.round[k];
  }
  bench_summarise(&m->step);
  bench_summarise(&m->passes);
  bench_summarise(&m->share);
  bench_summarise(&floors);
  m->floor = floors.median;
  m->least_floor = floors.least;
  m->host = machine->host_time(update_subject_step, s, 20);
  m->launches = machine->launches(update_subject_step, s);
  return 1;
}

/* 0: it failed, the reason is printed. What has no room is left out and said so. */
static int measure_case(const settings *set, esc_device *device, measured *m)
{
  const update_case *const c = &m->c;
  tensor_list list;
  if (!tensor_list_make(c->list, &list))
    return 0;
  const int unfused = !set->fused_only && c->value == ESC_TYPE_F32 && !c->stochastic;
  update_subject s;
  const char *why = "";
  m->tensors = list.tensor_count;
  m->elements = list.element_count;
  int ok = update_subject_make(&s, set->machine, device, c, list, unfused, &why);
  m->bytes = update_case_bytes(c, s.program.states);
  m->in_cache = (double)s.bytes < 4.0 * (double)set->machine->cache();
  if (ok) {
    ok = measure_rounds(set, &s, m);
    why = esc_last_error();
  } else if (strcmp(why, "no memory") == 0) {
    ok = m->left_out = 1;
  }
  if (!ok)
    fprintf(stderr, "bench_updates: %s: %s\n", c->name, why);
  update_subject_free(&s);
  return ok;
}

static int is_noisy(const measured *m)
{
  return m->step.spread > BENCH_NOISY;
}

/* --- printing --- */

static void print_head(const settings *set, const char *isa, double rate)
{
  printf("{\"benchmark\": \"updates\", \"version\": \"%s\", \"backend\": \"%s\", \"isa\": \"%s\", "
         "\"device\": {%s}, \"yardstick\": \"%s\", \"yardstick_bytes_per_second\": %.5g, "
         "\"unfused\": \"%s\", \"rows\": [\n",
         esc_version(), set->machine->backend, isa, set->machine->describe(),
         set->machine->yardstick, rate, set->machine->vectors);
}

static void print_row(const measured *m, int first)
{
  printf("%s  {\"name\": \"%s\", \"rule\": \"%s\", \"list\": \"%s\", \"tensors\": %lld, "
         "\"elements\": %lld, ",
         first ? "" : ",\n", m->c.name, m->c.rule, m->c.list, (long long)m->tensors,
         (long long)m->elements);
  if (m->left_out) {
    printf("\"left_out\": \"no memory\"}");
    return;
  }
  printf("\"bytes_per_parameter\": %g, \"seconds\": %.5g, \"spread\": %.4f, \"least\": %.5g, "
         "\"floor_seconds\": %.5g, \"floor_least\": %.5g, \"floor_share\": %.4f, \"in_cache\": %s, "
         "\"noisy\": %s, ",
         m->bytes, m->step.median, m->step.spread, m->step.least, m->floor, m->least_floor,
         m->share.median, m->in_cache ? "true" : "false", is_noisy(m) ? "true" : "false");
  printf("\"host_seconds\": %.4g, \"launches\": %d", m->host, m->launches);
  if (m->passes.median > 0.0)
    printf(", \"unfused_seconds\": %.5g, \"unfused_spread\": %.4f, \"unfused_least\": %.5g",
           m->passes.median, m->passes.spread, m->passes.least);
  printf("}");
}

static void print_table_head(const settings *set, const char *isa, double rate)
{
  printf("%s, %s, {%s}\n", set->machine->backend, isa, set->machine->describe());
  printf("yardstick: %s: %.4g GB/s; unfused: %s; median of %d\n\n", set->machine->yardstick,
         1e-9 * rate, set->machine->vectors, BENCH_ROUNDS);
  printf("%-38s %7s %10s %7s %8s %8s %9s %8s\n", "", "bytes", "step us", "spread", "of floor",
         "unfused", "host us", "launches");
}

/* "of floor" has no meaning where all of it stays in the cache. */
static void print_line(const measured *m)
{
  printf("%-38s %7g ", m->c.name, m->bytes);
  if (m->left_out) {
    printf("left out: no memory\n");
    return;
  }
  printf("%10.2f %6.1f%% ", 1e6 * m->step.median, 100.0 * m->step.spread);
  if (m->in_cache)
    printf("%8s ", "cache");
  else
    printf("%7.1f%% ", 100.0 * m->share.median);
  if (m->passes.median > 0.0)
    printf("%7.2fx ", m->passes.median / m->step.median);
  else
    printf("%8s ", "");
  if (m->launches > 0)
    printf("%9.2f %8d", 1e6 * m->host, m->launches);
  printf("%s\n", is_noisy(m) ? "  noisy" : "");
  fflush(stdout);
}

static int print_lists(void)
{
  printf("{");
  for (int k = 0; list_names[k]; k++) {
    tensor_list list;
    if (!tensor_list_make(list_names[k], &list))
      return 0;
    printf("%s\"%s\": [", k ? ",\n" : "", list_names[k]);
    for (int64_t i = 0; i < list.tensor_count; i++)
      printf("%s%lld", i ? "," : "", (long long)list.counts[i]);
    printf("]");
    tensor_list_free(&list);
  }
  printf("}\n");
  return 1;
}

/* --- the run --- */

/* All types and modifiers of a rule are checked with it. */
static int check_cases(const settings *set, esc_device *device, const update_case *cases, int count)
{
  for (int i = 0; i < count; i++) {
    int seen = 0;
    for (int k = 0; k < i && !seen; k++)
      seen = strcmp(cases[k].rule, cases[i].rule) == 0 && cases[k].value == cases[i].value &&
             cases[k].state == cases[i].state && cases[k].master == cases[i].master &&
             cases[k].clip == cases[i].clip && cases[k].stochastic == cases[i].stochastic;
    if (!seen && !update_subject_check(set->machine, device, &cases[i]))
      return 0;
  }
  return 1;
}

static int keep_wanted(const char *only, update_case *cases, int count)
{
  int kept = 0;
  for (int i = 0; i < count; i++)
    if (!only || strstr(cases[i].name, only))
      cases[kept++] = cases[i];
  return kept;
}

static int run(const settings *set, esc_device *device, const char *isa)
{
  int count;
  update_case *const cases = update_cases_make(&count);
  if (!cases)
    return 0;
  count = keep_wanted(set->only, cases, count);
  int ok = check_cases(set, device, cases, count);
  if (!ok || set->check_only) {
    free(cases);
    return ok;
  }
  const double rate = set->machine->traffic();
  (set->json ? print_head : print_table_head)(set, isa, rate);
  for (int i = 0; i < count && ok; i++) {
    measured m = {.c = cases[i]};
    ok = measure_case(set, device, &m);
    if (ok && set->json)
      print_row(&m, i == 0);
    else if (ok)
      print_line(&m);
  }
  if (ok && set->json)
    printf("\n]}\n");
  free(cases);
  return ok;
}

static int read_options(int argc, char **argv, settings *set)
{
  static const struct option options[] = {
      {"json", no_argument, NULL, 'j'},          {"isa", required_argument, NULL, 'i'},
      {"backend", required_argument, NULL, 'b'}, {"threads", required_argument, NULL, 't'},
      {"seconds", required_argument, NULL, 's'}, {"only", required_argument, NULL, 'o'},
      {"fused-only", no_argument, NULL, 'f'},    {"lists", no_argument, NULL, 'l'},
      {"check", no_argument, NULL, 'c'},         {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == 'j')
      set->json = 1;
    else if (option == 'i')
      set->device.isa = optarg;
    else if (option == 'b')
      set->device.backend = optarg;
    else if (option == 't')
      set->device.threads = atoi(optarg);
    else if (option == 's' && atof(optarg) > 0.0)
      set->slice = atof(optarg) * 2e-4;
    else if (option == 'o')
      set->only = optarg;
    else if (option == 'f')
      set->fused_only = 1;
    else if (option == 'c')
      set->check_only = 1;
    else if (option == 'l')
      exit(print_lists() ? 0 : 1);
    else
      return 0;
  }
  return 1;
}

static const bench_machine *machine_of(const char *backend)
{
#if ESC_BENCH_CUDA
  if (strcmp(backend, "cuda") == 0)
    return &bench_machine_cuda;
#endif
  return strcmp(backend, "cpu") == 0 ? &bench_machine_cpu : NULL;
}

int main(int argc, char **argv)
{
  settings set = {NULL, ESC_DEVICE_OPTIONS_INIT, NULL, 0.02, 0, 0, 0};
  if (!read_options(argc, argv, &set)) {
    fprintf(
        stderr,
        "usage: bench_updates [--json] [--backend cpu|cuda] [--isa ISA] [--threads N]\n"
        "                     [--seconds S] [--only TEXT] [--fused-only] [--check] [--lists]\n");
    return 2;
  }
  esc_device_info info = ESC_DEVICE_INFO_INIT;
  esc_device *device = NULL;
  if (esc_device_open(&set.device, &device) || esc_device_describe(device, &info)) {
    fprintf(stderr, "bench_updates: %s\n", esc_last_error());
    return 3;
  }
  set.machine = machine_of(info.backend);
  if (!set.machine || !set.machine->open(info.threads)) {
    fprintf(stderr, "bench_updates: this build cannot measure the backend %s\n", info.backend);
    return 3;
  }
  const int ok = run(&set, device, info.isa);
  set.machine->close();
  esc_device_close(device);
  return ok ? 0 : 1;
}
