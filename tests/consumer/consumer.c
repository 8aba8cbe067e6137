/* What a user's first program does: a walk on a flat landscape that leaves [-1, 1] by either side,
 * whose outcomes must add up. Built against the installed tree only, as strict C11. */
#include <escapement/escapement.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
  const esc_setting flat[] = {ESC_NUMBER("k", 0.0)};
  esc_landscape landscape = ESC_LANDSCAPE_INIT("quadratic");
  landscape.settings = flat;
  landscape.setting_count = 1;
  esc_noise noise = ESC_NOISE_INIT("gaussian");
  esc_update_rule optimizer = ESC_UPDATE_RULE_INIT("sgd", 0.1);
  esc_experiment experiment = ESC_EXPERIMENT_INIT;
  experiment.landscape = &landscape;
  experiment.noises = &noise;
  experiment.noise_count = 1;
  experiment.optimizer = &optimizer;
  experiment.stop_steps = 10000;
  experiment.outside[0] = -1.0;
  experiment.outside[1] = 1.0;
  experiment.trajectories = 10000;

  esc_device *device = NULL;
  esc_result *result = NULL;
  if (esc_device_open(NULL, &device) || esc_run(device, &experiment, NULL, &result)) {
    fprintf(stderr, "%s\n", esc_last_error());
    return 1;
  }
  const esc_report *report = esc_result_report(result);
  int64_t sum = 0;
  for (int i = 0; i < report->outcome_count; i++)
    sum += report->outcomes[i].count;
  printf("escapement %s: %lld trajectories ended\n", esc_version(), (long long)sum);
  const int ok = sum == 10000 && strcmp(esc_version(), report->version) == 0;
  esc_result_free(result);
  esc_device_close(device);
  return ok ? 0 : 1;
}
