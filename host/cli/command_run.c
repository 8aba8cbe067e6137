/* escapement run: an experiment from its file to its result. Nothing is written before the file,
 * the experiment, the folder and the device have all been found good. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"
#include "host/io/result/result_folder.h"
#include "host/io/result/result_table.h"
#include "interrupt.h"
#include "loaded_experiment.h"
#include "progress_line.h"
#include "saved_result.h"
#include "sweep_run.h"

/* EXPERIMENT-result, beside where the command runs. To be freed. */
static char *default_folder(const char *file)
{
  const char *const slash = strrchr(file, '/');
  const char *const name = slash ? slash + 1 : file;
  const char *const dot = strrchr(name, '.');
  const size_t length = dot && dot > name ? (size_t)(dot - name) : strlen(name);
  const size_t size = length + sizeof "-result";
  char *const folder = malloc(size);
  if (folder)
    snprintf(folder, size, "%.*s-result", (int)length, name);
  return folder;
}

/* The run itself. *result may be there although the status is not OK: the valid prefix. */
static esc_status compute(const esc_loaded_experiment *loaded, const esc_options *options,
                          esc_result **result)
{
  esc_run_options run_options = ESC_RUN_OPTIONS_INIT;
  run_options.cancel = esc_interrupted;
  if (!options->quiet && esc_progress_wanted())
    run_options.progress = esc_progress_show;
  esc_interrupt_watch();
  const esc_status status = esc_run(loaded->device, loaded->experiment, &run_options, result);
  esc_progress_end();
  return status;
}

static void say_what_is_kept(const esc_report *report, const char *folder)
{
  fprintf(stderr, "escapement: interrupted: %s the first %lld of %lld trajectories%s%s\n",
          folder ? "kept" : "these are", (long long)report->trajectories,
          (long long)report->trajectories_asked, folder ? " in " : "", folder ? folder : "");
}

/* Saves and shows what there is; the exit status of these. A result that could be neither kept nor
 * shown goes to standard output, so that no computation is lost. */
static int deliver(const esc_loaded_experiment *loaded, const esc_options *options,
                   const esc_result_folder *folder, const esc_report *report)
{
  const esc_result_about about = esc_saved_result_about(loaded);
  int kept = 0;
  int status = folder ? esc_saved_result_write(folder, loaded, report, &kept) : 0;
  if (options->json || (options->quiet && !kept)) {
    const int printed = esc_saved_result_print(loaded, report);
    status = status ? status : printed;
  } else if (!options->quiet) {
    esc_result_table_print(loaded->experiment, &about, report, stdout);
  }
  if (folder && !status && !options->json && !options->quiet)
    printf("result in %s\n", folder->path);
  return status;
}

static int run_in(esc_loaded_experiment *loaded, const esc_options *options,
                  const esc_result_folder *folder)
{
  esc_result *result = NULL;
  if (esc_experiment_file_sweep(loaded->file))
    return esc_sweep_run(loaded, options, folder);
  const esc_status status = compute(loaded, options, &result);
  const esc_report *const report = esc_result_report(result);
  int exit_status = esc_exit_status(status);
  if (status == ESC_STATUS_INTERRUPTED && !report)
    esc_complain(status, "interrupted before the first batch was complete: nothing is kept");
  else if (status && status != ESC_STATUS_INTERRUPTED)
    exit_status = esc_loaded_experiment_complain(loaded, status);
  if (report) {
    const int delivered = deliver(loaded, options, folder, report);
    exit_status = delivered ? delivered : exit_status;
  }
  if (report && status == ESC_STATUS_INTERRUPTED)
    say_what_is_kept(report, folder ? folder->path : NULL);
  esc_result_free(result);
  return exit_status;
}

static int run_with_folder(esc_loaded_experiment *loaded, const esc_options *options)
{
  esc_result_folder folder;
  char *const own = options->output ? NULL : default_folder(options->operands[0]);
  const char *const path = options->output ? options->output : own;
  if (!path)
    return esc_complain(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  const esc_status status = esc_result_folder_claim(path, options->force, &folder);
  int exit_status = status ? esc_complain(status, esc_io_error()) : 0;
  if (!status) {
    exit_status = run_in(loaded, options, &folder);
    esc_result_folder_drop(&folder);
  }
  free(own);
  return exit_status;
}

static int run(const esc_options *options)
{
  esc_loaded_experiment loaded;
  int status = esc_loaded_experiment_read(&loaded, options);
  if (!status)
    status = esc_loaded_experiment_predict(&loaded, options);
  if (!status)
    status = esc_loaded_experiment_open(&loaded, options);
  if (!status && options->json && !options->output)
    status = run_in(&loaded, options, NULL);
  else if (!status)
    status = run_with_folder(&loaded, options);
  esc_loaded_experiment_free(&loaded);
  return status;
}

int esc_command_run(int argc, char **argv)
{
  esc_options options;
  int status = esc_options_read(&options, argc, argv, ESC_FOR_RUN);
  if (!status && options.help) {
    printf(
        "escapement run EXPERIMENT.yaml [options]\n\nRuns an experiment, prints a table and keeps "
        "the result in a folder.\n\n");
    esc_options_print(ESC_FOR_RUN, stdout);
  } else if (!status) {
    status = run(&options);
  }
  esc_options_free(&options);
  return status;
}
