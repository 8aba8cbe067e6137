/* Files in and out when memory runs out, and when the disk is full: the k-th allocation of host/io
 * and of jansson is refused, or the k-th file loses what was written, alone or with all after it,
 * until k is past the last. Each time: no crash, nothing left over, a status with a sentence, and
 * of every file the old one, the new one or none, never a part. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/experiment/experiment_points.h"
#include "host/io/figures/figure_list.h"
#include "host/io/figures/figures.h"
#include "host/io/io_error.h"
#include "host/io/result/paths_file.h"
#include "host/io/result/result_folder.h"
#include "host/io/result/result_json.h"
#include "host/io/result/samples_file.h"
#include "host/io/result/sweep_csv.h"
#include "host/io/result/sweep_json.h"
#include "tests/made_report.h"
#include "tests/support_faults.h"
#include "tests/support_folder.h"

#define EVERY_KEY ESC_SOURCE_DIR "/tests/corpus/experiments/all_keys.yaml"
#define EXAMPLE   ESC_SOURCE_DIR "/examples/sharp_maximum.yaml"

TestSuite(faults, .init = support_folder_enter, .fini = support_folder_leave, .timeout = 60);

/* --- the sweep --- */

/* What is done again and again; `before` and `after` (may be NULL) put the folder in order and look
 * at it. Failed says whether the call failed. */
typedef struct doing {
  const char *name;
  esc_status (*call)(void *context);
  void (*before)(void *context);
  void (*after)(void *context, int failed);
  void *context;
} doing;

static void once(const doing *what, faults_plan plan, int64_t *refused)
{
  if (what->before)
    what->before(what->context);
  const int64_t held = faults_held();
  faults_begin(plan);
  const esc_status status = what->call(what->context);
  *refused = faults_end();
  const char *const name = what->name;
  const long long k = plan.first;
  cr_assert_eq(faults_held(), held, "%s, %lld: %lld blocks or streams leak", name, k,
               (long long)(faults_held() - held));
  if (*refused == 0) {
    cr_assert_eq(status, ESC_STATUS_OK, "%s: %s", name, esc_io_error());
  } else if (plan.kind == FAULTS_MEMORY) {
    cr_assert_eq(status, ESC_STATUS_OUT_OF_MEMORY, "%s, %lld: %s: \"%s\"", name, k,
                 esc_status_name(status), esc_io_error());
    cr_assert(strstr(esc_io_error(), "memory"), "%s, %lld: \"%s\"", name, k, esc_io_error());
  } else {
    cr_assert_eq(status, ESC_STATUS_IO, "%s, %lld: %s", name, k, esc_status_name(status));
    cr_assert(strlen(esc_io_error()) > 10, "%s, %lld: \"%s\"", name, k, esc_io_error());
  }
  if (what->after)
    what->after(what->context, *refused > 0);
}

/* Returns how many calls there are to be refused. */
static int64_t sweep(const doing *what, faults_kind kind)
{
  int64_t k = 0;
  for (int lasting = 0; lasting < 2; lasting++) {
    int64_t refused = 1;
    for (k = 0; refused > 0; k++)
      once(what, (faults_plan){kind, k, lasting}, &refused);
  }
  cr_assert_gt(k, 1, "%s: nothing was refused", what->name);
  return k - 1;
}

/* --- an experiment file --- */

static esc_status read_file(void *context)
{
  static const esc_override overrides[] = {
      {"optimizer.lr=0.5", "--set optimizer.lr=0.5"},
      {"observe.near[+]={name: a, point: [1, 2], radius: 1}", "--set near"}};
  esc_experiment_file *const untouched = context, *file = untouched;
  const int count = context ? 1 : 2;
  const esc_status status = esc_experiment_file_read(EVERY_KEY, overrides, count, &file);
  cr_assert(!status || file == untouched, "a file was handed out");
  if (status)
    return status;
  const esc_experiment *const experiment = esc_experiment_file_experiment(file);
  cr_assert(experiment->optimizer->lr == 0.5 && experiment->noise_count == 4 &&
            experiment->set_count == 4);
  esc_experiment_file_free(file);
  return ESC_STATUS_OK;
}

Test(faults, experiment_file)
{
  char place;
  sweep(&(doing){"experiment", read_file, .context = &place}, FAULTS_MEMORY);
}

/* --- result.json --- */

static esc_status write_full(void *context, FILE *stream)
{
  (void)context;
  return esc_result_json_write(made_full_experiment(), &(esc_result_about){"A title", NULL, NULL},
                               made_full_report(), stream);
}

static esc_status write_bare(void *context, FILE *stream)
{
  (void)context;
  return esc_result_json_write(made_bare_experiment(), NULL, made_bare_report(), stream);
}

typedef struct put {
  esc_status (*write)(void *context, FILE *stream);
  const char *name;
  char *old, *whole;
} put;

static esc_status put_file(void *context)
{
  const put *const p = context;
  const esc_result_folder folder = {support_folder(), 0};
  return esc_result_folder_put(&folder, p->name, p->write, NULL);
}

static void put_old(void *context)
{
  const put *const p = context;
  support_put_text(p->name, p->old);
}

/* The old file after a failure, the new one else, and nothing beside it. */
static void check_put(void *context, int failed)
{
  const put *const p = context;
  char *const text = support_text(p->name);
  cr_assert(text && strcmp(text, failed ? p->old : p->whole) == 0, "%s is another", p->name);
  cr_assert_eq(support_count(""), 1, "something is left beside %s", p->name);
  free(text);
}

/* What jansson takes is counted and refused too. */
static void sweep_put(const char *name, esc_status (*write)(void *context, FILE *stream))
{
  json_set_alloc_funcs(malloc, free);
  char old[] = "old";
  put p = {write, name, old, NULL};
  const doing what = {name, put_file, put_old, check_put, &p};
  cr_assert_eq(put_file(&p), ESC_STATUS_OK, "%s", esc_io_error());
  p.whole = support_text(name);
  sweep(&what, FAULTS_MEMORY);
  sweep(&what, FAULTS_DISK);
  free(p.whole);
}

Test(faults, result_json)
{
  sweep_put("result.json", write_full);
}

Test(faults, bare_result_json)
{
  sweep_put("result.json", write_bare);
}

/* --- the files of a sweep --- */

static esc_experiment_file *swept;
static esc_sweep_record record;
static esc_sweep_fits fits;

static esc_status write_sweep_json(void *context, FILE *stream)
{
  (void)context;
  return esc_sweep_json_write(swept, &record, &fits, stream);
}

static esc_status write_sweep_csv(void *context, FILE *stream)
{
  (void)context;
  return esc_sweep_csv_write(&record, stream);
}

Test(faults, sweep)
{
  static const char text[] =
      "landscape: {name: double_well}\nnoise: {law: gaussian}\noptimizer: {name: sgd, lr: 0.1}\n"
      "stop: {steps: 1000, outside: [-1, 1]}\nfit: {power_law: [noise.scale, exit_steps.mean]}\n"
      "sweep: {noise.scale: [1, 2, 3], start: [0, {uniform: [0, 0.5]}]}\n";
  cr_assert_eq(esc_experiment_file_parse(text, strlen(text), "e.yaml", NULL, 0, &swept),
               ESC_STATUS_OK, "%s", esc_io_error());
  cr_assert_eq(esc_sweep_record_begin(&record, esc_experiment_file_sweep(swept)), ESC_STATUS_OK);
  for (int64_t k = 0; k < record.point_count; k++)
    cr_assert_eq(esc_sweep_record_add(&record, k, made_full_report(), NULL), ESC_STATUS_OK);
  record.seconds = 1.0;
  cr_assert_eq(esc_sweep_fits_make(&record, esc_experiment_file_questions(swept), NULL, &fits),
               ESC_STATUS_OK);
  sweep_put("sweep.csv", write_sweep_csv);
  support_remove_files();
  sweep_put("result.json", write_sweep_json);
  esc_sweep_fits_free(&fits);
  esc_sweep_record_free(&record);
  esc_experiment_file_free(swept);
}

/* --- the folder, paths and samples --- */

static esc_status claim(void *context)
{
  esc_result_folder folder;
  const esc_status status = esc_result_folder_claim(context, 0, &folder);
  if (!status)
    esc_result_folder_drop(&folder);
  return status;
}

Test(faults, folder)
{
  char new_one[] = "a/b/c", there[] = "a";
  sweep(&(doing){"a new folder", claim, .context = new_one}, FAULTS_MEMORY);
  cr_assert_eq(remove("a/b"), 0);
  sweep(&(doing){"an empty folder", claim, .context = there}, FAULTS_MEMORY);
}

/* What an earlier run left goes away, memory or not. */
Test(faults, clear)
{
  static const char *const files[] = {"result.json", "samples.h5", "paths.csv", "paths.gp",
                                      "survival.dat"};
  const esc_result_folder folder = {support_folder(), 0};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    support_put_text(files[i], "old");
  faults_begin((faults_plan){FAULTS_MEMORY, 0, 1});
  esc_result_folder_clear(&folder);
  faults_end();
  cr_assert_eq(support_count(""), 0);
}

static esc_experiment_file *example;
static esc_device *device;

static esc_status write_paths(void *context, FILE *stream)
{
  (void)context;
  return esc_paths_write(device, esc_experiment_file_experiment(example), 3, NULL, NULL, stream);
}

Test(faults, paths)
{
  cr_assert_eq(esc_experiment_file_read(EXAMPLE, NULL, 0, &example), ESC_STATUS_OK);
  cr_assert_eq(esc_device_open(NULL, &device), ESC_STATUS_OK);
  sweep_put("paths.csv", write_paths);
  esc_device_close(device);
  esc_experiment_file_free(example);
}

static esc_status write_samples(void *context)
{
  return esc_samples_write(made_full_report(), context);
}

static void remove_all(void *context)
{
  (void)context;
  support_remove_files();
}

static void check_samples(void *context, int failed)
{
  (void)context;
  cr_assert_eq(support_count(""), failed ? 0 : 1);
}

Test(faults, samples)
{
  char path[300];
  snprintf(path, sizeof path, "%s/samples.h5", support_folder());
  const doing what = {"samples", write_samples, remove_all, check_samples, path};
  sweep(&what, FAULTS_MEMORY);
  sweep(&what, FAULTS_DISK);
}

/* --- the figures --- */

enum { FIGURES = 7 };

static const char *const figures[FIGURES] = {"outcomes",  "survival", "exit_times", "presence",
                                             "positions", "moments",  "paths"};

typedef struct drawn {
  int first, end; /* the files that are drawn */
  char *old[2 * FIGURES], *whole[2 * FIGURES];
} drawn;

static const char *figure_file(int k)
{
  static char name[64];
  snprintf(name, sizeof name, "%s.%s", figures[k / 2], k % 2 ? "dat" : "gp");
  return name;
}

static esc_status draw(void *context)
{
  char message[600] = "";
  (void)context;
  return esc_figures_draw(support_folder(), message, sizeof message);
}

static void put_old_figures(void *context)
{
  const drawn *const d = context;
  for (int k = 0; k < 2 * FIGURES; k++)
    if (d->old[k])
      support_put_text(figure_file(k), d->old[k]);
}

/* Every file is whole: the one before, or the one to be. */
static void check_figures(void *context, int failed)
{
  const drawn *const d = context;
  int left_as_it_was = 0;
  for (int k = d->first; k < d->end; k++) {
    char *const text = support_text(figure_file(k));
    const int same = text && d->old[k] && strcmp(text, d->old[k]) == 0;
    const int other = text && d->whole[k] && strcmp(text, d->whole[k]) == 0;
    cr_assert(same || other || (!text && !d->whole[k]), "%s is neither the old nor the new one: %s",
              figure_file(k), text ? text : "gone");
    left_as_it_was += same && !other;
    free(text);
  }
  cr_assert(failed || left_as_it_was == 0, "an old figure stayed");
  cr_assert_eq(support_count(".part"), 0);
}

static void gather(char *to[2 * FIGURES])
{
  for (int k = 0; k < 2 * FIGURES; k++)
    to[k] = support_text(figure_file(k));
}

static void draw_result(const char *title, const esc_experiment *experiment,
                        const esc_report *report, char *to[2 * FIGURES])
{
  FILE *const stream = fopen("result.json", "w");
  cr_assert(stream && !esc_result_json_write(experiment, &(esc_result_about){title, NULL, NULL},
                                             report, stream));
  fclose(stream);
  cr_assert_eq(draw(NULL), ESC_STATUS_OK, "%s", esc_io_error());
  gather(to);
}

static void forget(drawn *d)
{
  for (int k = 0; k < 2 * FIGURES; k++) {
    free(d->old[k]);
    free(d->whole[k]);
  }
}

static void sweep_figures(const esc_experiment *experiment, const esc_report *report,
                          const char *paths)
{
  drawn d = {0, 2 * FIGURES, {NULL}, {NULL}};
  support_put_text("paths.csv", paths);
  draw_result("old", experiment, report, d.old);
  draw_result("new", experiment, report, d.whole);
  const doing what = {"figures", draw, put_old_figures, check_figures, &d};
  sweep(&what, FAULTS_MEMORY);
  sweep(&what, FAULTS_DISK);
  forget(&d);
}

static const char line[] = "trajectory,step,x\n0,0,0\n0,1,0.5\n0,2,8.5\n\n1,0,0\n1,1,-0.5\n";
static const char plane[] = "trajectory,step,x1,x2\n0,0,0,0\n0,1,1,1\n1,0,0,0\n1,1,-1,1\n";

/* There is no gnuplot here: the scripts and their data are what is left. */
Test(faults, figures_on_a_line)
{
  setenv("PATH", "/nonexistent", 1);
  sweep_figures(made_full_experiment(), made_full_report(), line);
}

Test(faults, figures_from_exit_times)
{
  esc_report report = *made_full_report();
  report.curves.step_count = 0;
  setenv("PATH", "/nonexistent", 1);
  sweep_figures(made_full_experiment(), &report, line);
}

/* A gnuplot that leaves two whole pictures: they too come whole or not at all. */
Test(faults, pictures)
{
  static const char gnuplot[] = "#!/bin/sh\nname=${3%.gp}\n"
                                "printf '\\0\\0\\0\\0IEND\\256B`\\202' >$name.png.part\n"
                                "printf '</svg>\\n' >$name.svg.part\n";
  support_put_text("gnuplot", gnuplot);
  cr_assert_eq(chmod("gnuplot", 0755), 0);
  setenv("PATH", support_folder(), 1);
  sweep_figures(made_bare_experiment(), made_bare_report(), line);
  cr_assert(access("outcomes.png", F_OK) == 0 && access("paths.svg", F_OK) == 0);
}

static esc_figure_source source;

static esc_status draw_survival(void *context)
{
  bool written = false;
  (void)context;
  return esc_figure_survival(&source, &written);
}

/* This figure makes a tree of its own, and what jansson takes for that is refused too. Not what it
 * takes to read: its reader does not bear that itself (it aborts on a token that finds no room). */
Test(faults, survival_from_exit_times)
{
  esc_report report = *made_full_report();
  drawn d = {2, 4, {NULL}, {NULL}};
  report.curves.step_count = 0;
  setenv("PATH", "/nonexistent", 1);
  json_set_alloc_funcs(malloc, free);
  draw_result("old", made_full_experiment(), &report, d.old);
  draw_result("new", made_full_experiment(), &report, d.whole);
  cr_assert_eq(esc_figure_source_open(&source, support_folder()), ESC_STATUS_OK);
  sweep(&(doing){"survival", draw_survival, put_old_figures, check_figures, &d}, FAULTS_MEMORY);
  esc_figure_source_close(&source);
  forget(&d);
}

Test(faults, figures_in_the_plane)
{
  setenv("PATH", "/nonexistent", 1);
  sweep_figures(made_bare_experiment(), made_bare_report(), plane);
}
