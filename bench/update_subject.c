/* Tensors lie in slabs, one for values, one for gradients, each tensor at a multiple of 256 bytes,
 * as allocators of frameworks place them. */
#include "bench/update_subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 /* elements: 256 bytes of float */, BLOCK = 1 << 20 };

static const double step_size = UPDATE_STEP_SIZE;

/* --- data --- */

static uint32_t next_word(uint64_t *state)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 32);
}

/* Uniform in +-size, never 0; a bfloat16 is the upper half of a float. */
static void fill_block(void *block, int64_t count, esc_type type, double size, uint64_t seed)
{
  for (int64_t i = 0; i < count; i++) {
    const float value = (float)(size * ((double)(next_word(&seed) | 1u) * 0x1p-31 - 1.0));
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (type == ESC_TYPE_F32)
      ((float *)block)[i] = value;
    else
      ((uint16_t *)block)[i] = (uint16_t)(bits >> 16);
  }
}

static void *filled_slab(const bench_machine *machine, int64_t count, esc_type type, double size,
                         uint64_t seed)
{
  const size_t unit = update_type_bytes(type);
  char *const slab = machine->allocate((size_t)count * unit + 1);
  void *const block = malloc(BLOCK * sizeof(float));
  if (slab && block) {
    fill_block(block, count < BLOCK ? count : BLOCK, type, size, seed);
    for (int64_t i = 0; i < count; i += BLOCK)
      machine->copy(slab + (size_t)i * unit, block,
                    (size_t)(count - i < BLOCK ? count - i : BLOCK) * unit);
  }
  free(block);
  return slab;
}

/* --- the fused step --- */

static esc_parameter parameter_of(const update_subject *s, const update_case *c, int64_t k)
{
  const size_t start = (size_t)s->starts[k];
  esc_parameter p = ESC_PARAMETER_INIT;
  p.count = s->list.counts[k];
  p.value.data = (char *)s->value + start * update_type_bytes(c->value);
  p.value.type = c->value;
  p.gradient.data = (char *)s->gradient + start * update_type_bytes(c->gradient);
  p.gradient.type = c->gradient;
  if (s->master)
    p.master.data = (float *)s->master + start;
  p.stochastic = c->stochastic;
  return p;
}

static int make_optimizer(update_subject *s, esc_device *device, const update_case *c)
{
  const int64_t count = s->list.tensor_count;
  esc_parameter *const parameters = malloc((size_t)count * sizeof *parameters);
  if (!parameters)
    return 0;
  for (int64_t k = 0; k < count; k++)
    parameters[k] = parameter_of(s, c, k);
  esc_group group = ESC_GROUP_INIT(c->rule);
  group.lr.value = step_size;
  for (int k = 0; k < 3; k++)
    group.state_type[k] = c->state;
  esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
  options.groups = &group;
  options.group_count = 1;
  options.parameters = parameters;
  options.parameter_count = count;
  options.stream = s->machine->stream;
  const esc_status status = esc_optimizer_create(device, &options, &s->optimizer);
  free(parameters);
  const esc_step_options step = ESC_STEP_OPTIONS_INIT;
  s->step = step;
  s->step.stream = s->machine->stream;
  if (c->clip)
    s->step.clip_norm.value = 1.0;
  return status == ESC_STATUS_OK;
}

static int lay_out(update_subject *s)
{
  s->starts = malloc((size_t)s->list.tensor_count * sizeof *s->starts);
  if (!s->starts)
    return 0;
  for (int64_t k = 0; k < s->list.tensor_count; k++) {
    s->starts[k] = s->room;
    s->room += (s->list.counts[k] + ALIGN - 1) / ALIGN * ALIGN;
  }
  return 1;
}

/* Results on the way need no slab: the largest tensor's room does for all. */
static int make_passes(update_subject *s, const update_case *c)
{
  int64_t largest = 0;
  for (int64_t k = 0; k < s->list.tensor_count; k++)
    largest = s->list.counts[k] > largest ? s->list.counts[k] : largest;
  unfused_program_make(c->rule, step_size, 10, &s->program);
  if (c->clip)
    unfused_program_clip(&s->program);
  s->array[ARRAY_W] = s->value;
  s->array[ARRAY_G] = s->gradient;
  for (int k = ARRAY_S0; k < ARRAYS; k++) {
    const int state = k <= ARRAY_S2;
    if (state && k - ARRAY_S0 >= s->program.states)
      continue;
    s->array[k] = filled_slab(s->machine, state ? s->room : largest, ESC_TYPE_F32, 1.0, 3);
    if (!s->array[k])
      return 0;
  }
  return 1;
}

int update_subject_make(update_subject *s, const bench_machine *machine, esc_device *device,
                        const update_case *c, tensor_list list, int unfused, const char **why)
{
  memset(s, 0, sizeof *s);
  s->machine = machine;
  s->list = list;
  unfused_program_make(c->rule, step_size, 10, &s->program);
  s->bytes = (size_t)(update_case_bytes(c, s->program.states) * (double)list.element_count);
  *why = "no memory";
  if (!lay_out(s))
    return 0;
  /* All that will be taken, the passes' too. */
  const size_t floats = (size_t)s->program.states * (unfused ? 2 : 1) + (unfused ? 2 : 0) + 3;
  if (floats * sizeof(float) * (size_t)s->room > machine->memory())
    return 0;
  s->value = filled_slab(machine, s->room, c->value, 1.0, 1);
  s->gradient = filled_slab(machine, s->room, c->gradient, 0.1, 2);
  s->master = c->master ? machine->allocate((size_t)s->room * sizeof(float)) : NULL;
  if (!s->value || !s->gradient || (c->master && !s->master))
    return 0;
  if (!make_optimizer(s, device, c)) {
    *why = esc_last_error();
    return 0;
  }
  return !unfused || make_passes(s, c);
}

void update_subject_free(update_subject *s)
{
  esc_optimizer_free(s->optimizer);
  for (int k = ARRAY_S0; k < ARRAYS; k++)
    s->machine->release(s->array[k]);
  s->machine->release(s->value);
  s->machine->release(s->gradient);
  s->machine->release(s->master);
  free(s->starts);
  tensor_list_free(&s->list);
}

int update_subject_step(void *subject)
{
  update_subject *const s = subject;
  return esc_optimizer_step(s->optimizer, &s->step) == ESC_STATUS_OK;
}

int update_subject_passes(void *subject)
{
  const update_subject *const s = subject;
  for (int64_t k = 0; k < s->list.tensor_count; k++) {
    float *array[ARRAYS] = {NULL};
    for (int j = 0; j < ARRAYS; j++)
      if (s->array[j])
        array[j] = s->array[j] + (j < ARRAY_T ? s->starts[k] : 0);
    for (int p = 0; p < s->program.count; p++)
      s->machine->pass(&s->program.passes[p], s->list.counts[k], array);
  }
  return 1;
}
