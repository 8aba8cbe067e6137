/* The folder of a result. */
#include "result_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/io_error.h"

char *esc_path_join(const char *folder, const char *name)
{
  const size_t size = strlen(folder) + strlen(name) + 2;
  char *const path = malloc(size);
  if (path)
    snprintf(path, size, "%s/%s", folder, name);
  return path;
}

static esc_status no_memory(void)
{
  return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

static esc_status failed(const char *path, const char *expected)
{
  return esc_io_fail(esc_io_status(errno), "%.600s: expected %s, found: %s", path, expected,
                     strerror(errno));
}

static int is_dots(const char *name)
{
  return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* -1: not a folder that can be read. */
static int is_empty(const char *path)
{
  DIR *const folder = opendir(path);
  if (!folder)
    return -1;
  int empty = 1;
  for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
    empty = empty && is_dots(entry->d_name);
  closedir(folder);
  return empty;
}

/* Makes the folders above the last one; a failure shows when the last is made. */
static esc_status make_parents(const char *path)
{
  char *const copy = strdup(path);
  if (!copy)
    return no_memory();
  for (char *slash = strchr(copy + 1, '/'); slash && copy[0]; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(copy, 0777);
    *slash = '/';
  }
  free(copy);
  return ESC_STATUS_OK;
}

esc_status esc_result_folder_claim(const char *path, int force, esc_result_folder *folder)
{
  *folder = (esc_result_folder){path, 0};
  if (path[0] == '\0')
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT, "expected a result folder, found an empty name");
  const esc_status status = make_parents(path);
  if (status)
    return status;
  if (mkdir(path, 0777) == 0) {
    folder->made = 1;
    return ESC_STATUS_OK;
  }
  if (errno != EEXIST)
    return failed(path, "a folder that can be made");
  const int empty = is_empty(path);
  if (empty < 0)
    return failed(path, "a result folder");
  if (!empty && !force)
    return esc_io_fail(
        ESC_STATUS_BAD_ARGUMENT,
        "%.600s: expected a new or empty folder for the result, found one that holds "
        "files (--force replaces the result in it, -o takes another)",
        path);
  return access(path, W_OK) == 0 ? ESC_STATUS_OK : failed(path, "a folder that can be written");
}

void esc_result_folder_drop(const esc_result_folder *folder)
{
  if (folder->made)
    rmdir(folder->path);
}

/* By names within the open folder, which take no memory: what stayed would pass for the new
 * result's. */
void esc_result_folder_clear(const esc_result_folder *folder)
{
  static const char *const files[] = {"result.json", "samples.h5", "paths.csv", "sweep.csv",
                                      "report.html"};
  static const char *const figures[] = {"outcomes",  "survival", "exit_times", "presence",
                                        "positions", "moments",  "paths",      "sweep"};
  static const char *const ends[] = {"gp",      "dat",      "png",      "svg",
                                     "gp.part", "dat.part", "png.part", "svg.part"};
  const int place = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (place < 0)
    return;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    unlinkat(place, files[i], 0);
  for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
    for (size_t k = 0; k < sizeof ends / sizeof ends[0]; k++) {
      char name[64];
      snprintf(name, sizeof name, "%s.%s", figures[i], ends[k]);
      unlinkat(place, name, 0);
    }
  close(place);
}

static esc_status write_part(const char *path, esc_status (*write)(void *context, FILE *stream),
                             void *context)
{
  FILE *const stream = fopen(path, "wb");
  if (!stream)
    return failed(path, "a file that can be written");
  errno = 0;
  esc_status status = write(context, stream);
  const int bad = ferror(stream);
  if (status && !bad) {
    fclose(stream);
    return status;
  }
  if (fflush(stream) == 0 && !bad) {
    if (fclose(stream) == 0)
      return status;
    return failed(path, "room for the file");
  }
  if (errno == 0)
    errno = EIO;
  status = failed(path, "room for the file");
  fclose(stream);
  return status;
}

esc_status esc_result_folder_put(const esc_result_folder *folder, const char *name,
                                 esc_status (*write)(void *context, FILE *stream), void *context)
{
  char part_name[128];
  snprintf(part_name, sizeof part_name, ".%.100s.part", name);
  char *const part = esc_path_join(folder->path, part_name);
  char *const path = esc_path_join(folder->path, name);
  esc_status status = part && path ? write_part(part, write, context) : no_memory();
  if (!status && rename(part, path) != 0)
    status = failed(path, "a file that can be written");
  if (status && part)
    unlink(part);
  free(part);
  free(path);
  return status;
}
