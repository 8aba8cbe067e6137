/* Statuses, their sentences, and the version. */
#include "host/error.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char sentence[512];
static _Thread_local char place[ESC_KEY_PATH_MAX];

esc_status esc_fail(esc_status status, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  place[0] = '\0';
  return status;
}

esc_status esc_fail_at(const char *key, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  snprintf(place, sizeof place, "%s", key);
  return ESC_STATUS_BAD_EXPERIMENT;
}

/* No struct will ever be as large: what was never initialised is found before it is walked. */
#define STRUCT_SIZE_MAX 65536

esc_status esc_check_size(const char *what, size_t found, size_t expected)
{
  if (found >= expected && found <= STRUCT_SIZE_MAX)
    return ESC_STATUS_OK;
  return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                  "%s.struct_size: expected at least %zu, found %zu: begin with its initialiser",
                  what, expected, found);
}

const char *esc_key_path(char path[ESC_KEY_PATH_MAX], const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(path, ESC_KEY_PATH_MAX, format, arguments);
  va_end(arguments);
  return path;
}

const char *esc_last_error(void)
{
  return sentence;
}

const char *esc_last_error_key(void)
{
  return place;
}

const char *esc_status_name(esc_status status)
{
  static const char *const names[] = {
      "ok",          "bad argument",   "bad experiment", "out of memory",
      "unsupported", "no such device", "device lost",    "input or output",
      "interrupted", "internal error"};
  return status >= 0 && status <= ESC_STATUS_INTERNAL ? names[status] : "unknown status";
}

const char *esc_version(void)
{
  return ESC_VERSION_STRING;
}

/* Changes when the same experiment gives other bits. */
int esc_stream_version(void)
{
  return 1;
}
