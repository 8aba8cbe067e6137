/* Before anything is timed: some steps of the library on a small list, an empty tensor in it,
 * beside the passes of the rule in double. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/update_subject.h"

enum { STEPS = 8 };
static const double step_size = UPDATE_STEP_SIZE;

static const int64_t small_counts[] = {4099, 0, 33};
enum { SMALL_TENSORS = sizeof small_counts / sizeof *small_counts };

static double sign_of(double x)
{
  return (double)((x > 0.0) - (x < 0.0));
}

static void run_pass(const pass *p, int64_t n, double *const array[ARRAYS])
{
  double *const x = array[p->x], *const y = array[p->y], *const z = array[p->z];
  for (int64_t i = 0; i < n; i++)
    switch (p->kind) {
    case PASS_SCALE:
      x[i] *= p->a;
      break;
    case PASS_AXPY:
      y[i] += p->a * x[i];
      break;
    case PASS_COPY:
      y[i] = x[i];
      break;
    case PASS_NORM:
      break;
    case PASS_ADD:
      x[i] += p->a;
      break;
    case PASS_MULTIPLY:
      z[i] = x[i] * y[i];
      break;
    case PASS_DIVIDE:
      z[i] = x[i] / y[i];
      break;
    case PASS_ROOT:
      y[i] = sqrt(x[i]);
      break;
    case PASS_LARGER:
      y[i] = x[i] > y[i] ? x[i] : y[i];
      break;
    case PASS_SIZE:
      y[i] = fabs(x[i]);
      break;
    case PASS_SIGN:
      y[i] = sign_of(x[i]);
      break;
    }
}

static double number_at(const void *array, esc_type type, int64_t i)
{
  if (type == ESC_TYPE_F32)
    return (double)((const float *)array)[i];
  const uint32_t bits = (uint32_t)((const uint16_t *)array)[i] << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

/* What the rounding of stored numbers may do in so many steps. */
static double allowance(const update_case *c, double w)
{
  const double size = fabs(w) + STEPS * step_size; /* at most, on the way */
  const double of_value = c->value == ESC_TYPE_F32 ? STEPS * 0x1p-23
                          : c->master              ? 0x1p-8
                                                   : STEPS * 0x1p-8;
  const double of_states = c->state == ESC_TYPE_F32 ? 1e-4 : 0.25;
  return of_value * size + of_states * STEPS * step_size;
}

typedef struct small_numbers {
  double numbers[ARRAYS][4224];
  float raw[4224];
} small_numbers;

/* A slab of the machine, as doubles. */
static void fetch(const update_subject *s, const void *slab, esc_type type, small_numbers *n,
                  double *to)
{
  s->machine->copy(n->raw, slab, (size_t)s->room * update_type_bytes(type));
  for (int64_t i = 0; i < s->room; i++)
    to[i] = number_at(n->raw, type, i);
}

/* The gradient as the rule gets it: clipped by the norm of all that belongs to a tensor. */
static void clip(const update_subject *s, double *g)
{
  double squares = 0.0;
  for (int64_t k = 0; k < s->list.tensor_count; k++)
    for (int64_t i = 0; i < s->list.counts[k]; i++)
      squares += g[s->starts[k] + i] * g[s->starts[k] + i];
  const double factor = s->step.clip_norm.value / (sqrt(squares) + s->step.clip_eps);
  for (int64_t i = 0; i < s->room && factor < 1.0; i++)
    g[i] *= factor;
}

static int compare(update_subject *s, const update_case *c, small_numbers *n)
{
  double *array[ARRAYS];
  for (int k = 0; k < ARRAYS; k++)
    array[k] = n->numbers[k];
  fetch(s, s->value, c->value, n, array[ARRAY_W]);
  fetch(s, s->gradient, c->gradient, n, array[ARRAY_G]);
  if (c->clip)
    clip(s, array[ARRAY_G]);
  for (int t = 1; t <= STEPS; t++) {
    unfused_program program;
    unfused_program_make(c->rule, step_size, t, &program);
    for (int p = 0; p < program.count; p++)
      run_pass(&program.passes[p], s->room, array);
    if (!update_subject_step(s)) {
      fprintf(stderr, "bench_updates: %s: %s\n", c->name, esc_last_error());
      return 0;
    }
  }
  fetch(s, s->value, c->value, n, array[ARRAY_T]);
  for (int64_t k = 0; k < s->list.tensor_count; k++)
    for (int64_t j = 0; j < s->list.counts[k]; j++) {
      const int64_t i = s->starts[k] + j;
      const double want = array[ARRAY_W][i], got = array[ARRAY_T][i];
      if (!(fabs(got - want) <= allowance(c, want))) {
        fprintf(stderr, "bench_updates: %s: tensor %lld, element %lld: %.9g, and not %.9g\n",
                c->name, (long long)k, (long long)j, got, want);
        return 0;
      }
    }
  return 1;
}

int update_subject_check(const bench_machine *machine, esc_device *device, const update_case *c)
{
  small_numbers *const numbers = calloc(1, sizeof *numbers);
  tensor_list list = {SMALL_TENSORS, 0, malloc(sizeof small_counts)};
  if (!numbers || !list.counts) {
    free(numbers);
    tensor_list_free(&list);
    return 0;
  }
  memcpy(list.counts, small_counts, sizeof small_counts);
  for (int k = 0; k < SMALL_TENSORS; k++)
    list.element_count += small_counts[k];
  update_subject s;
  const char *why;
  int ok = update_subject_make(&s, machine, device, c, list, 0, &why);
  if (!ok)
    fprintf(stderr, "bench_updates: %s: %s\n", c->name, why);
  else
    ok = compare(&s, c, numbers);
  update_subject_free(&s);
  free(numbers);
  return ok;
}
