/* The `escapement` command: finds the subcommand and hands over. */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "escapement/escapement.h"
#include "host/io/suggest.h"

typedef struct subcommand {
  const char *name;
  esc_command_function *function;
  const char *operands;
  const char *help;
} subcommand;

static const subcommand subcommands[] = {
    {"run", esc_command_run, "EXPERIMENT.yaml [options]", "run an experiment, keep its result"},
    {"list", esc_command_list, "[WHAT]", "what can be named in an experiment, with defaults"},
    {"replay", esc_command_replay, "EXPERIMENT.yaml --trajectory ID", "one trajectory as CSV"},
    {"plot", esc_command_plot, "DIR", "draw the figures of a result again"},
    {"verify", esc_command_verify, "", "check this machine against itself and exact values"},
    {"info", esc_command_info, "", "version, backends, instruction sets, libraries"},
};

enum { SUBCOMMANDS = sizeof subcommands / sizeof subcommands[0] };

static void print_help(FILE *stream)
{
  fprintf(stream,
          "Ensembles of optimizer trajectories, and the statistics of how they escape.\n\n");
  for (int i = 0; i < SUBCOMMANDS; i++)
    fprintf(stream, "  escapement %-7s%-32s %s\n", subcommands[i].name, subcommands[i].operands,
            subcommands[i].help);
  fprintf(stream,
          "\n  escapement COMMAND --help shows a command's options, escapement --version the "
          "version.\n");
}

static int unknown_command(const char *name)
{
  char nearest[128];
  esc_suggestion suggestion = {name, NULL, 0};
  for (int i = 0; i < SUBCOMMANDS; i++)
    esc_suggest(&suggestion, subcommands[i].name);
  esc_suggestion_text(&suggestion, nearest, sizeof nearest);
  return esc_usage_error(NULL, "unknown command \"%.60s\"%s", name,
                         nearest[0] ? nearest : " (escapement --help lists them)");
}

static int dispatch(int argc, char **argv)
{
  if (argc < 2) {
    print_help(stderr);
    return ESC_EXIT_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
      strcmp(argv[1], "help") == 0) {
    print_help(stdout);
    return ESC_EXIT_DONE;
  }
  if (strcmp(argv[1], "--version") == 0) {
    printf("escapement %s\n", esc_version());
    return ESC_EXIT_DONE;
  }
  for (int i = 0; i < SUBCOMMANDS; i++)
    if (strcmp(argv[1], subcommands[i].name) == 0)
      return subcommands[i].function(argc - 1, argv + 1);
  return argv[1][0] == '-' ? esc_usage_error(NULL, "unknown option \"%.60s\"", argv[1])
                           : unknown_command(argv[1]);
}

/* What was printed must have arrived: a full disk behind a redirection is a failure. */
int main(int argc, char **argv)
{
  const int status = dispatch(argc, argv);
  if ((fflush(stdout) != 0 || ferror(stdout)) && status == ESC_EXIT_DONE)
    return esc_complain(ESC_STATUS_IO, "standard output cannot be written");
  return status;
}
