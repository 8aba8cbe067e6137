/* A figure being written: NAME.gp and NAME.dat, under other names until both are whole. The canvas gives every script the same beginning
 * (size, fonts, colours, dashes, title) and the same end, so that figures look alike and each one
 * says only what is its own. */
#ifndef ESC_FIGURE_CANVAS_H
#define ESC_FIGURE_CANVAS_H

#include <stdbool.h>
#include <stdio.h>

#include "figure_source.h"

typedef struct esc_canvas {
  const char *name;
  const char *folder;
  int width, height; /* of the picture, in pixels */
  int title_size;    /* of its letters, in points */
  FILE *script;
  FILE *data;
  bool no_memory; /* it ran out while a part was made: the figure is given up when it is closed */
} esc_canvas;

/* Opens the two files and writes the beginning. `caption` is the line under the title: what is to
 * be seen. Errors: IO, OUT_OF_MEMORY; nothing is open then. */
esc_status esc_canvas_open(esc_canvas *canvas, const esc_figure_source *source,
                           const char *caption);

/* NAME = 'text', quoted so that gnuplot takes the text as it is. */
void esc_canvas_text(const esc_canvas *canvas, const char *variable, const char *text);

/* Where the key stands: in one line above the plot, or, if its names (entries, the longest with so
 * many letters) would not fit there, in a column beside it. Call it after anything else sets the
 * margin.
 */
void esc_canvas_key(const esc_canvas *canvas, int entries, size_t longest);

/* Begins and ends the block that is drawn once as PNG and once as SVG. */
void esc_canvas_begin_drawing(const esc_canvas *canvas);
void esc_canvas_end_drawing(const esc_canvas *canvas);

/* Closes both files and gives them their names. Errors: IO (a disk full, say), OUT_OF_MEMORY; those
 * of an earlier figure stay as they were then. */
esc_status esc_canvas_close(esc_canvas *canvas);

/* "FOLDER/NAME.EXTENSION", to be freed; NULL where memory ran out. */
char *esc_figure_path(const char *folder, const char *name, const char *extension);

/* Renames folder/NAME.EXTENSION.part to folder/NAME.EXTENSION. Errors: IO, OUT_OF_MEMORY. */
esc_status esc_figure_rename(const char *folder, const char *name, const char *extension);

/* Removes folder/NAME.EXTENSION, where it is. */
void esc_figure_remove(const char *folder, const char *name, const char *extension);

/* The line style of an outcome of the given index: exits get the colours, running and diverged
 * their own grey and black. */
int esc_canvas_outcome_style(const char *outcome, int index);

#endif
