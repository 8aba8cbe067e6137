/* The experiment read and checked, the device opened. */
#include "loaded_experiment.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "host/io/experiment/questions.h"
#include "host/io/io_error.h"
#include "host/io/result/result_quantities.h"
#include "progress_line.h"

static void place_of(const esc_loaded_experiment *loaded, const char *key, char *where, size_t size)
{
  if (loaded->point)
    esc_experiment_points_where(loaded->point, 0, key, where, size);
  else
    esc_experiment_file_where(loaded->file, key, where, size);
}

int esc_loaded_experiment_complain(const esc_loaded_experiment *loaded, esc_status status)
{
  const char *const key = esc_last_error_key();
  char where[700], point[500] = "";
  char line[2400];
  if (status == ESC_STATUS_OUT_OF_MEMORY)
    return esc_complain(status, "out of memory");
  if (key[0] == '\0')
    return esc_complain(status, esc_last_error());
  place_of(loaded, key, where, sizeof where);
  if (loaded->point)
    esc_experiment_file_point_text(loaded->file, loaded->point_index, point, sizeof point);
  snprintf(line, sizeof line, "%s: %s: %s%s", where, key, esc_last_error(), point);
  esc_text_one_line(line);
  fprintf(stderr, "%s\n", line);
  return esc_exit_status(status);
}

/* A file that cannot be read is bad usage, not a failed run. */
static int reading_failed(esc_status status)
{
  if (status == ESC_STATUS_OUT_OF_MEMORY)
    return esc_complain(status, "out of memory");
  fprintf(stderr, "%s\n", esc_io_error());
  return ESC_EXIT_USAGE;
}

esc_status esc_loaded_experiment_point(esc_loaded_experiment *loaded, int64_t index)
{
  esc_experiment_points_free(loaded->point);
  loaded->point = NULL;
  loaded->point_index = index;
  return esc_experiment_points_read(loaded->file, index, 1, &loaded->point);
}

/* Each point is read and checked before anything runs. */
static int check_points(esc_loaded_experiment *loaded)
{
  const int64_t count = esc_experiment_file_points(loaded->file);
  for (int64_t k = 0; k < count; k++) {
    esc_status status = esc_loaded_experiment_point(loaded, k);
    if (status)
      return reading_failed(status);
    status = esc_experiment_check(esc_experiment_points_list(loaded->point));
    if (status)
      return esc_loaded_experiment_complain(loaded, status);
  }
  return 0;
}

/* Predictions of point k. Theory that knows nothing is BAD_EXPERIMENT; the core has the sentence.
 */
static esc_status predict(esc_loaded_experiment *loaded, int64_t k)
{
  const esc_questions *const questions = esc_experiment_file_questions(loaded->file);
  const esc_experiment *experiment = loaded->experiment;
  if (esc_experiment_file_sweep(loaded->file)) {
    const esc_status status = esc_loaded_experiment_point(loaded, k);
    if (status)
      return status;
    experiment = esc_experiment_points_list(loaded->point);
  }
  esc_predictions *predictions = NULL;
  const esc_status status =
      esc_predict(experiment, (esc_predict_method)questions->predict, &predictions);
  loaded->theory[k].predictions = predictions;
  return status;
}

/* Theory must know something of one point at least. Solving a chain takes its time, so a person is
 * told how far it is. */
static int predict_points(esc_loaded_experiment *loaded, const esc_options *options)
{
  const int64_t count = esc_experiment_file_points(loaded->file);
  const int told = !options->quiet && count > 1 && esc_progress_wanted();
  int64_t known = 0;
  loaded->theory = calloc((size_t)count, sizeof *loaded->theory);
  if (!loaded->theory)
    return esc_complain(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  for (int64_t k = 0; k < count; k++) {
    if (told)
      esc_progress_say("predicting point", k, count);
    esc_status status = predict(loaded, k);
    if (status == ESC_STATUS_BAD_EXPERIMENT &&
        !(loaded->theory[k].reason = strdup(esc_last_error())))
      status = ESC_STATUS_OUT_OF_MEMORY;
    if (status && status != ESC_STATUS_BAD_EXPERIMENT) {
      esc_progress_end();
      return esc_loaded_experiment_complain(loaded, status);
    }
    known += status == ESC_STATUS_OK;
  }
  esc_progress_end();
  return known ? 0 : esc_loaded_experiment_complain(loaded, predict(loaded, 0));
}

/* What is to be fitted or shown must be a number that the results have. */
static int check_number(const esc_loaded_experiment *loaded, const char *key, const char *name)
{
  char where[700];
  if (esc_quantity_known(loaded->experiment, name))
    return 0;
  esc_experiment_file_where(loaded->file, key, where, sizeof where);
  fprintf(stderr,
          "%s: %s: expected a number of the result, as exit_steps.mean or "
          "outcomes.left.fraction, found \"%.60s\"\n",
          where, key, name);
  return ESC_EXIT_USAGE;
}

static int check_numbers(const esc_loaded_experiment *loaded)
{
  const esc_questions *const questions = esc_experiment_file_questions(loaded->file);
  const char *const show = esc_experiment_file_sweep(loaded->file)->show;
  int status = show ? check_number(loaded, "sweep.show", show) : 0;
  for (int i = 0; i < questions->fit_count && !status; i++)
    status = check_number(loaded, "fit", questions->fits[i].y);
  return status;
}

int esc_loaded_experiment_read(esc_loaded_experiment *loaded, const esc_options *options)
{
  *loaded = (esc_loaded_experiment){0};
  if (options->operand_count != 1)
    return esc_usage_error(options->command, "expected one EXPERIMENT.yaml, found %d",
                           options->operand_count);
  esc_status status = esc_experiment_file_read(options->operands[0], options->overrides,
                                               options->override_count, &loaded->file);
  if (status)
    return reading_failed(status);
  loaded->experiment = esc_experiment_file_experiment(loaded->file);
  if (esc_experiment_file_sweep(loaded->file)) {
    const int bad = check_points(loaded);
    return bad ? bad : check_numbers(loaded);
  }
  status = esc_experiment_check(loaded->experiment);
  return status ? esc_loaded_experiment_complain(loaded, status) : 0;
}

int esc_loaded_experiment_predict(esc_loaded_experiment *loaded, const esc_options *options)
{
  const esc_questions *const questions = esc_experiment_file_questions(loaded->file);
  return questions->predict == ESC_PREDICT_CHOICE_NO ? 0 : predict_points(loaded, options);
}

int esc_loaded_experiment_open(esc_loaded_experiment *loaded, const esc_options *options)
{
  esc_device_options device_options = ESC_DEVICE_OPTIONS_INIT;
  device_options.backend = options->backend;
  device_options.threads = options->threads;
  const esc_status status = esc_device_open(&device_options, &loaded->device);
  return status ? esc_complain(status, esc_last_error()) : 0;
}

void esc_loaded_experiment_free(esc_loaded_experiment *loaded)
{
  esc_device_close(loaded->device);
  esc_experiment_points_free(loaded->point);
  for (int64_t k = 0; loaded->theory && k < esc_experiment_file_points(loaded->file); k++) {
    esc_predictions_free(loaded->theory[k].predictions);
    free(loaded->theory[k].reason);
  }
  free(loaded->theory);
  esc_experiment_file_free(loaded->file);
}
