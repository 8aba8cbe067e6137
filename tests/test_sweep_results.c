/* What is made of the results of a sweep: rows, fits, the table, the page. The reports are made by
 * hand, so that every number is known. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/experiment/experiment_points.h"
#include "host/io/figures/figures.h"
#include "host/io/io_error.h"
#include "host/io/result/sweep_csv.h"
#include "host/io/result/sweep_json.h"
#include "host/io/result/sweep_table.h"
#include "tests/made_report.h"
#include "tests/support_folder.h"

#define BASE                                                                                       \
  "title: A <sweep> & more\nlandscape: {name: double_well}\nnoise: {law: gaussian}\n"              \
  "optimizer: {name: sgd, lr: 0.1}\nstop: {steps: 1000, outside: [-1, 1]}\n"

TestSuite(sweep_results, .init = support_folder_enter, .fini = support_folder_leave);

typedef struct made_sweep {
  esc_experiment_file *file;
  esc_sweep_record record;
  esc_sweep_fits fits;
} made_sweep;

/* y of a point, with half its interval's width. */
typedef esc_estimate value_function(const esc_experiment *experiment, int64_t point);

static void make(const char *text, value_function *value, made_sweep *made)
{
  *made = (made_sweep){0};
  cr_assert_eq(esc_experiment_file_parse(text, strlen(text), "e.yaml", NULL, 0, &made->file),
               ESC_STATUS_OK, "%s", esc_io_error());
  cr_assert_eq(esc_sweep_record_begin(&made->record, esc_experiment_file_sweep(made->file)),
               ESC_STATUS_OK);
  for (int64_t k = made->record.point_count - 1; k >= 0; k--) { /* in any order */
    esc_experiment_points *points = NULL;
    esc_report report = *made_full_report();
    cr_assert_eq(esc_experiment_points_read(made->file, k, 1, &points), ESC_STATUS_OK);
    report.exit_steps.mean = value(esc_experiment_points_list(points), k);
    report.warning_count = 0;
    esc_experiment_points_free(points);
    cr_assert_eq(esc_sweep_record_add(&made->record, k, &report, NULL), ESC_STATUS_OK);
  }
  const esc_questions *const questions = esc_experiment_file_questions(made->file);
  if (questions->fit_count > 0)
    snprintf(made->record.asked, sizeof made->record.asked, "%s", questions->fits[0].y);
  made->record.seconds = 2.0;
  cr_assert_eq(esc_sweep_fits_make(&made->record, questions, NULL, &made->fits), ESC_STATUS_OK);
}

static void drop(made_sweep *made)
{
  esc_sweep_fits_free(&made->fits);
  esc_sweep_record_free(&made->record);
  esc_experiment_file_free(made->file);
}

static esc_estimate around(double value, double share)
{
  return (esc_estimate){value, value * (1.0 - share), value * (1.0 + share)};
}

/* 3 lr^-2 times the noise's scale. */
static esc_estimate square(const esc_experiment *experiment, int64_t point)
{
  (void)point;
  const double lr = experiment->optimizer->lr;
  return around(3.0 / (lr * lr) * experiment->noises[0].scale, 0.01);
}

Test(sweep_results, fits_of_each_series)
{
  static const double factors[] = {3.0, 15.0};
  made_sweep made;
  make(BASE "sweep: {optimizer.lr: [0.2, 0.1, 0.4, 0.05], noise.scale: [1, 5]}\n"
            "fit: {power_law: [optimizer.lr, exit_steps.mean]}\n",
       square, &made);
  cr_assert_eq(made.fits.count, 2);
  for (int i = 0; i < 2; i++) {
    const esc_sweep_fit *const fit = &made.fits.list[i];
    cr_expect_eq(fit->count, 4);
    cr_expect_float_eq(fit->fit.exponent.value, -2.0, 1e-12);
    cr_expect_float_eq(fit->fit.factor.value, factors[i], 1e-10);
    /* sum of (log x - mean)^2 is 5 log(2)^2; each error of log y is .01/1.96 */
    const double error = 0.01 / sqrt(5.0) / log(2.0);
    cr_expect_float_eq(fit->fit.exponent.high - fit->fit.exponent.value, error, 1e-9);
    cr_assert_not_null(fit->slopes);
    cr_expect_float_eq(fit->slopes[2].value, -2.0, 1e-12);
    cr_expect(fit->x[0] == 0.05 && fit->x[3] == 0.4);
  }
  drop(&made);
}

/* Keys side by side are one series, whatever else is swept. */
Test(sweep_results, fit_of_a_zip)
{
  made_sweep made;
  make(BASE "sweep: {zip: yes, optimizer.lr: [0.1, 0.2, 0.4], noise.scale: [1, 1, 1],\n"
            "  noise.law: [gaussian, laplace, uniform]}\n"
            "fit: {power_law: [optimizer.lr, exit_steps.mean]}\n",
       square, &made);
  cr_assert_eq(made.fits.count, 1);
  cr_expect_eq(made.fits.list[0].count, 3);
  cr_expect_float_eq(made.fits.list[0].fit.exponent.value, -2.0, 1e-12);
  drop(&made);
}

static esc_estimate mostly_missing(const esc_experiment *experiment, int64_t point)
{
  return point < 2 ? square(experiment, point)
                   : (esc_estimate){(double)NAN, (double)NAN, (double)NAN};
}

static char *printed(const made_sweep *made)
{
  char *text = NULL;
  size_t size = 0;
  FILE *const stream = open_memstream(&text, &size);
  cr_assert_not_null(stream);
  cr_assert_eq(esc_sweep_table_print(&made->record, esc_experiment_file_experiment(made->file),
                                     esc_experiment_file_title(made->file), &made->fits, stream),
               ESC_STATUS_OK);
  fclose(stream);
  return text;
}

Test(sweep_results, too_few_points)
{
  made_sweep made;
  make(BASE "sweep: {optimizer.lr: [0.1, 0.2, 0.4, 0.8], noise.scale: [1]}\n"
            "fit: [{power_law: [optimizer.lr, exit_steps.mean]}]\n",
       mostly_missing, &made);
  cr_assert_eq(made.fits.count, 1);
  cr_expect_eq(made.fits.list[0].count, 2);
  cr_expect(isnan(made.fits.list[0].fit.exponent.value));
  char *const text = printed(&made);
  cr_expect_not_null(strstr(text, "no power law: fewer than 3 points with exit_steps.mean above 0"),
                     "%s", text);
  free(text);
  drop(&made);
}

Test(sweep_results, table)
{
  static const char head[] =
      "A <sweep> & more\nsgd (lr 0.1) on double_well under gaussian (scale 1)\n"
      "sweep of optimizer.lr (3 values) and noise.scale (1 value): 3 points,";
  static const char row[] = "\n0.0333333      1             2700    2673 .. 2727  0.294";
  made_sweep made;
  make(BASE "sweep: {optimizer.lr: [0.1, 0.0333333333333, 0.2], noise.scale: [1]}\n"
            "fit: {power_law: [optimizer.lr, exit_steps.mean]}\n",
       square, &made);
  char *const text = printed(&made);
  cr_expect_eq(strncmp(text, head, sizeof head - 1), 0, "%s", text);
  cr_expect_not_null(strstr(text, row), "%s", text);
  cr_expect_not_null(strstr(text, "noise.scale 1: exit_steps.mean grows as optimizer.lr to the"),
                     "%s", text);
  for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
    cr_expect_leq(strcspn(line, "\n"), 80, "%s", line);
  free(text);
  drop(&made);
}

/* A text in a cell is quoted where it must be; a number that is not there leaves it empty. */
Test(sweep_results, csv)
{
  char *text = NULL, *at = NULL;
  size_t size = 0;
  made_sweep made;
  make(BASE "sweep: {start: [0, {uniform: [0, 0.5]}], noise.scale: [1, 2]}\n", mostly_missing,
       &made);
  FILE *const stream = open_memstream(&text, &size);
  cr_assert_eq(esc_sweep_csv_write(&made.record, stream), ESC_STATUS_OK);
  fclose(stream);
  int mean = 0, columns = 1;
  for (at = text; *at != '\n'; at++) {
    mean = strncmp(at, ",exit_steps.mean,", 17) == 0 ? columns : mean;
    columns += *at == ',';
  }
  cr_expect_not_null(strstr(text, "\n1,0,2,"), "%s", text);
  at = strstr(text, "\n2,\"{\"\"uniform\"\": [0, 0.5]}\",1,");
  cr_assert_not_null(at, "%s", text);
  at = strchr(at + 4, '}') + 2; /* past the text that holds a comma */
  for (int column = 2; column <= mean; column++)
    at = strchr(at, ',') + 1;
  cr_expect_eq(strncmp(at, ",,,", 3), 0, "%.40s", at);
  free(text);
  drop(&made);
}

/* The figure and the page of what was written, as `plot` makes them. */
Test(sweep_results, figure_and_page)
{
  json_error_t error;
  made_sweep made;
  make(BASE "sweep: {optimizer.lr: [0.1, 0.2, 0.4], noise.law: [gaussian, laplace]}\n"
            "fit: {power_law: [optimizer.lr, outcomes.left.fraction]}\n",
       square, &made);
  FILE *const stream = fopen("result.json", "w");
  cr_assert_not_null(stream);
  cr_assert_eq(esc_sweep_json_write(made.file, &made.record, &made.fits, stream), ESC_STATUS_OK);
  fclose(stream);
  drop(&made);
  json_t *const root = json_load_file("result.json", 0, &error);
  cr_assert_not_null(root, "%s", error.text);
  const json_t *const sweep = json_object_get(root, "sweep");
  cr_expect_eq(json_array_size(json_object_get(sweep, "points")), 6);
  cr_expect_eq(json_array_size(json_object_get(root, "fits")), 2);
  json_decref(root);
  setenv("PATH", "/nonexistent", 1);
  cr_assert_eq(esc_figures_draw(support_folder(), NULL, 0), ESC_STATUS_OK, "%s", esc_io_error());
  char *const script = support_text("sweep.gp"), *const page = support_text("report.html");
  cr_assert(script && page);
  cr_expect_not_null(strstr(script, "name1 = 'law laplace'"), "%s", script);
  cr_expect_not_null(strstr(script, "fit1 = 'fit: exponent "), "%s", script);
  cr_expect_not_null(strstr(page, "<title>A &lt;sweep&gt; &amp; more</title>"), "%s", page);
  cr_expect_not_null(strstr(page, "<td>laplace</td>"), "%s", page);
  cr_expect_null(strstr(page, "<sweep>"), "%s", page);
  cr_expect_null(strstr(page, "http"), "%s", page);
  free(script);
  free(page);
}
