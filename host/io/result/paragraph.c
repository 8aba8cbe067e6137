/* The line breaking behind paragraph.h. */
#include "paragraph.h"

#include <stdarg.h>
#include <string.h>

#include "host/io/short_number.h"

enum { LINE_WIDTH = 80 };

void esc_paragraph_word(esc_paragraph *lines, const char *word)
{
  const int length = (int)strlen(word);
  if (lines->column > 0 && lines->column + 1 + length > LINE_WIDTH) {
    fputs("\n  ", lines->stream);
    lines->column = 2;
  } else if (lines->column > 0) {
    fputc(' ', lines->stream);
    lines->column++;
  }
  fputs(word, lines->stream);
  lines->column += length;
}

void esc_paragraph_say(esc_paragraph *lines, const char *format, ...)
{
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  for (char *rest = text, *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
    esc_paragraph_word(lines, word);
}

void esc_paragraph_end(esc_paragraph *lines)
{
  fputc('\n', lines->stream);
  lines->column = 0;
}

/* A number whose groups of three must not be torn apart at a line's end. */
void esc_paragraph_count(esc_paragraph *lines, int64_t count)
{
  esc_paragraph_word(lines, esc_short_count(count).text);
}
