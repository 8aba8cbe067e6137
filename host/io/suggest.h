/* "Did you mean": the nearest known word to one that is not known. */
#ifndef ESC_SUGGEST_H
#define ESC_SUGGEST_H

#include <stddef.h>

/* The search so far; begin with {word, NULL, 0}. */
typedef struct esc_suggestion {
  const char *word;    /* what was written */
  const char *nearest; /* the best so far, or NULL */
  size_t distance;     /* its edit distance */
} esc_suggestion;

/* Offers a known word. Only words near enough to be a slip of the pen are taken. */
void esc_suggest(esc_suggestion *suggestion, const char *known);

/* Writes `, did you mean "NEAREST"?`, or nothing where no word is near. */
void esc_suggestion_text(const esc_suggestion *suggestion, char *text, size_t size);

#endif
