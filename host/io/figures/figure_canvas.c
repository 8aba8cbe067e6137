/* The common part of all gnuplot scripts. Colours are those of Okabe and Ito, which people of every
 * colour vision tell apart; the dash types do the same on grey paper. */
#include "figure_canvas.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/io/io_error.h"

enum { COLOURS = 8, STYLE_RUNNING = 9, STYLE_DIVERGED = 10, LONG_TITLE = 80 };

/* The width of a key, measured in letters: of one sample line, and of the room above the plot. */
enum { LETTERS_PER_SAMPLE = 9, LETTERS_ABOVE = 76 };

static const char *const style_lines =
    "set encoding utf8\n"
    "set style line 1 lc rgb '#0072B2' lw 3 dt solid pt 7 ps 1.1\n"
    "set style line 2 lc rgb '#D55E00' lw 3 dt (14,5) pt 5 ps 1.1\n"
    "set style line 3 lc rgb '#009E73' lw 3 dt (14,4,3,4) pt 9 ps 1.2\n"
    "set style line 4 lc rgb '#CC79A7' lw 3 dt (5,4) pt 13 ps 1.3\n"
    "set style line 5 lc rgb '#E69F00' lw 3 dt (18,4,3,4,3,4) pt 11 ps 1.2\n"
    "set style line 6 lc rgb '#56B4E9' lw 3 dt (22,6) pt 6 ps 1.1\n"
    "set style line 7 lc rgb '#7F5B00' lw 3 dt (3,3) pt 4 ps 1.1\n"
    "set style line 8 lc rgb '#5E3C99' lw 3 dt (10,3,10,8) pt 8 ps 1.2\n"
    "set style line 9 lc rgb '#8C8C8C' lw 3 dt (2,4) pt 2 ps 1.1\n"
    "set style line 10 lc rgb '#000000' lw 3 dt (3,5) pt 1 ps 1.1\n"
    "set style line 11 lc rgb '#303030' lw 4 dt solid pt 1 ps 1.1\n"
    "set border 3 lw 1.2 lc rgb '#606060'\n"
    "set tics out nomirror scale 0.6,0.3 textcolor rgb '#303030'\n"
    "set grid back lt 1 lw 1 dt solid lc rgb '#E6E6E6'\n"
    "set key at screen 0.095,0.868 left center horizontal Left reverse samplen 3 width 1 "
    "noenhanced\n"
    "set lmargin at screen 0.105\n"
    "set rmargin at screen 0.965\n"
    "set tmargin at screen 0.83\n"
    "set bmargin at screen 0.14\n";

char *esc_figure_path(const char *folder, const char *name, const char *extension)
{
  const size_t size = strlen(folder) + strlen(name) + strlen(extension) + 3;
  char *path = malloc(size);
  if (path)
    snprintf(path, size, "%s/%s.%s", folder, name, extension);
  return path;
}

/* By a name within the open folder, which takes no memory: it is the lack of that which it cleans
 * up after. */
void esc_figure_remove(const char *folder, const char *name, const char *extension)
{
  char file[64];
  const int place = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (place < 0)
    return;
  snprintf(file, sizeof file, "%.40s.%.16s", name, extension);
  unlinkat(place, file, 0);
  close(place);
}

esc_status esc_figure_rename(const char *folder, const char *name, const char *extension)
{
  char part_extension[16];
  snprintf(part_extension, sizeof part_extension, "%.8s.part", extension);
  char *part = esc_figure_path(folder, name, part_extension);
  char *path = esc_figure_path(folder, name, extension);
  esc_status status = ESC_STATUS_OK;
  if (!part || !path)
    status = esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  else if (rename(part, path))
    status = esc_io_fail(ESC_STATUS_IO, "%s: %s", path, strerror(errno));
  free(part);
  free(path);
  return status;
}

static FILE *open_beside(const esc_canvas *canvas, const char *extension, esc_status *status)
{
  char *path = esc_figure_path(canvas->folder, canvas->name, extension);
  if (!path) {
    *status = esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
    return NULL;
  }
  FILE *file = fopen(path, "w");
  if (!file)
    *status = esc_io_fail(esc_io_status(errno), "%s: %s", path, strerror(errno));
  free(path);
  return file;
}

void esc_canvas_text(const esc_canvas *canvas, const char *variable, const char *text)
{
  fprintf(canvas->script, "%s = '", variable);
  for (; *text; text++) {
    if (*text == '\'')
      fputc('\'', canvas->script);
    fputc((unsigned char)*text < ' ' ? ' ' : *text, canvas->script);
  }
  fputs("'\n", canvas->script);
}

static void write_beginning(const esc_canvas *canvas, const esc_figure_source *source,
                            const char *caption)
{
  fprintf(canvas->script,
          "# %s.gp: a figure of escapement, drawn from result.json; its numbers are in %s.dat.\n"
          "# Restyle it as you like and draw it again with `gnuplot %s.gp` in this folder.\n",
          canvas->name, canvas->name, canvas->name);
  esc_canvas_text(canvas, "heading", source->title);
  esc_canvas_text(canvas, "caption", caption);
  esc_canvas_text(canvas, "setting", source->setting);
  fputs(style_lines, canvas->script);
}

esc_status esc_canvas_open(esc_canvas *canvas, const esc_figure_source *source, const char *caption)
{
  esc_status status = ESC_STATUS_OK;
  canvas->folder = source->folder;
  canvas->title_size = strlen(source->title) > LONG_TITLE ? 15 : 20;
  if (canvas->width == 0)
    canvas->width = 1200;
  if (canvas->height == 0)
    canvas->height = 800;
  canvas->data = NULL;
  canvas->script = open_beside(canvas, "gp.part", &status);
  if (!canvas->script)
    return status;
  canvas->data = open_beside(canvas, "dat.part", &status);
  if (!canvas->data) {
    fclose(canvas->script);
    canvas->script = NULL;
    esc_figure_remove(canvas->folder, canvas->name, "gp.part");
    return status;
  }
  write_beginning(canvas, source, caption);
  fprintf(canvas->data, "# The numbers of %s.gp, from result.json.\n", canvas->name);
  return ESC_STATUS_OK;
}

void esc_canvas_key(const esc_canvas *canvas, int entries, size_t longest)
{
  if ((longest + LETTERS_PER_SAMPLE) * (size_t)entries <= LETTERS_ABOVE)
    return;
  fputs("set rmargin at screen 0.70\n"
        "set key at screen 0.715,screen 0.83 left top vertical\n",
        canvas->script);
}

void esc_canvas_begin_drawing(const esc_canvas *canvas)
{
  fprintf(canvas->script,
          "do for [kind in 'png svg'] {\n"
          "  if (kind eq 'png') {\n"
          "    set terminal pngcairo size %d,%d font 'Sans,16' background rgb 'white'\n"
          "  } else {\n"
          "    set terminal svg size %d,%d font 'Sans,16' background rgb 'white'\n"
          "  }\n"
          "  set output '%s.'.kind.(exists('part') ? part : '')\n",
          canvas->width, canvas->height, canvas->width, canvas->height, canvas->name);
  fprintf(
      canvas->script,
      "  set label 1 heading at screen 0.022,screen 1-%.4f left noenhanced font 'Sans:Bold,%d'\n"
      "  set label 2 caption at screen 0.022,screen 1-%.4f left noenhanced font 'Sans,15' "
      "textcolor rgb '#404040'\n"
      "  set label 3 setting at screen 0.978,screen %.4f right noenhanced font 'Sans,12' "
      "textcolor rgb '#808080'\n",
      36.0 / canvas->height, canvas->title_size, 70.0 / canvas->height, 16.0 / canvas->height);
}

void esc_canvas_end_drawing(const esc_canvas *canvas)
{
  fputs("  unset output\n}\n", canvas->script);
}

esc_status esc_canvas_close(esc_canvas *canvas)
{
  const bool written = !ferror(canvas->script) && !ferror(canvas->data);
  const bool script_closed = fclose(canvas->script) == 0;
  const bool data_closed = fclose(canvas->data) == 0;
  canvas->script = NULL;
  canvas->data = NULL;
  esc_status status = ESC_STATUS_OK;
  if (canvas->no_memory)
    status = esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  else if (!written || !script_closed || !data_closed)
    status = esc_io_fail(ESC_STATUS_IO, "%s/%s.gp: the figure's files could not be written",
                         canvas->folder, canvas->name);
  if (!status)
    status = esc_figure_rename(canvas->folder, canvas->name, "dat");
  if (!status)
    status = esc_figure_rename(canvas->folder, canvas->name, "gp");
  if (status) {
    esc_figure_remove(canvas->folder, canvas->name, "gp.part");
    esc_figure_remove(canvas->folder, canvas->name, "dat.part");
  }
  return status;
}

int esc_canvas_outcome_style(const char *outcome, int index)
{
  if (!strcmp(outcome, "running"))
    return STYLE_RUNNING;
  if (!strcmp(outcome, "diverged"))
    return STYLE_DIVERGED;
  return index % COLOURS + 1;
}
