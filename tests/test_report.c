/* What a report must leave out: numbers that do not exist, or that the run cannot tell. */
#include <criterion/criterion.h>
#include <math.h>

#include "escapement/escapement.h"

/* A quadratic bowl, Student noise of tail index nu on a target, a rule; renew or not. */
typedef struct set_up {
  const char *optimizer;
  double nu;
  esc_noise_target target;
  int renew;
} set_up;

static esc_result *run(const set_up *set)
{
  const esc_setting tail[] = {ESC_NUMBER("nu", set->nu)};
  const esc_landscape landscape = ESC_LANDSCAPE_INIT("quadratic");
  const esc_update_rule optimizer = ESC_UPDATE_RULE_INIT(set->optimizer, 0.1);
  esc_noise noise = ESC_NOISE_INIT("student_t");
  noise.settings = tail;
  noise.setting_count = 1;
  noise.target = set->target;
  esc_experiment experiment = ESC_EXPERIMENT_INIT;
  experiment.landscape = &landscape;
  experiment.noises = &noise;
  experiment.noise_count = 1;
  experiment.optimizer = &optimizer;
  experiment.stop_steps = 50;
  experiment.outside[0] = -2.0;
  experiment.outside[1] = 2.0;
  experiment.trajectories = 500;
  experiment.renew = set->renew;
  esc_device *device = NULL;
  esc_result *result = NULL;
  cr_assert_eq(esc_device_open(NULL, &device), ESC_STATUS_OK);
  cr_assert_eq(esc_run(device, &experiment, NULL, &result), ESC_STATUS_OK, "%s", esc_last_error());
  esc_device_close(device);
  return result;
}

/* Whether the last position has a variance, and a mean, in the report. */
static int moments_of(const set_up *set)
{
  esc_result *const result = run(set);
  const esc_moments *const final = esc_result_report(result)->final;
  const int moments = !isnan(final->mean.value) + !isnan(final->variance.value);
  esc_result_free(result);
  return moments;
}

Test(report, has_moments_only_where_the_law_has)
{
  const set_up light = {"sgd", 3.0, ESC_NOISE_ON_GRADIENT, 0};
  const set_up no_variance = {"sgd", 1.5, ESC_NOISE_ON_GRADIENT, 0};
  const set_up no_mean = {"momentum", 0.9, ESC_NOISE_ON_GRADIENT, 0};
  const set_up bounded = {"adam", 1.5, ESC_NOISE_ON_GRADIENT, 0};
  const set_up beside_the_rule = {"adam", 1.5, ESC_NOISE_ON_PARAMETER, 0};
  const set_up linear_at_first = {"radam", 1.5, ESC_NOISE_ON_GRADIENT, 0};
  cr_expect_eq(moments_of(&light), 2);
  cr_expect_eq(moments_of(&no_variance), 1);
  cr_expect_eq(moments_of(&no_mean), 0);
  cr_expect_eq(moments_of(&bounded), 2);
  cr_expect_eq(moments_of(&beside_the_rule), 1);
  cr_expect_eq(moments_of(&linear_at_first), 1);
}

Test(report, has_no_quantiles_of_renewed_walkers)
{
  const set_up renewed = {"sgd", 3.0, ESC_NOISE_ON_GRADIENT, 1};
  esc_result *const result = run(&renewed);
  const esc_report *const report = esc_result_report(result);
  cr_expect(isnan(report->exit_steps.restricted_mean.value));
  for (int k = 0; k < 3; k++)
    cr_expect(isnan(report->exit_steps.quantiles[k].value));
  cr_expect_gt(report->rate.events, 0);
  cr_expect_eq(report->steps_total, 500 * 50);
  esc_result_free(result);
}

Test(report, refuses_a_landscape_without_a_size)
{
  esc_landscape landscape = ESC_LANDSCAPE_INIT("quadratic");
  const double point = 1.0;
  double value = -7.0;
  landscape.struct_size = 0;
  cr_expect_eq(esc_landscape_evaluate(&landscape, 1, &point, &value, NULL),
               ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(value, -7.0);
}
