/* A small file as bytes in memory. */
#ifndef ESC_FILE_BYTES_H
#define ESC_FILE_BYTES_H

#include <stddef.h>

#include "arena.h"
#include "escapement/status.h"

enum { ESC_FILE_BYTES_MOST = 16 * 1024 * 1024 };

/* Reads a whole file; `what` it should be: "an experiment file". Errors, with the sentence in esc_io_error(): IO (missing, a folder, too
 * large, not readable), OUT_OF_MEMORY. */
esc_status esc_file_bytes_read(esc_arena *arena, const char *path, const char *what,
                               const char **bytes, size_t *size);

#endif
