/* A PNG file ends with its chunk IEND, an SVG file with </svg>. */
#include "picture_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figure_canvas.h"
#include "host/io/io_error.h"

enum { TAIL = 64, PROBE = 1 << 16 };

static const char png_end[] = "\0\0\0\0IEND\xae\x42\x60\x82";
static const char svg_end[] = "</svg>";

/* Reads the last bytes of a file; how many, 0 where there are none or there is no file. */
static esc_status read_tail(const char *path, char *tail, size_t *tail_size)
{
  size_t size = 0;
  FILE *file = fopen(path, "rb");
  *tail_size = 0;
  if (!file && errno != ENOENT)
    return esc_io_fail(esc_io_status(errno), "%s: %s", path, strerror(errno));
  if (!file)
    return ESC_STATUS_OK;
  if (fseek(file, 0, SEEK_END) == 0) {
    const long length = ftell(file);
    if (length > 0 && fseek(file, length > TAIL ? length - TAIL : 0, SEEK_SET) == 0)
      size = fread(tail, 1, TAIL, file);
  }
  fclose(file);
  *tail_size = size;
  return ESC_STATUS_OK;
}

static bool ends_with(const char *tail, size_t size, const char *end, size_t end_size)
{
  return size >= end_size && memcmp(tail + size - end_size, end, end_size) == 0;
}

static bool is_whole(const char *tail, size_t size, bool svg)
{
  if (!svg)
    return ends_with(tail, size, png_end, sizeof png_end - 1);
  while (size > 0 && strchr(" \r\n\t", tail[size - 1]) && tail[size - 1])
    size--;
  return ends_with(tail, size, svg_end, sizeof svg_end - 1);
}

static esc_status check(const char *folder, const char *name, bool svg)
{
  char *part = esc_figure_path(folder, name, svg ? "svg.part" : "png.part");
  if (!part)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  char tail[TAIL];
  size_t size = 0;
  esc_status status = read_tail(part, tail, &size);
  free(part);
  if (!status && !is_whole(tail, size, svg))
    status = esc_io_fail(ESC_STATUS_IO, "gnuplot left a %s file that is not whole in %s",
                         svg ? "SVG" : "PNG", folder);
  return status;
}

esc_status esc_pictures_take(const char *folder, const char *name)
{
  esc_status status = check(folder, name, false);
  if (!status)
    status = check(folder, name, true);
  if (!status)
    status = esc_figure_rename(folder, name, "png");
  if (!status)
    status = esc_figure_rename(folder, name, "svg");
  return status;
}

void esc_pictures_drop(const char *folder, const char *name)
{
  esc_figure_remove(folder, name, "png.part");
  esc_figure_remove(folder, name, "svg.part");
}

bool esc_folder_full(const char *folder)
{
  static const char nothing[PROBE];
  char *path = esc_figure_path(folder, "figures", "part");
  if (!path)
    return false;
  errno = 0;
  FILE *file = fopen(path, "wb");
  bool fine = file && fwrite(nothing, 1, PROBE, file) == PROBE && fflush(file) == 0;
  const int why = errno;
  if (file)
    fclose(file);
  if (file)
    unlink(path);
  free(path);
  return !fine && (why == ENOSPC || why == EDQUOT);
}
