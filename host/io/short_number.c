/* The rounding behind short_number.h. */
#include "short_number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PLAIN_DIGITS = 4, MOST_DECIMALS = 9 };

esc_short_number esc_short_plain(double value)
{
  esc_short_number number;
  snprintf(number.text, sizeof number.text, "%g", value);
  return number;
}

double esc_short_uncertainty(esc_estimate estimate)
{
  return 0.5 * (estimate.high - estimate.low);
}

/* The decimal place of the leading digit: 0 for 1 to 9.99, -1 for 0.1 to 0.999. */
static int leading_place(double value)
{
  return (int)floor(log10(fabs(value)));
}

/* How many decimals show `value` to the second digit of its uncertainty. */
static int decimals_for(double value, double uncertainty)
{
  int place = 0;
  if (isfinite(uncertainty) && uncertainty > 0.0)
    place = leading_place(uncertainty) - 1;
  else
    place = leading_place(value) + 1 - PLAIN_DIGITS;
  return place < 0 ? -place : 0;
}

/* Written with a power of ten: all digits down to that of `decimals`. */
static esc_short_number with_exponent(double value, int decimals)
{
  esc_short_number number;
  int digits = leading_place(value) + decimals;
  digits = digits < 1 ? 1 : digits > 5 ? 5 : digits;
  snprintf(number.text, sizeof number.text, "%.*e", digits, value);
  return number;
}

esc_short_number esc_short_rounded(double value, double uncertainty)
{
  esc_short_number number = {"-"};
  if (isnan(value))
    return number;
  if (isinf(value)) {
    snprintf(number.text, sizeof number.text, "%s", value > 0.0 ? "inf" : "-inf");
    return number;
  }
  if (value == 0.0) {
    snprintf(number.text, sizeof number.text, "0");
    return number;
  }
  const int decimals = decimals_for(value, uncertainty);
  if (fabs(value) >= 1e8 || (fabs(value) < 1e-3 && decimals > 6))
    return with_exponent(value, decimals);
  snprintf(number.text, sizeof number.text, "%.*f",
           decimals > MOST_DECIMALS ? MOST_DECIMALS : decimals, value);
  return number;
}

esc_short_number esc_short_estimate(esc_estimate estimate)
{
  return esc_short_rounded(estimate.value, esc_short_uncertainty(estimate));
}

esc_short_number esc_short_count(int64_t count)
{
  char digits[ESC_SHORT_NUMBER_SIZE];
  esc_short_number number;
  snprintf(digits, sizeof digits, "%" PRId64, count);
  const size_t length = strlen(digits);
  const size_t first = digits[0] == '-';
  size_t out = 0;
  for (size_t i = 0; i < length && out + 2 < sizeof number.text; i++) {
    if (i > first && (length - i) % 3 == 0)
      number.text[out++] = ' ';
    number.text[out++] = digits[i];
  }
  number.text[out] = '\0';
  return number;
}

esc_short_number esc_short_amount(double amount)
{
  esc_short_number number;
  if (!(fabs(amount) >= 1e5) || isinf(amount)) {
    snprintf(number.text, sizeof number.text, "%.*f", fabs(amount) < 10.0 ? 1 : 0, amount);
    return number;
  }
  int power = leading_place(amount);
  double lead = rint(amount / pow(10.0, power - 1)) / 10.0;
  if (lead >= 10.0) {
    lead /= 10.0;
    power++;
  }
  snprintf(number.text, sizeof number.text, "%.1fe%d", lead, power);
  return number;
}
