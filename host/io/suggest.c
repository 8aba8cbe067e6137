/* "Did you mean": edit distance with swaps of neighbours (optimal string alignment). */
#include "suggest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

static int same_letter(char a, char b)
{
  return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Rows i-2, i-1 and i of the table of distances between prefixes, in turn. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
  size_t rows[3][LONGEST + 1];
  for (size_t j = 0; j <= b_length; j++)
    rows[0][j] = j;
  for (size_t i = 1; i <= a_length; i++) {
    size_t *const row = rows[i % 3];
    const size_t *const above = rows[(i + 2) % 3];
    const size_t *const two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      const size_t change = above[j - 1] + (same_letter(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = least(change, least(above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]))
        row[j] = least(row[j], two_above[j - 2] + 1);
    }
  }
  return rows[a_length % 3][b_length];
}

/* A word that begins or goes on as the other does (lr_rate, sharp) counts as near. */
static size_t distance_of(const char *word, const char *known)
{
  const size_t word_length = strlen(word), known_length = strlen(known);
  if (word_length > LONGEST || known_length > LONGEST)
    return LONGEST;
  const size_t common = least(word_length, known_length);
  if (common >= 3 && strncmp(word, known, common) == 0)
    return 1;
  return edit_distance(word, word_length, known, known_length);
}

void esc_suggest(esc_suggestion *suggestion, const char *known)
{
  const size_t length = strlen(suggestion->word);
  const size_t limit = length < 3 ? 1 : 1 + length / 3;
  const size_t distance = distance_of(suggestion->word, known);
  if (distance > limit || distance >= strlen(known))
    return;
  if (suggestion->nearest && distance >= suggestion->distance)
    return;
  suggestion->nearest = known;
  suggestion->distance = distance;
}

void esc_suggestion_text(const esc_suggestion *suggestion, char *text, size_t size)
{
  text[0] = '\0';
  if (suggestion->nearest)
    snprintf(text, size, ", did you mean \"%s\"?", suggestion->nearest);
}
