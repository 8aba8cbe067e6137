/* The error sentence of file formats and folders, one line per thread. */
#include "io_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char sentence[1024];
static _Thread_local bool no_room;

/* Bytes of a character that begins with `lead`, 0 if no character begins so. */
static size_t character_bytes(unsigned char lead)
{
  if (lead < 0x80)
    return 1;
  if (lead >= 0xc2 && lead < 0xe0)
    return 2;
  if (lead >= 0xe0 && lead < 0xf0)
    return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

static int character_whole(const unsigned char *at, size_t bytes)
{
  for (size_t i = 1; i < bytes; i++)
    if ((at[i] & 0xc0) != 0x80)
      return 0;
  return bytes > 0;
}

/* ASCII controls, and the second set of controls (U+0080 to U+009F), move a terminal's cursor. */
static int is_control(const unsigned char *at)
{
  return *at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0);
}

void esc_text_one_line(char *text)
{
  unsigned char *at = (unsigned char *)text;
  while (*at) {
    const size_t bytes = character_bytes(*at);
    const size_t left = strlen((const char *)at);
    if (bytes == 0 || bytes > left || !character_whole(at, bytes)) {
      *at++ = '?';
      continue;
    }
    if (is_control(at))
      memset(at, '?', bytes);
    at += bytes;
  }
}

esc_status esc_io_fail(esc_status status, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  if (vsnprintf(sentence, sizeof sentence, format, arguments) < 0)
    sentence[0] = '\0';
  va_end(arguments);
  esc_text_one_line(sentence);
  no_room = false;
  return status;
}

esc_status esc_io_status(int error)
{
  return error == ENOMEM ? ESC_STATUS_OUT_OF_MEMORY : ESC_STATUS_IO;
}

const char *esc_io_error(void)
{
  return sentence;
}

void esc_io_say_no_room(void)
{
  no_room = true;
}

bool esc_io_no_room(void)
{
  return no_room;
}
