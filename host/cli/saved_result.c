/* A result on its way to its folder or to standard output. */
#include "saved_result.h"

#include <stdlib.h>

#include "command.h"
#include "host/io/experiment/questions.h"
#include "host/io/figures/figures.h"
#include "host/io/io_error.h"
#include "host/io/result/paths_file.h"
#include "host/io/result/result_json.h"
#include "host/io/result/samples_file.h"
#include "interrupt.h"

typedef struct writing {
  const esc_loaded_experiment *loaded;
  const esc_report *report;
} writing;

esc_result_about esc_saved_result_about(const esc_loaded_experiment *loaded)
{
  static const char *const words[] = {NULL, "closed", "numeric", "both"};
  const esc_questions *const questions = esc_experiment_file_questions(loaded->file);
  return (esc_result_about){esc_experiment_file_title(loaded->file), words[questions->predict],
                            loaded->theory ? loaded->theory[0].predictions : NULL};
}

static esc_status write_json(void *context, FILE *stream)
{
  const writing *const w = context;
  const esc_result_about about = esc_saved_result_about(w->loaded);
  return esc_result_json_write(w->loaded->experiment, &about, w->report, stream);
}

static esc_status write_paths(void *context, FILE *stream)
{
  const writing *const w = context;
  return esc_paths_write(w->loaded->device, w->loaded->experiment,
                         esc_experiment_file_paths(w->loaded->file), esc_interrupted, NULL, stream);
}

static esc_status write_samples(const esc_result_folder *folder, const esc_report *report)
{
  char *const path = esc_path_join(folder->path, "samples.h5");
  const esc_status status = path ? esc_samples_write(report, path)
                                 : esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  free(path);
  return status;
}

/* A picture that cannot be drawn does not spoil the result; a full disk is a failure. */
int esc_saved_result_draw(const esc_result_folder *folder)
{
  char message[300] = "";
  if (!esc_figures_draw(folder->path, message, sizeof message))
    return ESC_EXIT_DONE;
  fprintf(stderr, "escapement: figures: %s\n", esc_io_error());
  return esc_io_no_room() ? ESC_EXIT_FAILED : ESC_EXIT_DONE;
}

int esc_saved_result_write(const esc_result_folder *folder, const esc_loaded_experiment *loaded,
                           const esc_report *report, int *kept)
{
  writing w = {loaded, report};
  esc_result_folder_clear(folder);
  esc_status status = esc_result_folder_put(folder, "result.json", write_json, &w);
  *kept = status == ESC_STATUS_OK;
  if (!status && loaded->experiment->observe->samples && report->sample_count > 0)
    status = write_samples(folder, report);
  if (!status && esc_experiment_file_paths(loaded->file) > 0 && !report->interrupted)
    status = esc_result_folder_put(folder, "paths.csv", write_paths, &w);
  if (status && status != ESC_STATUS_INTERRUPTED)
    return esc_complain(status, esc_io_error());
  const int drawn = esc_saved_result_draw(folder);
  return drawn ? drawn : esc_exit_status(status);
}

int esc_saved_result_print(const esc_loaded_experiment *loaded, const esc_report *report)
{
  const esc_result_about about = esc_saved_result_about(loaded);
  const esc_status status = esc_result_json_write(loaded->experiment, &about, report, stdout);
  return status ? esc_complain(status, esc_io_error()) : 0;
}
