/* The options of all subcommands, in one table; each takes those it has a use for. */
#ifndef ESC_OPTIONS_H
#define ESC_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "host/io/experiment/experiment_file.h"

/* Which subcommand an option belongs to. */
enum {
  ESC_FOR_RUN = 1,
  ESC_FOR_REPLAY = 2,
  ESC_FOR_OTHERS = 4 /* list, plot, verify, info: --help alone */
};

typedef struct esc_options {
  const char *command;
  char **operands; /* what is not an option */
  int operand_count;
  const char *output;
  const char *backend;
  int threads;
  int json, quiet, force, help;
  int64_t trajectory; /* -1: not given */
  int64_t point;      /* likewise */
  esc_override *overrides;
  int override_count;
  char **owned; /* texts of the overrides */
  int owned_count;
} esc_options;

/* Reads an argument vector. Returns 0, or the exit status after a line on standard error. Free the
 * options in either case. */
int esc_options_read(esc_options *options, int argc, char **argv, int who);

void esc_options_free(esc_options *options);

/* The lines of --help. */
void esc_options_print(int who, FILE *stream);

#endif
