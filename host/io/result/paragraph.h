/* Plain text in lines of at most 80 columns that break at spaces. */
#ifndef ESC_PARAGRAPH_H
#define ESC_PARAGRAPH_H

#include <stdint.h>
#include <stdio.h>

/* Words gathered into lines that break at word ends. */
typedef struct esc_paragraph {
  FILE *stream;
  int column;
} esc_paragraph;

/* One word, which is never torn apart. */
void esc_paragraph_word(esc_paragraph *lines, const char *word);

/* Words, printf style, cut off at some thousand characters. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void esc_paragraph_say(esc_paragraph *lines, const char *format, ...);

/* A count in groups of three, which stay together. */
void esc_paragraph_count(esc_paragraph *lines, int64_t count);

void esc_paragraph_end(esc_paragraph *lines);

#endif
