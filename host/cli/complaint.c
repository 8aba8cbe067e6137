/* How the command says that something is wrong: one line on standard error, and an exit status. */
#include "command.h"

#include <stdarg.h>
#include <stdio.h>

#include "host/io/io_error.h"

int esc_exit_status(esc_status status)
{
  switch (status) {
  case ESC_STATUS_OK:
    return ESC_EXIT_DONE;
  case ESC_STATUS_BAD_ARGUMENT:
  case ESC_STATUS_BAD_EXPERIMENT:
    return ESC_EXIT_USAGE;
  case ESC_STATUS_UNSUPPORTED:
  case ESC_STATUS_DEVICE_REFUSED:
    return ESC_EXIT_NOT_AVAILABLE;
  case ESC_STATUS_INTERRUPTED:
    return ESC_EXIT_INTERRUPTED;
  default:
    return ESC_EXIT_FAILED;
  }
}

int esc_complain(esc_status status, const char *sentence)
{
  fprintf(stderr, "escapement: %s\n", sentence[0] ? sentence : esc_status_name(status));
  return esc_exit_status(status);
}

int esc_usage_error(const char *command, const char *format, ...)
{
  char text[600];
  va_list arguments;
  va_start(arguments, format);
  const int written = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  esc_text_one_line(text);
  fprintf(stderr, "escapement%s%s: %s\n", command ? " " : "", command ? command : "",
          written < 0 ? "bad usage" : text);
  return ESC_EXIT_USAGE;
}
