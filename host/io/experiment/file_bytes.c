/* A small file as bytes in memory. Read in pieces and not by its stated size, which a pipe has not.
 */
#include "file_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/io/io_error.h"

enum { FIRST_BYTES = 32 * 1024 };

static esc_status refuse(const char *path, const char *what, const char *found)
{
  return esc_io_fail(ESC_STATUS_IO, "%.600s: expected %s, found %s", path, what, found);
}

static esc_status read_all(esc_arena *arena, const char *path, const char *what, FILE *stream,
                           const char **bytes, size_t *size)
{
  size_t room = FIRST_BYTES, used = 0;
  char *buffer = esc_arena_take(arena, room);
  while (buffer) {
    used += fread(buffer + used, 1, room - used, stream);
    if (ferror(stream))
      return refuse(path, what, strerror(errno));
    if (used < room)
      break;
    if (room > ESC_FILE_BYTES_MOST)
      return refuse(path, what, "more than 16 MiB");
    char *const larger = esc_arena_take(arena, 2 * room);
    if (larger)
      memcpy(larger, buffer, used);
    buffer = larger;
    room *= 2;
  }
  if (!buffer)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  *bytes = buffer;
  *size = used;
  return ESC_STATUS_OK;
}

esc_status esc_file_bytes_read(esc_arena *arena, const char *path, const char *what,
                               const char **bytes, size_t *size)
{
  struct stat about;
  FILE *const stream = fopen(path, "rb");
  if (!stream && errno == ENOMEM)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  if (!stream)
    return refuse(path, what, errno == ENOENT ? "no such file" : strerror(errno));
  esc_status status = ESC_STATUS_OK;
  if (fstat(fileno(stream), &about) == 0 && S_ISDIR(about.st_mode))
    status = refuse(path, what, "a folder");
  else
    status = read_all(arena, path, what, stream, bytes, size);
  fclose(stream);
  return status;
}
