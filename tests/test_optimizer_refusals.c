/* An optimizer described badly: each refused with a status and a sentence that names the place and
 * the field, nothing changed and no memory left. What it does once made is in
 * test_optimizer_calls.c. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/support_calls.h"

static calls_case good;

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
    calls_expect_sentence(list[i].sentence, __LINE__);
    cr_expect_eq(esc_optimizer_state_bytes(device, &good.options, &bytes), ESC_STATUS_BAD_ARGUMENT,
                 "no error of the size: %s", list[i].sentence);
    calls_expect_sentence(list[i].sentence, __LINE__);
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
