/* support_optimizer.h says what these are. */
#include "tests/support_optimizer.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 64, POISON = 0xa5 };

/* --- devices
 * --------------------------------------------------------------------------------------- */

int support_targets(support_target targets[SUPPORT_TARGETS])
{
  const char *why = NULL;
  int count = 0;
  for (const char *const *isa = support_isas(); *isa; isa++)
    for (int threads = 1; threads <= 3; threads++)
      targets[count++] = (support_target){"cpu", *isa, threads};
  if (esc_backend_available("cuda", &why))
    targets[count++] = (support_target){"cuda", "auto", 0};
  else
    cr_assert_null(getenv("ESC_REQUIRE_CUDA"), "ESC_REQUIRE_CUDA is set, but: %s", why);
  return count;
}

esc_device *support_target_open(const support_target *target)
{
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  esc_device *device = NULL;
  options.backend = target->backend;
  options.threads = target->threads;
  options.isa = target->isa;
  cr_assert_eq(esc_device_open(&options, &device), ESC_STATUS_OK, "%s", esc_last_error());
  return device;
}

const char *support_rig_name(const support_rig *rig)
{
  static char name[64];
  snprintf(name, sizeof name, "%s, %s, %d threads", rig->target->backend, rig->target->isa,
           rig->target->threads);
  return name;
}

/* --- jobs
 * ------------------------------------------------------------------------------------------ */

support_job support_job_begin(uint64_t seed)
{
  return (support_job){.seed = seed,
                       .scalar_type = SUPPORT_NONE,
                       .loss_scale = 1.0,
                       .clip_norm = (double)INFINITY,
                       .clip_eps = 1e-6};
}

void support_job_end(support_job *job)
{
  free(job->groups);
  free(job->tensors);
  *job = (support_job){0};
}

support_group *support_add_group(support_job *job, const ref_optimizer *rule)
{
  job->groups = realloc(job->groups, (size_t)(job->group_count + 1) * sizeof *job->groups);
  cr_assert_not_null(job->groups);
  support_group *const group = &job->groups[job->group_count++];
  *group = (support_group){
      .rule = *rule, .clip_value = (double)INFINITY, .noise = {0.0, 0.55}, .average_keep = 0.875};
  return group;
}

support_tensor *support_add_tensor(support_job *job, int64_t count)
{
  job->tensors = realloc(job->tensors, (size_t)(job->tensor_count + 1) * sizeof *job->tensors);
  cr_assert_not_null(job->tensors);
  support_tensor *const tensor = &job->tensors[job->tensor_count++];
  *tensor = (support_tensor){.group = job->group_count - 1, .count = count};
  for (int k = 0; k < SUPPORT_ARRAYS; k++)
    tensor->type[k] = k == SUPPORT_VALUE || k == SUPPORT_GRADIENT ? REF_F32 : SUPPORT_NONE;
  return tensor;
}

ref_optimizer support_rule_at(const support_group *group, int64_t t)
{
  ref_optimizer rule = group->rule;
  rule.lr *= ref_schedule_factor(&group->lr_schedule, t);
  rule.weight_decay *= ref_schedule_factor(&group->decay_schedule, t);
  return rule;
}

int support_slot(const char *rule, const char *state)
{
  static const struct {
    const char *rule, *states[3];
  } special[] = {{"rmsprop", {"v", "m", "b"}}, {"adadelta", {"v", "u", ""}}};
  static const char *const usual[3][3] = {{"m", "b", "s"}, {"v", "n", ""}, {"largest", "", ""}};
  if (strcmp(state, "average") == 0)
    return SUPPORT_AVERAGE - SUPPORT_STATE;
  for (int slot = 0; slot < 3; slot++) {
    for (int k = 0; k < 2; k++)
      if (strcmp(special[k].rule, rule) == 0 && strcmp(special[k].states[slot], state) == 0)
        return slot;
    for (int k = 0; k < 3; k++)
      if (strcmp(rule, "rmsprop") && strcmp(rule, "adadelta") && !strcmp(usual[slot][k], state))
        return slot;
  }
  cr_assert(0, "%s has no state %s", rule, state);
  return 0;
}

/* --- a job's arrays
 * -------------------------------------------------------------------------------- */

static size_t aligned(size_t place, size_t to)
{
  return (place + to - 1) / to * to;
}

static size_t bytes_of(const support_tensor *tensor, int array)
{
  return (size_t)tensor->count * (size_t)ref_type_bytes(tensor->type[array]);
}

/* Places of what the caller owns; the first free byte behind. */
static size_t lay_out(support_job *job, size_t place)
{
  static const int own[] = {SUPPORT_VALUE, SUPPORT_GRADIENT, SUPPORT_MASTER};
  for (int k = 0; k < job->tensor_count; k++) {
    support_tensor *const tensor = &job->tensors[k];
    for (int a = 0; a < 3; a++) {
      if (tensor->type[own[a]] == SUPPORT_NONE)
        continue;
      place = aligned(place + GUARD, 64);
      tensor->at[own[a]] =
          place + (size_t)(tensor->offset[own[a]] * ref_type_bytes(tensor->type[own[a]]));
      place = tensor->at[own[a]] + bytes_of(tensor, own[a]);
    }
  }
  return place;
}

static esc_array array_of(const support_rig *rig, const support_tensor *tensor, int array)
{
  const int type = tensor->type[array];
  if (type == SUPPORT_NONE)
    return (esc_array){NULL, ESC_TYPE_F32};
  return (esc_array){rig->memory + tensor->at[array], (esc_type)type};
}

/* A number of a group or of the step: as it is, or in the device's memory. */
static esc_scalar scalar_of(support_rig *rig, double value)
{
  if (rig->job->scalar_type == SUPPORT_NONE)
    return (esc_scalar)ESC_SCALAR(value);
  cr_assert(rig->scalar_count < SUPPORT_SCALARS);
  rig->scalar[rig->scalar_count] = value;
  const size_t place = rig->scalars_at + 8 * (size_t)rig->scalar_count++;
  return (esc_scalar){(double)NAN, rig->memory + place, (esc_type)rig->job->scalar_type};
}

static void store_scalar(int type, double value, unsigned char *to)
{
  const int32_t whole = (int32_t)value;
  if (type == ESC_TYPE_F64)
    memcpy(to, &value, sizeof value);
  else if (type == ESC_TYPE_I32)
    memcpy(to, &whole, sizeof whole);
  else if (type == ESC_TYPE_U8)
    *to = (unsigned char)value;
  else
    ref_store(type, to, 0, value);
}

/* --- making the optimizer
 * --------------------------------------------------------------------------- */

typedef struct named_group {
  support_keys keys, lr, decay;
  esc_hyper hyper[12];
} named_group;

static const char *name_schedule(const ref_schedule *schedule, support_keys *keys)
{
  static const char *const names[REF_SCHEDULES] = {NULL,          "inverse_sqrt", "power",
                                                   "exponential", "step",         "warmup_cosine"};
  static const char *const words[REF_SCHEDULES][3] = {
      {0}, {0}, {"exponent"}, {"gamma"}, {"every", "gamma"}, {"warmup", "total", "least"}};
  for (int k = 0; k < 3 && words[schedule->kind][k]; k++)
    support_number(keys, words[schedule->kind][k], schedule->key[k]);
  return names[schedule->kind];
}

/* Switches, and where a state begins, are told once. */
static int is_of_the_host(const char *key)
{
  static const char *const keys[] = {"lr_inside", "bias_correction", "eps_inside", "centered",
                                     "initial_accumulator"};
  for (int k = 0; k < 5; k++)
    if (strcmp(keys[k], key) == 0)
      return 1;
  return 0;
}

static esc_group name_group(support_rig *rig, const support_group *g, named_group *named)
{
  esc_group group = ESC_GROUP_INIT(g->rule.name);
  support_name_rule(&g->rule, &named->keys);
  for (int k = 0; k < named->keys.count; k++) {
    const esc_setting *const s = &named->keys.at[k];
    const int host = s->word || is_of_the_host(s->key);
    named->hyper[k] = (esc_hyper){
        s->key, host ? (esc_scalar)ESC_SCALAR(s->value) : scalar_of(rig, s->value), s->word};
  }
  group.hypers = named->hyper;
  group.hyper_count = named->keys.count;
  group.lr = scalar_of(rig, g->rule.lr);
  group.weight_decay = scalar_of(rig, g->rule.weight_decay);
  group.decay = g->rule.decoupled ? ESC_DECAY_DECOUPLED : ESC_DECAY_COUPLED;
  group.maximize = g->maximize;
  group.clip_value = scalar_of(rig, g->clip_value);
  group.noise[0] = scalar_of(rig, g->noise[0]);
  group.noise[1] = scalar_of(rig, g->noise[1]);
  group.schedule = name_schedule(&g->lr_schedule, &named->lr);
  group.schedule_settings = named->lr.at;
  group.schedule_setting_count = named->lr.count;
  group.decay_schedule = name_schedule(&g->decay_schedule, &named->decay);
  group.decay_schedule_settings = named->decay.at;
  group.decay_schedule_setting_count = named->decay.count;
  memcpy(group.state_type, g->state_type, sizeof group.state_type);
  group.average = g->average;
  group.average_keep = scalar_of(rig, g->average_keep);
  group.average_type = g->average_type;
  return group;
}

static esc_parameter name_parameter(const support_rig *rig, const support_tensor *tensor)
{
  esc_parameter parameter = ESC_PARAMETER_INIT;
  parameter.group = tensor->group;
  parameter.count = tensor->count;
  parameter.value = array_of(rig, tensor, SUPPORT_VALUE);
  parameter.gradient = array_of(rig, tensor, SUPPORT_GRADIENT);
  if (tensor->unbound)
    parameter.gradient.data = NULL;
  parameter.master = array_of(rig, tensor, SUPPORT_MASTER);
  parameter.stochastic = tensor->stochastic;
  return parameter;
}

static void create(support_rig *rig, size_t state_at, size_t *state_bytes)
{
  support_job *const job = rig->job;
  named_group *const named = calloc((size_t)job->group_count + 1, sizeof *named);
  esc_group *const groups = calloc((size_t)job->group_count + 1, sizeof *groups);
  esc_parameter *const parameters = calloc((size_t)job->tensor_count + 1, sizeof *parameters);
  esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
  cr_assert(named && groups && parameters);
  rig->scalar_count = 0;
  for (int k = 0; k < job->group_count; k++)
    groups[k] = name_group(rig, &job->groups[k], &named[k]);
  for (int k = 0; k < job->tensor_count; k++)
    parameters[k] = name_parameter(rig, &job->tensors[k]);
  options.groups = groups;
  options.group_count = job->group_count;
  options.parameters = parameters;
  options.parameter_count = job->tensor_count;
  options.seed = job->seed;
  options.keep_master = 1;
  if (state_at) {
    options.state = rig->memory + state_at;
    options.state_bytes = *state_bytes;
    cr_assert_eq(esc_optimizer_create(rig->device, &options, &rig->optimizer), ESC_STATUS_OK,
                 "%s: %s", support_rig_name(rig), esc_last_error());
  } else {
    cr_assert_eq(esc_optimizer_state_bytes(rig->device, &options, state_bytes), ESC_STATUS_OK,
                 "%s: %s", support_rig_name(rig), esc_last_error());
  }
  free(named);
  free(groups);
  free(parameters);
}

static void find_states(support_rig *rig)
{
  for (int k = 0; k < rig->job->tensor_count; k++) {
    support_tensor *const tensor = &rig->job->tensors[k];
    const int count = esc_optimizer_state_count(rig->optimizer, k);
    for (int s = 0; s < count; s++) {
      esc_state_buffer state = ESC_STATE_BUFFER_INIT;
      cr_assert_eq(esc_optimizer_state(rig->optimizer, k, s, &state), ESC_STATUS_OK, "%s",
                   esc_last_error());
      if (strcmp(state.name, "master") == 0) /* the caller's own */
        continue;
      const int array =
          SUPPORT_STATE + support_slot(rig->job->groups[tensor->group].rule.name, state.name);
      cr_assert_eq(state.count, tensor->count);
      tensor->type[array] = (int)state.array.type;
      tensor->at[array] =
          state.array.data ? (size_t)((unsigned char *)state.array.data - rig->memory) : 0;
      cr_assert(tensor->at[array] + bytes_of(tensor, array) <= rig->bytes);
    }
  }
}

/* Surely enough for the states: four arrays of floats each. */
static size_t state_room(const support_job *job)
{
  size_t room = 4096;
  for (int k = 0; k < job->tensor_count; k++)
    room += 4 * (4 * (size_t)job->tensors[k].count + 256);
  return room;
}

static void poison_memory(support_rig *rig)
{
  unsigned char *const poison = malloc(rig->bytes);
  cr_assert_not_null(poison);
  memset(poison, POISON, rig->bytes);
  rig->device->backend->copy(rig->device->opened, rig->memory, poison, rig->bytes, NULL);
  free(poison);
}

support_rig support_rig_open(const support_target *target, support_job *job)
{
  support_rig rig = {.job = job, .target = target, .device = support_target_open(target)};
  size_t state_bytes = 0;
  void *memory = NULL;
  rig.scalars_at = GUARD;
  const size_t state_at = aligned(lay_out(job, rig.scalars_at + 8 * SUPPORT_SCALARS) + GUARD, 256);
  const size_t room = state_room(job);
  rig.bytes = aligned(state_at + room + GUARD, 8);
  cr_assert_eq(rig.device->backend->alloc(rig.device->opened, rig.bytes, &memory), ESC_STATUS_OK);
  rig.memory = memory;
  poison_memory(&rig);
  create(&rig, 0, &state_bytes);
  cr_assert_leq(state_bytes, room);
  create(&rig, state_at, &state_bytes);
  find_states(&rig);
  rig.step = (esc_step_options)ESC_STEP_OPTIONS_INIT;
  rig.step.loss_scale = scalar_of(&rig, job->loss_scale);
  rig.step.found_inf = scalar_of(&rig, job->found_inf);
  rig.step.clip_norm = scalar_of(&rig, job->clip_norm);
  rig.step.clip_eps = job->clip_eps;
  rig.step.skip_non_finite = job->skip_non_finite;
  rig.step.norm_taken = job->norm_taken;
  rig.step.zero_gradients = job->zero_gradients;
  return rig;
}

void support_rig_close(support_rig *rig)
{
  esc_optimizer_free(rig->optimizer);
  rig->device->backend->free(rig->device->opened, rig->memory);
  esc_device_close(rig->device);
}

/* --- data
 * ------------------------------------------------------------------------------------------ */

double support_element(const support_job *job, const unsigned char *image, int tensor, int array,
                       int64_t i)
{
  const support_tensor *const t = &job->tensors[tensor];
  return ref_load(t->type[array], image + t->at[array], i);
}

void support_set_element(const support_job *job, unsigned char *image, int tensor, int array,
                         int64_t i, double x)
{
  const support_tensor *const t = &job->tensors[tensor];
  const double most = 0.25 * ref_largest(t->type[array]);
  const double held = isfinite(x) && fabs(x) > most ? copysign(most, x) : x;
  ref_store(t->type[array], image + t->at[array], i, held);
}

static double draw_gradient(support_rng *rng, const support_job *job)
{
  static const double bad[] = {(double)INFINITY, -(double)INFINITY, (double)NAN};
  if (job->spoiled && support_draw(rng) % (uint64_t)job->spoiled == 0)
    return bad[support_draw(rng) % 3];
  if (job->size == SUPPORT_ANY_SIZE)
    return support_gradient(rng);
  return support_normal(rng) * exp2(support_between(rng, -4.0, 4.0));
}

static void fill_element(support_rng *rng, const support_job *job, unsigned char *image, int tensor,
                         int64_t i)
{
  const support_tensor *const t = &job->tensors[tensor];
  const support_group *const group = &job->groups[t->group];
  const double g = draw_gradient(rng, job);
  const double w = support_normal(rng) * exp2(support_between(rng, -6.0, 6.0));
  double state[4];
  ref_initial_state(&group->rule, state);
  if (t->steps > 0 && support_draw(rng) % 8 != 0)
    support_state(rng, &group->rule, isfinite(g) ? g : 1.0, state);
  support_set_element(job, image, tensor, SUPPORT_GRADIENT, i, g * job->loss_scale);
  support_set_element(job, image, tensor, SUPPORT_VALUE, i, w);
  if (t->type[SUPPORT_MASTER] != SUPPORT_NONE) /* not the value: so one sees what is read */
    support_set_element(job, image, tensor, SUPPORT_MASTER, i, w * (1.0 + 0x1p-4));
  if (t->type[SUPPORT_AVERAGE] != SUPPORT_NONE)
    support_set_element(job, image, tensor, SUPPORT_AVERAGE, i, w + support_normal(rng));
  for (int k = 0; k < 3; k++)
    if (t->type[SUPPORT_STATE + k] != SUPPORT_NONE)
      support_set_element(job, image, tensor, SUPPORT_STATE + k, i, state[k]);
}

unsigned char *support_rig_fill(support_rig *rig)
{
  const support_job *const job = rig->job;
  unsigned char *const image = malloc(rig->bytes);
  support_rng rng = {job->seed};
  cr_assert_not_null(image);
  memset(image, POISON, rig->bytes);
  for (int k = 0; k < rig->scalar_count; k++)
    store_scalar(job->scalar_type, rig->scalar[k], image + rig->scalars_at + 8 * (size_t)k);
  for (int k = 0; k < job->tensor_count; k++)
    for (int64_t i = 0; i < job->tensors[k].count; i++)
      fill_element(&rng, job, image, k, i);
  return image;
}

static void load_progress(support_rig *rig)
{
  for (int k = 0; k < rig->job->tensor_count; k++) {
    const support_tensor *const tensor = &rig->job->tensors[k];
    const ref_optimizer *const rule = &rig->job->groups[tensor->group].rule;
    esc_parameter_progress progress = ESC_PARAMETER_PROGRESS_INIT;
    progress.steps = tensor->steps;
    if (strcmp(rule->name, "nadam") == 0 && !rule->ruder)
      progress.product = ref_nadam_progress(rule->beta1, rule->momentum_decay, tensor->steps);
    if (tensor->steps > 0)
      cr_assert_eq(esc_optimizer_progress_write(rig->optimizer, k, &progress, NULL), ESC_STATUS_OK,
                   "%s", esc_last_error());
  }
}

void support_rig_load(support_rig *rig, const unsigned char *image)
{
  cr_assert_eq(
      rig->device->backend->copy(rig->device->opened, rig->memory, image, rig->bytes, NULL),
      ESC_STATUS_OK);
  load_progress(rig);
}

void support_rig_fetch(support_rig *rig, unsigned char *image)
{
  cr_assert_eq(
      rig->device->backend->copy(rig->device->opened, image, rig->memory, rig->bytes, NULL),
      ESC_STATUS_OK);
}

void support_rig_step(support_rig *rig)
{
  cr_assert_eq(esc_optimizer_step(rig->optimizer, &rig->step), ESC_STATUS_OK, "%s: %s",
               support_rig_name(rig), esc_last_error());
}

/* --- images
 * ---------------------------------------------------------------------------------------- */

/* Whether a difference at this byte is one of NaN from NaN. */
static int both_nan(const support_job *job, const unsigned char *a, const unsigned char *b,
                    size_t place)
{
  for (int k = 0; k < job->tensor_count; k++)
    for (int array = 0; array < SUPPORT_ARRAYS; array++) {
      const support_tensor *const t = &job->tensors[k];
      if (t->type[array] == SUPPORT_NONE || place < t->at[array] ||
          place >= t->at[array] + bytes_of(t, array))
        continue;
      const int64_t i = (int64_t)(place - t->at[array]) / ref_type_bytes(t->type[array]);
      const double x = support_element(job, a, k, array, i),
                   y = support_element(job, b, k, array, i);
      cr_assert(isnan(x) && isnan(y), "tensor %d (%s), array %d, element %lld of %lld: %a and %a",
                k, job->groups[t->group].rule.name, array, (long long)i, (long long)t->count, x, y);
      return 1;
    }
  return 0;
}

void support_same_image(const support_job *job, const unsigned char *a, const unsigned char *b,
                        size_t bytes, const char *who)
{
  if (memcmp(a, b, bytes) == 0)
    return;
  for (size_t k = 0; k < bytes; k++)
    if (a[k] != b[k])
      cr_assert(both_nan(job, a, b, k), "%s: byte %zu, of no array, differs (seed %llu)", who, k,
                (unsigned long long)job->seed);
}
