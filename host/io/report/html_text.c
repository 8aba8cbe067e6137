/* Text on its way into an HTML page. */
#include "html_text.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/result/json_builder.h"

static void put_letter(char letter, FILE *stream)
{
  static const char marks[] = "&<>\"'";
  static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  const char *const mark = strchr(marks, letter);
  if (mark && letter)
    fputs(entities[mark - marks], stream);
  else
    fputc(letter, stream);
}

void esc_html_text(const char *text, FILE *stream)
{
  for (; *text; text++)
    put_letter(*text, stream);
}

/* For jansson, which hands over a value piece by piece. */
static int put_piece(const char *piece, size_t size, void *stream)
{
  for (size_t i = 0; i < size; i++)
    put_letter(piece[i], stream);
  return 0;
}

void esc_html_value_cell(const json_t *value, FILE *stream)
{
  fputs("<td>", stream);
  json_dump_callback(value, put_piece, stream, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
  fputs("</td>", stream);
}

void esc_html_table_begin(const char *const *columns, int count, FILE *stream)
{
  fputs("<table>\n<tr>", stream);
  for (int i = 0; i < count; i++) {
    fputs("<th>", stream);
    esc_html_text(columns[i], stream);
    fputs("</th>", stream);
  }
  fputs("</tr>\n", stream);
}

void esc_html_row_begin(FILE *stream)
{
  fputs("<tr>", stream);
}

void esc_html_cell(const char *text, FILE *stream)
{
  fputs("<td>", stream);
  esc_html_text(text, stream);
  fputs("</td>", stream);
}

void esc_html_row_end(FILE *stream)
{
  fputs("</tr>\n", stream);
}

void esc_html_table_end(FILE *stream)
{
  fputs("</table>\n", stream);
}

int esc_html_json(const json_t *value, FILE *stream)
{
  char *text = NULL;
  size_t size = 0;
  FILE *const memory = open_memstream(&text, &size);
  const int written = memory && esc_json_write(value, memory);
  const int closed = memory && fclose(memory) == 0;
  if (written && closed)
    esc_html_text(text, stream);
  free(text);
  return written && closed ? 0 : -1;
}
