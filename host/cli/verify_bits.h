/* Comparing results bit by bit, for `escapement verify`. */
#ifndef ESC_VERIFY_BITS_H
#define ESC_VERIFY_BITS_H

#include "escapement/escapement.h"

/* What of two reports of the same experiment differs first: "exit steps of a sample", or NULL where
 * every count and every bit of the samples is the same. */
const char *esc_reports_differ(const esc_report *a, const esc_report *b);

/* Whether `count` trajectories replayed alone end as the samples of the report say: NULL, or what
 * differs. A status other than OK goes to *status. */
const char *esc_replays_differ(esc_device *device, const esc_experiment *experiment,
                               const esc_report *report, int count, esc_status *status);

#endif
