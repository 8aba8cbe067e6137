/* result.json: a report as JSON, and the experiment it came from, with every default filled in.
 * docs/results.md explains each name. */
#ifndef ESCAPEMENT_IO_RESULT_JSON_H
#define ESCAPEMENT_IO_RESULT_JSON_H

#include <stdio.h>

#include "escapement/escapement.h"

/* Writes the report and the resolved experiment to a stream the caller opened and closes. title may
 * be NULL. Errors: BAD_ARGUMENT (a NULL), OUT_OF_MEMORY, IO (the stream refuses). */
esc_status esc_result_json_write(const esc_experiment *experiment, const char *title,
                                 const esc_report *report, FILE *stream);

#endif
