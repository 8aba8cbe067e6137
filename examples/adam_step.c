/* A step of Adam over parameters of one's own: what matters are the ten lines from `weights` on.
 * Two tensors of a line y = a x + b are fitted to points of y = 3 x + 0.5; the gradient is the
 * program's, the update the library's.
 *
 * With an installed escapement:
 *
 *   cc -std=c11 adam_step.c $(pkg-config --cflags --libs escapement) -lm -o adam_step
 *   ./adam_step
 */
#include <escapement/escapement.h>
#include <math.h>
#include <stdio.h>

/* The mean of (a x + b - y)^2/2 over 64 points of [-1, 1], differentiated. */
static void take_gradient(float a, float b, float *da, float *db)
{
  *da = *db = 0.0f;
  for (int i = 0; i < 64; i++) {
    const float x = (float)i / 31.5f - 1.0f, error = a * x + b - (3.0f * x + 0.5f);
    *da += error * x / 64.0f;
    *db += error / 64.0f;
  }
}

int main(void)
{
  float a = 0.0f, b = 0.0f, da, db;

  const esc_parameter weights[] = {
      {sizeof(esc_parameter), "a", 0, 1, {&a, ESC_TYPE_F32}, {&da, ESC_TYPE_F32}, {0}, 0},
      {sizeof(esc_parameter), "b", 0, 1, {&b, ESC_TYPE_F32}, {&db, ESC_TYPE_F32}, {0}, 0}};
  esc_group group = ESC_GROUP_INIT("adam");
  group.lr.value = 0.05;
  esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
  options.groups = &group;
  options.group_count = 1;
  options.parameters = weights;
  options.parameter_count = 2;

  esc_device_options cpu = ESC_DEVICE_OPTIONS_INIT;
  cpu.backend = "cpu"; /* a and b are host memory */
  esc_device *device = NULL;
  esc_optimizer *optimizer = NULL;
  esc_status status = esc_device_open(&cpu, &device);
  if (!status)
    status = esc_optimizer_create(device, &options, &optimizer);
  for (int t = 0; t < 500 && !status; t++) {
    take_gradient(a, b, &da, &db);
    status = esc_optimizer_step(optimizer, NULL);
  }
  if (status)
    fprintf(stderr, "%s\n", esc_last_error());
  else
    printf("a = %.4f, b = %.4f\n", (double)a, (double)b);
  esc_optimizer_free(optimizer);
  esc_device_close(device);
  return !status && fabsf(a - 3.0f) < 0.01f && fabsf(b - 0.5f) < 0.01f ? 0 : 1;
}
