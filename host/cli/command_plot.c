/* escapement plot: the figures of a result, drawn again. */
#include "command.h"

#include <stdio.h>
#include <unistd.h>

#include "host/io/figures/figures.h"
#include "host/io/io_error.h"
#include "options.h"

/* A folder that is no result is bad usage; a picture that fails is a failure. */
static int plot(const esc_options *options)
{
  char message[300] = "";
  if (options->operand_count != 1)
    return esc_usage_error(options->command, "expected one DIR, the folder of a result, found %d",
                           options->operand_count);
  char json[4096];
  snprintf(json, sizeof json, "%.4000s/result.json", options->operands[0]);
  if (access(json, R_OK) != 0)
    return esc_usage_error(options->command,
                           "%.400s: expected a folder with a result.json, found none",
                           options->operands[0]);
  const esc_status status = esc_figures_draw(options->operands[0], message, sizeof message);
  if (status)
    return esc_complain(status, esc_io_error());
  printf("%s\n", message);
  return ESC_EXIT_DONE;
}

int esc_command_plot(int argc, char **argv)
{
  esc_options options;
  int status = esc_options_read(&options, argc, argv, ESC_FOR_OTHERS);
  if (!status && options.help) {
    printf("escapement plot DIR\n\nDraws the figures of a result again.\n\n");
    esc_options_print(ESC_FOR_OTHERS, stdout);
  } else if (!status) {
    status = plot(&options);
  }
  esc_options_free(&options);
  return status;
}
