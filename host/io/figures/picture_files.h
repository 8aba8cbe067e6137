/* The pictures gnuplot made, before they get their names. */
#ifndef ESC_PICTURE_FILES_H
#define ESC_PICTURE_FILES_H

#include <stdbool.h>

#include "escapement/status.h"

/* Gives NAME.png.part and NAME.svg.part of a folder their names, if both are whole: gnuplot takes
 * no notice of a write that fails. Errors: IO, OUT_OF_MEMORY. */
esc_status esc_pictures_take(const char *folder, const char *name);

/* Removes NAME.png.part and NAME.svg.part, where they are. */
void esc_pictures_drop(const char *folder, const char *name);

/* Whether a folder's disk is full: writes a little there, and removes it. */
bool esc_folder_full(const char *folder);

#endif
