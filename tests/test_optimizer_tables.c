/* What stands in the tables of an optimizer: defaults, states in use, origins, chunks and leaves;
 * and descriptions at the edge of what is accepted. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "host/held_optimizer.h"
#include "tests/support_calls.h"

static calls_case good;

/* What is left open is the rule's own. */
Test(tables, defaults)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  const esc_hyper open[] = {ESC_HYPER("beta2", ESC_NAN_), ESC_HYPER("beta1", 0.5)};
  good.groups[0] = (esc_group)ESC_GROUP_INIT("adamw");
  good.groups[0].hypers = open;
  good.groups[0].hyper_count = 2;
  good.groups[1] = (esc_group)ESC_GROUP_INIT("lion");
  good.groups[2].decay = ESC_DECAY_DECOUPLED;
  esc_optimizer *const optimizer = calls_make(device, &good);
  const esc_step_group *const groups = optimizer->groups;
  cr_expect(groups[0].lr.value == 1e-3 && groups[0].weight_decay.value == 1e-2);
  cr_expect(groups[0].hyper[0].value == 0.5 && groups[0].hyper[1].value == 0.999);
  cr_expect(groups[0].decoupled && groups[1].decoupled && groups[2].decoupled);
  cr_expect(groups[1].lr.value == 1e-4 && groups[1].weight_decay.value == 0.0);
  cr_expect(isinf(groups[1].clip_value.value) && groups[1].noise[0].value == 0.0);
  esc_optimizer_free(optimizer);
}

/* A number in device memory may be anything, so what it may bring into use is there. */
Test(tables, states_in_use)
{
  esc_device *const device = calls_device_open();
  const esc_hyper momentum = {"momentum", {0.0, &good.scalar, ESC_TYPE_F64}, NULL};
  const esc_hyper start = ESC_HYPER("initial_accumulator", 0.25);
  esc_state_buffer state = ESC_STATE_BUFFER_INIT;
  calls_begin(&good, 1);
  good.groups[2].hypers = &momentum;
  good.groups[2].hyper_count = 1;
  esc_optimizer *optimizer = calls_make(device, &good);
  cr_expect(optimizer->tensors[5].state[0] && !optimizer->tensors[5].state[1],
            "a state that the keys leave idle has memory");
  cr_assert_eq(esc_optimizer_state_count(optimizer, 5), 2);
  cr_assert_eq(esc_optimizer_state(optimizer, 5, 1, &state), ESC_STATUS_OK);
  cr_expect_str_eq(state.name, "b");
  esc_optimizer_free(optimizer);
  good.groups[2] = (esc_group)ESC_GROUP_INIT("adagrad");
  good.groups[2].hypers = &start;
  good.groups[2].hyper_count = 1;
  optimizer = calls_make(device, &good);
  cr_assert_eq(esc_optimizer_state(optimizer, 5, 0, &state), ESC_STATUS_OK);
  for (int i = 0; i < 33; i++)
    cr_expect_eq(((const float *)state.array.data)[i], 0.25f);
  const esc_scalar half = {0.5, NULL, ESC_TYPE_F64};
  EXPECT_BAD(esc_optimizer_set(optimizer, 2, "initial_accumulator", half, NULL),
             "groups[2].initial_accumulator: says where a state begins");
  esc_optimizer_free(optimizer);
}

/* Where elements are taken from, so that most bytes move in packets of 16. */
Test(tables, origins)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  good.parameters[3].value.data = good.values[3] + 8; /* sgd in float: nothing but these two */
  good.parameters[3].gradient.data = good.gradients[3] + 4;
  good.parameters[5].value.data = good.values[5] + 4; /* 8 bytes of value against 12 of others */
  good.parameters[1].value.data = good.values[1] + 2; /* draws */
  esc_optimizer *optimizer = calls_make(device, &good);
  const esc_step_tensor *t = optimizer->tensors;
  cr_expect(t[0].origin == 0 && !t[0].split, "a state in 16 bits");
  cr_expect(t[1].origin == 0 && !t[1].split);
  cr_expect(t[3].origin == -2 && t[3].split, "origin %d", t[3].origin);
  cr_expect(t[5].origin == 0 && t[5].split, "origin %d", t[5].origin);
  esc_optimizer_free(optimizer);
  good.groups[1].noise[0].value = 1.0;
  optimizer = calls_make(device, &good);
  cr_expect_eq(optimizer->tensors[3].origin, 0, "what draws noise begins at element 0");
  esc_optimizer_free(optimizer);
}

/* Chunks cover every element once, rule by rule; leaves every element in the order of tensors. */
Test(tables, chunks_and_leaves)
{
  static _Alignas(16) float large[2][5 * ESC_CHUNK + 4];
  int64_t covered[CALLS_PARAMETERS] = {0}, leaf = 0, chunk = 0;
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  good.parameters[5].group = 0; /* adam in the first and the last, sgd between */
  good.parameters[3].value.data = &large[0][1];
  good.parameters[3].gradient.data = &large[1][1];
  good.parameters[3].count = 5 * ESC_CHUNK; /* from -1 on: six chunks */
  esc_optimizer *const optimizer = calls_make(device, &good);
  const esc_step_plan *const plan = &optimizer->plan;
  cr_assert_eq(plan->launch_count, 2);
  for (int k = 0; k < plan->launch_count; k++) {
    cr_expect_eq(plan->launches[k].first, chunk);
    for (; chunk < plan->launches[k].first + plan->launches[k].count; chunk++) {
      const esc_step_chunk at = plan->tables.chunks[chunk];
      const esc_step_tensor *const t = &optimizer->tensors[at.tensor];
      const int64_t begin = t->origin + (int64_t)at.index * ESC_CHUNK;
      const int64_t end = begin + ESC_CHUNK < t->count ? begin + ESC_CHUNK : t->count;
      cr_expect_eq(optimizer->groups[t->group].update, plan->launches[k].update);
      cr_expect_eq(begin > 0 ? begin : 0, covered[at.tensor]);
      covered[at.tensor] = end;
    }
  }
  cr_expect_eq(chunk, plan->chunk_count);
  for (int p = 0; p < CALLS_PARAMETERS; p++) {
    cr_expect_eq(covered[p], good.parameters[p].count);
    cr_expect_eq(optimizer->tensors[p].leaf, leaf);
    for (int64_t k = 0; k * ESC_NORM_LEAF < good.parameters[p].count; k++, leaf++)
      cr_expect(plan->tables.leaves[leaf].tensor == p && plan->tables.leaves[leaf].index == k);
  }
  cr_expect_eq(leaf, plan->tables.leaf_count);
  cr_expect_eq(optimizer->tensors[3].origin, -1);
  esc_optimizer_free(optimizer);
}

/* Nothing to do is a thing to be done. */
Test(accepted, no_parameters)
{
  esc_device *const device = calls_device_open();
  esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
  esc_step_options clip = ESC_STEP_OPTIONS_INIT;
  esc_optimizer *optimizer = NULL;
  clip.clip_norm.value = 1.0;
  cr_assert_eq(esc_optimizer_create(device, &options, &optimizer), ESC_STATUS_OK);
  cr_expect_eq(esc_optimizer_step(optimizer, &clip), ESC_STATUS_OK);
  cr_expect_eq(esc_optimizer_bind(optimizer, NULL, 0, NULL), ESC_STATUS_OK);
  esc_optimizer_free(optimizer);
  cr_expect_eq(calls_watch.allocated, 0);
}

/* Structs that grew in a later version are walked by the size the caller's have. */
Test(accepted, larger_structs)
{
  struct {
    esc_parameter parameter;
    char more[64];
  } wide[CALLS_PARAMETERS];
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  for (int p = 0; p < CALLS_PARAMETERS; p++) {
    memset(&wide[p], 0xff, sizeof wide[p]);
    wide[p].parameter = good.parameters[p];
    wide[p].parameter.struct_size = sizeof wide[p];
  }
  good.options.parameters = &wide[0].parameter;
  esc_optimizer *const optimizer = calls_make(device, &good);
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  int64_t steps = 0;
  cr_assert_eq(esc_optimizer_steps(optimizer, 5, NULL, &steps), ESC_STATUS_OK);
  cr_expect_eq(steps, 1);
  esc_optimizer_free(optimizer);
}
