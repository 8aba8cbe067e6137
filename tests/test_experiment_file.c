/* The reader of experiment files: what it makes of good ones, and the exact sentence for every kind
 * of bad one. What values mean (lr <= 0, ...) is the core's and tested with the command. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/io/experiment/csv_table.h"
#include "host/io/experiment/experiment_file.h"
#include "host/io/io_error.h"

#define HEAD  "landscape: {name: double_well}\n"
#define NOISE "noise: {law: gaussian}\n"
#define RULE  "optimizer: {name: sgd, lr: 0.1}\n"
#define STOP  "stop: {steps: 1000}\n"
#define BASE  HEAD NOISE RULE STOP

static esc_status parse(const char *text, const char *override, esc_experiment_file **file)
{
  char shown[256];
  snprintf(shown, sizeof shown, "--set %s", override ? override : "");
  const esc_override over = {override, shown};
  return esc_experiment_file_parse(text, strlen(text), "e.yaml", &over, override != NULL, file);
}

static esc_experiment_file *good(const char *text, const char *override)
{
  esc_experiment_file *file = NULL;
  const esc_status status = parse(text, override, &file);
  cr_assert_eq(status, ESC_STATUS_OK, "%s", status ? esc_io_error() : "");
  return file;
}

typedef struct bad_file {
  const char *text;
  const char *override;
  const char *sentence;
} bad_file;

static void check_bad(const bad_file *cases, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    esc_experiment_file *file = NULL;
    const esc_status status = parse(cases[i].text, cases[i].override, &file);
    cr_expect_eq(status, ESC_STATUS_BAD_EXPERIMENT, "case %zu: status %d", i, status);
    cr_expect_null(file, "case %zu: a file was handed out", i);
    cr_expect_str_eq(esc_io_error(), cases[i].sentence, "case %zu:\n%s\nexpected\n%s", i,
                     esc_io_error(), cases[i].sentence);
    esc_experiment_file_free(file);
  }
}

#define CHECK_BAD(cases) check_bad(cases, sizeof(cases) / sizeof((cases)[0]))

Test(experiment_file, not_yaml)
{
  static const bad_file cases[] = {
      {"", NULL, "e.yaml:1: expected an experiment, a mapping of keys, found nothing"},
      {"# nothing\n", NULL, "e.yaml:1: expected an experiment, a mapping of keys, found nothing"},
      {"[1, 2]", NULL, "e.yaml:1: expected an experiment, a mapping of keys, found a list of 2"},
      {"hello", NULL, "e.yaml:1: expected an experiment, a mapping of keys, found \"hello\""},
      {"a: [1", NULL, "e.yaml:2: expected YAML, but did not find expected ',' or ']'"},
      {"a: b: c", NULL,
       "e.yaml:1: expected YAML, but mapping values are not allowed in this context"},
      {"stop:\n\tsteps: 3\n", NULL,
       "e.yaml:2: expected YAML, but found character that cannot start any token (a tab: indent "
       "with spaces)"},
      {"a: 1\ntitle: \xff", NULL, "e.yaml:2: expected YAML, but invalid leading UTF-8 octet"},
      {"a: 1\nb: \x01", NULL, "e.yaml:2: expected YAML, but control characters are not allowed"},
      {"title: \"a\\0b\"", NULL, "e.yaml:1: expected text, found a NUL character in it"},
      {"a: 1\n---\nb: 1\n", NULL, "e.yaml:2: expected one document, found a second"},
      {"seed: !!int 5", NULL, "e.yaml:1: expected a value without a tag, found one with a tag"},
      {"? [1]\n: 2", NULL, "e.yaml:1: expected a word as a key, found a list or a mapping"},
      {"seed: 1\nseed: 2", NULL, "e.yaml:2: seed: expected each key once, found it again"},
      {"a: &a [*a]", NULL,
       "e.yaml:1: expected an anchor that is complete before its alias, found *a"},
      {"[[[[[[[[[[[[[[[[[[[[[", NULL,
       "e.yaml:1: expected at most 16 levels of nesting, found more"},
  };
  CHECK_BAD(cases);
}

Test(experiment_file, aliases_do_not_explode)
{
  char text[1024] = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; i++) {
    const size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i,
             i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
  }
  const bad_file cases[] = {{text, NULL, "e.yaml:8: expected at most 1000000 values, found more"}};
  CHECK_BAD(cases);
}

Test(experiment_file, unknown_keys_and_names)
{
  static const bad_file cases[] = {
      {BASE "trajectorys: 5\n", NULL,
       "e.yaml:5: trajectorys: expected a known key, found \"trajectorys\", did you mean "
       "\"trajectories\"?"},
      {HEAD "optimizer: {name: sgd, lrr: 0.1}\n" STOP, NULL,
       "e.yaml:2: optimizer.lrr: expected a known key of sgd, found \"lrr\", did you mean \"lr\"?"},
      {"landscape: {name: sharp_maxmum}\n" RULE STOP, NULL,
       "e.yaml:1: landscape.name: expected a landscape that is known, found \"sharp_maxmum\", did "
       "you mean \"sharp_maximum\"?"},
      {HEAD "noise: {law: laplase}\n" RULE STOP, NULL,
       "e.yaml:2: noise.law: expected a noise law that is known, found \"laplase\", did you mean "
       "\"laplace\"?"},
      {HEAD "optimizer: {name: zzzzzz}\n" STOP, NULL,
       "e.yaml:2: optimizer.name: expected an optimizer that is known, found \"zzzzzz\" "
       "(`escapement list` shows them)"},
      {HEAD RULE "stop:\n  steps: 5\n  outsid: [-1, 1]\n", NULL,
       "e.yaml:5: stop.outsid: expected a known key, found \"outsid\", did you mean \"outside\"?"},
      {HEAD RULE STOP "observe:\n  near:\n    - {name: a, point: 0, radios: 1}\n", NULL,
       "e.yaml:6: observe.near[0].radios: expected a known key, found \"radios\", did you mean "
       "\"radius\"?"},
      {BASE "math: exakt\n", NULL,
       "e.yaml:5: math: expected exact or fast, found \"exakt\", did you mean \"exact\"?"},
      {HEAD "noise: {law: gaussian, proportional_to: los}\n" RULE STOP, NULL,
       "e.yaml:2: noise.proportional_to: expected none or loss, found \"los\", did you mean "
       "\"loss\"?"},
      {HEAD "noise: {law: finite_sum, values: [1, -1], batch: 1, replace: epochs}\n" RULE STOP,
       NULL,
       "e.yaml:2: noise.replace: expected no, yes or epoch, found \"epochs\", did you mean "
       "\"epoch\"?"},
      {BASE "observe: {basins: moves}\n", NULL,
       "e.yaml:5: observe.basins: expected none, auto or transitions, found \"moves\""},
      {BASE "observe: {tail_index: {shar: 0.1}}\n", NULL,
       "e.yaml:5: observe.tail_index.shar: expected a known key, found \"shar\", did you mean "
       "\"share\"?"},
      {BASE "observe: {tail_index: 0.1}\n", NULL,
       "e.yaml:5: observe.tail_index: expected true or false, found 0.1"},
      {BASE "observe: {snr: adam}\n", NULL,
       "e.yaml:5: observe.snr: expected true or false, found \"adam\""},
  };
  CHECK_BAD(cases);
}

Test(experiment_file, network_data)
{
  static const bad_file cases[] = {
      {"landscape: {name: network, layers: [2, 1], data: xr}\n" RULE STOP, NULL,
       "e.yaml:1: landscape.data: expected xor, regression or FILE.csv, found \"xr\", did you mean "
       "\"xor\"?"},
      {"landscape: {name: network, layers: [2, 1], data: [1]}\n" RULE STOP, NULL,
       "e.yaml:1: landscape.data: expected xor, regression or FILE.csv, found a list of 1"},
      {"landscape: {name: network, layers: [2, 1], data: none_here.csv}\n" RULE STOP, NULL,
       "e.yaml:1: landscape.data: none_here.csv: expected a CSV file, found no such file"},
      {"landscape: {name: network, layers: [1, 1], inputs: [1]}\n" RULE STOP, NULL,
       "e.yaml:1: landscape: expected both inputs and targets, found no targets"},
      {"landscape: {name: network, layers: [1, 1], inputs: [1], targets: [1], data: xor}\n" RULE
           STOP,
       NULL, "e.yaml:1: landscape: expected either data or inputs and targets, found both"},
      {"landscape: {name: network, layers: [1, 1], inputs: [1, 2], targets: [1]}\n" RULE STOP, NULL,
       "e.yaml:1: landscape: expected as many targets as inputs, found 1 and 2"},
      {"landscape: {name: network, layers: [1, 1], inputs: [1, [2, 3]], targets: [1, 2]}\n" RULE
           STOP,
       NULL, "e.yaml:1: landscape.inputs[1]: expected 1 number, as in the first row, found 2"},
      {"landscape: {name: network, layers: [1, 1], inputs: [1, 2], targets: [1, a]}\n" RULE STOP,
       NULL, "e.yaml:1: landscape.targets[1]: expected a number or a list of numbers, found \"a\""},
      {"landscape: {name: double_well, data: xor}\n" RULE STOP, NULL,
       "e.yaml:1: landscape.data: expected a known key of double_well, found \"data\" (known: "
       "name, "
       "scale, tilt)"},
  };
  CHECK_BAD(cases);
}

/* A table, or the sentence for what is wrong with it. */
static const char *csv_of(esc_arena *arena, const char *text, esc_csv_table *table)
{
  return esc_csv_parse(arena, "d.csv", text, strlen(text), table) ? esc_io_error() : "";
}

Test(experiment_file, csv)
{
  static const char *const bad[][2] = {
      {"", "d.csv: expected rows of numbers, found none"},
      {"a,b\n", "d.csv: expected rows of numbers, found none"},
      {"1,2\n3,\n", "d.csv:2: column 2: expected a number, found nothing"},
      {"a,b\n1,2\n\n3,x y\n", "d.csv:4: column 2: expected a number, found \"x y\""},
      {"a,2\n", "d.csv:1: column 1: expected a number, found \"a\""},
      {"1,2\n3\n", "d.csv:2: column 2: expected a number, found nothing"},
      {"1,2\n3,4,5\n", "d.csv:2: column 3: expected the end of the line, found \"5\""},
      {"1,.inf\n", "d.csv:1: column 2: expected a number, found \".inf\""},
      {"1,\x01\n", "d.csv:1: column 2: expected a number, found \"?\""},
      {"1;2;3\n4,5,6\n", "d.csv:1: column 1: expected a number, found \"1;2;3\""},
      {"nan,x\n4,5\n", "d.csv:1: column 1: expected a number, found \"nan\""},
      {"x,-.5.1\n4,5\n", "d.csv:1: column 1: expected a number, found \"x\""},
      {"x,-inf\n4,5\n", "d.csv:1: column 1: expected a number, found \"x\""},
      {"1000000000100000000010000000001000000000100000000010000000001000\n",
       "d.csv:1: column 1: expected a number, found "
       "\"10000000001000000000100000000010000000001000000000100000000010~\""},
  };
  static const double values[6] = {1.0, -2.5, 3.0, 1e-3, 0.0, 7.0};
  esc_arena arena = {NULL};
  esc_csv_table table;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
    cr_expect_str_eq(csv_of(&arena, bad[k][0], &table), bad[k][1]);
  cr_expect_str_eq(csv_of(&arena, "\xef\xbb\xbfx, y\r\n 1,-2.5\r\n\r\n3 ,\t1e-3\n0,7", &table), "");
  cr_assert(table.rows == 3 && table.columns == 2);
  cr_expect_arr_eq(table.values, values, sizeof values);
  esc_arena_release(&arena);
}

Test(experiment_file, missing_keys)
{
  static const bad_file cases[] = {
      {"title: a\n" RULE STOP, NULL,
       "e.yaml:1: landscape: expected a mapping that names a landscape, found nothing"},
      {HEAD STOP, NULL,
       "e.yaml:1: optimizer: expected a mapping that names an optimizer, found nothing"},
      {HEAD RULE, NULL,
       "e.yaml:1: stop: expected a mapping with steps, the most steps a trajectory takes, found "
       "nothing"},
      {HEAD RULE "stop: {outside: [-1, 1]}\n", NULL,
       "e.yaml:3: stop.steps: expected the most steps a trajectory takes, found nothing"},
      {"landscape: {tilt: 0}\n" RULE STOP, NULL,
       "e.yaml:1: landscape.name: expected the name of a landscape, found nothing"},
      {BASE "observe: {histogram: {bins: 3}}\n", NULL,
       "e.yaml:5: observe.histogram.range: expected a list [lo, hi], found nothing"},
      {BASE "start: {}\n", NULL,
       "e.yaml:5: start: expected one of uniform, normal and points, found a mapping"},
      {BASE "stop:\n", NULL, "e.yaml:5: stop: expected each key once, found it again"},
      {HEAD RULE "stop:\n", NULL, "e.yaml:3: stop: expected a mapping of keys, found nothing"},
      {HEAD RULE "stop: {steps: 5, sets: [{name: a}]}\n", NULL,
       "e.yaml:3: stop.sets[0]: expected one of outside_box, ball, halfspace and loss_below, found "
       "none"},
      {HEAD RULE "stop: {steps: 5, sets: [{name: a, loss_below: 1, outside_box: [0, 1]}]}\n", NULL,
       "e.yaml:3: stop.sets[0]: expected one of outside_box, ball, halfspace and loss_below, found "
       "several"},
  };
  CHECK_BAD(cases);
}

Test(experiment_file, wrong_types)
{
  static const bad_file cases[] = {
      {HEAD "optimizer: {name: sgd, lr: fast}\n" STOP, NULL,
       "e.yaml:2: optimizer.lr: expected a number, found \"fast\""},
      {HEAD "optimizer: {name: sgd, lr: \"0.1\"}\n" STOP, NULL,
       "e.yaml:2: optimizer.lr: expected a number, found \"0.1\""},
      {HEAD "optimizer: {name: sgd, lr: \".inf\"}\n" STOP, NULL,
       "e.yaml:2: optimizer.lr: expected a finite number, found .inf"},
      {BASE "trajectories: \"100\"\n", NULL,
       "e.yaml:5: trajectories: expected a whole number, found \"100\""},
      {BASE "seed: \"1.5\"\n", NULL, "e.yaml:5: seed: expected a whole number, found 1.5"},
      {BASE "seed: \"\"\n", NULL, "e.yaml:5: seed: expected a whole number, found nothing"},
      {HEAD "optimizer: {name: sgd, lr: [0.1]}\n" STOP, NULL,
       "e.yaml:2: optimizer.lr: expected a number, found a list of 1"},
      {HEAD "optimizer: {name: sgd, lr: 0x10}\n" STOP, NULL,
       "e.yaml:2: optimizer.lr: expected a number, found \"0x10\""},
      {HEAD "optimizer: sgd\n" STOP, NULL,
       "e.yaml:2: optimizer: expected a mapping of keys, found \"sgd\""},
      {BASE "start: top\n", NULL,
       "e.yaml:5: start: expected a number or a list of numbers, found \"top\""},
      {BASE "start: {uniform: [1]}\n", NULL,
       "e.yaml:5: start.uniform: expected a list of two numbers, found a list of 1"},
      {BASE "start: {points: [[1], [2, 3]]}\n", NULL,
       "e.yaml:5: start.points[1]: expected as many numbers in each point as in the first, found a "
       "list of 2"},
      {BASE "start: {points: [[1, 2]]}\n", NULL,
       "e.yaml:5: start.points: expected 1 number in each point, found 2"},
      {HEAD "noise: {law: gaussian, covariance: 1}\n" RULE STOP, NULL,
       "e.yaml:2: noise.covariance: expected a list of 1 to 64 rows of numbers, found 1"},
      {HEAD "noise: {law: gaussian, covariance: [1, 0, 0, 1]}\n" RULE STOP, NULL,
       "e.yaml:2: noise.covariance[0]: expected a list of numbers, found 1"},
      {HEAD "noise:\n  law: gaussian\n  covariance: [[1, 0],\n  [0]]\n" RULE STOP, NULL,
       "e.yaml:5: noise.covariance[1]: expected as many numbers in each row as there are rows, "
       "found "
       "a list of 1"},
      {HEAD "noise: {law: gaussian, covariance: [[1, x], [x, 1]]}\n" RULE STOP, NULL,
       "e.yaml:2: noise.covariance[0][1]: expected a number, found \"x\""},
      {BASE "renew: 2\n", NULL, "e.yaml:5: renew: expected true or false, found 2"},
      {BASE "title: [a]\n", NULL, "e.yaml:5: title: expected text, found a list of 1"},
      {HEAD RULE "stop: {steps: 5, outside: 3}\n", NULL,
       "e.yaml:3: stop.outside: expected a list of two numbers, found 3"},
      {HEAD RULE "stop: {steps: 5, beyond: far}\n", NULL,
       "e.yaml:3: stop.beyond: expected auto, none or a number, found \"far\""},
      {BASE "observe: {steps: 7}\n", NULL,
       "e.yaml:5: observe.steps: expected a list of steps, {log: [first, last, count]} or {every: "
       "n}, found 7"},
      {BASE "observe: {steps: {log: [0, 10, 5]}}\n", NULL,
       "e.yaml:5: observe.steps.log: expected [first, last, count] with 1 <= first < last < 2^31 "
       "and 2 <= count <= 100000, found [0, 10, 5]"},
      {BASE "observe: {samples: [finals]}\n", NULL,
       "e.yaml:5: observe.samples[0]: expected exit_steps, final or outcome, found \"finals\", did "
       "you mean \"final\"?"},
      {BASE "observe: {near: [{name: \"a\\\"b\", point: 0, radius: 1}]}\n", NULL,
       "e.yaml:5: observe.near[0].name: expected a name of at most 63 letters, digits, blanks, _, "
       "- and ., "
       "found \"a\"b\""},
  };
  CHECK_BAD(cases);
}

Test(experiment_file, absurd_values)
{
  static const bad_file cases[] = {
      {HEAD "optimizer: {name: sgd, lr: .nan}\n" STOP, NULL,
       "e.yaml:2: optimizer.lr: expected a finite number, found .nan"},
      {HEAD "optimizer: {name: sgd, lr: .inf}\n" STOP, NULL,
       "e.yaml:2: optimizer.lr: expected a finite number, found .inf"},
      {HEAD "optimizer: {name: sgd, lr: 1e999}\n" STOP, NULL,
       "e.yaml:2: optimizer.lr: expected a finite number, found 1e999"},
      {HEAD RULE "stop: {steps: 5, outside: [-1e999, .inf]}\n", NULL,
       "e.yaml:3: stop.outside[0]: expected a number, .inf or -.inf, found -1e999"},
      {HEAD RULE "stop: {steps: 1.5}\n", NULL,
       "e.yaml:3: stop.steps: expected a whole number, found 1.5"},
      {HEAD RULE "stop: {steps: 1e30}\n", NULL,
       "e.yaml:3: stop.steps: expected a whole number of at most 64 bits, found 1e30"},
      {BASE "seed: 18446744073709551616\n", NULL,
       "e.yaml:5: seed: expected a whole number of at most 64 bits, found 18446744073709551616"},
      {BASE "seed: -1\n", NULL, "e.yaml:5: seed: expected a whole number not below 0, found -1"},
      {BASE "observe: {histogram: {range: [0, 1], bins: 1e10}}\n", NULL,
       "e.yaml:5: observe.histogram.bins: expected a whole number below 2^31, found 1e10"},
      {BASE "observe: {paths: 1001}\n", NULL,
       "e.yaml:5: observe.paths: expected a whole number of at most 1000, found 1001"},
      {HEAD RULE "stop: {steps: 1e9}\nobserve: {steps: {every: 1}}\n", NULL,
       "e.yaml:4: observe.steps.every: expected at most 100000 steps in all, found 1000000001 of "
       "them"},
  };
  CHECK_BAD(cases);
}

Test(experiment_file, bad_overrides)
{
  static const bad_file cases[] = {
      {BASE, "optimizer.lr", "--set optimizer.lr: expected KEY.PATH=VALUE, found no ="},
      {BASE, "optimizer.lr=", "--set optimizer.lr=: optimizer.lr: expected a value, found nothing"},
      {BASE, "optimizer.lr=x",
       "--set optimizer.lr=x: optimizer.lr: expected a number, found \"x\""},
      {BASE, "optimizer.rl=1",
       "--set optimizer.rl=1: optimizer.rl: expected a known key of sgd, found \"rl\", did you "
       "mean \"lr\"?"},
      {BASE, "stop={", "--set stop={: expected YAML, but did not find expected node content"},
      {BASE "start: 0\n", "start.uniform=[0, 1]",
       "--set start.uniform=[0, 1]: start.uniform: expected a key of a mapping, found a single "
       "value on the way"},
      {BASE, "=1", "--set =1: : expected a path of keys as optimizer.lr, found nothing"},
      {BASE, "a..b=1",
       "--set a..b=1: a..b: expected a path of keys as optimizer.lr or noise[1].scale"},
      {BASE "observe: {steps: [1]}\n", "observe.steps[3]=1",
       "--set observe.steps[3]=1: observe.steps[3]: expected a key, or an index at most one past "
       "the list's end"},
  };
  CHECK_BAD(cases);
}

Test(experiment_file, defaults)
{
  esc_experiment_file *const file = good(BASE, NULL);
  const esc_experiment *const e = esc_experiment_file_experiment(file);
  cr_expect_str_eq(e->landscape->name, "double_well");
  cr_expect_eq(e->landscape->setting_count, 0);
  cr_expect_eq(e->noise_count, 1);
  cr_expect(isnan(e->noises[0].scale) && isnan(e->noises[0].variance));
  cr_expect_null(e->start);
  cr_expect_eq(e->stop_steps, 1000);
  cr_expect(isinf(e->outside[0]) && isinf(e->outside[1]));
  cr_expect_eq(e->trajectories, 1000000);
  cr_expect_eq(e->seed, 1);
  cr_expect_eq(e->beyond, ESC_BEYOND_AUTO);
  cr_expect_null(esc_experiment_file_title(file));
  cr_expect_eq(esc_experiment_file_paths(file), 0);
  esc_experiment_file_free(file);
}

Test(experiment_file, values)
{
  esc_experiment_file *const file = good(
      "title: A title\n"
      "landscape: {name: sharp_maximum, left_slope: 0.2, at_zero: right, scale: 2}\n"
      "noise:\n"
      "  - {law: stable, alpha: 1.5, scale: 0.5, clip: 3, sparse: 0.5, state_scale: [1, 2]}\n"
      "  - {law: gaussian, anneal: {eta0: 0.5, gamma: 0.55}, on: parameter}\n"
      "optimizer: {name: momentum, lr: 1e-2, momentum: 0.9, lr_inside: yes, weight_decay: 0.5,\n"
      "            decay: decoupled, clip_update: 4, project: [-1, .inf]}\n"
      "start: {uniform: [-1, 1]}\n"
      "stop: {steps: 1e5, outside: [-.inf, 8], beyond: 30}\n"
      "renew: on\ntrajectories: 2e3\nseed: 18446744073709551615\nmath: fast\nstate: f64\n"
      "rate: {after: 10}\n"
      "observe: {steps: {every: 50000}, near: [{name: top, point: 0, radius: 0.5}],\n"
      "  histogram: {range: [-1, 2], bins: 30}, correlation: [1, 2], moments: true, basins: auto,\n"
      "  samples: [final], paths: 7}\n",
      NULL);
  const esc_experiment *const e = esc_experiment_file_experiment(file);
  cr_expect_str_eq(esc_experiment_file_title(file), "A title");
  cr_expect_eq(e->landscape->setting_count, 2);
  cr_expect_eq(e->landscape->scale, 2.0);
  cr_expect_eq(e->noise_count, 2);
  cr_expect_eq(e->noises[0].scale, 0.5);
  cr_expect_eq(e->noises[0].clip, 3.0);
  cr_expect_eq(e->noises[0].sparse, 0.5);
  cr_expect_eq(e->noises[0].state_scale[1], 2.0);
  cr_expect_eq(e->noises[1].anneal[1], 0.55);
  cr_expect_eq(e->noises[1].target, ESC_NOISE_ON_PARAMETER);
  cr_expect_eq(e->optimizer->lr, 0.01);
  cr_expect_eq(e->optimizer->decay, ESC_DECAY_DECOUPLED);
  cr_expect_eq(e->optimizer->project[0], -1.0);
  cr_expect_eq(e->start->kind, ESC_START_UNIFORM);
  cr_expect_eq(e->stop_steps, 100000);
  cr_expect_eq(e->outside[1], 8.0);
  cr_expect_eq(e->beyond, ESC_BEYOND_AT);
  cr_expect_eq(e->beyond_at, 30.0);
  cr_expect_eq(e->renew, 1);
  cr_expect_eq(e->trajectories, 2000);
  cr_expect_eq(e->seed, UINT64_MAX);
  cr_expect_eq(e->math, ESC_MATH_FAST);
  cr_expect_eq(e->state, ESC_STATE_F64);
  cr_expect_eq(e->rate_after, 10);
  cr_expect_eq(e->observe->step_count, 3);
  cr_expect_eq(e->observe->steps[2], 100000);
  cr_expect_eq(e->observe->near_count, 1);
  cr_expect_eq(e->observe->nears[0].radius, 0.5);
  cr_expect_eq(e->observe->histogram->bins, 30);
  cr_expect_eq(e->observe->correlation_count, 2);
  cr_expect(e->observe->moments && e->observe->basins && e->observe->samples);
  cr_expect(!e->observe->loss && !e->observe->overshoot);
  cr_expect_eq(esc_experiment_file_paths(file), 7);
  esc_experiment_file_free(file);
}

Test(experiment_file, sizes)
{
  esc_experiment_file *file =
      good(BASE "observe: {tail_index: {point: 2, share: 0.05}, snr: true, basins: transitions}\n",
           NULL);
  const esc_observe *observe = esc_experiment_file_experiment(file)->observe;
  cr_assert(observe->tail_index && observe->tail_index->point_count == 1);
  cr_expect(observe->tail_index->point[0] == 2.0 && observe->tail_index->share == 0.05);
  cr_expect(observe->snr == 1 && observe->basins == 2);
  esc_experiment_file_free(file);
  file = good(BASE "observe: {tail_index: true}\n", NULL);
  observe = esc_experiment_file_experiment(file)->observe;
  cr_assert(observe->tail_index && !observe->tail_index->point);
  cr_expect_eq(observe->tail_index->share, 0.01);
  esc_experiment_file_free(file);
  file = good(BASE "observe: {tail_index: no}\n", NULL);
  cr_expect_null(esc_experiment_file_experiment(file)->observe->tail_index);
  esc_experiment_file_free(file);
}

Test(experiment_file, covariance_by_rows)
{
  static const double rows[] = {1.0, -0.5, -0.5, 4.0};
  esc_experiment_file *const file =
      good("landscape: {name: saddle}\nnoise: {law: gaussian, covariance: [[1, -0.5], [-0.5, 4]],\n"
           "  proportional_to: loss}\n" RULE STOP,
           NULL);
  const esc_noise *const noise = esc_experiment_file_experiment(file)->noises;
  cr_assert_eq(noise->covariance_count, 4);
  cr_expect_arr_eq(noise->covariance, rows, sizeof rows);
  cr_expect_eq(noise->proportional_to, ESC_PROPORTIONAL_TO_LOSS);
  esc_experiment_file_free(file);
}

/* What JSON can write in quotes only, as it stands in result.json. */
Test(experiment_file, quoted_infinities_and_seeds)
{
  esc_experiment_file *const file =
      good("{\"landscape\": {\"name\": \"double_well\"},\n"
           " \"noise\": {\"law\": \"gaussian\", \"clip\": \".inf\"},\n"
           " \"optimizer\": {\"name\": \"sgd\", \"lr\": 0.1, \"project\": [-3, \".inf\"]},\n"
           " \"stop\": {\"steps\": 10, \"outside\": [\"-.inf\", 1]},\n"
           " \"seed\": \"18446744073709551615\"}\n",
           NULL);
  const esc_experiment *const e = esc_experiment_file_experiment(file);
  cr_expect_eq(e->noises[0].clip, (double)INFINITY);
  cr_expect_eq(e->optimizer->project[1], (double)INFINITY);
  cr_expect_eq(e->outside[0], -(double)INFINITY);
  cr_expect_eq(e->seed, UINT64_MAX);
  esc_experiment_file_free(file);
}

Test(experiment_file, settings_of_rules)
{
  esc_experiment_file *const file =
      good("landscape: {name: sharp_maximum, right_slope: 3, at_zero: left}\n"
           "noise: {law: finite_sum, values: [1, -1, 2], batch: 2, replace: no}\n" RULE STOP,
           NULL);
  const esc_experiment *const e = esc_experiment_file_experiment(file);
  for (int i = 0; i < e->landscape->setting_count; i++) {
    const esc_setting *const s = &e->landscape->settings[i];
    if (strcmp(s->key, "at_zero") == 0)
      cr_expect_str_eq(s->word, "left");
    else
      cr_expect_eq(s->value, 3.0);
  }
  const esc_setting *const values = &e->noises[0].settings[0];
  cr_expect_str_eq(values->key, "values");
  cr_expect_eq(values->list_count, 3);
  cr_expect_eq(values->list[2], 2.0);
  esc_experiment_file_free(file);
}

Test(experiment_file, logarithmic_steps)
{
  esc_experiment_file *const file = good(BASE "observe: {steps: {log: [1, 1000, 40]}}\n", NULL);
  const esc_observe *const observe = esc_experiment_file_experiment(file)->observe;
  cr_expect_eq(observe->steps[0], 1);
  cr_expect_eq(observe->steps[observe->step_count - 1], 1000);
  cr_expect_leq(observe->step_count, 40);
  for (int64_t i = 1; i < observe->step_count; i++)
    cr_expect_gt(observe->steps[i], observe->steps[i - 1]);
  esc_experiment_file_free(file);
}

Test(experiment_file, sets)
{
  esc_experiment_file *const file =
      good("landscape: {name: himmelblau}\n" RULE "stop:\n  steps: 5\n  sets:\n"
           "    - {name: a, outside_box: [[-5, 5], [-6, .inf]]}\n"
           "    - {name: b, ball: {point: [3, 2], radius: 0.5, stay: 4}}\n"
           "    - {name: c, halfspace: {normal: [0, 1], offset: 4}}\n"
           "    - {name: d, loss_below: 0.5}\n",
           NULL);
  const esc_experiment *const e = esc_experiment_file_experiment(file);
  static const double box[] = {-5.0, -6.0, 5.0};
  static const double ball[] = {3.0, 2.0, 0.5};
  static const double half[] = {0.0, 1.0, 4.0};
  cr_assert_eq(e->set_count, 4);
  cr_expect_arr_eq(e->sets[0].values, box, sizeof box);
  cr_expect(isinf(e->sets[0].values[3]) && e->sets[0].value_count == 4);
  cr_expect_arr_eq(e->sets[1].values, ball, sizeof ball);
  cr_expect_eq(e->sets[1].stay, 4);
  cr_expect_arr_eq(e->sets[2].values, half, sizeof half);
  cr_expect_eq(e->sets[3].values[0], 0.5);
  cr_expect_str_eq(e->sets[3].name, "d");
  esc_experiment_file_free(file);
}

Test(experiment_file, overrides)
{
  esc_experiment_file *file = good(BASE, "optimizer.lr=0.5");
  cr_expect_eq(esc_experiment_file_experiment(file)->optimizer->lr, 0.5);
  esc_experiment_file_free(file);
  file = good(BASE, "noise[0].scale=3");
  cr_expect_eq(esc_experiment_file_experiment(file)->noises[0].scale, 3.0);
  esc_experiment_file_free(file);
  file = good(HEAD "noise: [{law: gaussian}, {law: laplace}]\n" RULE STOP, "noise.1.scale=3");
  cr_expect_eq(esc_experiment_file_experiment(file)->noises[1].scale, 3.0);
  esc_experiment_file_free(file);
  file = good(HEAD "noise: [{law: gaussian}]\n" RULE STOP, "noise[1]={law: laplace}");
  cr_expect_eq(esc_experiment_file_experiment(file)->noise_count, 2);
  esc_experiment_file_free(file);
  file = good(BASE, "observe.paths=4");
  cr_expect_eq(esc_experiment_file_paths(file), 4);
  esc_experiment_file_free(file);
}

Test(experiment_file, places)
{
  char where[128];
  esc_experiment_file *const file =
      good(HEAD "noise:\n  - {law: gaussian}\n  - law: laplace\n    scale: 2\n" RULE
                "stop:\n  outside: [-1, 1]\n  steps: 7\n",
           "optimizer.lr=0.5");
  cr_expect_eq(esc_experiment_file_line(file, "landscape.name"), 1);
  cr_expect_eq(esc_experiment_file_line(file, "noise[1].scale"), 5);
  cr_expect_eq(esc_experiment_file_line(file, "noise[1].variance"), 4);
  cr_expect_eq(esc_experiment_file_line(file, "stop.steps"), 9);
  cr_expect_eq(esc_experiment_file_line(file, "nowhere"), 1);
  esc_experiment_file_where(file, "stop.outside[0]", where, sizeof where);
  cr_expect_str_eq(where, "e.yaml:8");
  esc_experiment_file_where(file, "optimizer.lr", where, sizeof where);
  cr_expect_str_eq(where, "--set optimizer.lr=0.5");
  esc_experiment_file_free(file);
}

Test(experiment_file, aliases)
{
  esc_experiment_file *const file =
      good(HEAD "noise:\n  - &n {law: gaussian, scale: 2}\n  - *n\n" RULE STOP, "noise[1].scale=3");
  const esc_experiment *const e = esc_experiment_file_experiment(file);
  cr_expect_eq(e->noise_count, 2);
  cr_expect_eq(e->noises[0].scale, 2.0);
  cr_expect_eq(e->noises[1].scale, 3.0);
  esc_experiment_file_free(file);
}
