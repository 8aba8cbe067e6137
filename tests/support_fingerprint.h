/* A report as a few numbers, one for each of its parts, so that two runs can be compared bit by bit
 * and a difference says where it is. */
#ifndef TESTS_SUPPORT_FINGERPRINT_H
#define TESTS_SUPPORT_FINGERPRINT_H

#include "escapement/escapement.h"

enum { SUPPORT_PARTS = 10 };

typedef struct support_fingerprint {
  uint64_t part[SUPPORT_PARTS];
} support_fingerprint;

/* Everything but what may differ: seconds, the instruction set, lane efficiency, what was asked. */
support_fingerprint support_fingerprint_of(const esc_report *report);

/* The name of the first part that differs; NULL if none does. */
const char *support_difference(const support_fingerprint *a, const support_fingerprint *b);

#endif
