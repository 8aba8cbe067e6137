/* One step of an optimizer against the float64 reference: every variant of every rule, every
 * combination of types, every modifier, alone and together; and the same bits on every target. One
 * optimizer holds what one test looks at, so a test is a few launches. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/support_expected.h"

static const int64_t steps_before[] = {0, 1, 4, 30, 0, 99, 7, 1000};

/* Tensors of the last group at various steps, with sizes about the widths of loops and chunks. */
static void add_sizes(support_job *job, const int64_t *sizes, int count)
{
  const support_group *const group = &job->groups[job->group_count - 1];
  for (int k = 0; k < count; k++) {
    const int64_t steps = steps_before[(job->group_count + k) % 8];
    support_tensor *const tensor = support_add_tensor(job, sizes[k]);
    tensor->steps = strcmp(group->rule.name, "nadam") == 0 && steps > 30 ? 30 : steps;
  }
}

static const int64_t few_sizes[] = {7, 33, 0, 70};
static const int64_t all_sizes[] = {0, 1, 7, 8, 31, 32, 33, 255, 257, 1009, 1023, 1025};

/* --- rules
 * ------------------------------------------------------------------------------------------ */

/* Every variant, one in three of them with its decay the other way. (Look-ahead needs gradients
 * that a list of tensors does not have.) */
static support_job every_rule(uint64_t seed)
{
  support_job job = support_job_begin(seed);
  ref_optimizer rule;
  for (int k = 0; support_variant(k, &rule); k++) {
    if (rule.lookahead)
      continue;
    if (k % 3 == 1) {
      rule.decoupled = !rule.decoupled;
      rule.weight_decay += 0.125;
    }
    support_add_group(&job, &rule);
    add_sizes(&job, few_sizes, 4);
  }
  return job;
}

Test(optimizer, every_rule)
{
  support_job job = every_rule(1);
  support_check_job(&job, 0.8);
  support_job_end(&job);
}

/* With all modifiers at once, each group its own. */
static void modify_groups(support_job *job)
{
  static const ref_schedule schedules[] = {
      {REF_CONSTANT, {0}},    {REF_INVERSE_SQRT, {0}},
      {REF_POWER, {0.75}},    {REF_EXPONENTIAL, {0.96875}},
      {REF_STEP, {3.0, 0.5}}, {REF_WARMUP_COSINE, {10.0, 60.0, 0.125}}};
  for (int k = 0; k < job->group_count; k++) {
    support_group *const group = &job->groups[k];
    group->maximize = k % 2;
    group->clip_value = k % 3 ? 0.5 + 0.1 * k : (double)INFINITY;
    group->lr_schedule = schedules[k % 6];
    group->decay_schedule = schedules[(k / 6 + 2 * k) % 6];
    group->noise[0] = k % 4 == 1 ? 0.03 : 0.0;
    group->average = k % 5 > 1;
    group->average_keep = 0.75 + 0.005 * k;
  }
}

static void modify_step(support_job *job)
{
  job->size = SUPPORT_USUAL_SIZE;
  job->loss_scale = 1000.0;
  job->clip_norm = 20.0;
}

Test(optimizer, every_rule_with_modifiers)
{
  support_job job = every_rule(2);
  modify_groups(&job);
  modify_step(&job);
  support_check_job(&job, 0.8);
  support_job_end(&job);
}

/* Mixed types for all rules: a covering selection. */
static void mix_types(support_job *job)
{
  for (int k = 0; k < job->tensor_count; k++) {
    support_tensor *const tensor = &job->tensors[k];
    tensor->type[SUPPORT_VALUE] = k % 3;
    tensor->type[SUPPORT_GRADIENT] = k / 3 % 3;
    tensor->type[SUPPORT_MASTER] = k * 7 % 4 - 1;
    tensor->stochastic = k % 5 == 0;
  }
  for (int k = 0; k < job->group_count; k++) {
    for (int s = 0; s < 3; s++)
      job->groups[k].state_type[s] = (esc_type)((k + s * (k / 3 + 1)) % 3);
    job->groups[k].average_type = (esc_type)(k % 3);
  }
}

Test(optimizer, every_rule_with_mixed_types)
{
  support_job job = every_rule(3);
  job.size = SUPPORT_USUAL_SIZE;
  mix_types(&job);
  support_check_job(&job, 0.75);
  support_job_end(&job);
}

Test(optimizer, every_rule_with_everything)
{
  support_job job = every_rule(4);
  modify_groups(&job);
  modify_step(&job);
  mix_types(&job);
  job.zero_gradients = 1;
  support_check_job(&job, 0.75);
  support_job_end(&job);
}

/* Gradients that are no numbers spoil their own elements and nothing else. */
Test(optimizer, every_rule_with_spoiled_gradients)
{
  support_job job = every_rule(26);
  modify_groups(&job);
  job.size = SUPPORT_USUAL_SIZE;
  job.spoiled = 9;
  support_check_job(&job, 0.7);
  support_job_end(&job);
}

/* ... and no element where that was asked for. */
Test(optimizer, skipped_because_of_spoiled_gradients)
{
  support_job job = every_rule(27);
  job.spoiled = 2000;
  job.skip_non_finite = 1;
  support_check_job(&job, 0.0);
  support_job_end(&job);
}

/* --- types
 * ------------------------------------------------------------------------------------------ */

/* All of adam's 324 combinations of value, gradient, master and the two moments. */
static support_job every_type(uint64_t seed, int stochastic)
{
  support_job job = support_job_begin(seed);
  ref_optimizer rule = ref_optimizer_defaults("adam");
  rule.eps = 1e-3;
  rule.weight_decay = 0.0625;
  job.size = SUPPORT_USUAL_SIZE;
  for (int states = 0; states < 9; states++) {
    support_group *const group = support_add_group(&job, &rule);
    group->state_type[0] = (esc_type)(states % 3);
    group->state_type[1] = (esc_type)(states / 3);
    for (int k = 0; k < 36; k++) {
      support_tensor *const tensor = support_add_tensor(&job, 41 + k);
      tensor->type[SUPPORT_VALUE] = k % 3;
      tensor->type[SUPPORT_GRADIENT] = k / 3 % 3;
      tensor->type[SUPPORT_MASTER] = k / 9 - 1;
      tensor->stochastic = stochastic;
      tensor->steps = 3;
    }
  }
  return job;
}

Test(optimizer, every_combination_of_types)
{
  for (int stochastic = 0; stochastic <= 1; stochastic++) {
    support_job job = every_type(5 + (uint64_t)stochastic, stochastic);
    support_check_job(&job, 0.99);
    support_job_end(&job);
  }
}

/* --- modifiers one by one
 * ---------------------------------------------------------------------------- */

static support_job adam_job(uint64_t seed, support_group **group)
{
  support_job job = support_job_begin(seed);
  ref_optimizer rule = ref_optimizer_defaults("adam");
  rule.eps = 1e-2;
  rule.lr = 0.0625;
  rule.weight_decay = 0.125;
  job.size = SUPPORT_USUAL_SIZE;
  *group = support_add_group(&job, &rule);
  return job;
}

static void check_and_end(support_job *job)
{
  add_sizes(job, all_sizes, 12);
  support_check_job(job, 0.99);
  support_job_end(job);
}

Test(optimizer, nothing_asked_for)
{
  support_group *group;
  support_job job = adam_job(10, &group);
  check_and_end(&job);
}

Test(optimizer, loss_scale)
{
  support_group *group;
  support_job job = adam_job(11, &group);
  job.loss_scale = 65536.0 / 3.0;
  check_and_end(&job);
}

Test(optimizer, clip_norm)
{
  support_group *group;
  support_job job = adam_job(12, &group);
  job.loss_scale = 3.0;
  job.clip_norm = 0.7;
  job.clip_eps = 5.0; /* of a norm near 200, so that it is seen */
  check_and_end(&job);
}

Test(optimizer, clip_norm_that_is_not_reached)
{
  support_group *group;
  support_job job = adam_job(13, &group);
  job.clip_norm = 1e9;
  job.clip_eps = 0.0;
  check_and_end(&job);
}

Test(optimizer, clip_value)
{
  support_group *group;
  support_job job = adam_job(14, &group);
  job.loss_scale = 2.0;
  group->clip_value = 0.375;
  check_and_end(&job);
}

Test(optimizer, maximize)
{
  support_group *group;
  support_job job = adam_job(15, &group);
  group->maximize = 1;
  group->clip_value = 2.0;
  check_and_end(&job);
}

Test(optimizer, decoupled_decay)
{
  support_group *group;
  support_job job = adam_job(16, &group);
  group->rule.decoupled = 1;
  group->lr_schedule = (ref_schedule){REF_POWER, {0.5}};
  group->decay_schedule = (ref_schedule){REF_EXPONENTIAL, {0.9375}};
  check_and_end(&job);
}

Test(optimizer, noise)
{
  support_group *group;
  support_job job = adam_job(17, &group);
  group->noise[0] = 0.3;
  group->noise[1] = 0.75;
  check_and_end(&job);
}

Test(optimizer, average)
{
  support_group *group;
  support_job job = adam_job(18, &group);
  group->average = 1;
  group->average_keep = 0.9;
  group->average_type = ESC_TYPE_BF16;
  check_and_end(&job);
}

Test(optimizer, skipped_by_found_inf)
{
  support_group *group;
  support_job job = adam_job(19, &group);
  job.found_inf = 1.0;
  check_and_end(&job);
}

Test(optimizer, skipped_with_zero_gradients)
{
  support_group *group;
  support_job job = adam_job(20, &group);
  job.found_inf = 1.0;
  job.zero_gradients = 1;
  check_and_end(&job);
}

Test(optimizer, zero_gradients)
{
  support_group *group;
  support_job job = adam_job(21, &group);
  job.zero_gradients = 1;
  job.clip_norm = 3.0;
  check_and_end(&job);
}

Test(optimizer, skip_non_finite_with_finite_gradients)
{
  support_group *group;
  support_job job = adam_job(22, &group);
  job.skip_non_finite = 1;
  check_and_end(&job);
}

/* Tensors without a gradient stay as they are, count nothing and are not in the norm. */
Test(optimizer, missing_gradients)
{
  support_group *group;
  support_job job = adam_job(23, &group);
  job.clip_norm = 2.0;
  job.zero_gradients = 1;
  add_sizes(&job, all_sizes, 12);
  for (int k = 0; k < job.tensor_count; k += 3)
    job.tensors[k].unbound = 1;
  support_check_job(&job, 0.99);
  support_job_end(&job);
}

/* --- size
 * ------------------------------------------------------------------------------------------- */

/* Many chunks and leaves, in float and in 16 bits with a master. */
Test(optimizer, a_million_elements)
{
  support_group *group;
  support_job job = adam_job(24, &group);
  job.clip_norm = 1.0;
  support_add_tensor(&job, ((int64_t)1 << 20) + 1)->steps = 9;
  support_check_job(&job, 0.99);
  support_job_end(&job);
}

Test(optimizer, many_elements_in_16_bits)
{
  support_group *group;
  support_job job = adam_job(25, &group);
  support_tensor *const tensor = support_add_tensor(&job, ((int64_t)1 << 17) + 3);
  tensor->type[SUPPORT_VALUE] = tensor->type[SUPPORT_GRADIENT] = REF_BF16;
  tensor->type[SUPPORT_MASTER] = REF_F32;
  tensor->stochastic = 1;
  support_check_job(&job, 0.99);
  support_job_end(&job);
}
