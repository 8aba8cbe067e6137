/* Numbers as a person would write them: as many digits as the uncertainty leaves standing, counts
 * in groups of three. */
#ifndef ESC_SHORT_NUMBER_H
#define ESC_SHORT_NUMBER_H

#include <stdint.h>

#include "escapement/result.h"

/* Room for any of them, the end included. */
enum { ESC_SHORT_NUMBER_SIZE = 32 };

typedef struct esc_short_number {
  char text[ESC_SHORT_NUMBER_SIZE];
} esc_short_number;

/* A parameter or setting: up to six significant digits ("0.1", "1e+06"). */
esc_short_number esc_short_plain(double value);

/* `value` to the second digit of `uncertainty` (half an interval's width); without one, to four
 * significant digits. NaN is "-". */
esc_short_number esc_short_rounded(double value, double uncertainty);

/* An estimate to the precision of its own interval. */
esc_short_number esc_short_estimate(esc_estimate estimate);

/* Half the width of an interval; NaN where there is none. */
double esc_short_uncertainty(esc_estimate estimate);

/* 1000000 as "1 000 000". */
esc_short_number esc_short_count(int64_t count);

/* A large amount in two digits: "6.1e9", "850". */
esc_short_number esc_short_amount(double amount);

#endif
