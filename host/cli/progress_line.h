/* The progress line on standard error: share done, steps per second, time left. */
#ifndef ESC_PROGRESS_LINE_H
#define ESC_PROGRESS_LINE_H

#include "escapement/experiment.h"

/* Whether standard error is a terminal; nothing is to be printed where it is not. */
int esc_progress_wanted(void);

/* A progress callback. */
void esc_progress_show(void *context, const esc_progress *progress);

/* "WHAT 3 of 100", k from 0. */
void esc_progress_say(const char *what, int64_t k, int64_t count);

/* Wipes the line. */
void esc_progress_end(void);

#endif
