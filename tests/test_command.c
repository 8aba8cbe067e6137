/* The command as a person uses it: what it prints, its exit status, what it leaves behind. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXAMPLE ESC_SOURCE_DIR "/examples/sharp_maximum.yaml"

enum { OUTPUT_BYTES = 1 << 18 };

static char folder[64];
static char output[OUTPUT_BYTES];

/* Every test in an empty folder of its own. */
static void enter_folder(void)
{
  strcpy(folder, "/tmp/escapement-test-XXXXXX");
  cr_assert_not_null(mkdtemp(folder));
  cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
  char command[128];
  cr_assert_eq(chdir("/"), 0);
  snprintf(command, sizeof command, "rm -r '%s'", folder);
  cr_assert_eq(system(command), 0);
}

TestSuite(command, .init = enter_folder, .fini = leave_folder);

/* Runs `escapement ARGUMENTS` through the shell; what it prints goes to `output`. */
static int escapement(const char *arguments)
{
  char line[4096];
  snprintf(line, sizeof line, "'%s' %s", ESC_COMMAND_PATH, arguments);
  FILE *const stream = popen(line, "r");
  cr_assert_not_null(stream);
  const size_t size = fread(output, 1, sizeof output - 1, stream);
  output[size] = '\0';
  const int status = pclose(stream);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int entries(const char *path)
{
  int count = 0;
  DIR *const open_folder = opendir(path);
  if (!open_folder)
    return -1;
  for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
    count += entry->d_name[0] != '.' || (entry->d_name[1] && entry->d_name[1] != '.');
  closedir(open_folder);
  return count;
}

static int there(const char *path)
{
  return access(path, F_OK) == 0;
}

static void write_file(const char *name, const char *text)
{
  FILE *const stream = fopen(name, "w");
  cr_assert_not_null(stream);
  fputs(text, stream);
  fclose(stream);
}

typedef struct bad_call {
  const char *arguments;
  int status;
  const char *sentence; /* all of standard error */
} bad_call;

static void check_bad(const bad_call *calls, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    char arguments[2048], expected[2048];
    const int before = entries(".");
    snprintf(arguments, sizeof arguments, "%s 2>&1 >/dev/null", calls[i].arguments);
    snprintf(expected, sizeof expected, "%s\n", calls[i].sentence);
    cr_expect_eq(escapement(arguments), calls[i].status, "%s: another status", calls[i].arguments);
    cr_expect_str_eq(output, expected, "%s:\n%s\nexpected\n%s", calls[i].arguments, output,
                     expected);
    cr_expect_eq(entries("."), before, "%s: something was written", calls[i].arguments);
  }
}

#define CHECK_BAD(calls) check_bad(calls, sizeof(calls) / sizeof((calls)[0]))

Test(command, bad_usage)
{
  static const bad_call calls[] = {
      {"runn", 2, "escapement: unknown command \"runn\", did you mean \"run\"?"},
      {"--bogus", 2, "escapement: unknown option \"--bogus\""},
      {"run", 2, "escapement run: expected one EXPERIMENT.yaml, found 0"},
      {"run a.yaml b.yaml", 2, "escapement run: expected one EXPERIMENT.yaml, found 2"},
      {"run --thread", 2, "escapement run: --thread: expected a value, found nothing"},
      {"run --bakend cpu", 2,
       "escapement run: unknown option \"--bakend\", did you mean \"--backend\"?"},
      {"run --backend gpu " EXAMPLE, 2,
       "escapement run: --backend: expected auto, cpu or cuda, found \"gpu\""},
      {"run --threads x " EXAMPLE, 2,
       "escapement run: --threads: expected a whole number of at most 4096, found \"x\""},
      {"run missing.yaml", 2, "missing.yaml: expected an experiment file, found no such file"},
      {"run .", 2, ".: expected an experiment file, found a folder"},
      {"run /dev/zero", 2, "/dev/zero: expected an experiment file, found more than 16 MiB"},
      {"run /dev/null", 2, "/dev/null:1: expected an experiment, a mapping of keys, found nothing"},
      {"replay " EXAMPLE, 2, "escapement replay: --trajectory: expected an ID, found nothing"},
      {"replay " EXAMPLE " --trajectory -1", 2,
       "escapement replay: --trajectory: expected a whole number, found \"-1\""},
      {"plot", 2, "escapement plot: expected one DIR, the folder of a result, found 0"},
      {"plot .", 2, "escapement plot: .: expected a folder with a result.json, found none"},
      {"info now", 2, "escapement info: expected nothing more, found \"now\""},
      {"run --seed x " EXAMPLE, 2, "--seed x: seed: expected a whole number, found \"x\""},
      {"run --set optimizer.lrr=1 " EXAMPLE, 2,
       "--set optimizer.lrr=1: optimizer.lrr: expected a known key of sgd, found \"lrr\", did you "
       "mean \"lr\"?"},
  };
  CHECK_BAD(calls);
}

/* What the core refuses: one line that names the override and the key, whatever else it says. */
typedef struct bad_value {
  const char *override;
  const char *key;
} bad_value;

static void check_value(const bad_value *value)
{
  char arguments[1024], place[512], key[128];
  snprintf(arguments, sizeof arguments, "run " EXAMPLE " --set '%s' 2>&1 >/dev/null",
           value->override);
  snprintf(place, sizeof place, "--set %s", value->override);
  snprintf(key, sizeof key, ": %s", value->key);
  cr_expect_eq(escapement(arguments), 2, "%s: %s", value->override, output);
  cr_expect_not_null(strstr(output, place), "%s: no place in:\n%s", value->override, output);
  cr_expect_not_null(strstr(output, key), "%s: no key in:\n%s", value->override, output);
  cr_expect_not_null(strstr(output, "expected "), "%s: nothing expected in:\n%s", value->override,
                     output);
  const char *const newline = strchr(output, '\n');
  cr_expect(newline && newline[1] == '\0', "%s: not one line:\n%s", value->override, output);
  cr_expect_eq(entries("."), 0, "%s: something was written", value->override);
}

Test(command, bad_values)
{
  static const bad_value values[] = {
      {"optimizer.lr=0", "optimizer.lr"},
      {"optimizer.lr=-0.1", "optimizer.lr"},
      {"optimizer.lr=.nan", "optimizer.lr"},
      {"optimizer={name: adam, beta1: 1}", "optimizer.beta1"},
      {"optimizer={name: adam, beta2: -0.1}", "optimizer.beta2"},
      {"noise={law: stable, alpha: 2.5}", "noise.alpha"},
      {"noise={law: stable, alpha: 0}", "noise.alpha"},
      {"noise={law: stable, alpha: 1.5, variance: 1}", "noise.variance"},
      {"noise={law: laplace, scale: -1}", "noise.scale"},
      {"start=9", "start"},
      {"start=8", "start"},
      {"start=[0, 0]", "start"},
      {"stop.outside=[1, -1]", "stop.outside"},
      {"stop.outside=[1, 1]", "stop.outside"},
      {"stop.steps=0", "stop.steps"},
      {"stop.steps=1e12", "stop.steps"},
      {"trajectories=0", "trajectories"},
      {"trajectories=1e15", "trajectories"},
      {"observe.near[0].radius=0", "observe.near[0]"},
      {"observe.near[0].point=[0, 0]", "observe.near[0]"},
      {"observe.histogram.range=[1, 0]", "observe.histogram"},
      {"observe.steps=[3, 2]", "observe.steps"},
      {"landscape.left_slope=-1", "landscape.left_slope"},
  };
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    check_value(&values[i]);
}

Test(command, bad_value_in_a_file_has_its_line)
{
  write_file("bad.yaml", "landscape: {name: double_well}\noptimizer:\n  name: sgd\n  lr: -1\n"
                         "stop: {steps: 5}\n");
  cr_expect_eq(escapement("run bad.yaml 2>&1 >/dev/null"), 2);
  static const char begin[] = "bad.yaml:4: optimizer.lr: ";
  cr_expect_eq(strncmp(output, begin, sizeof begin - 1), 0, "%s", output);
}

Test(command, backend_that_is_not_here)
{
  if (escapement("info") == 0 && strstr(output, "cuda               yes"))
    return;
  cr_expect_eq(escapement("run " EXAMPLE " --backend cuda 2>/dev/null"), 3);
  cr_expect_eq(entries("."), 0, "something was written");
}

Test(command, help_and_version)
{
  static const char *const commands[] = {"run", "list", "replay", "plot", "verify", "info"};
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    char arguments[64];
    snprintf(arguments, sizeof arguments, "%s --help", commands[i]);
    cr_expect_eq(escapement(arguments), 0, "%s", arguments);
    cr_expect_not_null(strstr(output, commands[i]), "%s", arguments);
  }
  cr_expect_eq(escapement("--version"), 0);
  cr_expect_eq(strncmp(output, "escapement ", 11), 0);
  cr_expect_eq(escapement("2>/dev/null"), 2);
}

Test(command, run_keeps_a_result)
{
  cr_assert_eq(escapement("run " EXAMPLE " --trajectories 1000"), 0);
  cr_expect_not_null(strstr(output, "result in sharp_maximum-result"), "%s", output);
  cr_expect(there("sharp_maximum-result/result.json"));
  static const bad_call again[] = {
      {"run " EXAMPLE " --trajectories 1000", 2,
       "escapement: sharp_maximum-result: expected a new or empty folder for the result, found one "
       "that holds files (--force replaces the result in it, -o takes another)"}};
  CHECK_BAD(again);
  cr_expect_eq(escapement("run " EXAMPLE " --trajectories 1000 --force --quiet"), 0);
  cr_expect_str_eq(output, "");
  cr_expect_eq(escapement("plot sharp_maximum-result"), 0);
}

Test(command, force_leaves_other_files)
{
  cr_assert_eq(mkdir("out", 0777), 0);
  write_file("out/notes.txt", "mine");
  write_file("out/paths.csv", "of another run");
  cr_expect_eq(escapement("run " EXAMPLE " --trajectories 1000 -q -o out 2>/dev/null"), 2);
  cr_expect_eq(escapement("run " EXAMPLE " --trajectories 1000 -q -o out --force"), 0);
  cr_expect(there("out/notes.txt") && there("out/result.json"));
  cr_expect(!there("out/paths.csv"));
}

#define LEAVING                                                                                    \
  "title: Leaving <a> maximum\nlandscape: {name: quadratic, k: -1}\nnoise: {law: gaussian}\n"      \
  "optimizer: {name: sgd, lr: 0.1}\nstart: 0.1\nstop: {outside: [-1, 1], steps: 1000}\n"           \
  "trajectories: 200\n"

static char *file_text(const char *name)
{
  static char text[OUTPUT_BYTES];
  FILE *const stream = fopen(name, "r");
  cr_assert_not_null(stream, "%s", name);
  text[fread(text, 1, sizeof text - 1, stream)] = '\0';
  fclose(stream);
  return text;
}

Test(command, run_a_sweep)
{
  write_file("leaving.yaml",
             LEAVING "predict: closed\nsweep:\n  optimizer.lr: {log: [0.025, 0.1, 3]}\n"
                     "fit: {power_law: [optimizer.lr, exit_steps.mean]}\n");
  cr_assert_eq(escapement("run leaving.yaml -o out"), 0);
  cr_expect_not_null(strstr(output, "sweep of optimizer.lr (3 values)"), "%s", output);
  cr_expect_not_null(strstr(output, "\n0.025  "), "%s", output);
  cr_expect_not_null(strstr(output, "\n 0.05  "), "%s", output);
  cr_expect_not_null(strstr(output, "grows as optimizer.lr to the power -"), "%s", output);
  const char *const csv = file_text("out/sweep.csv");
  static const char head[] = "point,optimizer.lr,trajectories,outcomes.left.fraction,"
                             "outcomes.left.fraction_low,outcomes.left.fraction_high,";
  cr_expect_eq(strncmp(csv, head, sizeof head - 1), 0, "%.200s", csv);
  cr_expect_not_null(strstr(csv, ",theory.outcomes.right.fraction,"), "%.900s", csv);
  cr_expect_not_null(strstr(csv, "\n2,0.1,200,"), "%s", csv);
  const char *const page = file_text("out/report.html");
  cr_expect_not_null(strstr(page, "<h1>Leaving &lt;a&gt; maximum</h1>"), "%.900s", page);
  cr_expect_not_null(strstr(page, "power law of"));
  const char *const gp = file_text("out/sweep.gp");
  cr_expect_not_null(strstr(gp, "xlabel = 'optimizer.lr"), "%s", gp);
  cr_expect_eq(escapement("plot out"), 0);
  cr_assert_eq(escapement("run leaving.yaml -o right -s sweep.show=outcomes.right.fraction"), 0);
  cr_expect_not_null(strstr(output, "lr  outcomes.right.fraction"), "%s", output);
}

/* What a sweep keeps as its experiment runs again, with the same numbers. */
Test(command, a_sweep_runs_again)
{
  write_file("leaving.yaml",
             LEAVING "sweep:\n  zip: yes\n  optimizer: [{name: sgd}, {name: adam}]\n"
                     "  optimizer.lr: [0.1, 0.2]\n  seed: [1, 18446744073709551615]\n");
  cr_assert_eq(escapement("run leaving.yaml -o out -q"), 0);
  char *const first = strdup(file_text("out/sweep.csv"));
  FILE *const again = fopen("again.yaml", "w");
  cr_assert(first && again);
  fputs(strstr(file_text("out/result.json"), "  \"experiment\": {") + strlen("  \"experiment\": "),
        again);
  cr_assert_eq(fseek(again, -2, SEEK_END), 0); /* the root's own brace */
  fputs("  ", again);
  fclose(again);
  cr_assert_eq(escapement("run again.yaml -o again -q 2>&1"), 0, "%s", output);
  cr_expect_str_eq(file_text("again/sweep.csv"), first);
  free(first);
}

/* Point k is the run of its experiment with the ids of its own. */
Test(command, replay_of_a_point)
{
  write_file("leaving.yaml", LEAVING "sweep: {optimizer.lr: [0.1, 0.2]}\n");
  cr_assert_eq(escapement("replay leaving.yaml --trajectory 5 --point 1"), 0);
  cr_expect_eq(strncmp(output, "step,x,outcome\n0,0.1", 20), 0, "%.60s", output);
  char *const own = strdup(output);
  cr_assert_eq(escapement("replay leaving.yaml --trajectory 5 --point 1 "
                          "-s sweep.common_noise=true"),
               0);
  cr_expect_str_neq(output, own);
  free(own);
  char *const common = strdup(output);
  write_file("alone.yaml", LEAVING "");
  cr_assert_eq(escapement("replay alone.yaml --trajectory 5 -s optimizer.lr=0.2"), 0);
  cr_expect_str_eq(output, common);
  free(common);
  static const bad_call calls[] = {
      {"replay leaving.yaml --trajectory 5", 2,
       "escapement replay: --point: expected a point, 0 to 1, found nothing"},
      {"replay leaving.yaml --trajectory 5 --point 2", 2,
       "escapement replay: --point: expected a point, 0 to 1, found 2"},
      {"replay alone.yaml --trajectory 5 --point 1", 2,
       "escapement replay: --point: expected a point, 0 to 0, found 1"},
  };
  CHECK_BAD(calls);
}

Test(command, bad_sweeps)
{
  write_file("plain.yaml", LEAVING "");
  write_file("e.yaml", LEAVING "sweep: {optimizer.lr: [0.1, 0.2, 0.3]}\n");
  static const bad_call calls[] = {
      {"run e.yaml -s 'sweep={optimizer.lr: [0.1, -1]}'", 2,
       "--set sweep={optimizer.lr: [0.1, -1]}: optimizer.lr: expected a number above 0, found -1 "
       "(point 1: optimizer.lr -1)"},
      {"run e.yaml -s fit.power_law=[optimizer.lr,exit_steps.meen]", 2,
       "--set fit.power_law=[optimizer.lr,exit_steps.meen]: fit: expected a number of the result, "
       "as exit_steps.mean or "
       "outcomes.left.fraction, found \"exit_steps.meen\""},
      {"run e.yaml -s fit.power_law=[noise.scale,exit_steps.mean]", 2,
       "--set fit.power_law=[noise.scale,exit_steps.mean]: fit.power_law: expected a key of the "
       "sweep, found \"noise.scale\""},
      {"run e.yaml -s sweep.show=outcomes.up.fraction", 2,
       "--set sweep.show=outcomes.up.fraction: sweep.show: expected a number of the result, as "
       "exit_steps.mean or outcomes.left.fraction, found \"outcomes.up.fraction\""},
      {"run e.yaml -s predict=maybe", 2,
       "--set predict=maybe: predict: expected yes, no, closed, numeric or both, found \"maybe\""},
      {"run plain.yaml -s fit.power_law=[optimizer.lr,exit_steps.mean]", 2,
       "--set fit.power_law=[optimizer.lr,exit_steps.mean]: fit: expected a sweep to fit through, "
       "found none"},
  };
  CHECK_BAD(calls);
  write_file("two.yaml", LEAVING "sweep: {optimizer.lr: [0.1, 0.2]}\n"
                                 "fit: {power_law: [optimizer.lr, exit_steps.mean]}\n");
  write_file("nothing.yaml", "landscape: {name: double_well}\nnoise: {law: gaussian}\n"
                             "optimizer: {name: adam}\nstop: {steps: 10}\npredict: yes\n");
  static const bad_call others[] = {
      {"run two.yaml", 2,
       "two.yaml:9: fit.power_law: expected at least 3 values of optimizer.lr to fit, found 2"},
      {"run nothing.yaml", 2,
       "nothing.yaml:5: predict: no closed form is known for this experiment"},
      {"run nothing.yaml -s 'sweep={optimizer.lr: [0.1, 0.2]}'", 2,
       "nothing.yaml:5: predict: no closed form is known for this experiment (point 0: "
       "optimizer.lr 0.1)"},
      {"run nothing.yaml -s predict=no -s until={of:\\ exit_steps.mean,relative_error:\\ 2}", 2,
       "--set until={of: exit_steps.mean,relative_error: 2}: until.relative_error: expected a "
       "number between 0 and 1, found 2"},
  };
  CHECK_BAD(others);
}

Test(command, until)
{
  write_file("leaving.yaml",
             LEAVING "until: {relative_error: 0.1, of: exit_steps.mean}\nstate: f64\n");
  cr_assert_eq(escapement("run leaving.yaml --trajectories 1e6 --json"), 0);
  cr_expect_not_null(strstr(output, "\"trajectories\": 1024,"), "%.900s", output);
  cr_expect_not_null(strstr(output, "\"reached\": true"), "%.900s", output);
  cr_expect_not_null(strstr(output, "\"least_events\": 100"), "%.900s", output);
  cr_assert_eq(escapement("run leaving.yaml -o out"), 0);
  cr_expect_not_null(strstr(output, "(asked for 0.1"), "%s", output);
}

Test(command, json_alone)
{
  cr_expect_eq(escapement("run " EXAMPLE " --trajectories 1000 --json"), 0);
  cr_expect_eq(output[0], '{');
  cr_expect_eq(entries("."), 0, "something was written");
  cr_expect_eq(escapement("run " EXAMPLE " --trajectories 1000 --json -o deep/er"), 0);
  cr_expect_eq(output[0], '{');
  cr_expect(there("deep/er/result.json"));
}

Test(command, full_disk)
{
  if (!there("/dev/full"))
    return;
  cr_expect_eq(escapement("run " EXAMPLE " --trajectories 1000 --json 2>/dev/null >/dev/full"), 1);
  cr_expect_eq(escapement("list 2>/dev/null >/dev/full"), 1);
}

/* What was computed is printed where it cannot be kept. */
Test(command, a_result_that_cannot_be_kept_is_printed)
{
  static const char *const options[] = {"--json", "-q"};
  cr_assert_eq(mkdir("out", 0777), 0);
  cr_assert_eq(mkdir("out/result.json", 0777), 0); /* holds for root too */
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    char arguments[512];
    snprintf(arguments, sizeof arguments,
             "run " EXAMPLE " --trajectories 1000 -o out --force %s 2>words", options[i]);
    cr_expect_eq(escapement(arguments), 1, "%s", options[i]);
    cr_expect_eq(output[0], '{', "%s: %.60s", options[i], output);
    cr_expect_eq(escapement("--version >/dev/null; cat words"), 0);
    cr_expect_not_null(strstr(output, "directory"), "%s", output);
  }
}

/* A test may run where Ctrl-C is ignored (a job in the background), so the child begins afresh. */
static pid_t start_long_run(const char *file)
{
  const pid_t child = fork();
  if (child != 0)
    return child;
  signal(SIGINT, SIG_DFL);
  if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
    _exit(99);
  execl(ESC_COMMAND_PATH, "escapement", "run", file, "--trajectories", "1e12", "-o", "out",
        (char *)NULL);
  _exit(99);
}

static void interrupt_a_run(const char *file)
{
  int status = 0;
  const pid_t child = start_long_run(file);
  cr_assert_gt(child, 0);
  sleep(2);
  cr_expect_eq(kill(child, SIGINT), 0);
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 130, "status %x", (unsigned)status);
  cr_expect(there("out/result.json"));
}

Test(command, interrupted)
{
  interrupt_a_run(EXAMPLE);
}

/* The points that had begun are kept, as shorter runs. */
Test(command, interrupted_sweep)
{
  write_file("long.yaml", LEAVING "sweep: {optimizer.lr: [0.1, 0.05, 0.02]}\n"
                                  "fit: {power_law: [optimizer.lr, exit_steps.mean]}\n");
  interrupt_a_run("long.yaml");
  const char *const json = file_text("out/result.json");
  cr_expect_not_null(strstr(json, "\"interrupted\": true"));
  cr_expect_not_null(strstr(json, "\"points_done\": 0"));
  cr_expect_not_null(strstr(json, "\"point\": 0,"));
  cr_expect_not_null(strstr(file_text("out/sweep.csv"), "\n0,0.1,"));
  cr_expect(there("out/report.html"));
}

Test(command, replay_prints_every_step)
{
  cr_assert_eq(escapement("replay " EXAMPLE " --trajectory 5"), 0);
  cr_expect_eq(strncmp(output, "step,x,outcome\n0,0,\n1,", 22), 0, "%.60s", output);
  cr_expect(strstr(output, ",left\n") || strstr(output, ",right\n"));
  cr_expect_eq(escapement("replay " EXAMPLE " --trajectory 9000000000000000000 2>/dev/null"), 2);
  cr_expect_str_eq(output, "");
  cr_expect_eq(escapement("replay " EXAMPLE " --trajectory 5 --set landscape.name=himmelblau "
                          "2>/dev/null"),
               2);
}

Test(command, list_and_info)
{
  cr_expect_eq(escapement("list"), 0);
  cr_expect_not_null(strstr(output, "sharp_maximum"));
  cr_expect_not_null(strstr(output, "student_t"));
  cr_expect_not_null(strstr(output, "adamw"));
  cr_expect_eq(escapement("list schedules"), 0);
  cr_expect_not_null(strstr(output, "warmup_cosine"));
  cr_expect_eq(escapement("list adam"), 0);
  cr_expect_not_null(strstr(output, "beta2"));
  cr_expect_eq(escapement("list optimisers 2>&1"), 2);
  cr_expect_not_null(strstr(output, "did you mean \"optimizers\"?"));
  cr_expect_eq(escapement("info"), 0);
  cr_expect_not_null(strstr(output, "libyaml"));
}
