/* Calls of an optimizer with bad input: each refused with a status and a sentence that names the
 * place and the field, nothing changed. What steps compute is in test_optimizer.c. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/held_optimizer.h"
#include "tests/support_calls.h"

static calls_case good;

static void expect_sentence(const char *expected, int line)
{
  cr_expect(strstr(esc_last_error(), expected), "line %d: expected \"%s\", found \"%s\"", line,
            expected, esc_last_error());
}

#define EXPECT_BAD(call, sentence)                                                                 \
  do {                                                                                             \
    cr_expect_eq((call), ESC_STATUS_BAD_ARGUMENT, "line %d: not refused", __LINE__);               \
    expect_sentence((sentence), __LINE__);                                                         \
  } while (0)

/* --- descriptions that are wrong
 * ---------------------------------------------------------------------- */

typedef struct spoiling {
  void (*spoil)(calls_case *c);
  const char *sentence;
} spoiling;

#define SPOIL(name, ...)                                                                           \
  static void name(calls_case *c)                                                                  \
  {                                                                                                \
    __VA_ARGS__;                                                                                   \
  }

/* Every one is refused by create and by the size query alike, which leave their outputs alone and
 * no memory behind. */
static void expect_refused(const spoiling *list, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    esc_optimizer *const untouched = (esc_optimizer *)(void *)&good;
    esc_optimizer *optimizer = untouched;
    size_t bytes = 12345;
    esc_device *const device = calls_device_open();
    calls_begin(&good, 1);
    list[i].spoil(&good);
    cr_expect_eq(esc_optimizer_create(device, &good.options, &optimizer), ESC_STATUS_BAD_ARGUMENT,
                 "not refused: %s", list[i].sentence);
    expect_sentence(list[i].sentence, __LINE__);
    cr_expect_eq(esc_optimizer_state_bytes(device, &good.options, &bytes), ESC_STATUS_BAD_ARGUMENT,
                 "no error of the size: %s", list[i].sentence);
    expect_sentence(list[i].sentence, __LINE__);
    cr_expect(optimizer == untouched && bytes == 12345, "%s: output touched", list[i].sentence);
    cr_expect_eq(calls_watch.allocated, 0, "%s: memory left", list[i].sentence);
  }
}
#define EXPECT_REFUSED(list) expect_refused(list, sizeof list / sizeof *list)

SPOIL(null_value, c->parameters[3].value.data = NULL)
SPOIL(negative_count, c->parameters[1].count = -1)
SPOIL(huge_count, c->parameters[1].count = INT64_MAX)
SPOIL(value_type, c->parameters[2].value.type = ESC_TYPE_F64)
SPOIL(gradient_type, c->parameters[3].gradient.type = (esc_type)99)
SPOIL(master_type, c->parameters[1].master.type = ESC_TYPE_I32)
SPOIL(odd_value, c->parameters[0].value.data = c->values[0] + 2)
SPOIL(odd_gradient, c->parameters[1].gradient.data = c->gradients[1] + 1)
SPOIL(odd_master, c->parameters[1].master.data = c->masters[1] + 2)
SPOIL(no_group, c->parameters[4].group = CALLS_GROUPS)
SPOIL(negative_group, c->parameters[4].group = -1)
SPOIL(half_stochastic, c->parameters[4].stochastic = 2)
SPOIL(foreign_gradient, calls_watch.foreign = c->gradients[3])
SPOIL(foreign_value, calls_watch.foreign = c->values[5])
SPOIL(end_of_memory, c->parameters[0].value.data = (void *)(UINTPTR_MAX - 255))
SPOIL(parameter_size, c->parameters[0].struct_size = 8)
SPOIL(later_size, c->parameters[5].struct_size = 0)
SPOIL(no_parameters, c->options.parameters = NULL)
SPOIL(negative_parameters, c->options.parameter_count = -1)
SPOIL(too_many_parameters, c->options.parameter_count = (int64_t)1 << 40)
SPOIL(options_size, c->options.struct_size = 16)
SPOIL(keep_master, c->options.keep_master = 3)

Test(refused, parameters)
{
  static const spoiling list[] = {
      {null_value, "parameters[3].value.data: expected 64 elements, found NULL"},
      {negative_count, "parameters[1].count: expected 0 to 2199023253504, found -1"},
      {huge_count, "parameters[1].count: "},
      {value_type, "parameters[2].value.type: "},
      {gradient_type, "parameters[3].gradient.type: "},
      {master_type, "parameters[1].master.type: "},
      {odd_value, "parameters[0].value.data: expected it aligned to its elements of 4 bytes"},
      {odd_gradient, "parameters[1].gradient.data: expected it aligned to its elements of 2 bytes"},
      {odd_master, "parameters[1].master.data: expected it aligned"},
      {no_group, "parameters[4].group: expected 0 to 2, found 3"},
      {negative_group, "parameters[4].group: expected 0 to 2, found -1"},
      {half_stochastic, "parameters[4].stochastic: "},
      {foreign_gradient, "parameters[3].gradient.data: its 256 bytes are not in the memory"},
      {foreign_value, "parameters[5].value.data: its 132 bytes are not in the memory"},
      {end_of_memory, "parameters[0].value.data: 100 elements from"},
      {parameter_size, "parameters[0].struct_size: "},
      {later_size, "parameters[5].struct_size: "},
      {no_parameters, "parameters: expected 6 of them, found NULL"},
      {negative_parameters, "parameter_count: "},
      {too_many_parameters, "parameter_count: "},
      {options_size, "options.struct_size: "},
      {keep_master, "keep_master: "},
  };
  EXPECT_REFUSED(list);
}

SPOIL(gradient_on_value, c->parameters[3].gradient.data = c->values[3])
SPOIL(last_element, c->parameters[3].value.data = c->gradients[0] + 99 * 4)
SPOIL(same_gradient, c->parameters[5].gradient.data = c->gradients[0])
SPOIL(master_on_value, c->parameters[1].master.data = c->values[1])
SPOIL(inside, c->parameters[5].value.data = c->values[0] + 4)

Test(refused, overlaps)
{
  static const spoiling list[] = {
      {gradient_on_value, "parameters[3].gradient.data: overlaps parameters[3].value.data"},
      {last_element, "parameters[3].value.data: overlaps parameters[0].gradient.data"},
      {same_gradient, "parameters[5].gradient.data: overlaps parameters[0].gradient.data"},
      {master_on_value, "parameters[1].master.data: overlaps parameters[1].value.data"},
      {inside, "parameters[5].value.data: overlaps parameters[0].value.data"},
  };
  EXPECT_REFUSED(list);
}

/* Arrays side by side do not overlap, nor do empty ones with anything. */
Test(accepted, neighbours)
{
  esc_device *const device = calls_device_open();
  calls_begin(&good, 1);
  good.parameters[3].value.data = good.gradients[0] + 100 * 4;
  good.parameters[2].value.data = good.values[0];
  good.parameters[2].gradient.data = good.values[0] + 1;
  esc_optimizer_free(calls_make(device, &good));
  cr_expect_eq(calls_watch.allocated, 0);
}

static const esc_setting no_total[] = {{"warmup", 3.0, NULL, NULL, 0}};
static const esc_setting short_total[] = {ESC_NUMBER("warmup", 30.0), ESC_NUMBER("total", 20.0)};

SPOIL(no_rule, c->groups[1].rule = "sdg")
SPOIL(null_rule, c->groups[1].rule = NULL)
SPOIL(negative_lr, c->groups[0].lr.value = -1e-3)
SPOIL(infinite_lr, c->groups[2].lr.value = (double)INFINITY)
SPOIL(negative_decay, c->groups[0].weight_decay.value = -0.1)
SPOIL(zero_clip, c->groups[0].clip_value.value = 0.0)
SPOIL(nan_clip, c->groups[0].clip_value.value = (double)NAN)
SPOIL(nan_keep, c->groups[0].average_keep.value = (double)NAN)
SPOIL(nan_noise, c->groups[0].noise[0].value = (double)NAN)
SPOIL(large_keep, c->groups[0].average_keep.value = 1.5)
SPOIL(negative_noise, c->groups[0].noise[0].value = -1.0)
SPOIL(negative_gamma, c->groups[0].noise[1].value = -0.5)
SPOIL(bad_decay, c->groups[0].decay = (esc_decay)7)
SPOIL(bad_maximize, c->groups[0].maximize = -1)
SPOIL(bad_average, c->groups[0].average = 2)
SPOIL(bad_average_type, c->groups[0].average_type = ESC_TYPE_U8)
SPOIL(bad_state_type, c->groups[0].state_type[1] = ESC_TYPE_F64)
SPOIL(unknown_key, c->hypers[1].key = "epsilon")
SPOIL(null_key, c->hypers[1].key = NULL)
SPOIL(twice, c->hypers[1].key = "beta1")
SPOIL(large_beta, c->hypers[0].number.value = 1.0)
SPOIL(half_switch, c->hypers[2].number.value = 0.5)
SPOIL(word_for_number, c->hypers[0].word = "large")
SPOIL(device_switch, c->hypers[2].number.device = &c->scalar)
SPOIL(device_type, c->groups[0].lr.device = &c->scalar; c->groups[0].lr.type = (esc_type)6)
SPOIL(device_odd, c->groups[0].lr.device = (char *)&c->scalar + 2)
SPOIL(device_foreign, c->groups[0].lr.device = calls_watch.foreign = &c->scalar)
SPOIL(key_foreign, c->hypers[1].number.device = calls_watch.foreign = &c->scalar)
SPOIL(null_hypers, c->groups[0].hypers = NULL)
SPOIL(negative_hypers, c->groups[0].hyper_count = -2)
SPOIL(no_schedule, c->groups[1].schedule = "cosine")
SPOIL(no_decay_schedule, c->groups[1].decay_schedule = "")
SPOIL(schedule_needs, c->groups[1].schedule = "warmup_cosine";
      c->groups[1].schedule_settings = no_total; c->groups[1].schedule_setting_count = 1)
SPOIL(schedule_short, c->groups[1].decay_schedule = "warmup_cosine";
      c->groups[1].decay_schedule_settings = short_total;
      c->groups[1].decay_schedule_setting_count = 2)
SPOIL(null_settings, c->groups[1].schedule = "step"; c->groups[1].schedule_setting_count = 1)
SPOIL(lookahead, c->groups[0].rule = "nesterov"; c->groups[0].hyper_count = 1;
      c->hypers[0] = (esc_hyper)ESC_HYPER_WORD("form", "lookahead"))
SPOIL(bad_word, c->groups[0].rule = "nesterov"; c->groups[0].hyper_count = 1;
      c->hypers[0] = (esc_hyper)ESC_HYPER_WORD("form", "ruder"))
SPOIL(start_on_device, c->groups[0].rule = "adagrad"; c->groups[0].hyper_count = 1;
      c->hypers[0] = (esc_hyper){"initial_accumulator", {0.0, &c->scalar, ESC_TYPE_F64}, NULL})
SPOIL(group_size, c->groups[0].struct_size = 100)
SPOIL(later_group_size, c->groups[1].struct_size -= 8)
SPOIL(negative_groups, c->options.group_count = -1)
SPOIL(no_groups, c->options.group_count = 0)

Test(refused, groups)
{
  static const spoiling list[] = {
      {no_rule, "groups[1].rule: expected the name of an optimizer, found \"sdg\""},
      {null_rule, "groups[1].rule: "},
      {negative_lr, "groups[0].lr: expected a number of at least 0 and at most 1e30, found -0.001"},
      {infinite_lr, "groups[2].lr: "},
      {negative_decay, "groups[0].weight_decay: "},
      {zero_clip, "groups[0].clip_value: "},
      {nan_clip, "groups[0].clip_value: "},
      {nan_keep, "groups[0].average_keep: "},
      {nan_noise, "groups[0].noise.eta0: "},
      {large_keep, "groups[0].average_keep: expected a number in [0, 1], found 1.5"},
      {negative_noise, "groups[0].noise.eta0: "},
      {negative_gamma, "groups[0].noise.gamma: "},
      {bad_decay, "groups[0].decay: "},
      {bad_maximize, "groups[0].maximize: expected 0 or 1, found -1"},
      {bad_average, "groups[0].average: "},
      {bad_average_type, "groups[0].average_type: "},
      {bad_state_type, "groups[0].state_type[1]: "},
      {unknown_key, "groups[0].hypers[1].key: adam has no key \"epsilon\""},
      {null_key, "groups[0].hypers[1].key: adam has no key NULL"},
      {twice, "groups[0].beta1: given twice"},
      {large_beta, "groups[0].beta1: expected a number in [0, 1), found 1"},
      {half_switch, "groups[0].bias_correction: expected true or false, found 0.5"},
      {word_for_number, "groups[0].beta1: expected a number in [0, 1)"},
      {device_switch, "groups[0].bias_correction: a switch cannot be in device memory"},
      {device_type, "groups[0].lr.type: "},
      {device_odd, "groups[0].lr.device: expected it aligned to 4 bytes"},
      {device_foreign, "groups[0].lr.device: not in the memory of the device"},
      {key_foreign, "groups[0].eps.device: not in the memory of the device"},
      {null_hypers, "groups[0].hypers: "},
      {negative_hypers, "groups[0].hypers: "},
      {no_schedule, "groups[1].schedule: expected the name of a schedule, found \"cosine\""},
      {no_decay_schedule, "groups[1].decay_schedule: "},
      {schedule_needs, "groups[1].schedule.total: "},
      {schedule_short, "groups[1].decay_schedule.total: expected more than warmup = 30, found 20"},
      {null_settings, "groups[1].schedule: settings: "},
      {lookahead, "groups[0].form: lookahead needs the gradient at another point: use form bengio"},
      {bad_word, "groups[0].form: expected one of bengio|lookahead, found ruder"},
      {start_on_device, "where state 0 of adagrad begins cannot be in device memory"},
      {group_size, "groups[0].struct_size: "},
      {later_group_size, "groups[1].struct_size: "},
      {negative_groups, "group_count: "},
      {no_groups, "parameters[0].group: "},
  };
  EXPECT_REFUSED(list);
}

Test(refused, nothing_there)
{
  esc_device *const device = calls_device_open();
  esc_optimizer *optimizer = NULL;
  size_t bytes;
  calls_begin(&good, 1);
  EXPECT_BAD(esc_optimizer_create(NULL, &good.options, &optimizer), "device: ");
  EXPECT_BAD(esc_optimizer_create(device, NULL, &optimizer), "options: ");
  EXPECT_BAD(esc_optimizer_create(device, &good.options, NULL), "optimizer: ");
  EXPECT_BAD(esc_optimizer_state_bytes(device, &good.options, NULL), "bytes: ");
  EXPECT_BAD(esc_optimizer_state_bytes(NULL, &good.options, &bytes), "device: ");
  EXPECT_BAD(esc_optimizer_step(NULL, NULL), "optimizer: ");
  EXPECT_BAD(esc_optimizer_norm(NULL, NULL), "optimizer: ");
  EXPECT_BAD(esc_optimizer_refill(NULL, NULL), "optimizer: ");
  EXPECT_BAD(esc_optimizer_bind(NULL, NULL, 0, NULL), "optimizer: ");
  cr_expect_eq(esc_optimizer_parameter_count(NULL), 0);
  cr_expect_eq(esc_optimizer_state_count(NULL, 0), 0);
  cr_expect_null(esc_optimizer_parameter_name(NULL, 0));
  cr_expect_null(esc_optimizer_parameter_rule(NULL, 0));
  esc_optimizer_free(NULL);
}

/* Memory of the caller's for states: large enough, aligned, the device's, and nobody else's. */
Test(refused, state_memory)
{
  esc_device *const device = calls_device_open();
  esc_optimizer *optimizer = NULL;
  size_t bytes = 0;
  calls_begin(&good, 1);
  cr_assert_eq(esc_optimizer_state_bytes(device, &good.options, &bytes), ESC_STATUS_OK);
  cr_assert(bytes > 0 && bytes < sizeof good.state && bytes % 256 == 0);
  good.options.state = good.state;
  good.options.state_bytes = bytes - 1;
  EXPECT_BAD(esc_optimizer_create(device, &good.options, &optimizer), "state_bytes: expected at");
  good.options.state_bytes = bytes;
  good.options.state = good.state + 128;
  EXPECT_BAD(esc_optimizer_create(device, &good.options, &optimizer), "state: expected it aligned");
  good.options.state = good.values[3];
  EXPECT_BAD(esc_optimizer_create(device, &good.options, &optimizer),
             "parameters[3].value.data: overlaps state");
  good.options.state = good.state;
  calls_watch.foreign = good.state;
  EXPECT_BAD(esc_optimizer_create(device, &good.options, &optimizer), "are not in the memory");
  calls_watch.foreign = NULL;
  cr_expect_eq(calls_watch.allocated, 0);
  optimizer = calls_make(device, &good);
  cr_expect_eq(calls_watch.allocated, 1, "states were allocated although there was memory");
  esc_state_buffer state = ESC_STATE_BUFFER_INIT;
  cr_assert_eq(esc_optimizer_state(optimizer, 0, 0, &state), ESC_STATUS_OK);
  cr_expect_eq((unsigned char *)state.array.data, good.state);
  esc_optimizer_free(optimizer);
}

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

/* --- defaults and tables
 * ------------------------------------------------------------------------------ */

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
  EXPECT_BAD(set(optimizer, 2, "initial_accumulator", 0.5),
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
  cr_expect_eq(steps_of(optimizer, 5), 1);
  esc_optimizer_free(optimizer);
}
