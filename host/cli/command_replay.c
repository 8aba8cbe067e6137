/* escapement replay: one trajectory, step by step, as CSV on standard output. */
#include "command.h"

#include <string.h>

#include "host/io/io_error.h"
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

static int print_trajectory(const esc_loaded_experiment *loaded, const esc_experiment *experiment,
                            int64_t index)
{
  esc_landscape_info info = ESC_LANDSCAPE_INFO_INIT;
  const double lr = experiment->optimizer->lr;
  const int64_t room = INT64_MAX - experiment->first_id;
  const int64_t id = experiment->first_id + (index < room ? index : room);
  esc_status status = esc_landscape_describe(experiment->landscape, lr > 0.0 ? lr : 0.1, &info);
  if (status)
    return esc_loaded_experiment_complain(loaded, status);
  csv out = {info.dimension, experiment->state == ESC_STATE_F32 ? 9 : 17, 0};
  status = esc_replay(loaded->device, experiment, id, print_step, &out);
  return status ? esc_loaded_experiment_complain(loaded, status) : 0;
}

/* A sweep has a trajectory of each number at every point. */
static int check_point(const esc_loaded_experiment *loaded, const esc_options *options)
{
  const int64_t last = esc_experiment_file_points(loaded->file) - 1;
  char found[32] = "nothing";
  if (options->point >= 0)
    snprintf(found, sizeof found, "%lld", (long long)options->point);
  if (options->point > last || (options->point < 0 && esc_experiment_file_sweep(loaded->file)))
    return esc_usage_error(options->command, "--point: expected a point, 0 to %lld, found %s",
                           (long long)last, found);
  return 0;
}

static int replay(const esc_options *options)
{
  esc_loaded_experiment loaded;
  int status = esc_loaded_experiment_read(&loaded, options);
  if (!status && options->trajectory < 0)
    status = esc_usage_error(options->command, "--trajectory: expected an ID, found nothing");
  if (!status)
    status = check_point(&loaded, options);
  if (!status)
    status = esc_loaded_experiment_open(&loaded, options);
  if (!status && options->point >= 0 && esc_loaded_experiment_point(&loaded, options->point))
    status = esc_complain(ESC_STATUS_OUT_OF_MEMORY, esc_io_error()); /* it was read before */
  if (!status)
    status = print_trajectory(
        &loaded, loaded.point ? esc_experiment_points_list(loaded.point) : loaded.experiment,
        options->trajectory);
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
