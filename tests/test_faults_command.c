/* The command when memory runs out, called in this process: the k-th allocation of all that it is
 * made of is refused, alone or with all after it, until k is past the last. Each time: no crash, no
 * leak, exit status 1 with a line that says why (or 0, where only a figure is missing), and a
 * folder that holds a whole result or is not there. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cli/command.h"
#include "tests/support_faults.h"
#include "tests/support_folder.h"

#define EXAMPLE ESC_SOURCE_DIR "/examples/sharp_maximum.yaml"

enum { WORDS = 16 };

/* What is printed goes to files; there is no gnuplot. */
static void begin(void)
{
  support_folder_enter();
  setenv("PATH", "/nonexistent", 1);
}

TestSuite(faults, .init = begin, .fini = support_folder_leave, .timeout = 120);

typedef struct command {
  esc_command_function *function;
  const char *const *words; /* argv, NULL at the end */
  int keeps;                /* a folder "out" */
  int silent;               /* about what it can do without */
} command;

static int call(const command *what)
{
  char *words[WORDS] = {NULL};
  int count = 0;
  for (; what->words[count]; count++)
    words[count] = (char *)(uintptr_t)what->words[count];
  const int status = what->function(count, words);
  fflush(stdout);
  fflush(stderr);
  return status;
}

/* A folder that is there holds a whole result, and nothing that was begun. */
static void check_folder(int64_t k, int expected)
{
  json_error_t error;
  if (access("out", F_OK) != 0) {
    cr_assert(!expected, "%lld: no result", (long long)k);
    return;
  }
  json_t *const root = json_load_file("out/result.json", 0, &error);
  cr_assert(json_object_get(root, "outcomes") || json_object_get(root, "sweep"), "%lld: %s",
            (long long)k, error.text);
  json_decref(root);
  cr_assert_eq(support_count_in("out", ".part"), 0, "%lld: a part is left", (long long)k);
}

static int64_t attempt(const command *what, faults_plan plan)
{
  support_remove_folder("out");
  cr_assert(freopen("printed", "w", stdout) && freopen("said", "w", stderr));
  const int64_t held = faults_held();
  faults_begin(plan);
  const int status = call(what);
  const int64_t refused = faults_end(), left = faults_held() - held;
  char *const said = support_text("said");
  const long long k = plan.first;
  cr_assert_eq(left, 0, "%s, %lld: %lld blocks or streams leak", what->words[0], k,
               (long long)left);
  if (status == ESC_EXIT_DONE)
    cr_assert(refused && !what->silent ? strstr(said, "memory") != NULL : said[0] == '\0',
              "%s, %lld: \"%s\"", what->words[0], k, said);
  else
    cr_assert(refused && status == ESC_EXIT_FAILED && strstr(said, "memory"),
              "%s, %lld: status %d, \"%s\"", what->words[0], k, status, said);
  check_folder(k, what->keeps && status == ESC_EXIT_DONE);
  free(said);
  return refused;
}

static void sweep(const command *what)
{
  for (int lasting = 0; lasting < 2; lasting++) {
    int64_t k = 0;
    while (attempt(what, (faults_plan){FAULTS_MEMORY, k, lasting}) > 0)
      k++;
    cr_assert_gt(k, 0);
  }
}

Test(faults, run)
{
  static const char *const words[] = {"run",
                                      EXAMPLE,
                                      "--trajectories",
                                      "200",
                                      "-o",
                                      "out",
                                      "-s",
                                      "observe.samples=[exit_steps]",
                                      "--threads",
                                      "2",
                                      NULL};
  sweep(&(command){esc_command_run, words, 1, 0});
}

Test(faults, run_a_sweep)
{
  static const char *const words[] = {"run", "sweep.yaml", "-o",  "out", "--threads",
                                      "2",   "--backend",  "cpu", NULL};
  support_put_text(
      "sweep.yaml",
      "landscape: {name: quadratic, k: -1}\nnoise: {law: gaussian}\n"
      "optimizer: {name: sgd, lr: 0.1}\nstop: {outside: [-1, 1], steps: 1000}\n"
      "start: 0.1\ntrajectories: 100\npredict: closed\n"
      "sweep: {zip: yes, optimizer.lr: [0.1, 0.2, 0.3], start: [0.1, {uniform: [0, 1]}, 0]}\n"
      "fit: {power_law: [optimizer.lr, exit_steps.mean]}\n");
  sweep(&(command){esc_command_run, words, 1, 0});
}

Test(faults, run_to_standard_output)
{
  static const char *const words[] = {"run", EXAMPLE, "--trajectories", "200", "--json", NULL};
  sweep(&(command){esc_command_run, words, 0, 0});
}

Test(faults, replay)
{
  static const char *const words[] = {"replay", EXAMPLE, "--trajectory", "5", "--seed", "3", NULL};
  sweep(&(command){esc_command_replay, words, 0, 0});
}

Test(faults, list_and_info)
{
  static const char *const list[] = {"list", "sgd", NULL}, *const info[] = {"info", NULL};
  sweep(&(command){esc_command_list, list, 0, 0});
  sweep(&(command){esc_command_info, info, 0, 1});
}

Test(faults, plot)
{
  static const char *const run[] = {"run", EXAMPLE, "--trajectories", "200",
                                    "-o",  "kept",  "--quiet",        NULL};
  static const char *const plot[] = {"plot", "kept", NULL};
  cr_assert_eq(call(&(command){esc_command_run, run, 0, 0}), ESC_EXIT_DONE);
  sweep(&(command){esc_command_plot, plot, 0, 0});
  cr_assert_eq(support_count_in("kept", ".part"), 0);
}
