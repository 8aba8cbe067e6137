/* CSV: cells against the grammar of numbers, line by line. */
#include "csv_table.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "host/io/io_error.h"
#include "scalar_text.h"

/* What is left of the bytes, and where that is. */
typedef struct csv_reader {
  const char *name, *at, *end;
  int64_t line;
} csv_reader;

typedef struct csv_cell {
  char text[64]; /* without blanks around it */
  int is_last;   /* of its line */
} csv_cell;

static esc_status bad_cell(const csv_reader *reader, int column, const char *expected,
                           const csv_cell *cell)
{
  const char *const quote = cell->text[0] ? "\"" : "";
  return esc_io_fail(ESC_STATUS_BAD_EXPERIMENT, "%.600s:%lld: column %d: expected %s, found %s%s%s",
                     reader->name, (long long)reader->line, column, expected, quote,
                     cell->text[0] ? cell->text : "nothing", quote);
}

static int is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the next cell and the comma or end of line behind it. What is too long for a number is cut,
 * and is none. */
static csv_cell next_cell(csv_reader *reader)
{
  const char *first = reader->at, *last = first;
  while (last < reader->end && *last != ',' && *last != '\n')
    last++;
  csv_cell cell = {"", last == reader->end || *last == '\n'};
  reader->at = last < reader->end ? last + 1 : last;
  while (first < last && is_blank(*first))
    first++;
  while (last > first && is_blank(last[-1]))
    last--;
  const size_t size = (size_t)(last - first), most = sizeof cell.text - 1;
  for (size_t k = 0; k < size && k < most; k++) /* shown in one line */
    cell.text[k] = first[k] >= ' ' && first[k] != '\177' ? first[k] : '?';
  if (size > most)
    cell.text[most - 1] = '~';
  return cell;
}

static int number_of(const csv_cell *cell, double *value)
{
  return esc_text_number(cell->text, value) && isfinite(*value);
}

/* Whether a cell means a number, be it a bad one: it begins as one, or is one that is not finite.
 */
static int is_meant_as_number(const csv_cell *cell)
{
  double value;
  const char *at = cell->text;
  at += *at == '+' || *at == '-';
  at += *at == '.';
  return (*at >= '0' && *at <= '9') || esc_text_number(cell->text, &value) ||
         strcasecmp(at, "nan") == 0 || strncasecmp(at, "inf", 3) == 0;
}

/* Whether the line that begins at the reader, which stays, names the columns: no cell of it is
 * meant as a number. */
static int is_header(csv_reader reader)
{
  for (;;) {
    const csv_cell cell = next_cell(&reader);
    if (is_meant_as_number(&cell))
      return 0;
    if (cell.is_last)
      return 1;
  }
}

static int pass_blank_line(csv_reader *reader)
{
  csv_reader ahead = *reader;
  const csv_cell cell = next_cell(&ahead);
  if (!cell.is_last || cell.text[0])
    return 0;
  reader->at = ahead.at;
  return 1;
}

static void pass_line(csv_reader *reader)
{
  while (!next_cell(reader).is_last)
    ;
}

/* A row of `columns` numbers, or with *columns 0 of as many as there are. */
static esc_status read_row(csv_reader *reader, int *columns, double *row)
{
  for (int column = 1;; column++) {
    const csv_cell cell = next_cell(reader);
    if (column > ESC_CSV_COLUMNS_MOST || (*columns && column > *columns))
      return bad_cell(reader, column, "the end of the line", &cell);
    if (!number_of(&cell, &row[column - 1]))
      return bad_cell(reader, column, "a number", &cell);
    if (!cell.is_last)
      continue;
    if (*columns && column < *columns) {
      const csv_cell none = {"", 1};
      return bad_cell(reader, column + 1, "a number", &none);
    }
    *columns = column;
    return ESC_STATUS_OK;
  }
}

esc_status esc_csv_parse(esc_arena *arena, const char *name, const char *bytes, size_t size,
                         esc_csv_table *table)
{
  const size_t mark = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* of UTF-8 */
  csv_reader reader = {name, bytes + mark, bytes + size, 0};
  double *const values =
      esc_arena_take_array(arena, (size_t)ESC_CSV_ROWS_MOST * ESC_CSV_COLUMNS_MOST, sizeof *values);
  if (!values)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  *table = (esc_csv_table){0, 0, values};
  for (int first = 1; reader.at < reader.end;) {
    double row[ESC_CSV_COLUMNS_MOST];
    reader.line++;
    if (pass_blank_line(&reader))
      continue;
    if (first && is_header(reader)) {
      first = 0;
      pass_line(&reader);
      continue;
    }
    first = 0;
    const esc_status status = read_row(&reader, &table->columns, row);
    if (status)
      return status;
    if (table->rows == ESC_CSV_ROWS_MOST)
      return esc_io_fail(ESC_STATUS_BAD_EXPERIMENT,
                         "%.600s:%lld: expected at most %d rows, found more", name,
                         (long long)reader.line, ESC_CSV_ROWS_MOST);
    memcpy(values + table->rows++ * table->columns, row, (size_t)table->columns * sizeof *row);
  }
  if (table->rows == 0)
    return esc_io_fail(ESC_STATUS_BAD_EXPERIMENT, "%.600s: expected rows of numbers, found none",
                       name);
  return ESC_STATUS_OK;
}
