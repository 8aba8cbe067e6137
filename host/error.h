/* The sentence behind a status: formed where a thing goes wrong, kept for the thread. */
#ifndef ESC_HOST_ERROR_H
#define ESC_HOST_ERROR_H

#include <stddef.h>

#include "escapement/status.h"

#if defined(__GNUC__)
#define ESC_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define ESC_PRINTF(string, first)
#endif

/* Keeps the sentence and returns status. */
esc_status esc_fail(esc_status status, const char *format, ...) ESC_PRINTF(2, 3);

/* The same for a value of the experiment at a key path; returns ESC_STATUS_BAD_EXPERIMENT. `key`
 * may be a path with formats of its own: see esc_key_path. */
esc_status esc_fail_at(const char *key, const char *format, ...) ESC_PRINTF(2, 3);

/* A struct of the caller's must be begun with its initialiser: BAD_ARGUMENT if it is too small. */
esc_status esc_check_size(const char *what, size_t found, size_t expected);

#define ESC_KEY_PATH_MAX 160

/* A key path, formatted into a buffer of the caller's: returns it. */
const char *esc_key_path(char path[ESC_KEY_PATH_MAX], const char *format, ...) ESC_PRINTF(2, 3);

#endif
