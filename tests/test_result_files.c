/* What host/io writes of a result: result.json, the table, samples.h5, the figures. Reports are
 * made by hand (made_report.h); files go to a folder of their own under the temporary one. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/experiment/experiment_file.h"
#include "host/io/figures/figures.h"
#include "host/io/io_error.h"
#include "host/io/result/json_builder.h"
#include "host/io/result/resolved_experiment.h"
#include "host/io/result/result_json.h"
#include "host/io/result/result_table.h"
#include "host/io/result/samples_file.h"
#include "host/io/short_number.h"
#include "tests/made_report.h"

static char folder[256];

static void make_folder(void)
{
  const char *base = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/escapement_test_XXXXXX", base ? base : "/tmp");
  cr_assert(mkdtemp(folder) != NULL, "no temporary folder: %s", strerror(errno));
}

static void remove_folder(void)
{
  static const char *const names[] = {"outcomes",  "survival", "exit_times", "presence",
                                      "positions", "moments",  "paths"};
  static const char *const extensions[] = {"gp", "dat", "png", "svg"};
  static const char *const others[] = {"result.json", "samples.h5",  "samples.h5.part",
                                       "paths.csv",   "gnuplot.log", "report.html"};
  char path[512];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    for (size_t k = 0; k < sizeof extensions / sizeof extensions[0]; k++) {
      snprintf(path, sizeof path, "%s/%s.%s", folder, names[i], extensions[k]);
      unlink(path);
    }
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, others[i]);
    unlink(path);
  }
  cr_expect(rmdir(folder) == 0, "%s is not empty at the end", folder);
}

static char *path_of(const char *name)
{
  static char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static bool exists(const char *name)
{
  struct stat status;
  return stat(path_of(name), &status) == 0 && status.st_size > 0;
}

/* A whole file as text, to be freed. */
static char *text_of(const char *name)
{
  FILE *file = fopen(path_of(name), "r");
  cr_assert(file != NULL, "%s is not there", name);
  char *text = calloc(1, 1 << 22);
  const size_t size = fread(text, 1, (1 << 22) - 1, file);
  text[size] = '\0';
  fclose(file);
  return text;
}

static void put_text(const char *name, const char *text)
{
  FILE *file = fopen(path_of(name), "w");
  cr_assert(file != NULL);
  fputs(text, file);
  fclose(file);
}

static json_t *written(const esc_experiment *experiment, const char *title,
                       const esc_report *report)
{
  char *text = NULL;
  size_t size = 0;
  json_error_t error;
  FILE *stream = open_memstream(&text, &size);
  cr_assert(esc_result_json_write(experiment, &(esc_result_about){title, NULL, NULL}, report,
                                  stream) == ESC_STATUS_OK,
            "%s", esc_io_error());
  fclose(stream);
  json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
  cr_assert(root != NULL, "not JSON: %s", error.text);
  free(text);
  return root;
}

static void write_result(const esc_experiment *experiment, const char *title,
                         const esc_report *report)
{
  FILE *stream = fopen(path_of("result.json"), "w");
  cr_assert(stream != NULL);
  cr_assert(esc_result_json_write(experiment, &(esc_result_about){title, NULL, NULL}, report,
                                  stream) == ESC_STATUS_OK);
  fclose(stream);
}

/* ---- result.json ---- */

static double number_at(const json_t *root, const char *a, const char *b, const char *c)
{
  const json_t *value = json_object_get(root, a);
  value = b ? json_object_get(value, b) : value;
  value = c ? json_object_get(value, c) : value;
  cr_assert(json_is_number(value), "%s.%s.%s is not a number", a, b ? b : "", c ? c : "");
  return json_number_value(value);
}

Test(result_json, has_every_name_in_order)
{
  static const char *const names[] = {
      "version",         "stream_version", "backend",     "isa",          "math",
      "state",           "seed",           "dimension",   "trajectories", "trajectories_asked",
      "episodes",        "interrupted",    "steps_total", "seconds",      "steps_per_second",
      "lane_efficiency", "warnings",       "outcomes",    "exit_steps",   "final",
      "curves",          "residence",      "histogram",   "occupation",   "correlation",
      "basins",          "overshoot",      "tail_index",  "experiment"};
  json_t *root = written(made_full_experiment(), "T", made_full_report());
  const char *key;
  json_t *value;
  size_t i = 0;
  json_object_foreach(root, key, value)
  {
    cr_assert(i < sizeof names / sizeof names[0]);
    cr_expect_str_eq(key, names[i]);
    i++;
  }
  cr_expect_eq(i, sizeof names / sizeof names[0]);
  json_decref(root);
}

Test(result_json, numbers_are_where_they_belong)
{
  json_t *root = written(made_full_experiment(), "T", made_full_report());
  cr_expect_eq(number_at(root, "seed", NULL, NULL), 7.0);
  cr_expect_eq(number_at(root, "outcomes", "right", "count"), 705.0);
  cr_expect_eq(number_at(root, "outcomes", "right", "fraction"), .705);
  cr_expect_eq(number_at(root, "exit_steps", "restricted_mean", NULL), 199.0);
  cr_expect_eq(number_at(root, "exit_steps", "mean_of_exited", NULL), 198.2);
  cr_expect_eq(number_at(root, "exit_steps", "quantiles", "0.95"), 420.0);
  cr_expect_eq(number_at(root, "exit_steps", "rate", "per_step"), .005);
  cr_expect_eq(number_at(root, "residence", "top", "mean_steps"), 25.5);
  cr_expect_eq(number_at(root, "overshoot", "right", "mean"), .08);
  cr_expect(json_is_null(json_object_get(json_object_get(root, "exit_steps"), "mean")));
  double low = 0.0, high = 0.0, near = 0.0, mean = 0.0, correlation = 0.0;
  int count = 0;
  cr_expect(json_unpack(root, "{s:{s:{s:[F,F]}}}", "outcomes", "left", "ci95", &low, &high) == 0);
  cr_expect(low == .266 && high == .323);
  cr_expect(json_unpack(root, "{s:{s:{s:{s:[F,F]}}}}", "curves", "near", "top", "fraction", &low,
                        &near) == 0);
  cr_expect(low == 1.0 && near == .5);
  cr_expect(json_unpack(root, "{s:{s:{s:[[F,F]]}}}", "curves", "moments", "mean", &low, &mean) ==
            0);
  cr_expect(mean == .5);
  cr_expect(json_unpack(root, "{s:{s:[[F,F]]}}", "correlation", "value", &correlation, &high) == 0);
  cr_expect(correlation == .9 && high == .5);
  cr_expect_eq(number_at(root, "tail_index", "hill", "index"), 1.5);
  cr_expect_eq(number_at(root, "tail_index", "block", "blocks"), 31.0);
  int moved[9], of_step = 0;
  cr_expect(json_unpack(root, "{s:{s:[[i,i,i],[i,i,i],[i,i,i]]}}", "basins", "moves", &moved[0],
                        &moved[1], &moved[2], &moved[3], &moved[4], &moved[5], &moved[6], &moved[7],
                        &moved[8]) == 0);
  cr_expect(moved[1] == 20 && moved[3] == 5 && moved[8] == 0);
  const json_t *steps = json_object_get(json_object_get(root, "basins"), "transitions");
  cr_expect_eq(json_array_size(steps), 4);
  cr_expect(json_unpack(json_array_get(steps, 1), "[[i,i]]", &of_step, &count) == 0);
  cr_expect(of_step == 300 && count == 20);
  cr_expect(json_unpack(root, "{s:{s:{s:{s:[[F,F]]}}}}", "curves", "snr", "quantiles", "0.5", &low,
                        &high) == 0);
  cr_expect(low == .2 && high == .25);
  cr_expect(json_unpack(root, "{s:{s:{s:{s:[i,i,i]}}}}", "exit_steps", "histogram", "counts",
                        "right", &count, &count, &count) == 0);
  cr_expect_eq(count, 300);
  const json_t *histogram = json_object_get(json_object_get(root, "exit_steps"), "histogram");
  cr_expect(json_object_get(json_object_get(histogram, "counts"), "running") == NULL);
  json_decref(root);
}

Test(result_json, what_does_not_exist_is_null_or_left_out)
{
  static const char *const absent[] = {"curves",      "residence", "histogram", "occupation",
                                       "correlation", "basins",    "overshoot"};
  json_t *root = written(made_bare_experiment(), NULL, made_bare_report());
  for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
    cr_expect(json_object_get(root, absent[i]) == NULL, "%s", absent[i]);
  cr_expect_str_eq(json_string_value(json_object_get(root, "seed")), "18446744073709551615");
  cr_expect_str_eq(json_string_value(json_object_get(root, "steps_per_second")), ".inf");
  cr_expect(json_is_null(json_object_get(root, "lane_efficiency")));
  cr_expect(json_is_true(json_object_get(root, "interrupted")));
  const json_t *means = json_object_get(json_object_get(root, "final"), "mean");
  cr_expect_eq(json_array_size(means), 2);
  cr_expect(json_is_null(json_array_get(means, 1)));
  json_decref(root);
}

Test(result_json, doubles_read_back_unchanged)
{
  static const double values[] = {0.1,      1.0 / 3.0,         5e-324, 1.7976931348623157e308,
                                  -2.5e-17, 4503599627370497.5};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    esc_report report = *made_full_report();
    report.seconds = values[i];
    json_t *root = written(made_full_experiment(), NULL, &report);
    cr_expect_eq(number_at(root, "seconds", NULL, NULL), values[i]);
    json_decref(root);
  }
}

Test(result_json, the_resolved_experiment_has_defaults)
{
  json_t *root = written(made_full_experiment(), "A title", made_full_report());
  const json_t *experiment = json_object_get(root, "experiment");
  const json_t *landscape = json_object_get(experiment, "landscape");
  cr_expect_str_eq(json_string_value(json_object_get(experiment, "title")), "A title");
  cr_expect_str_eq(json_string_value(json_object_get(landscape, "at_zero")), "zero");
  cr_expect_eq(json_number_value(json_object_get(landscape, "left_slope")), 0.2);
  const json_t *optimizer = json_object_get(experiment, "optimizer");
  cr_expect_str_eq(json_string_value(json_object_get(optimizer, "decay")), "coupled");
  cr_expect(json_object_get(optimizer, "clip_update") == NULL);
  json_decref(root);
}

/* JSON is YAML: a resolved experiment, read as a file, resolves to itself. */
static void expect_round_trip(const esc_experiment *experiment, int dimension)
{
  esc_json_builder builder = {false};
  esc_experiment_file *file = NULL;
  json_t *first = esc_resolved_experiment(&builder, experiment, "T", dimension);
  char *text = json_dumps(first, JSON_REAL_PRECISION(17));
  const esc_status status =
      esc_experiment_file_parse(text, strlen(text), "resolved", NULL, 0, &file);
  cr_assert(status == ESC_STATUS_OK, "%s in %s", esc_io_error(), text);
  json_t *second = esc_resolved_experiment(&builder, esc_experiment_file_experiment(file),
                                           esc_experiment_file_title(file), dimension);
  char *again = json_dumps(second, JSON_REAL_PRECISION(17));
  cr_expect_str_eq(again, text);
  cr_expect_not(builder.failed);
  esc_experiment_file_free(file);
  json_decref(first);
  json_decref(second);
  free(text);
  free(again);
}

Test(result_json, the_resolved_experiment_is_an_experiment_file)
{
  expect_round_trip(made_full_experiment(), 1);
}

static const char rich_file[] =
    "landscape: {name: quadratic, spectrum: [1, 2, 3], scale: 2}\n"
    "noise:\n"
    "  - {law: finite_sum, values: [1, -1, 0], batch: 2, replace: yes, scale: 0.5}\n"
    "  - {law: student_t, nu: 3, variance: 2, sparse: 0.5, on: parameter, state_scale: [1, 2]}\n"
    "  - {law: gaussian, scale: [1, 2, 3]}\n"
    "  - {law: gaussian, anneal: {eta0: 0.1, gamma: 0.55}}\n"
    "  - {law: gaussian, covariance: [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0]], proportional_to: "
    "loss}\n"
    "  - {law: finite_sum, n: 6, batch: 3, replace: epoch}\n"
    "optimizer: {name: adam, lr: 0.1, clip_update: 2, project: [-9, 9], decay: decoupled,\n"
    "  weight_decay: 0.01, schedule: {kind: warmup_cosine, warmup: 10, total: 100}}\n"
    "start: {points: [[1, 2, 3], [4, 5, 6]]}\n"
    "stop:\n"
    "  steps: 100\n"
    "  beyond: 50\n"
    "  sets:\n"
    "    - {name: near, ball: {point: [0, 0, 0], radius: 1, stay: 3}}\n"
    "    - {name: up, halfspace: {normal: [0, 0, 1], offset: 8}}\n"
    "    - {name: low, loss_below: -1}\n"
    "    - {name: out, outside_box: [[-8, 8], [-7, 7], [-6, 6]]}\n"
    "    - {name: far, outside_box: [-9, 9]}\n"
    "observe: {tail_index: {point: [1, 2, 3], share: 0.02}, snr: true, steps: [5]}\n"
    "renew: no\n"
    "seed: 9223372036854775807\n"
    "math: fast\n"
    "state: f64\n";

Test(result_json, so_is_one_with_all_kinds_of_keys)
{
  esc_experiment_file *file = NULL;
  const esc_status status =
      esc_experiment_file_parse(rich_file, strlen(rich_file), "rich", NULL, 0, &file);
  cr_assert(status == ESC_STATUS_OK, "%s", esc_io_error());
  expect_round_trip(esc_experiment_file_experiment(file), 3);
  esc_experiment_file_free(file);
}

/* What JSON can write as text only. */
static const char open_file[] = "landscape: {name: double_well}\n"
                                "noise: {law: stable, alpha: 1.5, scale: 0.1}\n"
                                "optimizer: {name: sgd, lr: 0.1, project: [-3, .inf]}\n"
                                "start: -1\n"
                                "stop: {steps: 100, outside: [-.inf, 1], beyond: none}\n"
                                "seed: 18446744073709551615\n";

Test(result_json, so_is_one_with_infinities_and_a_large_seed)
{
  esc_experiment_file *file = NULL;
  const esc_status status =
      esc_experiment_file_parse(open_file, strlen(open_file), "open", NULL, 0, &file);
  cr_assert(status == ESC_STATUS_OK, "%s", esc_io_error());
  expect_round_trip(esc_experiment_file_experiment(file), 1);
  esc_experiment_file_free(file);
}

Test(result_json, refuses_what_it_cannot_write)
{
  FILE *full = fopen("/dev/full", "w");
  cr_expect(esc_result_json_write(NULL, NULL, made_full_report(), stdout) ==
            ESC_STATUS_BAD_ARGUMENT);
  cr_expect(strlen(esc_io_error()) > 10);
  cr_expect(esc_result_json_write(made_full_experiment(), NULL, NULL, stdout) ==
            ESC_STATUS_BAD_ARGUMENT);
  cr_expect(esc_result_json_write(made_full_experiment(),
                                  &(esc_result_about){"bad \xff title", NULL, NULL},
                                  made_full_report(), stdout) == ESC_STATUS_OUT_OF_MEMORY);
  if (full) {
    cr_expect(esc_result_json_write(made_full_experiment(), NULL, made_full_report(), full) ==
              ESC_STATUS_IO);
    fclose(full);
  }
}

/* ---- the table ---- */

static char *table_of(const esc_experiment *experiment, const char *title, const esc_report *report)
{
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  esc_result_table_print(experiment, &(esc_result_about){title, NULL, NULL}, report, stream);
  fclose(stream);
  return text;
}

Test(result_table, full)
{
  char *text =
      table_of(made_full_experiment(), "Which way off a sharp maximum?", made_full_report());
  cr_expect_str_eq(text,
                   "Which way off a sharp maximum?\n"
                   "sgd (lr 0.1) on sharp_maximum (left_slope 0.2, right_slope 0.6) under laplace\n"
                   "  (variance 1)\n"
                   "1 000 trajectories of at most 1 000 steps\n"
                   "\n"
                   "outcome            count      share   95 % interval\n"
                   "left                 294      0.294   0.266 .. 0.323\n"
                   "right                705      0.705   0.676 .. 0.732\n"
                   "running                1     0.0010   0.0002 .. 0.0060\n"
                   "diverged               0          0   0 .. 0.0038\n"
                   "\n"
                   "exit step       mean  95 % interval               5 %    median      95 %\n"
                   "all*           199.0  192.0 .. 206.0               98       145       420\n"
                   "left             350  340 .. 361                  200       340       600\n"
                   "right          135.2  133.0 .. 137.5               95       130       180\n"
                   "* the mean of min(exit step, 1 000): some never exited\n"
                   "\n"
                   "exit rate per step  0.00500  0.00470 .. 0.00530  after step 20\n"
                   "\n"
                   "last position          mean  95 % interval           variance\n"
                   "x                      1.25  1.00 .. 1.50                16.5\n"
                   "loss                 -4.000  -4.100 .. -3.900            1.00\n"
                   "beyond right          0.080  0.070 .. 0.090           0.02000\n"
                   "\n"
                   "ball            in it at 1 000      stuck  steps in it   95 % interval\n"
                   "top                          0          0         25.5   24.5 .. 26.5\n"
                   "\n"
                   "basin (of the last position)              count      share   95 % interval\n"
                   "(-inf, 0)                                   295      0.295   0.267 .. 0.324\n"
                   "(0, inf)                                    705      0.705   0.676 .. 0.732\n"
                   "\n"
                   "correlation at lag 1: 0.900, 5: 0.50\n"
                   "\n"
                   "tail index by Hill 1.50 (1.40 .. 1.60), by blocks 1.25 (1.00 .. 1.75)\n"
                   "\n"
                   "warning: fewer than 100 events stand behind the rate of \"left\"\n"
                   "\n"
                   "2.0e5 steps in 0.123 s, 1.6e6 steps/s (cpu avx2, exact, f32)\n");
  free(text);
}

Test(result_table, bare)
{
  char *text = table_of(made_bare_experiment(), NULL, made_bare_report());
  cr_expect_str_eq(text, "sgd (lr 0.01) on himmelblau without noise\n"
                         "10 of 20 trajectories of at most 50 steps (interrupted)\n"
                         "\n"
                         "outcome            count      share   95 % interval\n"
                         "running               10       1.00   0.72 .. 1.00\n"
                         "diverged               0          0   0 .. 0.28\n"
                         "\n"
                         "last position          mean  95 % interval           variance\n"
                         "x1                        -  -                              -\n"
                         "x2                        -  -                              -\n"
                         "\n"
                         "500 steps in 0 s (cpu baseline, exact, f64)\n");
  free(text);
}

Test(result_table, stays_within_80_columns)
{
  static const char long_name[] = "a set whose name goes on and on and on and on";
  esc_report report = *made_full_report();
  esc_outcome outcomes[4];
  memcpy(outcomes, report.outcomes, sizeof outcomes);
  outcomes[0].name = long_name;
  outcomes[1].count = INT64_C(1099511627776);
  report.outcomes = outcomes;
  char *text = table_of(made_full_experiment(), NULL, &report);
  for (char *rest = text, *line; (line = strtok_r(rest, "\n", &rest)) != NULL;)
    cr_expect(strlen(line) <= 80, "%zu columns: %s", strlen(line), line);
  free(text);
}

Test(short_number, as_many_digits_as_the_interval_earns)
{
  cr_expect_str_eq(esc_short_rounded(0.668213, 0.00092).text, "0.66821");
  cr_expect_str_eq(esc_short_rounded(0.668213, 0.03).text, "0.668");
  cr_expect_str_eq(esc_short_rounded(350.5, 120).text, "350");
  cr_expect_str_eq(esc_short_rounded(123456.789, NAN).text, "123457");
  cr_expect_str_eq(esc_short_rounded(3.2e-9, 1e-10).text, "3.20e-09");
  cr_expect_str_eq(esc_short_rounded(NAN, 1).text, "-");
  cr_expect_str_eq(esc_short_rounded(-INFINITY, 1).text, "-inf");
  cr_expect_str_eq(esc_short_rounded(0.0, 1e-9).text, "0");
  cr_expect_str_eq(esc_short_count(1000000).text, "1 000 000");
  cr_expect_str_eq(esc_short_count(-999).text, "-999");
  cr_expect_str_eq(esc_short_count(INT64_MIN).text, "-9 223 372 036 854 775 808");
  cr_expect_str_eq(esc_short_amount(6.1234e9).text, "6.1e9");
  cr_expect_str_eq(esc_short_amount(9.96e9).text, "1.0e10");
  cr_expect_str_eq(esc_short_amount(850).text, "850");
}

/* ---- samples.h5 ---- */

static void read_array(hid_t file, const char *name, hid_t type, void *values)
{
  const hid_t array = H5Dopen2(file, name, H5P_DEFAULT);
  cr_assert(array >= 0, "%s is not there", name);
  cr_assert(H5Dread(array, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  const hid_t layout = H5Dget_create_plist(array);
  cr_expect(H5Pget_layout(layout) == H5D_CHUNKED);
  H5Pclose(layout);
  H5Dclose(array);
}

static void read_attribute(hid_t place, const char *name, hid_t type, void *value)
{
  const hid_t attribute = H5Aopen(place, name, H5P_DEFAULT);
  cr_assert(attribute >= 0, "%s is not there", name);
  cr_assert(H5Aread(attribute, type, value) >= 0);
  H5Aclose(attribute);
}

TestSuite(samples_file, .init = make_folder, .fini = remove_folder);

Test(samples_file, reads_back)
{
  int64_t steps[3];
  int32_t outcome[3];
  double last[3];
  uint64_t seed = 0;
  int stream_version = 0;
  char *names[4] = {NULL};
  char *version = NULL;
  cr_assert(esc_samples_write(made_full_report(), path_of("samples.h5")) == ESC_STATUS_OK, "%s",
            esc_io_error());
  const hid_t file = H5Fopen(path_of("samples.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
  cr_assert(file >= 0);
  read_array(file, "exit_steps", H5T_NATIVE_INT64, steps);
  read_array(file, "outcome", H5T_NATIVE_INT32, outcome);
  read_array(file, "final", H5T_NATIVE_DOUBLE, last);
  cr_expect(steps[0] == 120 && steps[1] == -1 && steps[2] == 350);
  cr_expect(outcome[0] == 1 && outcome[1] == 2 && outcome[2] == 0);
  cr_expect(last[0] == 8.25 && last[1] == -7.5 && last[2] == -8.125);
  read_attribute(file, "seed", H5T_NATIVE_UINT64, &seed);
  read_attribute(file, "stream_version", H5T_NATIVE_INT, &stream_version);
  cr_expect(seed == 7 && stream_version == 3);
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, H5T_VARIABLE);
  H5Tset_cset(text, H5T_CSET_UTF8);
  read_attribute(file, "version", text, &version);
  cr_expect_str_eq(version, "0.1.0");
  const hid_t array = H5Dopen2(file, "outcome", H5P_DEFAULT);
  read_attribute(array, "names", text, names);
  cr_expect_str_eq(names[0], "left");
  cr_expect_str_eq(names[3], "diverged");
  for (int i = 0; i < 4; i++)
    H5free_memory(names[i]);
  H5free_memory(version);
  H5Tclose(text);
  H5Dclose(array);
  H5Fclose(file);
  cr_expect_not(exists("samples.h5.part"));
}

Test(samples_file, refuses)
{
  cr_expect(esc_samples_write(made_bare_report(), path_of("samples.h5")) ==
            ESC_STATUS_BAD_ARGUMENT);
  cr_expect(esc_samples_write(NULL, path_of("samples.h5")) == ESC_STATUS_BAD_ARGUMENT);
  cr_expect(esc_samples_write(made_full_report(), NULL) == ESC_STATUS_BAD_ARGUMENT);
  cr_expect(esc_samples_write(made_full_report(), path_of("nowhere/samples.h5")) == ESC_STATUS_IO);
  cr_expect(strstr(esc_io_error(), "nowhere/samples.h5") != NULL, "%s", esc_io_error());
  cr_expect_not(exists("samples.h5"));
}

/* ---- figures ---- */

TestSuite(figures, .init = make_folder, .fini = remove_folder);

static const char made_paths[] = "# two paths\ntrajectory,step,x\n0,0,0\n0,1,0.5\n0,2,8.5\n\n"
                                 "1,0,0\n1,1,-0.5\n1,2,-1\n";

Test(figures, scripts_and_data_are_beside_the_pictures)
{
  static const char *const names[] = {"outcomes",  "survival", "exit_times", "presence",
                                      "positions", "moments",  "paths"};
  char message[512] = "";
  char name[64];
  write_result(made_full_experiment(), "It's a 'title' with `marks` and \"quotes\"",
               made_full_report());
  put_text("paths.csv", made_paths);
  cr_assert(esc_figures_draw(folder, message, sizeof message) == ESC_STATUS_OK, "%s",
            esc_io_error());
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char data[64];
    snprintf(name, sizeof name, "%s.gp", names[i]);
    snprintf(data, sizeof data, "'%s.dat'", names[i]);
    cr_expect(strstr(message, names[i]) != NULL, "%s", message);
    char *script = text_of(name);
    cr_expect(strstr(script, data) != NULL, "%s does not draw %s", name, data);
    free(script);
    snprintf(name, sizeof name, "%s.png", names[i]);
    cr_expect(strstr(message, "not installed") || exists(name), "%s", name);
    snprintf(name, sizeof name, "%s.svg", names[i]);
    cr_expect(strstr(message, "not installed") || exists(name), "%s", name);
  }
  cr_expect_not(exists("gnuplot.log"));
}

Test(figures, only_what_has_data_is_drawn)
{
  char message[512] = "";
  write_result(made_bare_experiment(), NULL, made_bare_report());
  cr_assert(esc_figures_draw(folder, message, sizeof message) == ESC_STATUS_OK, "%s",
            esc_io_error());
  cr_expect(exists("outcomes.gp"));
  cr_expect_not(exists("survival.gp"));
  cr_expect_not(exists("presence.gp"));
  cr_expect_not(exists("positions.gp"));
  cr_expect_not(exists("paths.gp"));
}

Test(figures, survival_comes_from_the_exit_times_where_no_steps_were_observed)
{
  esc_report report = *made_full_report();
  report.curves.step_count = 0;
  write_result(made_full_experiment(), NULL, &report);
  cr_assert(esc_figures_draw(folder, NULL, 0) == ESC_STATUS_OK, "%s", esc_io_error());
  char *data = text_of("survival.dat");
  cr_expect(strstr(data, "\n799 0.001 ") != NULL, "%s", data);
  free(data);
}

Test(figures, without_gnuplot_the_scripts_are_kept)
{
  char message[512] = "";
  write_result(made_full_experiment(), NULL, made_full_report());
  setenv("PATH", "/nonexistent", 1);
  cr_expect(esc_figures_draw(folder, message, sizeof message) == ESC_STATUS_OK);
  cr_expect(strstr(message, "gnuplot is not installed") != NULL, "%s", message);
  cr_expect(exists("survival.gp") && exists("survival.dat"));
  cr_expect_not(exists("survival.png"));
  cr_expect_not(exists("gnuplot.log"));
}

/* A gnuplot that ends well and leaves half a picture, as the real one does on a full disk. */
Test(figures, half_a_picture_is_a_failure)
{
  char message[64] = "untouched";
  write_result(made_bare_experiment(), NULL, made_bare_report());
  put_text("gnuplot", "#!/bin/sh\nname=${3%.gp}\n"
                      "printf '\\211PNG' >$name.png.part\nprintf '</svg>\\n' >$name.svg.part\n");
  cr_assert(chmod(path_of("gnuplot"), 0755) == 0);
  setenv("PATH", folder, 1);
  cr_expect(esc_figures_draw(folder, message, sizeof message) == ESC_STATUS_IO);
  cr_expect(strstr(esc_io_error(), "outcomes") && strstr(esc_io_error(), "PNG"), "%s",
            esc_io_error());
  cr_expect_not(esc_io_no_room());
  cr_expect_str_eq(message, "untouched");
  cr_expect(exists("outcomes.gp"));
  cr_expect_not(exists("outcomes.png") || exists("outcomes.svg"));
  cr_expect_not(exists("outcomes.png.part") || exists("outcomes.svg.part"));
  unlink(path_of("gnuplot"));
}

static const char plane_paths[] = "trajectory,step,x1,x2,x3\n0,0,0,0,9\n0,1,1,1,9\n0,2,3,2,9\n"
                                  "1,0,0,0,9\n1,1,-1,1,9\n1,2,-3,3,9\n";

Test(figures, paths_in_the_plane_lie_over_the_landscape)
{
  write_result(made_bare_experiment(), NULL, made_bare_report());
  put_text("paths.csv", plane_paths);
  cr_assert(esc_figures_draw(folder, NULL, 0) == ESC_STATUS_OK, "%s", esc_io_error());
  char *script = text_of("paths.gp");
  char *data = text_of("paths.dat");
  cr_expect(strstr(script, "set contour") != NULL);
  cr_expect(strstr(data, "# landscape") != NULL);
  cr_expect(strstr(data, "\n2 -3 3 1\n") != NULL);
  free(script);
  free(data);
}

/* A long path keeps its extremes, its first and its last point. */
Test(figures, long_paths_are_thinned)
{
  FILE *file = fopen(path_of("paths.csv"), "w");
  fputs("step,x\n", file);
  for (int i = 0; i < 100000; i++)
    fprintf(file, "%d,%d\n", i, i == 54321 ? 1000 : i == 777 ? -1000 : i % 7);
  fclose(file);
  write_result(made_full_experiment(), NULL, made_full_report());
  cr_assert(esc_figures_draw(folder, NULL, 0) == ESC_STATUS_OK, "%s", esc_io_error());
  char *data = text_of("paths.dat");
  size_t lines = 0;
  for (const char *at = data; (at = strchr(at, '\n')) != NULL; at++)
    lines++;
  cr_expect(lines < 6000, "%zu lines", lines);
  cr_expect(strstr(data, "\n54321 1000 ") != NULL);
  cr_expect(strstr(data, "\n777 -1000 ") != NULL);
  cr_expect(strstr(data, "\n99999 ") != NULL);
  free(data);
}

static void expect_failure(esc_status expected, const char *part)
{
  char message[64] = "untouched";
  const esc_status status = esc_figures_draw(folder, message, sizeof message);
  cr_expect(status == expected, "%d: %s", (int)status, esc_io_error());
  cr_expect(strstr(esc_io_error(), part) != NULL, "%s", esc_io_error());
  cr_expect_str_eq(message, "untouched");
}

Test(figures, refuses_what_is_no_result)
{
  cr_expect(esc_figures_draw(NULL, NULL, 0) == ESC_STATUS_BAD_ARGUMENT);
  expect_failure(ESC_STATUS_IO, "result.json");
  put_text("result.json", "{\"outcomes\": {");
  expect_failure(ESC_STATUS_IO, "not JSON");
  put_text("result.json", "[1, 2]");
  expect_failure(ESC_STATUS_IO, "not a result");
  put_text("result.json", "{\"outcomes\": {}, \"curves\": 3, \"exit_steps\": \"x\", "
                          "\"histogram\": {\"range\": [1]}, \"occupation\": null}");
  cr_expect(esc_figures_draw(folder, NULL, 0) == ESC_STATUS_OK, "%s", esc_io_error());
  write_result(made_full_experiment(), NULL, made_full_report());
  put_text("paths.csv", "trajectory,when,where\n1,2,3\n");
  expect_failure(ESC_STATUS_IO, "paths.csv:1");
  put_text("paths.csv", "trajectory,step,x\n1,2\n");
  expect_failure(ESC_STATUS_IO, "paths.csv:2");
}

Test(figures, says_that_a_folder_cannot_be_written)
{
  write_result(made_full_experiment(), NULL, made_full_report());
  cr_assert(mkdir(path_of("outcomes.gp"), 0755) == 0); /* holds for root too */
  expect_failure(ESC_STATUS_IO, "outcomes.gp");
  rmdir(path_of("outcomes.gp"));
}
