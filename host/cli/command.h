/* The subcommands and how they end. Each takes its own argument vector (argv[0] is its name) and
 * returns the exit status of the process. */
#ifndef ESC_COMMAND_H
#define ESC_COMMAND_H

#include "escapement/status.h"

/* Exit statuses, pinned for ever. */
enum {
  ESC_EXIT_DONE = 0,
  ESC_EXIT_FAILED = 1,        /* the run failed */
  ESC_EXIT_USAGE = 2,         /* bad usage, a bad experiment */
  ESC_EXIT_NOT_AVAILABLE = 3, /* the backend asked for is not here */
  ESC_EXIT_INTERRUPTED = 130
};

typedef int esc_command_function(int argc, char **argv);

esc_command_function esc_command_run, esc_command_list, esc_command_replay, esc_command_plot,
    esc_command_verify, esc_command_info;

/* The exit status for a status of the library. */
int esc_exit_status(esc_status status);

/* Prints "escapement: SENTENCE" on standard error and returns the exit status for `status`. */
int esc_complain(esc_status status, const char *sentence);

/* "escapement COMMAND: ..." and the exit status of bad usage. */
int esc_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
