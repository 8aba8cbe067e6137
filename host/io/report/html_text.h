/* Text on its way into an HTML page: everything that is not markup of the page's own is escaped. */
#ifndef ESC_HTML_TEXT_H
#define ESC_HTML_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* The text with &, <, >, " and ' as entities. */
void esc_html_text(const char *text, FILE *stream);

/* A table: begin with the names of its columns, then row by row, cell by cell. The first cell of a
 * row is a name, the others are numbers. */
void esc_html_table_begin(const char *const *columns, int count, FILE *stream);
void esc_html_row_begin(FILE *stream);
void esc_html_cell(const char *text, FILE *stream);
void esc_html_row_end(FILE *stream);
void esc_html_table_end(FILE *stream);

/* A cell with a value of JSON in one line. */
void esc_html_value_cell(const json_t *value, FILE *stream);

/* JSON with an indent, as it may be copied into a file. Nonzero where memory ran out. */
int esc_html_json(const json_t *value, FILE *stream);

#endif
