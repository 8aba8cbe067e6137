/* The reader of sweeps: the points they make, and the exact sentence for every kind of bad one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "host/io/experiment/experiment_points.h"
#include "host/io/experiment/questions.h"
#include "host/io/io_error.h"

#define BASE                                                                                       \
  "landscape: {name: double_well}\nnoise: {law: gaussian}\n"                                       \
  "optimizer: {name: sgd, lr: 0.1}\nstop: {steps: 1000}\n"

static esc_status parse(const char *text, esc_experiment_file **file)
{
  return esc_experiment_file_parse(text, strlen(text), "e.yaml", NULL, 0, file);
}

static esc_experiment_file *good(const char *text)
{
  esc_experiment_file *file = NULL;
  const esc_status status = parse(text, &file);
  cr_assert_eq(status, ESC_STATUS_OK, "%s", status ? esc_io_error() : "");
  return file;
}

/* All points; to be freed. */
static esc_experiment_points *points_of(const esc_experiment_file *file)
{
  esc_experiment_points *points = NULL;
  const int64_t count = esc_experiment_file_points(file);
  cr_assert_eq(esc_experiment_points_read(file, 0, count, &points), ESC_STATUS_OK, "%s",
               esc_io_error());
  return points;
}

typedef struct bad_sweep {
  const char *sweep; /* line 5 of the file */
  const char *sentence;
} bad_sweep;

/* Refused with the file, or with the point that is the first of its kind. */
static esc_status read_everything(const char *text)
{
  esc_experiment_file *file = NULL;
  esc_experiment_points *points = NULL;
  esc_status status = parse(text, &file);
  if (!status)
    status = esc_experiment_points_read(file, 0, esc_experiment_file_points(file), &points);
  esc_experiment_points_free(points);
  esc_experiment_file_free(file);
  return status;
}

Test(experiment_sweep, bad_ones)
{
  static const bad_sweep cases[] = {
      {"sweep: {}", "e.yaml:5: sweep: expected at least one key and its values, found none"},
      {"sweep: 3", "e.yaml:5: sweep: expected a mapping of keys to their values, found 3"},
      {"sweep: {optimizer.lr: []}",
       "e.yaml:5: sweep.optimizer.lr: expected at least one value, found a list of 0"},
      {"sweep: {optimizer.lr: 0.1}",
       "e.yaml:5: sweep.optimizer.lr: expected a list of values, {range: [first, last, count]} or "
       "{log: [first, last, count]}, found 0.1"},
      {"sweep:\n  optimizer.lrr: [0.1, 0.2]",
       "e.yaml:6: optimizer.lrr: expected a known key of sgd, found \"lrr\", did you mean \"lr\"? "
       "(point 0: optimizer.lrr 0.1)"},
      {"sweep: {optimizer.lr: [0.1,\n  x]}",
       "e.yaml:6: optimizer.lr: expected a number, found \"x\" (point 1: optimizer.lr \"x\")"},
      {"sweep: {optimizer.lr: {range: [0, 1]}}",
       "e.yaml:5: sweep.optimizer.lr.range: expected [first, last, count] with 2 <= count <= "
       "1000000, found a list of 2"},
      {"sweep: {optimizer.lr: {range: [0, 1, 0]}}",
       "e.yaml:5: sweep.optimizer.lr.range: expected [first, last, count] with 2 <= count <= "
       "1000000, found [0, 1, 0]"},
      {"sweep: {optimizer.lr: {range: [0, 1, 2.5]}}",
       "e.yaml:5: sweep.optimizer.lr.range: expected [first, last, count] with 2 <= count <= "
       "1000000, found [0, 1, 2.5]"},
      {"sweep: {optimizer.lr: {log: [0, 1, 5]}}",
       "e.yaml:5: sweep.optimizer.lr.log: expected [first, last, count] with first and last above "
       "0 and 2 <= count <= 1000000, found [0, 1, 5]"},
      {"sweep: {optimizer.lr: {range: [0.1, x, 5]}}",
       "e.yaml:5: sweep.optimizer.lr.range[1]: expected a number, found \"x\""},
      {"sweep: {optimizer.lr: {range: [0.1, 1, 2000]}, start: {range: [0, 1, 501]}}",
       "e.yaml:5: sweep: expected at most 1000000 points, found 1002000"},
      {"sweep: {optimizer.lr: [0.1, 0.2], noise.scale: [1, 2, 3], zip: true}",
       "e.yaml:5: sweep: expected lists of the same length with zip, found 2 of optimizer.lr and 3 "
       "of noise.scale"},
      {"sweep: {sweep.zip: [true, false]}",
       "e.yaml:5: sweep.sweep.zip: expected a key of a point's own, found \"sweep.zip\""},
      {"sweep: {\"sweep[0]\": [1]}",
       "e.yaml:5: sweep.sweep[0]: expected a key of a point's own, found \"sweep[0]\""},
      {"sweep: {noise.scale: [1, 2], \"noise[0].scale\": [1, 3]}",
       "e.yaml:5: sweep: expected keys that leave each other alone, found noise.scale, which a "
       "later one replaces (point 0: noise.scale 1, noise[0].scale 1)"},
      {"sweep: {optimizer.lr: [0.1], optimizer: [{name: adam}]}",
       "e.yaml:5: sweep: expected keys that leave each other alone, found optimizer.lr, which a "
       "later one replaces (point 0: optimizer.lr 0.1, optimizer a mapping)"},
      {"sweep: {optimizer.lr.x: [0.1]}",
       "e.yaml:5: optimizer.lr.x: expected a key of a mapping, found a single value on the way "
       "(point 0: optimizer.lr.x 0.1)"},
      {"sweep: {\"a..b\": [0.1]}",
       "e.yaml:5: a..b: expected a path of keys as optimizer.lr or noise[1].scale (point 0: a..b "
       "0.1)"},
      {"sweep: {optimizer.name: [sgd, adm]}",
       "e.yaml:5: optimizer.name: expected an optimizer that is known, found \"adm\", did you mean "
       "\"adam\"? (point 1: optimizer.name \"adm\")"},
      {"sweep: {observe.paths: [2, 3]}",
       "e.yaml:5: observe.paths: expected neither samples nor paths in a sweep (point 0: "
       "observe.paths 2)"},
      {"sweep: {optimizer.lr: [0.1]}\nobserve: {samples: [final]}",
       "e.yaml:6: observe.samples: expected neither samples nor paths in a sweep (point 0: "
       "optimizer.lr 0.1)"},
      {"sweep: {zip: maybe, optimizer.lr: [0.1]}",
       "e.yaml:5: sweep.zip: expected true or false, found \"maybe\""},
      {"fit: {power_law: [optimizer.lr, exit_steps.mean]}",
       "e.yaml:5: fit: expected a sweep to fit through, found none"},
      {"sweep: {optimizer.lr: [0.1, 0.2]}\nfit: {power_law: [optimizer.lr, exit_steps.mean]}",
       "e.yaml:6: fit.power_law: expected at least 3 values of optimizer.lr to fit, found 2"},
      {"sweep: {optimizer.lr: [0.1, 0.1, 0.2]}\nfit: {power_law: [optimizer.lr, exit_steps.mean]}",
       "e.yaml:6: fit.power_law: expected at least 3 different values of optimizer.lr to fit, found "
       "2"},
      {"sweep: {optimizer.lr: [1, 2, 3]}\nfit: [{power_law: [noise.scale, exit_steps.mean]}]",
       "e.yaml:6: fit[0].power_law: expected a key of the sweep, found \"noise.scale\""},
      {"sweep: {optimizer.lr: [1, 2, 3]}\nfit: {power_low: [optimizer.lr, exit_steps.mean]}",
       "e.yaml:6: fit: expected {power_law: [a swept key, a number of the result]}, found a "
       "mapping"},
      {"sweep: {optimizer.lr: [1, 2, 3]}\nfit: {power_law: [optimizer.lr]}",
       "e.yaml:6: fit.power_law: expected [a swept key, a number of the result], as [optimizer.lr, "
       "exit_steps.mean], found a list of 1"},
      {"sweep: {start: [1, 0, 3]}\nfit: {power_law: [start, exit_steps.mean]}",
       "e.yaml:6: fit.power_law: expected numbers above 0 of start to fit a power law, found 0"},
      {"predict: maybe",
       "e.yaml:5: predict: expected yes, no, closed, numeric or both, found \"maybe\""},
      {"predict: [closed]",
       "e.yaml:5: predict: expected yes, no, closed, numeric or both, found a list of 1"},
      {"sweep: {predict: [yes, no]}",
       "e.yaml:5: sweep.predict: expected a key of a point's own, found \"predict\""},
      {"sweep: {show: [a], optimizer.lr: [0.1]}",
       "e.yaml:5: sweep.show: expected text, found a list of 1"},
      {"until: {relative_error: 0.1}",
       "e.yaml:5: until.of: expected a number of the result, as exit_steps.mean, found nothing"},
      {"until: {of: exit_steps.mean}",
       "e.yaml:5: until.relative_error: expected half an interval's width over its estimate, found "
       "nothing"},
      {"until: {relative_error: low, of: exit_steps.mean}",
       "e.yaml:5: until.relative_error: expected a number, found \"low\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[1024];
    snprintf(text, sizeof text, "%s%s\n", BASE, cases[i].sweep);
    cr_expect_eq(read_everything(text), ESC_STATUS_BAD_EXPERIMENT, "%s", cases[i].sweep);
    cr_expect_str_eq(esc_io_error(), cases[i].sentence, "%s:\n%s\nexpected\n%s", cases[i].sweep,
                     esc_io_error(), cases[i].sentence);
  }
}

Test(experiment_sweep, none)
{
  esc_experiment_file *const file = good(BASE);
  esc_experiment_points *points = NULL;
  cr_expect_eq(esc_experiment_file_points(file), 1);
  cr_expect_null(esc_experiment_file_sweep(file));
  cr_expect_eq(esc_experiment_points_read(file, 0, 2, &points), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_experiment_points_read(file, 1, 1, &points), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_null(points);
  points = points_of(file);
  cr_expect_eq(esc_experiment_points_list(points)->first_id, 0);
  esc_experiment_points_free(points);
  esc_experiment_file_free(file);
}

/* The last key is the fastest; ids are the point's own. */
Test(experiment_sweep, grid)
{
  static const double lrs[] = {0.1, 0.2}, scales[] = {1.0, 2.0, 4.0};
  esc_experiment_file *const file =
      good(BASE "sweep: {optimizer.lr: [0.1, 0.2], noise.scale: [1, 2, 4]}\n");
  cr_assert_eq(esc_experiment_file_points(file), 6);
  esc_experiment_points *const points = points_of(file);
  const esc_experiment *const list = esc_experiment_points_list(points);
  for (int k = 0; k < 6; k++) {
    cr_expect_eq(list[k].optimizer->lr, lrs[k / 3]);
    cr_expect_eq(list[k].noises[0].scale, scales[k % 3]);
    cr_expect_eq(list[k].first_id, (int64_t)k << 40);
  }
  cr_expect_eq(esc_experiment_file_experiment(file)->optimizer->lr, 0.1);
  esc_experiment_points_free(points);
  esc_experiment_file_free(file);
}

Test(experiment_sweep, zip_and_common_noise)
{
  esc_experiment_file *const file =
      good(BASE "sweep:\n  zip: true\n  common_noise: true\n  optimizer.lr: [0.1, 0.2, 0.4]\n"
                "  start: {range: [0, 1, 3]}\n");
  cr_assert_eq(esc_experiment_file_points(file), 3);
  esc_experiment_points *const points = points_of(file);
  const esc_experiment *const list = esc_experiment_points_list(points);
  cr_expect(list[1].optimizer->lr == 0.2 && list[1].start->values[0] == 0.5);
  cr_expect(list[2].optimizer->lr == 0.4 && list[2].start->values[0] == 1.0);
  cr_expect_eq(list[2].first_id, 0);
  esc_experiment_points_free(points);
  esc_experiment_file_free(file);
}

/* Ranges pass through the numbers a person expects, and whole numbers where they must. */
Test(experiment_sweep, ranges)
{
  static const double range[] = {0.1, 0.2, 0.3, 0.4, 0.5}, decades[] = {1e-3, 1e-2, 1e-1, 1.0};
  esc_experiment_file *const file =
      good(BASE "sweep: {optimizer.lr: {range: [0.1, 0.5, 5]}, noise.scale: {log: [1e-3, 1, 4]},\n"
                "  stop.steps: {log: [10, 1000, 3]}}\n");
  esc_experiment_points *const points = points_of(file);
  const esc_experiment *const list = esc_experiment_points_list(points);
  cr_assert_eq(esc_experiment_file_points(file), 60);
  for (int k = 0; k < 60; k++) {
    cr_expect_eq(list[k].optimizer->lr, range[k / 12]);
    cr_expect_eq(list[k].noises[0].scale, decades[k / 3 % 4]);
  }
  cr_expect_eq(list[1].stop_steps, 100);
  esc_experiment_points_free(points);
  esc_experiment_file_free(file);
}

/* A key that the file does not have, an element of a list, a whole part and a key within it. What
 * one point puts in stays out of the others and of the file. */
Test(experiment_sweep, any_key)
{
  esc_experiment_file *const file =
      good("landscape: {name: double_well}\nnoise: [{law: gaussian}, {law: laplace}]\n"
           "optimizer: {name: sgd}\nstop: {steps: 1000}\n"
           "sweep:\n  optimizer: [{name: sgd}, {name: adam, beta1: 0.5}]\n"
           "  optimizer.lr: [0.1, 0.2]\n  noise.1.scale: [2, 3]\n  observe.moments: [no]\n"
           "  noise[2]: [{law: none}]\n");
  esc_experiment_points *const points = points_of(file), *again = NULL;
  const esc_experiment *const list = esc_experiment_points_list(points);
  cr_assert_eq(esc_experiment_file_points(file), 8);
  cr_expect_str_eq(list[3].optimizer->name, "sgd");
  cr_expect(list[3].optimizer->setting_count == 0 && list[3].optimizer->lr == 0.2);
  cr_expect_str_eq(list[4].optimizer->name, "adam");
  cr_expect(list[4].optimizer->setting_count == 1 && list[4].optimizer->lr == 0.1);
  cr_expect(list[5].noise_count == 3 && list[5].noises[1].scale == 3.0);
  cr_assert_eq(esc_experiment_points_read(file, 4, 1, &again), ESC_STATUS_OK);
  cr_expect_eq(esc_experiment_points_list(again)->noise_count, 3);
  cr_expect_eq(esc_experiment_points_list(again)->first_id, (int64_t)4 << 40);
  esc_experiment_points_free(again);
  esc_experiment_points_free(points);
  esc_experiment_file_free(file);
}

/* What follows "sweep." is one key, whether the file has it or not. */
Test(experiment_sweep, overridden_keys)
{
  static const char *const texts[] = {BASE "sweep: {optimizer.lr: [1, 2]}\n", BASE};
  static const esc_override overrides[] = {
      {"sweep.optimizer.lr=[1, 2, 3]", "--set sweep.optimizer.lr=[1, 2, 3]"},
      {"sweep.noise[0].scale=[1, 2]", "--set sweep.noise[0].scale=[1, 2]"},
      {"sweep.zip=no", "--set sweep.zip=no"}};
  for (size_t i = 0; i < 2; i++) {
    esc_experiment_file *file = NULL;
    cr_assert_eq(
        esc_experiment_file_parse(texts[i], strlen(texts[i]), "e.yaml", overrides, 3, &file),
        ESC_STATUS_OK, "%s", esc_io_error());
    cr_expect_eq(esc_experiment_file_points(file), 6);
    cr_expect_str_eq(esc_experiment_file_sweep(file)->axes[0].path, "optimizer.lr");
    esc_experiment_file_free(file);
  }
}

/* A value put over the file's may be a sweep, or lie within one. */
Test(experiment_sweep, overrides)
{
  static const esc_override whole = {"sweep={optimizer.lr: [1, 2, 3]}", "--set sweep"};
  static const char *const text = BASE "sweep: {optimizer.lr: [1, 2]}\n";
  esc_experiment_file *file = NULL;
  char where[64], about[64];
  cr_assert_eq(esc_experiment_file_parse(text, strlen(text), "e.yaml", &whole, 1, &file),
               ESC_STATUS_OK);
  cr_expect_eq(esc_experiment_file_points(file), 3);
  esc_experiment_points *const points = points_of(file);
  esc_experiment_points_where(points, 1, "optimizer.lr", where, sizeof where);
  cr_expect_str_eq(where, "--set sweep");
  esc_experiment_points_where(points, 1, "noise.law", where, sizeof where);
  cr_expect_str_eq(where, "e.yaml:2");
  esc_experiment_file_point_text(file, 1, about, sizeof about);
  cr_expect_str_eq(about, " (point 1: optimizer.lr 2)");
  esc_experiment_points_free(points);
  esc_experiment_file_free(file);
}

Test(experiment_sweep, questions)
{
  static const char *const words[] = {"no",  "closed", "numeric",   "both",
                                      "yes", "off",    "\"closed\""};
  static const int choices[] = {0, 1, 2, 3, 1, 0, 1};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    char text[512];
    snprintf(text, sizeof text, "%spredict: %s\n", BASE, words[i]);
    esc_experiment_file *const file = good(text);
    cr_expect_eq((int)esc_experiment_file_questions(file)->predict, choices[i], "%s", words[i]);
    esc_experiment_file_free(file);
  }
  esc_experiment_file *const file =
      good(BASE "sweep: {optimizer.lr: {log: [0.1, 0.4, 3]}, show: exit_steps.mean}\n"
                "fit: [{power_law: [optimizer.lr, exit_steps.mean]},\n"
                "  {power_law: [optimizer.lr, outcomes.left.fraction]}]\n");
  cr_assert_eq(esc_experiment_file_questions(file)->fit_count, 2);
  cr_expect_str_eq(esc_experiment_file_questions(file)->fits[1].y, "outcomes.left.fraction");
  cr_expect_str_eq(esc_experiment_file_sweep(file)->show, "exit_steps.mean");
  esc_experiment_file_free(file);
}

Test(experiment_sweep, until)
{
  esc_experiment_file *file =
      good(BASE "until: {relative_error: 0.01, of: exit_steps.mean, least_events: 50}\n");
  const esc_until *until = esc_experiment_file_experiment(file)->until;
  cr_assert_not_null(until);
  cr_expect(until->relative_error == 0.01 && until->least_events == 50);
  cr_expect_str_eq(until->of, "exit_steps.mean");
  esc_experiment_file_free(file);
  file = good(BASE "until: {relative_error: 0.01, of: outcomes.running.fraction}\n");
  until = esc_experiment_file_experiment(file)->until;
  cr_expect_eq(until->least_events, 100);
  esc_experiment_file_free(file);
}
