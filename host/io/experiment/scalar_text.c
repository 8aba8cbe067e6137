/* What a plain YAML scalar says: numbers, whole numbers, switches. */
#include "scalar_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *skip_sign(const char *text)
{
  return *text == '-' || *text == '+' ? text + 1 : text;
}

static const char *skip_digits(const char *text)
{
  return text + strspn(text, "0123456789");
}

/* [-+]? ( digits [. digits*]? | . digits ) ( [eE] [-+]? digits )? and nothing else. */
static int is_decimal(const char *text)
{
  const char *const whole = skip_sign(text);
  const char *at = skip_digits(whole);
  int64_t digits = at - whole;
  if (*at == '.') {
    const char *const fraction = at + 1;
    at = skip_digits(fraction);
    digits += at - fraction;
  }
  if (digits == 0)
    return 0;
  if (*at == 'e' || *at == 'E') {
    const char *const exponent = skip_sign(at + 1);
    at = skip_digits(exponent);
    if (at == exponent)
      return 0;
  }
  return *at == '\0';
}

int esc_text_number(const char *text, double *value)
{
  const char *const bare = skip_sign(text);
  if (strcasecmp(bare, ".inf") == 0) {
    *value = *text == '-' ? -(double)INFINITY : (double)INFINITY;
    return 1;
  }
  if (strcasecmp(text, ".nan") == 0) {
    *value = (double)NAN;
    return 1;
  }
  if (!is_decimal(text))
    return 0;
  *value = strtod(text, NULL);
  return 1;
}

static esc_whole whole_digits(const char *digits, uint64_t *value)
{
  errno = 0;
  const unsigned long long number = strtoull(digits, NULL, 10);
  if (errno == ERANGE)
    return ESC_WHOLE_LARGE;
  *value = number;
  return ESC_WHOLE_FITS;
}

esc_whole esc_text_whole(const char *text, uint64_t *value, int *negative)
{
  if (!is_decimal(text))
    return ESC_WHOLE_NOT;
  const char *const bare = skip_sign(text);
  *negative = *text == '-';
  if (*skip_digits(bare) == '\0')
    return whole_digits(bare, value);
  const double number = strtod(bare, NULL);
  if (number != floor(number))
    return ESC_WHOLE_NOT;
  if (number >= 0x1p64)
    return ESC_WHOLE_LARGE;
  *value = (uint64_t)number;
  return ESC_WHOLE_FITS;
}

int esc_text_switch(const char *text)
{
  static const struct {
    const char *word;
    int value;
  } words[] = {{"true", 1}, {"yes", 1}, {"on", 1}, {"false", 0}, {"no", 0}, {"off", 0}};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcasecmp(text, words[i].word) == 0)
      return words[i].value;
  return -1;
}
