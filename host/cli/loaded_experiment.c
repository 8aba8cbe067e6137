/* The experiment read and checked, the device opened. */
#include "loaded_experiment.h"

#include "command.h"
#include "host/io/io_error.h"

int esc_loaded_experiment_complain(const esc_loaded_experiment *loaded, esc_status status)
{
  const char *const key = esc_last_error_key();
  char where[700];
  char line[1024];
  if (status == ESC_STATUS_OUT_OF_MEMORY)
    return esc_complain(status, "out of memory");
  if (key[0] == '\0')
    return esc_complain(status, esc_last_error());
  esc_experiment_file_where(loaded->file, key, where, sizeof where);
  snprintf(line, sizeof line, "%s: %s: %s", where, key, esc_last_error());
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

int esc_loaded_experiment_read(esc_loaded_experiment *loaded, const esc_options *options)
{
  *loaded = (esc_loaded_experiment){NULL, NULL, NULL};
  if (options->operand_count != 1)
    return esc_usage_error(options->command, "expected one EXPERIMENT.yaml, found %d",
                           options->operand_count);
  esc_status status = esc_experiment_file_read(options->operands[0], options->overrides,
                                               options->override_count, &loaded->file);
  if (status)
    return reading_failed(status);
  loaded->experiment = esc_experiment_file_experiment(loaded->file);
  status = esc_experiment_check(loaded->experiment);
  return status ? esc_loaded_experiment_complain(loaded, status) : 0;
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
  esc_experiment_file_free(loaded->file);
}
