/* The cache on disk: a file for each kernel, written under another name and renamed, so that a
 * reader sees all of it or nothing; a checksum tells a damaged one. */
#include "host/cuda/kernel_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES 1024
#define SUFFIX     ".kernel"
#define UNFINISHED "unfinished-"
#define STALE      3600 /* seconds after which nobody finishes a file any more */

typedef struct esc_cached_head {
  char magic[16];
  uint64_t key_bytes, image_bytes, checksum; /* of key and image */
} esc_cached_head;

static const char magic[16] = "escapement-k1";

/* FNV-1a. */
static uint64_t hash_on(uint64_t hash, const void *data, size_t bytes)
{
  for (size_t k = 0; k < bytes; k++)
    hash = (hash ^ ((const unsigned char *)data)[k]) * 0x100000001b3u;
  return hash;
}

static uint64_t hash_of(const void *data, size_t bytes)
{
  return hash_on(0xcbf29ce484222325u, data, bytes);
}

/* --- the folder --- */

static int join(char path[PATH_BYTES], const char *folder, const char *name)
{
  const int written = snprintf(path, PATH_BYTES, "%s/%s", folder, name);
  return written > 0 && written < PATH_BYTES;
}

static int find_folder(char folder[PATH_BYTES])
{
  const char *const asked = getenv("ESC_KERNEL_CACHE");
  const char *const cache = getenv("XDG_CACHE_HOME"), *const home = getenv("HOME");
  if (asked && strlen(asked) >= PATH_BYTES)
    return 0;
  if (asked)
    return strcpy(folder, asked)[0] != '\0';
  if (cache && cache[0] == '/') /* a relative one counts for nothing, as the standard has it */
    return join(folder, cache, "escapement/kernels");
  return home && home[0] == '/' && join(folder, home, ".cache/escapement/kernels");
}

/* Makes a folder and those above it, for the user alone. */
static void make_folder(const char *folder)
{
  char path[PATH_BYTES];
  strcpy(path, folder);
  for (char *at = path + 1; *at; at++)
    if (*at == '/') {
      *at = '\0';
      mkdir(path, 0700);
      *at = '/';
    }
  mkdir(path, 0700);
}

static int path_of(const char *folder, const char *key, char path[PATH_BYTES])
{
  char name[32];
  snprintf(name, sizeof name, "%016llx" SUFFIX, (unsigned long long)hash_of(key, strlen(key)));
  return join(path, folder, name);
}

/* --- reading --- */

/* The image of an open file if it is whole and its key is this one. */
static void *read_image(FILE *file, const char *key, size_t *bytes)
{
  esc_cached_head head;
  struct stat found;
  const size_t key_bytes = strlen(key);
  if (fread(&head, sizeof head, 1, file) != 1 || memcmp(head.magic, magic, sizeof magic) != 0 ||
      fstat(fileno(file), &found) != 0 || head.key_bytes != key_bytes || head.image_bytes == 0 ||
      head.image_bytes > ESC_KERNEL_CACHE_BYTES ||
      (uint64_t)found.st_size != sizeof head + head.key_bytes + head.image_bytes)
    return NULL;
  const size_t image_bytes = (size_t)head.image_bytes, all = key_bytes + image_bytes;
  char *const content = malloc(all);
  if (content && fread(content, 1, all, file) == all && memcmp(content, key, key_bytes) == 0 &&
      hash_of(content, all) == head.checksum) {
    memmove(content, content + key_bytes, image_bytes);
    *bytes = image_bytes;
    return content;
  }
  free(content);
  return NULL;
}

int esc_kernel_cache_read(const char *key, void **image, size_t *bytes)
{
  char folder[PATH_BYTES], path[PATH_BYTES];
  FILE *const file = find_folder(folder) && path_of(folder, key, path) ? fopen(path, "rbe") : NULL;
  if (!file)
    return 0;
  void *const found = read_image(file, key, bytes);
  if (found)
    futimens(fileno(file), NULL); /* when it was last of use */
  fclose(file);
  if (found)
    *image = found;
  return found != NULL;
}

/* --- writing --- */

static int write_image(FILE *file, const char *key, const void *image, size_t bytes)
{
  const size_t key_bytes = strlen(key);
  esc_cached_head head = {.key_bytes = key_bytes,
                          .image_bytes = bytes,
                          .checksum = hash_on(hash_of(key, key_bytes), image, bytes)};
  memcpy(head.magic, magic, sizeof magic);
  return fwrite(&head, sizeof head, 1, file) == 1 && fwrite(key, 1, key_bytes, file) == key_bytes &&
         fwrite(image, 1, bytes, file) == bytes;
}

typedef struct esc_cached_file {
  char name[64];
  int64_t bytes, used; /* when */
} esc_cached_file;

static int by_age(const void *a, const void *b)
{
  const int64_t x = ((const esc_cached_file *)a)->used, y = ((const esc_cached_file *)b)->used;
  return (x > y) - (x < y);
}

static int is_ours(const char *name)
{
  const size_t length = strlen(name), suffix = sizeof SUFFIX - 1;
  const int is_kernel = length == 16 + suffix && strcmp(name + 16, SUFFIX) == 0;
  return is_kernel || strncmp(name, UNFINISHED, sizeof UNFINISHED - 1) == 0;
}

/* Our files in an open folder, up to `most` of them; what nobody finished goes. */
static int list_files(DIR *folder, esc_cached_file *files, int most)
{
  const int64_t now = (int64_t)time(NULL);
  int count = 0;
  for (struct dirent *entry; count < most && (entry = readdir(folder));) {
    struct stat found;
    esc_cached_file *const file = &files[count];
    if (!is_ours(entry->d_name) || strlen(entry->d_name) >= sizeof file->name ||
        fstatat(dirfd(folder), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    strcpy(file->name, entry->d_name);
    file->bytes = found.st_size;
    file->used = (int64_t)found.st_mtim.tv_sec * 1000000000 + found.st_mtim.tv_nsec;
    if (strncmp(file->name, UNFINISHED, sizeof UNFINISHED - 1) != 0)
      count++;
    else if ((int64_t)found.st_mtim.tv_sec < now - STALE)
      unlinkat(dirfd(folder), file->name, 0);
  }
  return count;
}

/* Keeps the folder within its bounds, those of the list too. */
static void trim(const char *path)
{
  enum { MOST = 8192 };
  DIR *const folder = opendir(path);
  esc_cached_file *const files = malloc(MOST * sizeof *files);
  const int count = folder && files ? list_files(folder, files, MOST) : 0;
  const int must_go = count == MOST ? MOST / 2 : 0;
  int64_t bytes = 0;
  for (int k = 0; k < count; k++)
    bytes += files[k].bytes;
  if (must_go || bytes > (int64_t)ESC_KERNEL_CACHE_BYTES)
    qsort(files, (size_t)count, sizeof *files, by_age);
  for (int k = 0; k < count && (k < must_go || bytes > (int64_t)ESC_KERNEL_CACHE_BYTES); k++) {
    unlinkat(dirfd(folder), files[k].name, 0);
    bytes -= files[k].bytes;
  }
  free(files);
  if (folder)
    closedir(folder);
}

void esc_kernel_cache_write(const char *key, const void *image, size_t bytes)
{
  char folder[PATH_BYTES], path[PATH_BYTES], unfinished[PATH_BYTES];
  if (bytes == 0 || bytes > ESC_KERNEL_CACHE_BYTES || !find_folder(folder) ||
      !path_of(folder, key, path) || !join(unfinished, folder, UNFINISHED "XXXXXX"))
    return;
  make_folder(folder);
  const int number = mkstemp(unfinished);
  FILE *const file = number >= 0 ? fdopen(number, "wb") : NULL;
  if (!file) {
    if (number >= 0) {
      close(number);
      unlink(unfinished);
    }
    return;
  }
  const int written = write_image(file, key, image, bytes);
  const int closed = fclose(file) == 0;
  if (!written || !closed || rename(unfinished, path) != 0)
    unlink(unfinished);
  else
    trim(folder);
}
