/* Ends that a tile follows by the short way (kernels/cpu/tile_exits.h) against the long way, which
 * the same experiment takes as soon as it observes more: the same counts, sums and samples. The
 * long way is held against a naive engine in test_bits.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/support.h"

static support_case exits(const char *rule, esc_state state, int stops_on_the_left, int64_t steps)
{
  support_case c = support_begin("double_well", "gaussian", rule, 0.1);
  support_start_at(&c, -1.0);
  c.experiment.outside[0] = stops_on_the_left ? -1.5 : -INFINITY;
  c.experiment.outside[1] = -0.625;
  c.experiment.stop_steps = steps;
  c.experiment.trajectories = 3000;
  c.experiment.state = state;
  c.experiment.seed = 20261122;
  c.observe.samples = 1;
  return c;
}

static void check_outcome(const esc_outcome *a, const esc_outcome *b, int64_t bins)
{
  cr_assert_eq(a->count, b->count, "%s", a->name);
  cr_expect_eq(memcmp(a->time_counts, b->time_counts, (size_t)bins * sizeof *a->time_counts), 0,
               "%s", a->name);
}

static void check_same(const esc_report *a, const esc_report *b)
{
  const size_t n = (size_t)a->trajectories;
  cr_assert_eq(a->time_bin_count, b->time_bin_count);
  for (int k = 0; k < a->outcome_count; k++)
    check_outcome(&a->outcomes[k], &b->outcomes[k], a->time_bin_count);
  cr_expect_eq(a->steps_total, b->steps_total);
  cr_expect_eq(a->final[0].mean.value, b->final[0].mean.value);
  cr_expect_eq(a->final[0].variance.value, b->final[0].variance.value);
  cr_expect_eq(memcmp(a->sample_steps, b->sample_steps, n * sizeof *a->sample_steps), 0);
  cr_expect_eq(memcmp(a->sample_outcomes, b->sample_outcomes, n * sizeof *a->sample_outcomes), 0);
  cr_expect_eq(memcmp(a->sample_final, b->sample_final, n * sizeof *a->sample_final), 0);
}

/* So few steps that some run out, within a group; or so many that times are summed up. */
static void check(const char *rule, esc_state state, int stops_on_the_left, int64_t steps)
{
  for (const char *const *isa = support_isas(); *isa; isa++) {
    esc_device *const device = support_device(*isa, 1);
    support_case c = exits(rule, state, stops_on_the_left, steps);
    esc_result *short_way, *long_way;
    const esc_report *const a = support_run(device, &c, &short_way);
    c.observe.overshoot = 1;
    const esc_report *const b = support_run(device, &c, &long_way);
    cr_assert_gt(support_outcome(a, "right")->count, 100);
    cr_assert(steps > 300 || support_outcome(a, "running")->count > 0);
    check_same(a, b);
    esc_result_free(short_way);
    esc_result_free(long_way);
    esc_device_close(device);
  }
}

Test(plain_exits, sgd)
{
  check("sgd", ESC_STATE_F32, 1, 62);
  check("sgd", ESC_STATE_F32, 0, 901);
  check("sgd", ESC_STATE_F64, 0, 901);
}

Test(plain_exits, with_states)
{
  check("momentum", ESC_STATE_F64, 1, 11);
  check("adam", ESC_STATE_F32, 0, 11);
}
