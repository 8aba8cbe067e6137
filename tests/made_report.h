/* Hand-made experiments and reports for the tests of what is written: one with every field, one
 * with hardly any. The numbers mean nothing; each is told apart from the others. */
#ifndef ESC_TESTS_MADE_REPORT_H
#define ESC_TESTS_MADE_REPORT_H

#include "escapement/escapement.h"

/* One dimension, exits left and right, everything observed. */
const esc_experiment *made_full_experiment(void);
const esc_report *made_full_report(void);

/* Two dimensions, interrupted, nothing observed, numbers that do not exist. */
const esc_experiment *made_bare_experiment(void);
const esc_report *made_bare_report(void);

#endif
