/* The folder of a result: made before a run begins, so that an unwritable place is known at once;
 * never one that holds something, unless forced; and files that appear in it whole or not at all.
 */
#ifndef ESC_RESULT_FOLDER_H
#define ESC_RESULT_FOLDER_H

#include <stdio.h>

#include "escapement/status.h"

typedef struct esc_result_folder {
  const char *path; /* the caller's */
  int made;         /* nonzero: this run made it, and takes it away again if nothing came of it */
} esc_result_folder;

/* Makes the folder, and those above it, or takes one that is empty; force takes any. Errors, the
 * sentence in esc_io_error(): BAD_ARGUMENT (it holds something), IO. */
esc_status esc_result_folder_claim(const char *path, int force, esc_result_folder *folder);

/* Removes the folder again if it was made for this run and is still empty. */
void esc_result_folder_drop(const esc_result_folder *folder);

/* Removes what an earlier run left: result.json, samples.h5, paths.csv and the figures. Anything
 * else in the folder stays. */
void esc_result_folder_clear(const esc_result_folder *folder);

/* Writes a file of the folder through `write`: under another name first, renamed when it is whole.
 * Errors: those of write, IO. */
esc_status esc_result_folder_put(const esc_result_folder *folder, const char *name,
                                 esc_status (*write)(void *context, FILE *stream), void *context);

/* "FOLDER/NAME", to be freed; NULL where memory ran out. */
char *esc_path_join(const char *folder, const char *name);

#endif
