/* The options of all subcommands. An option that stands for a key of the experiment (--seed) is an
 * override like any --set, so that its value is checked, and complained about, in one place. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "host/io/suggest.h"

typedef struct option_row {
  const char *name;
  char letter;
  const char *value; /* NULL: takes none */
  int who;
  const char *key; /* of the experiment, NULL: not an override; "" for --set */
  const char *help;
} option_row;

enum { EXPERIMENTS = ESC_FOR_RUN | ESC_FOR_REPLAY };

static const option_row rows[] = {
    {"output", 'o', "DIR", ESC_FOR_RUN, NULL, "folder of the result (EXPERIMENT-result)"},
    {"trajectory", 0, "ID", ESC_FOR_REPLAY, NULL, "which trajectory, from 0"},
    {"point", 0, "K", ESC_FOR_REPLAY, NULL, "which point of a sweep, from 0"},
    {"set", 's', "KEY.PATH=VALUE", EXPERIMENTS, "", "put a value over the file's; may be repeated"},
    {"backend", 0, "auto|cpu|cuda", EXPERIMENTS, NULL, "what does the arithmetic (auto)"},
    {"threads", 0, "N", EXPERIMENTS, NULL, "processor threads (all)"},
    {"math", 0, "exact|fast", EXPERIMENTS, "math", "the same bits everywhere, or speed"},
    {"state", 0, "f32|f64", EXPERIMENTS, "state", "type of the state"},
    {"seed", 0, "N", EXPERIMENTS, "seed", "seed of the random numbers"},
    {"trajectories", 0, "N", ESC_FOR_RUN, "trajectories", "how many trajectories"},
    {"json", 0, NULL, ESC_FOR_RUN, NULL, "print the result as JSON; write files only with -o"},
    {"quiet", 'q', NULL, ESC_FOR_RUN, NULL, "no table, no progress line"},
    {"force", 'f', NULL, ESC_FOR_RUN, NULL, "replace the result in an existing folder"},
    {"help", 'h', NULL, EXPERIMENTS | ESC_FOR_OTHERS, NULL, "this text"},
};

enum { ROWS = sizeof rows / sizeof rows[0], FIRST_CODE = 256 };

/* getopt's tables of the rows that are for `who`; a row's code is its index past all letters. */
static void getopt_tables(int who, struct option *longs, char *letters)
{
  *letters++ = ':';
  for (int i = 0; i < ROWS; i++) {
    if (!(rows[i].who & who))
      continue;
    *longs++ = (struct option){rows[i].name, rows[i].value ? required_argument : no_argument, NULL,
                               FIRST_CODE + i};
    if (rows[i].letter)
      *letters++ = rows[i].letter;
    if (rows[i].letter && rows[i].value)
      *letters++ = ':';
  }
  *longs = (struct option){0};
  *letters = '\0';
}

static const option_row *row_of(int code)
{
  if (code >= FIRST_CODE && code < FIRST_CODE + ROWS)
    return &rows[code - FIRST_CODE];
  for (int i = 0; i < ROWS; i++)
    if (rows[i].letter == code)
      return &rows[i];
  return NULL;
}

static int unknown_option(const esc_options *options, const char *argument, int who)
{
  char word[64], nearest[128] = "";
  snprintf(word, sizeof word, "%.60s", argument + strspn(argument, "-"));
  word[strcspn(word, "=")] = '\0';
  esc_suggestion suggestion = {word, NULL, 0};
  for (int i = 0; i < ROWS; i++)
    if (rows[i].who & who)
      esc_suggest(&suggestion, rows[i].name);
  if (suggestion.nearest)
    snprintf(nearest, sizeof nearest, ", did you mean \"--%s\"?", suggestion.nearest);
  return esc_usage_error(options->command, "unknown option \"%.60s\"%s", argument, nearest);
}

static char *own(esc_options *options, const char *first, const char *between, const char *second)
{
  const size_t size = strlen(first) + strlen(between) + strlen(second) + 1;
  char *const text = malloc(size);
  if (!text)
    return NULL;
  snprintf(text, size, "%s%s%s", first, between, second);
  options->owned[options->owned_count++] = text;
  return text;
}

static int add_override(esc_options *options, const option_row *row, const char *value)
{
  char option[64];
  snprintf(option, sizeof option, "--%s ", row->name);
  const char *const shown = own(options, option, "", value);
  const char *const text = row->key[0] ? own(options, row->key, "=", value) : value;
  if (!shown || !text)
    return esc_complain(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  options->overrides[options->override_count++] = (esc_override){text, shown};
  return 0;
}

static int whole_value(const esc_options *options, const option_row *row, const char *value,
                       int64_t most, int64_t *number)
{
  char *end = NULL;
  errno = 0;
  const long long read = strtoll(value, &end, 10);
  if (*value < '0' || *value > '9' || *end || errno || read > most)
    return esc_usage_error(options->command, "--%s: expected a whole number%s, found \"%.40s\"",
                           row->name, most < INT64_MAX ? " of at most 4096" : "", value);
  *number = read;
  return 0;
}

static int take_number(esc_options *options, const option_row *row, const char *value)
{
  int64_t number = 0;
  const int threads = strcmp(row->name, "threads") == 0;
  const int status = whole_value(options, row, value, threads ? 4096 : INT64_MAX, &number);
  if (threads)
    options->threads = (int)number;
  else if (!status)
    *(strcmp(row->name, "point") == 0 ? &options->point : &options->trajectory) = number;
  return status;
}

static int take_backend(esc_options *options, const char *value)
{
  static const char *const backends[] = {"auto", "cpu", "cuda"};
  for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++)
    if (strcmp(value, backends[i]) == 0) {
      options->backend = backends[i];
      return 0;
    }
  return esc_usage_error(options->command, "--backend: expected auto, cpu or cuda, found \"%.40s\"",
                         value);
}

static int take(esc_options *options, const option_row *row, const char *value)
{
  const struct {
    const char *name;
    int *flag;
  } flags[] = {{"json", &options->json},
               {"quiet", &options->quiet},
               {"force", &options->force},
               {"help", &options->help}};
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    if (strcmp(row->name, flags[i].name) == 0) {
      *flags[i].flag = 1;
      return 0;
    }
  if (row->key)
    return add_override(options, row, value);
  if (strcmp(row->name, "backend") == 0)
    return take_backend(options, value);
  if (strcmp(row->name, "output") != 0)
    return take_number(options, row, value);
  options->output = value;
  return 0;
}

int esc_options_read(esc_options *options, int argc, char **argv, int who)
{
  struct option longs[ROWS + 1];
  char letters[2 * ROWS + 2];
  getopt_tables(who, longs, letters);
  *options = (esc_options){.command = argv[0], .backend = "auto", .trajectory = -1, .point = -1};
  options->overrides = calloc((size_t)argc, sizeof *options->overrides);
  options->owned = calloc(2 * (size_t)argc, sizeof *options->owned);
  if (!options->overrides || !options->owned)
    return esc_complain(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  opterr = 0;
  optind = 1;
  for (;;) {
    const int at = optind;
    const int code = getopt_long(argc, argv, letters, longs, NULL);
    if (code == -1)
      break;
    const char *const argument = argv[optind > at ? optind - 1 : at];
    if (code == '?')
      return unknown_option(options, argument, who);
    if (code == ':')
      return esc_usage_error(options->command, "%.60s: expected a value, found nothing", argument);
    const int status = take(options, row_of(code), optarg);
    if (status)
      return status;
  }
  options->operands = argv + optind;
  options->operand_count = argc - optind;
  return 0;
}

void esc_options_free(esc_options *options)
{
  for (int i = 0; i < options->owned_count; i++)
    free(options->owned[i]);
  free(options->owned);
  free(options->overrides);
}

void esc_options_print(int who, FILE *stream)
{
  for (int i = 0; i < ROWS; i++) {
    if (!(rows[i].who & who))
      continue;
    char left[64];
    const char short_form[] = {'-', rows[i].letter, ',', ' ', '\0'};
    snprintf(left, sizeof left, "%s--%s%s%s", rows[i].letter ? short_form : "    ", rows[i].name,
             rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
    fprintf(stream, "  %-30s %s\n", left, rows[i].help);
  }
}
