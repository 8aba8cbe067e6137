/* A table of numbers in a CSV file. */
#ifndef ESC_CSV_TABLE_H
#define ESC_CSV_TABLE_H

#include <stdint.h>

#include "arena.h"
#include "escapement/status.h"

enum { ESC_CSV_ROWS_MOST = 4096, ESC_CSV_COLUMNS_MOST = 64 };

typedef struct esc_csv_table {
  int64_t rows;
  int columns;
  const double *values; /* row by row; the arena's */
} esc_csv_table;

/* Reads numbers with commas between them, a row a line. Blank lines are passed over, and a first
 * line without any number, which is a header. Errors, with "NAME:LINE: column N: ..." in
 * esc_io_error(): BAD_EXPERIMENT (a cell that is missing or not a finite number, rows of different
 * lengths, too many), OUT_OF_MEMORY. */
esc_status esc_csv_parse(esc_arena *arena, const char *name, const char *bytes, size_t size,
                         esc_csv_table *table);

#endif
