/* One step over consecutive elements of a tensor. Floats are worked on where they lie; what is
 * stored in 16 bits, noise, and states that are not there go through the buffers of a thread, block
 * by block. */
#include <string.h>

#include "kernels/cpu/step_loops.h"
#include "kernels/step/random.h"

/* A block of a run. */
typedef struct step_block {
  const esc_step_run *run;
  const esc_step_tensor *tensor;
  const esc_step_scalars *scalars;
  esc_step_bench *bench;
  void *gradient;
  int64_t first;
  int n;
} step_block;

static size_t size_of(int type)
{
  return type == ESC_STORE_F32 ? 4 : 2;
}

/* --- in place --------------------------------------------------------------------------------- */

static int is_plain(const esc_step_tensor *tensor, const esc_step_scalars *scalars, int states)
{
  int plain = tensor->value_type == ESC_STORE_F32 && tensor->gradient_type == ESC_STORE_F32 &&
              !tensor->master && !tensor->average && !(scalars->noise > 0.0f);
  for (int k = 0; k < states; k++)
    plain = plain && tensor->state[k] && tensor->state_type[k] == ESC_STORE_F32;
  return plain;
}

static void update_in_place(const esc_step_run *run, const esc_step_scalars *scalars,
                            const float *gradient)
{
  const esc_step_tensor *const tensor = &run->tables->tensors[run->tensor];
  const esc_step_rule *const rule = &ESC_STEP_RULES[run->update];
  float *state[ESC_UPDATE_STATES_MAX] = {NULL, NULL, NULL};
  for (int k = 0; k < rule->states; k++)
    state[k] = (float *)tensor->state[k] + run->first;
  rule->pass(scalars, run->count, gradient + run->first, NULL, (float *)tensor->value + run->first,
             state[0], state[1], state[2]);
}

/* --- through buffers -------------------------------------------------------------------------- */

/* Where the elements of an array are worked on: in place, or loaded into the buffer. */
static float *staged(const step_block *block, void *array, int type, float *buffer)
{
  if (type == ESC_STORE_F32)
    return (float *)array + block->first;
  ESC_STEP_LOAD(array, type, block->first, block->n, buffer);
  return buffer;
}

/* Stores what was worked on, rounded as the array asks for; floats in place are there already. */
static void put(const step_block *block, int number, void *array, int type, const float *from)
{
  if (type == ESC_STORE_F32 && from == (float *)array + block->first)
    return;
  const uint16_t *random = NULL;
  if (type != ESC_STORE_F32 && block->tensor->stochastic >> number & 1) {
    const uint64_t id = esc_step_draw_id(block->run->tensor, number, block->scalars->t);
    ESC_STEP_DRAW_WORDS(&block->bench->draws, block->run->tables->seed, id, block->first, block->n,
                        block->bench->random);
    random = block->bench->random;
  }
  ESC_STEP_STORE(array, type, block->first, block->n, from, random);
}

static const float *drawn_noise(const step_block *block)
{
  if (!(block->scalars->noise > 0.0f))
    return NULL;
  const uint64_t id = esc_step_draw_id(block->run->tensor, ESC_ARRAY_GRADIENT, block->scalars->t);
  ESC_STEP_DRAW_NORMALS(&block->bench->draws, block->run->tables->seed, id, block->first, block->n,
                        block->bench->normal);
  return block->bench->normal;
}

/* A state that is not there is read as 0, and what the rule makes of it is dropped. */
static float *staged_state(const step_block *block, int k)
{
  float *const buffer = block->bench->state[k];
  if (block->tensor->state[k])
    return staged(block, block->tensor->state[k], block->tensor->state_type[k], buffer);
  memset(buffer, 0, (size_t)block->n * sizeof *buffer);
  return buffer;
}

static void update_average(const step_block *block, const float *w)
{
  const esc_step_tensor *const tensor = block->tensor;
  float *const average =
      staged(block, tensor->average, tensor->average_type, block->bench->average);
  ESC_STEP_AVERAGE(block->scalars, block->n, w, average);
  put(block, ESC_ARRAY_AVERAGE, tensor->average, tensor->average_type, average);
}

static void update_block(const step_block *block)
{
  const esc_step_tensor *const tensor = block->tensor;
  const esc_step_rule *const rule = &ESC_STEP_RULES[block->run->update];
  void *const parameter = tensor->master ? tensor->master : tensor->value;
  const int parameter_type = tensor->master ? tensor->master_type : tensor->value_type;
  const float *const normal = drawn_noise(block);
  const float *const g =
      staged(block, block->gradient, tensor->gradient_type, block->bench->gradient);
  float *const w = staged(block, parameter, parameter_type, block->bench->parameter);
  float *state[ESC_UPDATE_STATES_MAX] = {NULL, NULL, NULL};
  for (int k = 0; k < rule->states; k++)
    state[k] = staged_state(block, k);

  rule->pass(block->scalars, block->n, g, normal, w, state[0], state[1], state[2]);

  for (int k = 0; k < rule->states; k++)
    if (tensor->state[k])
      put(block, ESC_ARRAY_STATE + k, tensor->state[k], tensor->state_type[k], state[k]);
  if (tensor->master)
    put(block, ESC_ARRAY_MASTER, tensor->master, tensor->master_type, w);
  put(block, ESC_ARRAY_VALUE, tensor->value, tensor->value_type, w);
  if (tensor->average)
    update_average(block, w);
}

static void update_by_blocks(const esc_step_run *run, const esc_step_scalars *scalars,
                             void *gradient, esc_step_bench *bench)
{
  step_block block = {run, &run->tables->tensors[run->tensor], scalars, bench, gradient, 0, 0};
  for (int64_t done = 0; done < run->count; done += ESC_STEP_BLOCK) {
    const int64_t left = run->count - done;
    block.first = run->first + done;
    block.n = left < ESC_STEP_BLOCK ? (int)left : ESC_STEP_BLOCK;
    update_block(&block);
  }
}

/* --- a run ------------------------------------------------------------------------------------ */

void ESC_STEP_UPDATE_RUN(const esc_step_run *run, int zero_gradients, esc_step_bench *bench)
{
  const esc_step_tables *const tables = run->tables;
  const esc_step_tensor *const tensor = &tables->tensors[run->tensor];
  void *const gradient = tables->gradients[run->tensor];
  const int32_t mine = tables->scalars_of[run->tensor];
  if (mine >= 0 && is_plain(tensor, &tables->scalars[mine], ESC_STEP_RULES[run->update].states))
    update_in_place(run, &tables->scalars[mine], gradient);
  else if (mine >= 0)
    update_by_blocks(run, &tables->scalars[mine], gradient, bench);
  if (zero_gradients && gradient) {
    const size_t size = size_of(tensor->gradient_type);
    memset((char *)gradient + (size_t)run->first * size, 0, (size_t)run->count * size);
  }
}

/* --- the start -------------------------------------------------------------------------------- */

static void copy_value(const step_block *block, void *to, int type)
{
  const esc_step_tensor *const tensor = block->tensor;
  const float *const value =
      staged(block, tensor->value, tensor->value_type, block->bench->parameter);
  ESC_STEP_STORE(to, type, block->first, block->n, value, NULL);
}

static void start_block(const step_block *block, int what)
{
  const esc_step_tensor *const tensor = block->tensor;
  const esc_step_group *const group = &block->run->tables->groups[tensor->group];
  float *const buffer = block->bench->state[0];
  for (int k = 0; k < ESC_UPDATE_STATES_MAX && what & ESC_START_STATES; k++) {
    if (!tensor->state[k])
      continue;
    for (int i = 0; i < block->n; i++)
      buffer[i] = group->start[k];
    ESC_STEP_STORE(tensor->state[k], tensor->state_type[k], block->first, block->n, buffer, NULL);
  }
  if (tensor->master && what & ESC_START_COPIES)
    copy_value(block, tensor->master, tensor->master_type);
  if (tensor->average && what & ESC_START_COPIES)
    copy_value(block, tensor->average, tensor->average_type);
}

void ESC_STEP_START_RUN(const esc_step_run *run, int what, esc_step_bench *bench)
{
  step_block block = {run, &run->tables->tensors[run->tensor], NULL, bench, NULL, 0, 0};
  for (int64_t done = 0; done < run->count; done += ESC_STEP_BLOCK) {
    const int64_t left = run->count - done;
    block.first = run->first + done;
    block.n = left < ESC_STEP_BLOCK ? (int)left : ESC_STEP_BLOCK;
    start_block(&block, what);
  }
}
