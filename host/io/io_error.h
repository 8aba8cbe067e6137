/* The error sentence of file formats and folders: the same idea as esc_last_error() of the core,
 * for what lives outside it. Always one line, whatever bytes the caller's texts hold. */
#ifndef ESC_IO_ERROR_H
#define ESC_IO_ERROR_H

#include <stdbool.h>

#include "escapement/status.h"

/* Keeps the formatted sentence for esc_io_error() on this thread and returns status. */
esc_status esc_io_fail(esc_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The status for an errno: OUT_OF_MEMORY for ENOMEM, else IO. */
esc_status esc_io_status(int error);

/* The sentence of the last failure on this thread; "" where none failed. */
const char *esc_io_error(void);

/* Says that what failed last on this thread failed for want of room on the disk, until another
 * failure; and whether that was said. */
void esc_io_say_no_room(void);
bool esc_io_no_room(void);

/* Replaces control characters by '?' and cuts no character in half: text fit for one line. */
void esc_text_one_line(char *text);

#endif
