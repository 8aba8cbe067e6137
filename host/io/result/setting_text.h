/* What ran, in one or two lines: the rules with what was set of their keys, and how much of it. */
#ifndef ESC_SETTING_TEXT_H
#define ESC_SETTING_TEXT_H

#include <stdio.h>

#include "escapement/escapement.h"

/* "sgd (lr 0.1) on double_well under gaussian (scale 1)" */
void esc_setting_print(const esc_experiment *experiment, FILE *stream);

/* "1 000 000 trajectories of at most 100 000 steps" */
void esc_size_print(const esc_experiment *experiment, const esc_report *report, FILE *stream);

#endif
