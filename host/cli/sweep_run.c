/* A sweep from its file to its result: points are read when their turn comes, and of each result
 * only what the record keeps stays. */
#include "sweep_run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "host/io/experiment/questions.h"
#include "host/io/io_error.h"
#include "host/io/result/sweep_record.h"
#include "host/io/result/sweep_table.h"
#include "interrupt.h"
#include "progress_line.h"
#include "saved_sweep.h"

/* The two functions that the engine calls may be on another thread, whose sentence is its own. */
typedef struct sweeping {
  esc_loaded_experiment *loaded;
  esc_sweep_record record;
  esc_sweep_fits fits;
  char sentence[1024]; /* of what went wrong here; "": nothing did */
} sweeping;

static esc_status note(sweeping *s, esc_status status)
{
  if (status)
    snprintf(s->sentence, sizeof s->sentence, "%s", esc_io_error());
  return status;
}

static esc_status give_point(void *context, int64_t k, const esc_experiment **experiment)
{
  sweeping *const s = context;
  const esc_status status = esc_loaded_experiment_point(s->loaded, k);
  if (!status)
    *experiment = esc_experiment_points_list(s->loaded->point);
  return note(s, status);
}

static esc_status take_result(void *context, int64_t k, esc_result *result)
{
  sweeping *const s = context;
  const esc_report *const report = esc_result_report(result);
  const esc_status status =
      esc_sweep_record_add(&s->record, k, report, s->loaded->theory ? &s->loaded->theory[k] : NULL);
  esc_result_free(result);
  return note(s, status);
}

static double now(void)
{
  struct timespec at;
  timespec_get(&at, TIME_UTC);
  return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

static esc_status compute(sweeping *s, const esc_options *options)
{
  esc_run_options run_options = ESC_RUN_OPTIONS_INIT;
  esc_sweep sweep = ESC_SWEEP_INIT;
  sweep.count = s->record.point_count;
  sweep.point = give_point;
  sweep.done = take_result;
  sweep.context = s;
  run_options.cancel = esc_interrupted;
  if (!options->quiet && esc_progress_wanted())
    run_options.progress = esc_progress_show;
  esc_interrupt_watch();
  const double started = now();
  const esc_status status = esc_run_sweep(s->loaded->device, &sweep, &run_options);
  s->record.seconds = now() - started;
  s->record.interrupted = status == ESC_STATUS_INTERRUPTED;
  esc_progress_end();
  return status;
}

static int complain(const sweeping *s, esc_status status)
{
  if (s->record.done == 0 && status == ESC_STATUS_INTERRUPTED)
    return esc_complain(status, "interrupted before the first batch was complete: nothing is kept");
  if (status == ESC_STATUS_INTERRUPTED)
    return esc_exit_status(status);
  return s->sentence[0] ? esc_complain(status, s->sentence)
                        : esc_loaded_experiment_complain(s->loaded, status);
}

static esc_status print_table(const sweeping *s)
{
  return esc_sweep_table_print(&s->record, s->loaded->experiment,
                               esc_experiment_file_title(s->loaded->file), &s->fits, stdout);
}

/* Saves and shows what there is, as command_run.c does for one experiment. */
static int deliver(const sweeping *s, const esc_options *options, const esc_result_folder *folder)
{
  int kept = 0;
  int status = folder ? esc_saved_sweep_write(folder, s->loaded, &s->record, &s->fits, &kept) : 0;
  if (options->json || (options->quiet && !kept)) {
    const int printed = esc_saved_sweep_print(s->loaded, &s->record, &s->fits);
    status = status ? status : printed;
  } else if (!options->quiet && print_table(s)) {
    status = esc_complain(ESC_STATUS_OUT_OF_MEMORY, esc_io_error());
  }
  if (folder && !status && !options->json && !options->quiet)
    printf("result in %s\n", folder->path);
  return status;
}

static void say_what_is_kept(const sweeping *s, const esc_result_folder *folder)
{
  fprintf(stderr, "escapement: interrupted: %s %lld of %lld points%s%s%s\n",
          folder ? "kept" : "these are", (long long)s->record.whole,
          (long long)s->record.point_count,
          s->record.done > s->record.whole ? " and the beginning of others" : "",
          folder ? " in " : "", folder ? folder->path : "");
}

/* The table and the figure are about what the sweep shows, else what is fitted, else predicted. */
static void choose_shown(sweeping *s, const esc_questions *questions)
{
  const esc_sweep_theory *const theory = s->loaded->theory;
  const int64_t count = theory ? s->record.point_count : 0;
  const char *asked = s->record.axes->show;
  if (!asked && questions->fit_count > 0)
    asked = questions->fits[0].y;
  for (int64_t k = 0; k < count && !asked; k++)
    for (int i = 0; i < esc_predictions_count(theory[k].predictions) && !asked; i++) {
      const esc_prediction *const p = esc_predictions_at(theory[k].predictions, i);
      asked = !p->against && p->step < 0 && esc_quantity_known(s->loaded->experiment, p->of) ? p->of
                                                                                             : NULL;
    }
  snprintf(s->record.asked, sizeof s->record.asked, "%s", asked ? asked : "");
}

int esc_sweep_run(esc_loaded_experiment *loaded, const esc_options *options,
                  const esc_result_folder *folder)
{
  sweeping s = {.loaded = loaded};
  const esc_questions *const questions = esc_experiment_file_questions(loaded->file);
  if (esc_sweep_record_begin(&s.record, esc_experiment_file_sweep(loaded->file)))
    return esc_complain(ESC_STATUS_OUT_OF_MEMORY, esc_io_error());
  choose_shown(&s, questions);
  const esc_status status = compute(&s, options);
  int exit_status = status ? complain(&s, status) : ESC_EXIT_DONE;
  if (s.record.done > 0 && esc_sweep_fits_make(&s.record, questions, loaded->theory, &s.fits))
    exit_status = esc_complain(ESC_STATUS_OUT_OF_MEMORY, esc_io_error());
  else if (s.record.done > 0) {
    const int delivered = deliver(&s, options, folder);
    exit_status = delivered ? delivered : exit_status;
  }
  if (s.record.done > 0 && status == ESC_STATUS_INTERRUPTED)
    say_what_is_kept(&s, folder);
  esc_sweep_fits_free(&s.fits);
  esc_sweep_record_free(&s.record);
  return exit_status;
}
