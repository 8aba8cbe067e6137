/* Which way off a sharp maximum? A million trajectories of plain SGD under Laplace noise, and the
 * share that leaves on each side. This is the program at the head of escapement/experiment.h.
 *
 * With an installed escapement:
 *
 *   cc -std=c11 sharp_maximum.c $(pkg-config --cflags --libs escapement) -o sharp_maximum
 *   ./sharp_maximum
 *
 * (PKG_CONFIG_PATH must name the folder of escapement.pc where the prefix is not a usual one.) */
#include <escapement/escapement.h>
#include <stdio.h>

int main(void)
{
  const esc_setting slopes[] = {ESC_NUMBER("left_slope", 0.2), ESC_NUMBER("right_slope", 0.6)};
  esc_landscape landscape = ESC_LANDSCAPE_INIT("sharp_maximum");
  landscape.settings = slopes;
  landscape.setting_count = 2;
  esc_noise noise = ESC_NOISE_INIT("laplace");
  noise.variance = 1.0;
  esc_update_rule optimizer = ESC_UPDATE_RULE_INIT("sgd", 0.1);
  esc_experiment experiment = ESC_EXPERIMENT_INIT;
  experiment.landscape = &landscape;
  experiment.noises = &noise;
  experiment.noise_count = 1;
  experiment.optimizer = &optimizer;
  experiment.stop_steps = 100000;
  experiment.outside[0] = -8.0;
  experiment.outside[1] = 8.0;

  esc_device *device = NULL;
  esc_result *result = NULL;
  if (esc_device_open(NULL, &device) || esc_run(device, &experiment, NULL, &result)) {
    fprintf(stderr, "%s\n", esc_last_error());
    return 1;
  }
  const esc_report *report = esc_result_report(result);
  for (int i = 0; i < report->outcome_count; i++)
    printf("%-10s %.5f [%.5f, %.5f]\n", report->outcomes[i].name,
           report->outcomes[i].fraction.value, report->outcomes[i].fraction.low,
           report->outcomes[i].fraction.high);
  esc_result_free(result);
  esc_device_close(device);
  return 0;
}
