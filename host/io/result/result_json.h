/* result.json: a report as JSON, and the experiment it came from, with every default filled in.
 * docs/results.md explains each name. */
#ifndef ESCAPEMENT_IO_RESULT_JSON_H
#define ESCAPEMENT_IO_RESULT_JSON_H

#include <stdio.h>

#include "escapement/escapement.h"

/* What an experiment file says that no esc_experiment holds, and what theory says. */
typedef struct esc_result_about {
  const char *title;                  /* NULL: none */
  const char *predict;                /* the word in the file; NULL: none */
  const esc_predictions *predictions; /* NULL: none */
} esc_result_about;

/* Writes the report and the resolved experiment to a stream the caller opened and closes. about may
 * be NULL. Errors: BAD_ARGUMENT (a NULL), OUT_OF_MEMORY, IO (the stream refuses). */
esc_status esc_result_json_write(const esc_experiment *experiment, const esc_result_about *about,
                                 const esc_report *report, FILE *stream);

#endif
