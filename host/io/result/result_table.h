/* The short table a run prints: what ran, how it ended, when, where, and what to beware of. At most
 * 80 columns of plain ASCII (but for names and titles, which are the user's), and no more digits
 * than the interval beside them earns. */
#ifndef ESC_RESULT_TABLE_H
#define ESC_RESULT_TABLE_H

#include <stdio.h>

#include "result_json.h"

/* Prints the table. about may be NULL. Errors of the stream are the caller's to ask for. */
void esc_result_table_print(const esc_experiment *experiment, const esc_result_about *about,
                            const esc_report *report, FILE *stream);

#endif
