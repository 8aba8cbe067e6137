/* The tables of an optimizer: where states lie, how each tensor is cut into chunks and leaves, and
 * all of it in one allocation of the device, filled by one copy. */
#include <stdlib.h>
#include <string.h>

#include "host/held_optimizer.h"

#define PACKET 16 /* bytes: the widest access */

/* A step meets the arrays of a tensor at the same element at once. Those of a large one often lie a
 * power of two apart, where their elements share the sets of the caches and the banks of the memory
 * and drive each other out: 64 M elements took twice as long. So before each large array a page and
 * a line are left free. */
#define LARGE_ARRAY ((size_t)1 << 20)
#define STAGGER     ((size_t)17 * ESC_STATE_ALIGNMENT)

/* --- tensors --- */

void esc_fill_tensor(const esc_optimizer *held, const esc_parameter *parameter,
                     esc_step_tensor *tensor)
{
  const esc_group_facts *const facts = &held->facts[parameter->group];
  *tensor = (esc_step_tensor){
      .count = parameter->count,
      .value = parameter->value.data,
      .master = parameter->master.data,
      .group = parameter->group,
      .value_type = (uint8_t)parameter->value.type,
      .gradient_type = (uint8_t)parameter->gradient.type,
      .master_type = (uint8_t)parameter->master.type,
      .average_type = facts->average_type,
  };
  memcpy(tensor->state_type, facts->state_type, sizeof tensor->state_type);
  if (!parameter->stochastic)
    return;
  /* What is stored in 16 bits. */
  unsigned bits = (tensor->value_type != ESC_STORE_F32) << ESC_ARRAY_VALUE;
  bits |= (unsigned)(tensor->master && tensor->master_type != ESC_STORE_F32) << ESC_ARRAY_MASTER;
  bits |= (unsigned)(facts->average && tensor->average_type != ESC_STORE_F32) << ESC_ARRAY_AVERAGE;
  for (int k = 0; k < facts->states; k++)
    if (!(facts->idle >> k & 1u))
      bits |= (unsigned)(tensor->state_type[k] != ESC_STORE_F32) << (ESC_ARRAY_STATE + k);
  tensor->stochastic = (uint8_t)bits;
}

/* Room for an array behind `*at` bytes; its address, or NULL without a base. */
static void *place_array(unsigned char *base, int64_t count, int type, size_t *at, int *overflow)
{
  size_t bytes, end;
  *overflow |= __builtin_mul_overflow((size_t)count, esc_type_size(type), &bytes);
  const size_t begin = *at + (bytes < LARGE_ARRAY ? 0 : STAGGER);
  if (*overflow || __builtin_add_overflow(begin, bytes, &end) ||
      end > (size_t)PTRDIFF_MAX - ESC_STATE_ALIGNMENT)
    *overflow = 1;
  else
    *at = (end + ESC_STATE_ALIGNMENT - 1) / ESC_STATE_ALIGNMENT * ESC_STATE_ALIGNMENT;
  return base && count > 0 ? base + begin : NULL;
}

esc_status esc_place_states(esc_optimizer *held, void *base, size_t *bytes)
{
  size_t at = 0;
  int overflow = 0;
  for (int32_t i = 0; i < held->tensor_count; i++) {
    esc_step_tensor *const t = &held->tensors[i];
    const esc_group_facts *const facts = &held->facts[t->group];
    for (int k = 0; k < facts->states; k++)
      if (!(facts->idle >> k & 1u))
        t->state[k] = place_array(base, t->count, t->state_type[k], &at, &overflow);
    if (facts->average)
      t->average = place_array(base, t->count, t->average_type, &at, &overflow);
  }
  if (overflow)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "the states take more bytes than a size_t can count");
  *bytes = at;
  return ESC_STATUS_OK;
}

/* --- how a tensor is cut --- */

typedef struct traffic {
  const void *data;
  int type;
  int moves; /* reads and writes of an element */
} traffic;

enum { ARRAYS_MAX = 4 + ESC_UPDATE_STATES_MAX };

static int list_traffic(const esc_step_tensor *t, const void *gradient, traffic list[ARRAYS_MAX])
{
  const traffic all[ARRAYS_MAX] = {{t->value, t->value_type, t->master ? 1 : 2},
                                   {gradient, t->gradient_type, 1},
                                   {t->master, t->master_type, 2},
                                   {t->average, t->average_type, 2},
                                   {t->state[0], t->state_type[0], 2},
                                   {t->state[1], t->state_type[1], 2},
                                   {t->state[2], t->state_type[2], 2}};
  int count = 0;
  for (int k = 0; k < ARRAYS_MAX; k++)
    if (all[k].data)
      list[count++] = all[k];
  return count;
}

/* The bytes of an element that move in whole packets if elements are taken from `origin` on. */
static size_t aligned_bytes(const traffic *list, int count, int origin)
{
  size_t bytes = 0;
  for (int k = 0; k < count; k++) {
    const size_t size = esc_type_size(list[k].type);
    if (((uintptr_t)list[k].data - (size_t)-origin * size) % PACKET == 0)
      bytes += size * (size_t)list[k].moves;
  }
  return bytes;
}

/* Random words belong to whole eights from element 0 on, so what draws begins there. */
static void cut_tensor(esc_step_tensor *t, const void *gradient, int noisy)
{
  traffic list[ARRAYS_MAX];
  const int count = list_traffic(t, gradient, list);
  t->split = t->gradient_type == ESC_STORE_F32;
  for (int k = 0; k < count; k++)
    t->split = t->split && list[k].type == ESC_STORE_F32;
  size_t most = aligned_bytes(list, count, 0);
  t->origin = 0;
  for (int origin = -1; origin > -8 && !t->stochastic && !noisy; origin--) {
    const size_t bytes = aligned_bytes(list, count, origin);
    if (bytes > most) {
      most = bytes;
      t->origin = (int8_t)origin;
    }
  }
}

static int64_t chunks_of(const esc_step_tensor *t)
{
  return t->count == 0 ? 0 : (t->count - t->origin + ESC_CHUNK - 1) / ESC_CHUNK;
}

static int64_t leaves_of(const esc_step_tensor *t)
{
  return (t->count + ESC_NORM_LEAF - 1) / ESC_NORM_LEAF;
}

void esc_find_leaders(const esc_optimizer *held, unsigned char *bound)
{
  void *const *const gradients = esc_bound_gradients(bound);
  int32_t *const leaders = esc_bound_leaders(held, bound);
  for (int32_t g = 0; g < held->group_count; g++)
    leaders[g] = -1;
  for (int32_t i = 0; i < held->tensor_count; i++)
    if (gradients[i] && leaders[held->tensors[i].group] < 0)
      leaders[held->tensors[i].group] = i;
}

/* --- the image of the tables --- */

/* Places in the device's memory, in bytes from its beginning. Up to `image` they are copied. */
typedef struct layout {
  size_t groups, tensors, bound, progress, control, chunks, leaves, image;
  size_t led, scalars, scalars_of, partial, bytes;
  int overflow;
} layout;

static size_t take(layout *l, int64_t count, size_t size)
{
  const size_t at = l->bytes;
  size_t bytes, end;
  if (__builtin_mul_overflow((size_t)count, size, &bytes) ||
      __builtin_add_overflow(at, bytes, &end) || end > (size_t)PTRDIFF_MAX - ESC_STATE_ALIGNMENT) {
    l->overflow = 1;
    return 0;
  }
  l->bytes = (end + ESC_STATE_ALIGNMENT - 1) / ESC_STATE_ALIGNMENT * ESC_STATE_ALIGNMENT;
  return at;
}

static layout lay_out(const esc_optimizer *held, int64_t chunk_count, int64_t leaf_count)
{
  const int64_t groups = held->group_count, tensors = held->tensor_count;
  layout l = {.overflow = 0};
  l.groups = take(&l, groups, sizeof(esc_step_group));
  l.tensors = take(&l, tensors, sizeof(esc_step_tensor));
  l.bound = take(&l, 1, esc_bound_bytes(held));
  l.progress = take(&l, tensors, sizeof(esc_step_progress));
  l.control = take(&l, 1, sizeof(esc_step_control));
  l.chunks = take(&l, chunk_count, sizeof(esc_step_chunk));
  l.leaves = take(&l, leaf_count, sizeof(esc_step_chunk));
  l.image = l.bytes;
  l.led = take(&l, groups, sizeof(esc_step_leader));
  l.scalars = take(&l, groups + tensors, sizeof(esc_step_scalars));
  l.scalars_of = take(&l, tensors, sizeof(int32_t));
  l.partial = take(&l, leaf_count, sizeof(double));
  return l;
}

static void point_tables(esc_optimizer *held, const layout *l, esc_step_tables *tables)
{
  unsigned char *const base = held->table_memory;
  void *const bound = base + l->bound;
  tables->groups = (void *)(base + l->groups);
  tables->tensors = (void *)(base + l->tensors);
  tables->chunks = (void *)(base + l->chunks);
  tables->leaves = (void *)(base + l->leaves);
  tables->gradients = bound;
  tables->leaders = esc_bound_leaders(held, bound);
  tables->progress = (void *)(base + l->progress);
  tables->led = (void *)(base + l->led);
  tables->scalars = (void *)(base + l->scalars);
  tables->scalars_of = (void *)(base + l->scalars_of);
  tables->partial = (void *)(base + l->partial);
  tables->control = (void *)(base + l->control);
  tables->group_count = held->group_count;
  tables->tensor_count = held->tensor_count;
}

/* Chunks in the order of rules, and the launch of each rule. */
static void list_chunks(esc_optimizer *held, esc_step_chunk *chunks)
{
  int64_t at = 0;
  int launches = 0;
  for (int update = 0; update < ESC_UPDATE_COUNT; update++) {
    const int64_t first = at;
    for (int32_t i = 0; i < held->tensor_count; i++) {
      const esc_step_tensor *const t = &held->tensors[i];
      const int64_t count = held->groups[t->group].update == update ? chunks_of(t) : 0;
      for (int64_t k = 0; k < count; k++)
        chunks[at++] = (esc_step_chunk){i, (int32_t)k};
    }
    if (at > first)
      held->launches[launches++] = (esc_step_launch){update, first, at - first};
  }
  held->plan.launches = held->launches;
  held->plan.launch_count = launches;
}

static void list_leaves(const esc_optimizer *held, esc_step_chunk *leaves)
{
  int64_t at = 0;
  for (int32_t i = 0; i < held->tensor_count; i++)
    for (int64_t k = 0; k < leaves_of(&held->tensors[i]); k++)
      leaves[at++] = (esc_step_chunk){i, (int32_t)k};
}

/* Averages begin where the parameter is, and that is the master where the caller filled it. */
static void show_masters_as_values(const esc_optimizer *held, esc_step_tensor *tensors)
{
  for (int32_t i = 0; i < held->tensor_count; i++) {
    esc_step_tensor *const t = &tensors[i];
    if (t->master) {
      t->value = t->master;
      t->value_type = t->master_type;
      t->master = NULL;
    }
  }
}

static void fill_image(esc_optimizer *held, const layout *l, unsigned char *image)
{
  esc_step_progress *const progress = (void *)(image + l->progress);
  memcpy(image + l->groups, held->groups, (size_t)held->group_count * sizeof *held->groups);
  memcpy(image + l->tensors, held->tensors, (size_t)held->tensor_count * sizeof *held->tensors);
  memcpy(image + l->bound, held->bound, esc_bound_bytes(held));
  for (int32_t i = 0; i < held->tensor_count; i++)
    progress[i] = (esc_step_progress){0, 1.0};
  list_chunks(held, (void *)(image + l->chunks));
  list_leaves(held, (void *)(image + l->leaves));
}

esc_status esc_make_tables(esc_optimizer *held, const esc_optimizer_options *options,
                           int masters_first_in_value)
{
  esc_step_plan *const plan = &held->plan;
  int64_t leaf_count = 0;
  plan->chunk_count = 0;
  for (int32_t i = 0; i < held->tensor_count; i++) {
    esc_step_tensor *const t = &held->tensors[i];
    cut_tensor(t, esc_bound_gradients(held->bound)[i], held->facts[t->group].noisy);
    t->leaf = leaf_count;
    leaf_count += leaves_of(t);
    plan->chunk_count += chunks_of(t);
  }
  const layout l = lay_out(held, plan->chunk_count, leaf_count);
  unsigned char *const image = l.overflow ? NULL : calloc(1, l.image);
  if (!image)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the tables of %d tensors",
                    (int)held->tensor_count);
  fill_image(held, &l, image);
  if (masters_first_in_value)
    show_masters_as_values(held, (void *)(image + l.tensors));
  esc_status status = esc_device_memory(held, l.bytes, &held->table_memory);
  if (!status) {
    point_tables(held, &l, &plan->tables);
    plan->tables.leaf_count = leaf_count;
    plan->tables.seed = options->seed;
    status = held->backend->copy(held->opened, held->table_memory, image, l.image, options->stream);
  }
  free(image);
  return status;
}

esc_status esc_upload_tensors(esc_optimizer *held, void *stream)
{
  void *const to = (void *)(uintptr_t)held->plan.tables.tensors;
  return held->backend->copy(held->opened, to, held->tensors,
                             (size_t)held->tensor_count * sizeof *held->tensors, stream);
}
