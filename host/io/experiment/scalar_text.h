/* What a plain YAML scalar says: numbers, whole numbers, switches. The grammar is YAML's core
 * schema for decimal numbers; C's own (hex floats, "inf", leading blanks) is not let through. */
#ifndef ESC_SCALAR_TEXT_H
#define ESC_SCALAR_TEXT_H

#include <stdint.h>

/* A number, .inf and .nan among them: 1 and *value, else 0. */
int esc_text_number(const char *text, double *value);

typedef enum esc_whole {
  ESC_WHOLE_NOT = 0,  /* not a whole number */
  ESC_WHOLE_FITS = 1, /* *value is it */
  ESC_WHOLE_LARGE = 2 /* a whole number of more than 64 bits */
} esc_whole;

/* A whole number >= 0, also as 1e6; a negative one sets *negative and *value to its size. */
esc_whole esc_text_whole(const char *text, uint64_t *value, int *negative);

/* true, yes, on: 1; false, no, off: 0; else -1. */
int esc_text_switch(const char *text);

#endif
