/* A program that steps an optimizer, keeps its state in the file it is given, and takes it back. */
#include <escapement/escapement.h>
#include <escapement/state_file.h>
#include <stdio.h>

int main(int count, char **arguments)
{
  float weight[3] = {1.0f, 2.0f, 3.0f}, gradient[3] = {1.0f, 1.0f, 1.0f};
  esc_group group = ESC_GROUP_INIT("adam");
  esc_parameter parameter = ESC_PARAMETER_INIT;
  esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
  esc_device_options cpu = ESC_DEVICE_OPTIONS_INIT;
  esc_device *device = NULL;
  esc_optimizer *optimizer = NULL;
  parameter.value.data = weight;
  parameter.gradient.data = gradient;
  parameter.count = 3;
  options.groups = &group;
  options.group_count = 1;
  options.parameters = &parameter;
  options.parameter_count = 1;
  cpu.backend = "cpu";
  if (count != 2 || esc_device_open(&cpu, &device) ||
      esc_optimizer_create(device, &options, &optimizer) || esc_optimizer_step(optimizer, NULL)) {
    fprintf(stderr, "%s\n", esc_last_error());
    return 1;
  }
  if (esc_state_save(arguments[1], optimizer, NULL) ||
      esc_state_load(arguments[1], optimizer, NULL)) {
    fprintf(stderr, "%s\n", esc_state_error());
    return 1;
  }
  esc_optimizer_free(optimizer);
  esc_device_close(device);
  return 0;
}
