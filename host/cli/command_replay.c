/* escapement replay: one trajectory, step by step, as CSV on standard output. */
#include "command.h"

#include <string.h>

#include "loaded_experiment.h"

typedef struct csv {
  int dimension;
  int digits; /* enough to give back the same number */
  int begun;  /* the names of the columns are out */
} csv;

static void print_head(const csv *out)
{
  printf("step");
  if (out->dimension == 1)
    printf(",x");
  for (int j = 1; out->dimension > 1 && j <= out->dimension; j++)
    printf(",x%d", j);
  printf(",outcome\n");
}

static int print_step(void *context, const esc_replay_step *step)
{
  csv *const out = context;
  if (!out->begun)
    print_head(out);
  out->begun = 1;
  printf("%lld", (long long)step->step);
  for (int j = 0; j < out->dimension; j++)
    printf(",%.*g", out->digits, step->position[j]);
  printf(",%s\n", step->outcome);
  return ferror(stdout);
}

static int print_trajectory(const esc_loaded_experiment *loaded, int64_t id)
{
  esc_landscape_info info = ESC_LANDSCAPE_INFO_INIT;
  const double lr = loaded->experiment->optimizer->lr;
  esc_status status =
      esc_landscape_describe(loaded->experiment->landscape, lr > 0.0 ? lr : 0.1, &info);
  if (status)
    return esc_loaded_experiment_complain(loaded, status);
  csv out = {info.dimension, loaded->experiment->state == ESC_STATE_F32 ? 9 : 17, 0};
  status = esc_replay(loaded->device, loaded->experiment, id, print_step, &out);
  return status ? esc_loaded_experiment_complain(loaded, status) : 0;
}

static int replay(const esc_options *options)
{
  esc_loaded_experiment loaded;
  int status = esc_loaded_experiment_read(&loaded, options);
  if (!status && options->trajectory < 0)
    status = esc_usage_error(options->command, "--trajectory: expected an ID, found nothing");
  if (!status)
    status = esc_loaded_experiment_open(&loaded, options);
  if (!status)
    status = print_trajectory(&loaded, options->trajectory);
  esc_loaded_experiment_free(&loaded);
  return status;
}

int esc_command_replay(int argc, char **argv)
{
  esc_options options;
  int status = esc_options_read(&options, argc, argv, ESC_FOR_REPLAY);
  if (!status && options.help) {
    printf(
        "escapement replay EXPERIMENT.yaml --trajectory ID [options]\n\nPrints one trajectory as "
        "CSV, bit for bit as it is in a run: step, position, outcome.\n\n");
    esc_options_print(ESC_FOR_REPLAY, stdout);
  } else if (!status) {
    status = replay(&options);
  }
  esc_options_free(&options);
  return status;
}
