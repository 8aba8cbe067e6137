/* What a step reads and remembers beside its arrays: numbers in the device's memory against numbers
 * of the host, numbers and gradients that change between steps, steps that are counted and steps
 * that are not, the norm between norm and step, and where states begin. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support_expected.h"

static unsigned char *stepped(support_rig *rig, const unsigned char *before)
{
  unsigned char *const after = malloc(rig->bytes);
  cr_assert_not_null(after);
  support_rig_load(rig, before);
  support_rig_step(rig);
  support_rig_fetch(rig, after);
  return after;
}

static void to_device(const support_rig *rig, void *to, const void *from, size_t bytes)
{
  cr_assert_eq(rig->device->backend->copy(rig->device->opened, to, from, bytes, NULL),
               ESC_STATUS_OK);
}

/* --- numbers in the device's memory
 * ------------------------------------------------------------------ */

/* Everything a group can say, in numbers that a type can. */
static double said(int type, double x)
{
  if (type == ESC_TYPE_I32 || type == ESC_TYPE_U8)
    return isinf(x) ? 100.0 : floor(x);
  if (type == ESC_TYPE_F64)
    return x;
  return ref_decode(type, ref_encode(type, x));
}

static ref_optimizer rule_said(const ref_optimizer *rule, int type)
{
  ref_optimizer r = *rule;
  double *const number[] = {&r.lr,
                            &r.weight_decay,
                            &r.momentum,
                            &r.dampening,
                            &r.rho,
                            &r.beta1,
                            &r.beta2,
                            &r.eps,
                            &r.alpha,
                            &r.lr_decay,
                            &r.initial_accumulator,
                            &r.threshold,
                            &r.momentum_decay};
  for (size_t k = 0; k < sizeof number / sizeof *number; k++)
    *number[k] = said(type, *number[k] > 0.98 && *number[k] < 1.0 ? 0.9375 : *number[k]);
  if (type == ESC_TYPE_I32 || type == ESC_TYPE_U8)
    r.lr = 1.0, r.weight_decay = 1.0, r.eps = r.eps > 0.0 ? 1.0 : 0.0;
  return r;
}

static support_job job_said(int type)
{
  support_job job = support_job_begin(300);
  ref_optimizer rule;
  job.size = SUPPORT_USUAL_SIZE;
  for (int k = 0; support_variant(k, &rule); k += 2) {
    rule = rule_said(&rule, type);
    if (strcmp(rule.name, "rmsprop") == 0 && rule.momentum == 0.0)
      continue; /* has a buffer only where its momentum is in the device's memory */
    if (rule.lookahead || (strcmp(rule.name, "adadelta") == 0 && rule.eps == 0.0))
      continue;
    support_group *const group = support_add_group(&job, &rule);
    group->clip_value = said(type, k % 3 ? 3.0 : (double)INFINITY);
    group->noise[0] = k % 5 == 0 ? said(type, 1.0) : 0.0;
    group->noise[1] = said(type, 1.0);
    group->average = 1;
    group->average_keep = said(type, 0.875);
    for (int n = 0; n < 2; n++)
      support_add_tensor(&job, 40 + 3 * k)->steps = 2 * n;
  }
  job.loss_scale = said(type, 4.0);
  job.clip_norm = said(type, 100.0);
  return job;
}

static void check_type(int type)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  support_job job = job_said(type);
  for (int k = 0; k < count; k++) {
    job.scalar_type = SUPPORT_NONE;
    support_rig host = support_rig_open(&targets[k], &job);
    unsigned char *const before = support_rig_fill(&host), *const after = stepped(&host, before);
    support_rig_close(&host);
    job.scalar_type = type;
    support_rig device = support_rig_open(&targets[k], &job);
    unsigned char *const same = support_rig_fill(&device), *const found = stepped(&device, same);
    const size_t scalars = device.scalars_at + 8 * SUPPORT_SCALARS;
    cr_assert(device.scalar_count > 100);
    cr_assert(memcmp(found, same, scalars) == 0, "scalars are written");
    memcpy(found, after, scalars);
    support_same_image(&job, after, found, device.bytes, support_rig_name(&device));
    support_rig_close(&device);
    free(before);
    free(after);
    free(same);
    free(found);
  }
  support_job_end(&job);
}

Test(scalars, of_every_type_in_device_memory)
{
  for (int type = ESC_TYPE_F32; type <= ESC_TYPE_U8; type++)
    check_type(type);
}

/* They are read anew by every step, and found_inf too. */
Test(scalars, in_device_memory_may_change)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    support_job job = support_job_begin(301);
    ref_optimizer rule = ref_optimizer_defaults("sgd");
    job.scalar_type = ESC_TYPE_F32;
    job.size = SUPPORT_USUAL_SIZE;
    support_add_group(&job, &rule);
    support_add_tensor(&job, 100);
    support_rig rig = support_rig_open(&targets[k], &job);
    unsigned char *const before = support_rig_fill(&rig), *const after = malloc(rig.bytes);
    for (int turn = 0; turn < 6; turn++) {
      job.groups->rule.lr = 0.5 + turn;
      job.found_inf = turn % 3 == 1;
      for (int s = 0; s < rig.scalar_count; s++)
        if (rig.scalar[s] == (turn ? 0.5 + (turn - 1) : rule.lr))
          rig.scalar[s] = job.groups->rule.lr;
      rig.scalar[rig.scalar_count - 2] = job.found_inf; /* loss_scale, found_inf, clip_norm */
      unsigned char *const now = support_rig_fill(&rig);
      support_rig_load(&rig, now);
      support_rig_step(&rig);
      support_rig_fetch(&rig, after);
      int64_t total;
      support_check_step(&job, now, after, rig.bytes, &total, support_rig_name(&rig));
      cr_assert_eq(memcmp(now, after, rig.bytes) == 0, job.found_inf != 0.0);
      free(now);
    }
    free(before);
    free(after);
    support_rig_close(&rig);
    support_job_end(&job);
  }
}

/* esc_optimizer_set against a group that was made so. */
Test(scalars, set_anew)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    support_job job = support_job_begin(302), other = support_job_begin(302);
    ref_optimizer rule = ref_optimizer_defaults("adam");
    support_group *group = support_add_group(&job, &rule);
    group->noise[0] = 0.5; /* so that it may be changed */
    group->average = 1;
    rule.lr = 0.3, rule.weight_decay = 0.07, rule.beta1 = 0.6, rule.beta2 = 0.7, rule.eps = 0.02;
    group = support_add_group(&other, &rule);
    group->noise[0] = 0.1, group->noise[1] = 0.9, group->clip_value = 1.5;
    group->average = 1, group->average_keep = 0.3;
    job.size = other.size = SUPPORT_USUAL_SIZE;
    support_add_tensor(&job, 200)->steps = 3;
    support_add_tensor(&other, 200)->steps = 3;
    support_rig a = support_rig_open(&targets[k], &job), b = support_rig_open(&targets[k], &other);
    const struct {
      const char *key;
      double value;
    } set[] = {{"lr", 0.3},          {"weight_decay", 0.07}, {"beta1", 0.6},
               {"beta2", 0.7},       {"eps", 0.02},          {"noise.eta0", 0.1},
               {"noise.gamma", 0.9}, {"clip_value", 1.5},    {"average_keep", 0.3}};
    for (size_t n = 0; n < sizeof set / sizeof *set; n++)
      cr_assert_eq(
          esc_optimizer_set(a.optimizer, 0, set[n].key, (esc_scalar)ESC_SCALAR(set[n].value), NULL),
          ESC_STATUS_OK, "%s: %s", set[n].key, esc_last_error());
    unsigned char *const before = support_rig_fill(&a);
    unsigned char *const found = stepped(&a, before), *const expected = stepped(&b, before);
    support_same_image(&job, expected, found, a.bytes, support_rig_name(&a));
    cr_assert_neq(memcmp(before, found, a.bytes), 0);
    free(before);
    free(found);
    free(expected);
    support_rig_close(&a);
    support_rig_close(&b);
    support_job_end(&job);
    support_job_end(&other);
  }
}

/* --- many steps
 * --------------------------------------------------------------------------------------- */

static const ref_schedule schedules[] = {{REF_CONSTANT, {0}},
                                         {REF_INVERSE_SQRT, {0}},
                                         {REF_POWER, {0.7}},
                                         {REF_EXPONENTIAL, {0.97}},
                                         {REF_STEP, {7.0, 0.5}},
                                         {REF_WARMUP_COSINE, {10.0, 35.0, 0.1}},
                                         {REF_WARMUP_COSINE, {0, 30.0, 0.0}}};
enum { SCHEDULES = sizeof schedules / sizeof *schedules, STEPS = 40 };

/* Rules whose rows depend on t and on what went before, each schedule for lr and for decay. */
static support_job long_job(void)
{
  static const char *const rules[] = {"adam",  "nadam",   "radam",  "momentum",
                                      "adamw", "adagrad", "amsgrad"};
  support_job job = support_job_begin(310);
  job.size = SUPPORT_USUAL_SIZE;
  for (int k = 0; k < SCHEDULES; k++) {
    ref_optimizer rule = ref_optimizer_defaults(rules[k]);
    rule.eps = rule.eps > 0.0 ? 1e-3 : 0.0;
    rule.weight_decay = 0.0625;
    rule.lr_decay = 0.05;
    rule.dampening = strcmp(rule.name, "momentum") == 0 ? 0.25 : 0.0;
    support_group *const group = support_add_group(&job, &rule);
    group->lr_schedule = schedules[k];
    group->decay_schedule = schedules[(k + 2) % SCHEDULES];
    group->noise[0] = k == 0 ? 0.01 : 0.0;
    for (int n = 0; n < 4; n++)
      support_add_tensor(&job, 9 * n + 3);
  }
  return job;
}

/* The gradients of a step: new numbers, some tensors without. */
static void bind_some(support_rig *rig, support_rng *rng, unsigned char *image)
{
  support_job *const job = rig->job;
  void **const gradients = calloc((size_t)job->tensor_count, sizeof *gradients);
  for (int n = 0; n < job->tensor_count; n++) {
    job->tensors[n].unbound = support_draw(rng) % 4 == 0;
    if (!job->tensors[n].unbound)
      gradients[n] = rig->memory + job->tensors[n].at[SUPPORT_GRADIENT];
    for (int64_t i = 0; i < job->tensors[n].count; i++)
      support_set_element(job, image, n, SUPPORT_GRADIENT, i, support_normal(rng));
  }
  cr_assert_eq(esc_optimizer_bind(rig->optimizer, gradients, job->tensor_count, NULL),
               ESC_STATUS_OK, "%s", esc_last_error());
  memset(gradients, 0, (size_t)job->tensor_count * sizeof *gradients); /* it is ours again */
  free(gradients);
}

static void count_steps(support_rig *rig)
{
  for (int n = 0; n < rig->job->tensor_count; n++) {
    support_tensor *const tensor = &rig->job->tensors[n];
    int64_t steps = -1;
    tensor->steps += !tensor->unbound && rig->job->found_inf == 0.0;
    cr_assert_eq(esc_optimizer_steps(rig->optimizer, n, NULL, &steps), ESC_STATUS_OK);
    cr_assert_eq(steps, tensor->steps, "%s: tensor %d counts %lld, not %lld", support_rig_name(rig),
                 n, (long long)steps, (long long)tensor->steps);
  }
}

/* Forty steps, a third of them skipped, a quarter of the tensors without a gradient, never the
 * same: counters part, schedules follow each tensor's own, and each step is as the reference says.
 */
static unsigned char *walk(const support_target *target, int check, size_t *bytes)
{
  support_job job = long_job();
  support_rng rng = {311};
  support_rig rig = support_rig_open(target, &job);
  unsigned char *const before = support_rig_fill(&rig), *const after = malloc(rig.bytes);
  cr_assert_not_null(after);
  support_rig_load(&rig, before);
  for (int turn = 0; turn < STEPS; turn++) {
    int64_t total;
    bind_some(&rig, &rng, before);
    job.found_inf = support_draw(&rng) % 3 == 0;
    rig.step.found_inf.value = job.found_inf;
    to_device(&rig, rig.memory, before, rig.bytes);
    support_rig_step(&rig);
    support_rig_fetch(&rig, after);
    if (check)
      support_check_step(&job, before, after, rig.bytes, &total, support_rig_name(&rig));
    count_steps(&rig);
    memcpy(before, after, rig.bytes);
  }
  *bytes = rig.bytes;
  free(before);
  support_rig_close(&rig);
  support_job_end(&job);
  return after;
}

Test(scalars, forty_steps_with_gaps)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  unsigned char *first = NULL;
  for (int k = 0; k < count; k++) {
    size_t bytes;
    unsigned char *const last = walk(&targets[k], !first, &bytes);
    cr_assert(!first || memcmp(first, last, bytes) == 0, "%s, %s", targets[k].backend,
              targets[k].isa);
    if (first)
      free(last);
    else
      first = last;
  }
  free(first);
}

/* A tensor's values after a step from these products. */
static void step_from(support_rig *rig, const unsigned char *before, const double product[2],
                      float after[2][20])
{
  unsigned char *const image = malloc(rig->bytes);
  support_rig_load(rig, before);
  for (int n = 0; n < 2; n++) {
    esc_parameter_progress progress = ESC_PARAMETER_PROGRESS_INIT;
    progress.steps = 5;
    progress.product = product[n];
    cr_assert_eq(esc_optimizer_progress_write(rig->optimizer, n, &progress, NULL), ESC_STATUS_OK);
  }
  support_rig_step(rig);
  support_rig_fetch(rig, image);
  for (int n = 0; n < 2; n++) {
    esc_parameter_progress progress = ESC_PARAMETER_PROGRESS_INIT;
    cr_assert_eq(esc_optimizer_progress_read(rig->optimizer, n, &progress, NULL), ESC_STATUS_OK);
    cr_assert(progress.steps == 6 && progress.product < product[n] && progress.product > 0.0);
    memcpy(after[n], image + rig->job->tensors[n].at[SUPPORT_VALUE], sizeof after[n]);
  }
  free(image);
}

/* Tensors at the same step with other products behind them (restored from elsewhere, say): each
 * goes on from its own. */
Test(scalars, a_product_for_each_tensor)
{
  static const double products[2][2] = {{0.5, 0.25}, {0.25, 0.5}};
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    float after[2][2][20];
    support_job job = support_job_begin(315);
    const ref_optimizer rule = ref_optimizer_defaults("nadam");
    job.size = SUPPORT_USUAL_SIZE;
    support_add_group(&job, &rule);
    for (int n = 0; n < 2; n++)
      support_add_tensor(&job, 20)->steps = 5;
    support_rig rig = support_rig_open(&targets[k], &job);
    unsigned char *const before = support_rig_fill(&rig);
    for (int array = 0; array < SUPPORT_ARRAYS; array++)
      if (job.tensors[0].type[array] != SUPPORT_NONE)
        memcpy(before + job.tensors[1].at[array], before + job.tensors[0].at[array], 80);
    for (int turn = 0; turn < 2; turn++)
      step_from(&rig, before, products[turn], after[turn]);
    cr_assert(memcmp(after[0][0], after[1][0], 80) != 0);
    cr_assert(memcmp(after[0][0], after[1][1], 80) == 0);
    cr_assert(memcmp(after[0][1], after[1][0], 80) == 0);
    free(before);
    support_rig_close(&rig);
    support_job_end(&job);
  }
}

/* --- the norm between norm and step
 * -------------------------------------------------------------------- */

/* With norm_taken the step takes the square that stands there, as a caller left it. */
Test(scalars, a_norm_that_was_added_up)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    support_job job = support_job_begin(320);
    const ref_optimizer rule = ref_optimizer_defaults("sgd");
    support_add_group(&job, &rule);
    support_add_tensor(&job, 3000);
    job.size = SUPPORT_USUAL_SIZE;
    job.norm_taken = 1;
    job.clip_norm = 1.0;
    job.clip_eps = 0.0;
    support_rig rig = support_rig_open(&targets[k], &job);
    unsigned char *const before = support_rig_fill(&rig), *const after = malloc(rig.bytes);
    double *squared;
    int32_t *flag;
    support_rig_load(&rig, before);
    cr_assert_eq(esc_optimizer_norm(rig.optimizer, NULL), ESC_STATUS_OK);
    cr_assert_eq(esc_optimizer_norm_scalars(rig.optimizer, &squared, NULL), ESC_STATUS_OK);
    cr_assert_eq(esc_optimizer_norm_scalars(rig.optimizer, NULL, &flag), ESC_STATUS_OK);
    const double norm = support_norm(&job, before), sum = 9.0 * norm * norm;
    to_device(&rig, squared, &sum, sizeof sum);
    support_rig_step(&rig);
    support_rig_fetch(&rig, after);
    job.clip_norm = 1.0 / 3.0; /* three times the norm: a third of the coefficient */
    int64_t total;
    support_check_step(&job, before, after, rig.bytes, &total, support_rig_name(&rig));
    const int32_t found = 1;
    to_device(&rig, flag, &found, sizeof found);
    rig.step.skip_non_finite = 1;
    support_rig_load(&rig, before);
    support_rig_step(&rig);
    support_rig_fetch(&rig, after);
    cr_assert_eq(memcmp(before, after, rig.bytes), 0, "the flag another process set is not seen");
    free(before);
    free(after);
    support_rig_close(&rig);
    support_job_end(&job);
  }
}

/* --- where things begin
 * --------------------------------------------------------------------------------- */

/* After creation and after a refill masters and averages are the value, states where they begin. */
static void check_begin(const support_rig *rig, const unsigned char *image)
{
  const support_job *const job = rig->job;
  for (int n = 0; n < job->tensor_count; n++)
    for (int64_t i = 0; i < job->tensors[n].count; i++)
      for (int array = SUPPORT_MASTER; array <= SUPPORT_AVERAGE; array++) {
        const int type = job->tensors[n].type[array];
        if (type == SUPPORT_NONE)
          continue;
        const double w = support_element(job, image, n, SUPPORT_VALUE, i);
        cr_assert(support_element(job, image, n, array, i) == ref_decode(type, ref_encode(type, w)),
                  "%s: tensor %d, array %d, element %lld", support_rig_name(rig), n, array,
                  (long long)i);
      }
}

static void check_states_begin(const support_rig *rig, const unsigned char *image)
{
  const support_job *const job = rig->job;
  for (int n = 0; n < job->tensor_count; n++) {
    double start[4];
    ref_initial_state(&job->groups[job->tensors[n].group].rule, start);
    for (int k = 0; k < 3; k++)
      for (int64_t i = 0; i < job->tensors[n].count; i++)
        cr_assert(job->tensors[n].type[SUPPORT_STATE + k] == SUPPORT_NONE ||
                      support_element(job, image, n, SUPPORT_STATE + k, i) == start[k],
                  "%s: tensor %d, state %d", support_rig_name(rig), n, k);
  }
}

Test(scalars, where_arrays_begin)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    support_job job = support_job_begin(330);
    ref_optimizer rule = ref_optimizer_defaults("adagrad");
    rule.initial_accumulator = 0.375;
    for (int n = 0; n < 9; n++) {
      support_group *const group = support_add_group(&job, &rule);
      group->average = 1;
      group->average_type = (esc_type)(n / 3);
      group->state_type[0] = (esc_type)(n % 3);
      for (int m = 0; m < 6; m++) {
        support_tensor *const tensor = support_add_tensor(&job, 5 + 40 * m);
        tensor->type[SUPPORT_VALUE] = n % 3;
        tensor->type[SUPPORT_MASTER] = m % 3;
        tensor->offset[SUPPORT_VALUE] = m;
        tensor->offset[SUPPORT_MASTER] = n;
        tensor->unbound = m % 2;
      }
    }
    support_rig rig = support_rig_open(&targets[k], &job);
    unsigned char *const image = malloc(rig.bytes);
    support_rig_fetch(&rig, image);
    check_states_begin(&rig, image);
    unsigned char *const filled = support_rig_fill(&rig);
    support_rig_load(&rig, filled);
    cr_assert_eq(esc_optimizer_refill(rig.optimizer, NULL), ESC_STATUS_OK);
    support_rig_fetch(&rig, image);
    check_begin(&rig, image);
    for (int n = 0; n < job.tensor_count; n++) /* all else is as it was */
      for (int array = SUPPORT_MASTER; array <= SUPPORT_AVERAGE; array++)
        memcpy(image + job.tensors[n].at[array], filled + job.tensors[n].at[array],
               (size_t)job.tensors[n].count * (size_t)ref_type_bytes(job.tensors[n].type[array]));
    support_same_image(&job, filled, image, rig.bytes, support_rig_name(&rig));
    free(image);
    free(filled);
    support_rig_close(&rig);
    support_job_end(&job);
  }
}
