/* Calls of an optimizer that was made: steps and their options, other gradients and numbers, its
 * states. Each bad call is refused with a sentence that names the field, nothing changed. What
 * steps compute is in test_optimizer.c. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/held_optimizer.h"
#include "tests/support_calls.h"

static calls_case good;

/* --- steps
 * ---------------------------------------------------------------------------------------- */

Test(refused, step_options)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  esc_optimizer *const optimizer = calls_make(device, &good);
  const esc_step_options fine = ESC_STEP_OPTIONS_INIT;
  const double bad_scales[] = {0.0, (double)NAN, (double)INFINITY};
  const double bad_norms[] = {0.0, -1.0, (double)NAN};
  const double bad_eps[] = {-1e-6, (double)NAN, (double)INFINITY};
  for (int k = 0; k < 3; k++) {
    esc_step_options o = fine;
    o.loss_scale.value = bad_scales[k];
    EXPECT_BAD(esc_optimizer_step(optimizer, &o), "loss_scale: ");
    o = fine;
    o.clip_norm.value = bad_norms[k];
    EXPECT_BAD(esc_optimizer_step(optimizer, &o), "clip_norm: ");
    o = fine;
    o.clip_eps = bad_eps[k];
    EXPECT_BAD(esc_optimizer_step(optimizer, &o), "clip_eps: ");
  }
  esc_step_options o = fine;
  o.struct_size = 8;
  EXPECT_BAD(esc_optimizer_step(optimizer, &o), "options.struct_size: ");
  o = fine;
  o.zero_gradients = 2;
  EXPECT_BAD(esc_optimizer_step(optimizer, &o), "zero_gradients: ");
  o = fine;
  o.skip_non_finite = -1;
  EXPECT_BAD(esc_optimizer_step(optimizer, &o), "skip_non_finite: ");
  o = fine;
  o.norm_taken = 5;
  EXPECT_BAD(esc_optimizer_step(optimizer, &o), "norm_taken: ");
  o = fine;
  o.found_inf = (esc_scalar){0.0, &good.scalar, (esc_type)-1};
  EXPECT_BAD(esc_optimizer_step(optimizer, &o), "found_inf.type: ");
  o.found_inf = (esc_scalar){0.0, (char *)&good.scalar + 1, ESC_TYPE_I32};
  EXPECT_BAD(esc_optimizer_step(optimizer, &o), "found_inf.device: ");
  cr_expect_eq(calls_watch.updates + calls_watch.norms, 0, "a refused step did something");
  esc_optimizer_free(optimizer);
}

/* The norm is taken where it is needed, and only there. */
Test(steps, norm_when_needed)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  esc_optimizer *const optimizer = calls_make(device, &good);
  esc_step_options o = ESC_STEP_OPTIONS_INIT;
  cr_expect_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  cr_expect_eq(esc_optimizer_step(optimizer, &o), ESC_STATUS_OK);
  cr_expect_eq(calls_watch.norms, 0);
  o.clip_norm.value = 1.0;
  cr_expect_eq(esc_optimizer_step(optimizer, &o), ESC_STATUS_OK);
  cr_expect_eq(calls_watch.norms, 1);
  o.norm_taken = 1;
  cr_expect_eq(esc_optimizer_step(optimizer, &o), ESC_STATUS_OK);
  cr_expect_eq(calls_watch.norms, 1);
  o = (esc_step_options)ESC_STEP_OPTIONS_INIT;
  o.skip_non_finite = 1;
  cr_expect_eq(esc_optimizer_step(optimizer, &o), ESC_STATUS_OK);
  cr_expect_eq(calls_watch.norms, 2);
  o.skip_non_finite = 0;
  good.scalar = 3.0;
  o.clip_norm = (esc_scalar){0.0, &good.scalar, ESC_TYPE_F64};
  cr_expect_eq(esc_optimizer_step(optimizer, &o), ESC_STATUS_OK);
  cr_expect_eq(calls_watch.norms, 3);
  cr_expect_eq(calls_watch.updates, 6);
  esc_optimizer_free(optimizer);
}

Test(steps, gradients_zeroed_on_request)
{
  static const unsigned char zero[CALLS_ROOM];
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  esc_optimizer *const optimizer = calls_make(device, &good);
  esc_step_options o = ESC_STEP_OPTIONS_INIT;
  cr_assert_eq(esc_optimizer_step(optimizer, &o), ESC_STATUS_OK);
  cr_expect_arr_neq(good.gradients[0], zero, 400);
  o.zero_gradients = 1;
  o.found_inf.value = 1.0; /* skipped or not */
  cr_assert_eq(esc_optimizer_step(optimizer, &o), ESC_STATUS_OK);
  for (int p = 0; p < CALLS_PARAMETERS; p++)
    if (p != 4) /* which has none bound */
      cr_expect_arr_eq(good.gradients[p], zero, CALLS_ROOM);
  cr_expect_arr_neq(good.gradients[4], zero, 10);
  esc_optimizer_free(optimizer);
}

/* A device that failed stays so. */
Test(steps, lost_for_good)
{
  esc_device *const device = calls_device_open();
  int64_t steps;
  calls_begin(&good, 1);
  esc_optimizer *const optimizer = calls_make(device, &good);
  calls_watch.fail_at = calls_watch.made + 1;
  cr_expect_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_DEVICE_LOST);
  cr_expect_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_DEVICE_LOST);
  cr_expect_eq(esc_optimizer_norm(optimizer, NULL), ESC_STATUS_DEVICE_LOST);
  cr_expect_eq(esc_optimizer_refill(optimizer, NULL), ESC_STATUS_DEVICE_LOST);
  cr_expect_eq(esc_optimizer_steps(optimizer, 0, NULL, &steps), ESC_STATUS_DEVICE_LOST);
  cr_expect_eq(esc_optimizer_set(optimizer, 0, "lr", (esc_scalar)ESC_SCALAR(1.0), NULL),
               ESC_STATUS_DEVICE_LOST);
  cr_expect_eq(calls_watch.updates, 1);
  esc_optimizer_free(optimizer);
  cr_expect_eq(calls_watch.allocated, 0);
}

Test(steps, norm_and_where_it_lies)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  for (int p = 0; p < CALLS_PARAMETERS; p++)
    memset(good.gradients[p], 0, sizeof good.gradients[p]);
  memcpy(good.gradients[0] + 40, &(float){3.0f}, 4);
  memcpy(good.gradients[5] + 128, &(float){-4.0f}, 4);
  esc_optimizer *const optimizer = calls_make(device, &good);
  double *squared = NULL, norm = -1.0;
  int32_t *non_finite = NULL;
  int found = -1;
  cr_assert_eq(esc_optimizer_norm_scalars(optimizer, &squared, &non_finite), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_norm_scalars(optimizer, NULL, NULL), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_norm(optimizer, NULL), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_norm_read(optimizer, NULL, &norm, &found), ESC_STATUS_OK);
  cr_expect(norm == 5.0 && found == 0 && *squared == 25.0 && *non_finite == 0, "norm %g", norm);
  memcpy(good.gradients[3], &(float){INFINITY}, 4);
  cr_assert_eq(esc_optimizer_norm(optimizer, NULL), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_norm_read(optimizer, NULL, NULL, &found), ESC_STATUS_OK);
  cr_expect(found == 1 && *non_finite != 0);
  esc_optimizer_free(optimizer);
}

/* --- other gradients, other numbers
 * ------------------------------------------------------------------- */

static int64_t steps_of(esc_optimizer *optimizer, int64_t index)
{
  int64_t steps = -1;
  cr_assert_eq(esc_optimizer_steps(optimizer, index, NULL, &steps), ESC_STATUS_OK);
  return steps;
}

Test(binding, bad_and_good)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  esc_optimizer *const optimizer = calls_make(device, &good);
  void *bound[CALLS_PARAMETERS] = {NULL, good.gradients[1], NULL, NULL, good.gradients[4], NULL};
  EXPECT_BAD(esc_optimizer_bind(optimizer, bound, CALLS_PARAMETERS - 1, NULL), "count: ");
  EXPECT_BAD(esc_optimizer_bind(optimizer, NULL, CALLS_PARAMETERS, NULL), "gradients: ");
  bound[4] = good.gradients[4] + 1;
  EXPECT_BAD(esc_optimizer_bind(optimizer, bound, CALLS_PARAMETERS, NULL),
             "parameters[4].gradient.data: expected it aligned to its elements of 2 bytes");
  bound[4] = good.gradients[4];
  calls_watch.capturing = 1;
  cr_expect_eq(esc_optimizer_bind(optimizer, bound, CALLS_PARAMETERS, NULL),
               ESC_STATUS_BAD_ARGUMENT);
  calls_watch.capturing = 0;
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  cr_expect_eq(steps_of(optimizer, 0), 1, "a refused binding was bound");
  cr_expect_eq(steps_of(optimizer, 4), 0);
  cr_assert_eq(esc_optimizer_bind(optimizer, bound, CALLS_PARAMETERS, NULL), ESC_STATUS_OK);
  memset(bound, 0xff, sizeof bound); /* it is the caller's again */
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  const int64_t expected[CALLS_PARAMETERS] = {1, 2, 1, 1, 1, 1};
  const int32_t *const leaders = optimizer->plan.tables.leaders;
  cr_expect(leaders[0] == 1 && leaders[1] == -1 && leaders[2] == -1);
  for (int p = 0; p < CALLS_PARAMETERS; p++)
    cr_expect_eq(steps_of(optimizer, p), expected[p], "parameter %d", p);
  esc_optimizer_free(optimizer);
}

static esc_status set(esc_optimizer *optimizer, int group, const char *key, double value)
{
  return esc_optimizer_set(optimizer, group, key, (esc_scalar)ESC_SCALAR(value), NULL);
}

Test(setting, refused)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  good.groups[1].rule = "nesterov";
  esc_optimizer *const optimizer = calls_make(device, &good);
  EXPECT_BAD(set(optimizer, -1, "lr", 1.0), "group: expected 0 to 2, found -1");
  EXPECT_BAD(set(optimizer, 3, "lr", 1.0), "group: ");
  EXPECT_BAD(set(optimizer, 0, NULL, 1.0), "key: ");
  EXPECT_BAD(set(optimizer, 0, "alpha", 1.0), "key: adam has no number \"alpha\"");
  EXPECT_BAD(set(optimizer, 0, "lr", -1.0), "groups[0].lr: ");
  EXPECT_BAD(set(optimizer, 0, "lr", (double)NAN), "groups[0].lr: ");
  EXPECT_BAD(set(optimizer, 0, "beta1", (double)NAN), "groups[0].beta1: ");
  EXPECT_BAD(set(optimizer, 0, "beta1", 1.0), "groups[0].beta1: ");
  EXPECT_BAD(set(optimizer, 1, "form", 1.0), "groups[1].form: a word stays");
  EXPECT_BAD(set(optimizer, 2, "momentum", 0.5),
             "groups[2].momentum: needs a state that the group was created without");
  EXPECT_BAD(set(optimizer, 2, "centered", 1.0), "groups[2].centered: needs a state");
  EXPECT_BAD(set(optimizer, 0, "noise.eta0", 0.5), "groups[0].noise.eta0: the group was created");
  calls_watch.foreign = &good.scalar;
  const esc_scalar foreign = {0.0, &good.scalar, ESC_TYPE_F64};
  EXPECT_BAD(esc_optimizer_set(optimizer, 0, "eps", foreign, NULL), "groups[0].eps.device: ");
  EXPECT_BAD(esc_optimizer_set(optimizer, 0, "lr", foreign, NULL), "groups[0].lr.device: ");
  cr_expect_eq(calls_watch.uploads, 0, "a refused number was sent");
  calls_watch.capturing = 1;
  cr_expect_eq(set(optimizer, 0, "lr", 1.0), ESC_STATUS_BAD_ARGUMENT);
  esc_optimizer_free(optimizer);
}

static float first_value(const calls_case *c, int p)
{
  float value;
  memcpy(&value, c->values[p], sizeof value);
  return value;
}

/* A number takes hold from the next step on: of the group, from the host and from the device. */
Test(setting, takes_hold)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  memcpy(good.gradients[3], &(float){1.0f}, 4);
  memcpy(good.values[3], &(float){8.0f}, 4);
  esc_optimizer *const optimizer = calls_make(device, &good);
  cr_assert_eq(set(optimizer, 1, "lr", 0.5), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  cr_expect_eq(first_value(&good, 3), 7.5f);
  good.scalar = 2.0;
  const esc_scalar lr = {0.0, &good.scalar, ESC_TYPE_F64};
  cr_assert_eq(esc_optimizer_set(optimizer, 1, "lr", lr, NULL), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  cr_expect_eq(first_value(&good, 3), 5.5f);
  good.scalar = 1.0;
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  cr_expect_eq(first_value(&good, 3), 4.5f);
  cr_assert_eq(set(optimizer, 1, "weight_decay", 1.0), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  cr_expect_eq(first_value(&good, 3), -1.0f);
  cr_assert_eq(set(optimizer, 1, "clip_value", 0.25), ESC_STATUS_OK);
  cr_assert_eq(set(optimizer, 1, "weight_decay", 0.0), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  cr_expect_eq(first_value(&good, 3), -1.25f);
  esc_optimizer_free(optimizer);
}

/* --- states
 * ---------------------------------------------------------------------------------------- */

Test(states, listed)
{
  static const char *const names[CALLS_PARAMETERS][5] = {{"m", "v", "average"},
                                                         {"m", "v", "average", "master"},
                                                         {NULL},
                                                         {NULL},
                                                         {"m", "v", "average"},
                                                         {"v"}};
  static const char *const rules[CALLS_PARAMETERS] = {"adam", "adam", "sgd",
                                                      "sgd",  "adam", "rmsprop"};
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  char name[] = "layer.weight";
  good.parameters[1].name = name;
  esc_optimizer *const optimizer = calls_make(device, &good);
  name[0] = 'X';
  cr_expect_eq(esc_optimizer_parameter_count(optimizer), CALLS_PARAMETERS);
  cr_expect_str_eq(esc_optimizer_parameter_name(optimizer, 1), "layer.weight");
  cr_expect_str_eq(esc_optimizer_parameter_name(optimizer, 5), "5");
  for (int p = 0; p < CALLS_PARAMETERS; p++) {
    esc_state_buffer state = ESC_STATE_BUFFER_INIT;
    int k = 0;
    for (; names[p][k]; k++) {
      cr_assert_eq(esc_optimizer_state(optimizer, p, k, &state), ESC_STATUS_OK);
      cr_expect_str_eq(state.name, names[p][k]);
      cr_expect_eq(state.count, good.parameters[p].count);
      cr_expect_eq(state.array.type,
                   strcmp(state.name, "v") == 0 && p != 5 ? ESC_TYPE_BF16 : ESC_TYPE_F32);
      cr_expect_eq((uintptr_t)state.array.data % 256, 0u);
    }
    cr_expect_eq(esc_optimizer_state_count(optimizer, p), k);
    cr_expect_str_eq(esc_optimizer_parameter_rule(optimizer, p), rules[p]);
    EXPECT_BAD(esc_optimizer_state(optimizer, p, k, &state), "k: ");
    EXPECT_BAD(esc_optimizer_state(optimizer, p, -1, &state), "k: ");
  }
  esc_state_buffer state = ESC_STATE_BUFFER_INIT;
  EXPECT_BAD(esc_optimizer_state(optimizer, CALLS_PARAMETERS, 0, &state), "index: ");
  EXPECT_BAD(esc_optimizer_state(optimizer, 0, 0, NULL), "state: ");
  state.struct_size = 1;
  EXPECT_BAD(esc_optimizer_state(optimizer, 0, 0, &state), "state.struct_size: ");
  cr_expect_null(esc_optimizer_parameter_name(optimizer, -1));
  esc_optimizer_free(optimizer);
}

Test(states, read_and_written)
{
  esc_device *const device = calls_device_open();
  float there[100], here[100];
  calls_begin(&good, 1);
  esc_optimizer *const optimizer = calls_make(device, &good);
  for (int i = 0; i < 100; i++)
    there[i] = (float)i;
  EXPECT_BAD(esc_optimizer_state_write(optimizer, 0, 0, there, 396, NULL),
             "bytes: expected 400 for parameters[0].m, found 396");
  EXPECT_BAD(esc_optimizer_state_write(optimizer, 0, 0, NULL, 400, NULL), "memory: ");
  EXPECT_BAD(esc_optimizer_state_read(optimizer, 0, 1, here, 400, NULL), "bytes: expected 200");
  EXPECT_BAD(esc_optimizer_state_read(optimizer, 3, 0, here, 256, NULL), "k: ");
  cr_assert_eq(esc_optimizer_state_write(optimizer, 0, 0, there, 400, NULL), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_state_read(optimizer, 0, 0, here, 400, NULL), ESC_STATUS_OK);
  cr_expect_arr_eq(here, there, sizeof here);
  cr_assert_eq(esc_optimizer_state_read(optimizer, 0, 2, here, 400, NULL), ESC_STATUS_OK);
  cr_expect_arr_eq(here, good.values[0], sizeof here, "the average does not begin at the value");
  esc_optimizer_free(optimizer);
}

Test(states, progress)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  esc_optimizer *const optimizer = calls_make(device, &good);
  esc_parameter_progress p = ESC_PARAMETER_PROGRESS_INIT, seen = ESC_PARAMETER_PROGRESS_INIT;
  const int64_t bad_steps[] = {-1, (int64_t)INT32_MAX + 1};
  const double bad_products[] = {-0.5, 1.5, (double)NAN};
  for (int k = 0; k < 2; k++) {
    p.steps = bad_steps[k];
    EXPECT_BAD(esc_optimizer_progress_write(optimizer, 0, &p, NULL), "progress.steps: ");
  }
  p.steps = 41;
  for (int k = 0; k < 3; k++) {
    p.product = bad_products[k];
    EXPECT_BAD(esc_optimizer_progress_write(optimizer, 0, &p, NULL), "progress.product: ");
  }
  p.product = 0.25;
  EXPECT_BAD(esc_optimizer_progress_write(optimizer, 6, &p, NULL), "index: ");
  EXPECT_BAD(esc_optimizer_progress_write(optimizer, 0, NULL, NULL), "progress: ");
  EXPECT_BAD(esc_optimizer_progress_read(optimizer, 0, NULL, NULL), "progress: ");
  EXPECT_BAD(esc_optimizer_steps(optimizer, 0, NULL, NULL), "steps: ");
  cr_assert_eq(esc_optimizer_progress_read(optimizer, 0, &seen, NULL), ESC_STATUS_OK);
  cr_expect(seen.steps == 0 && seen.product == 1.0, "refused progress was written");
  cr_assert_eq(esc_optimizer_progress_write(optimizer, 0, &p, NULL), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_progress_read(optimizer, 0, &seen, NULL), ESC_STATUS_OK);
  cr_expect(seen.steps == 41 && seen.product == 0.25);
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  cr_expect_eq(steps_of(optimizer, 0), 42);
  cr_expect_eq(steps_of(optimizer, 1), 1);
  esc_optimizer_free(optimizer);
}

/* Masters begin at the value, or stay, and averages begin where the parameter then is. */
Test(states, masters_and_averages)
{
  esc_device *const device = calls_device_open();
  float average[257];
  for (int keep = 0; keep < 2; keep++) {
    calls_begin(&good, 1);
    float *const master = (float *)(void *)good.masters[1];
    const uint16_t *const value = (const uint16_t *)(const void *)good.values[1];
    for (int i = 0; i < 257; i++)
      master[i] = 1.0f + (float)i * 0x1p-20f;
    good.options.keep_master = keep;
    esc_optimizer *const optimizer = calls_make(device, &good);
    cr_assert_eq(esc_optimizer_state_read(optimizer, 1, 2, average, sizeof average, NULL),
                 ESC_STATUS_OK);
    for (int i = 0; i < 257; i++) {
      uint32_t bits;
      memcpy(&bits, &master[i], sizeof bits);
      cr_expect_eq(average[i], master[i]);
      cr_expect(keep ? master[i] == 1.0f + (float)i * 0x1p-20f : bits == (uint32_t)value[i] << 16);
    }
    cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK); /* on the true table */
    for (int i = 0; i < 257; i++) {
      const uint32_t bits = (uint32_t)value[i] << 16;
      float stored;
      memcpy(&stored, &bits, sizeof stored);
      cr_expect(fabsf(stored - master[i]) <= 0x1p-7f * fabsf(master[i]),
                "the value does not follow the master");
    }
    cr_assert_eq(esc_optimizer_refill(optimizer, NULL), ESC_STATUS_OK);
    uint32_t bits;
    memcpy(&bits, &master[200], sizeof bits);
    cr_expect_eq(bits, (uint32_t)value[200] << 16, "not refilled");
    esc_optimizer_free(optimizer);
  }
}
