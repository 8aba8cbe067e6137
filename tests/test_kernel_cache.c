/* The cache of compiled kernels on disk: what goes in comes out, under its own key alone; a damaged
 * file counts for nothing; two processes may write at once; the folder stays within its bounds. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/cuda/kernel_cache.h"

static char folder[256];

static void open_folder(void)
{
  const char *const temporary = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/escapement-cache-XXXXXX", temporary ? temporary : "/tmp");
  cr_assert_not_null(mkdtemp(folder));
  setenv("ESC_KERNEL_CACHE", folder, 1);
}

/* Calls f for each file; how many there are. */
static int each_file(void (*f)(const char *path))
{
  DIR *const open = opendir(folder);
  int count = 0;
  for (struct dirent *entry; open && (entry = readdir(open));) {
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] == '.')
      continue;
    count++;
    if (f)
      f(path);
  }
  if (open)
    closedir(open);
  return count;
}

static void remove_file(const char *path)
{
  unlink(path);
}

static void close_folder(void)
{
  each_file(remove_file);
  rmdir(folder);
}

TestSuite(kernel_cache, .init = open_folder, .fini = close_folder);

static int reads(const char *key, const void *expected, size_t expected_bytes)
{
  void *image = NULL;
  size_t bytes = 0;
  if (!esc_kernel_cache_read(key, &image, &bytes))
    return 0;
  const int same = bytes == expected_bytes && memcmp(image, expected, bytes) == 0;
  free(image);
  cr_expect(same, "another image came back");
  return same;
}

Test(kernel_cache, what_goes_in_comes_out)
{
  cr_expect_not(reads("key", "", 0));
  esc_kernel_cache_write("key", "image", 5);
  esc_kernel_cache_write("key 2", "other", 5);
  cr_expect(reads("key", "image", 5));
  cr_expect(reads("key 2", "other", 5));
  cr_expect_not(reads("key 3", "", 0));
  esc_kernel_cache_write("key", "changed", 7);
  cr_expect(reads("key", "changed", 7));
  cr_expect_eq(each_file(NULL), 2);
}

static long damage_at;

static void damage(const char *path)
{
  FILE *const file = fopen(path, "r+b");
  fseek(file, damage_at, SEEK_SET);
  const int byte = fgetc(file);
  fseek(file, damage_at, SEEK_SET);
  fputc(byte ^ 1, file);
  fclose(file);
}

static long shorter;

static void cut(const char *path)
{
  cr_assert_eq(truncate(path, shorter), 0);
}

static long file_bytes;

static void measure(const char *path)
{
  struct stat found;
  cr_assert_eq(stat(path, &found), 0);
  file_bytes = (long)found.st_size;
}

Test(kernel_cache, a_damaged_file_counts_for_nothing)
{
  esc_kernel_cache_write("key", "image", 5);
  each_file(measure);
  for (damage_at = 0; damage_at < file_bytes; damage_at++) {
    each_file(damage);
    cr_expect_not(reads("key", "", 0), "byte %ld", damage_at);
    each_file(damage);
  }
  cr_expect(reads("key", "image", 5));
  for (shorter = file_bytes - 1; shorter >= 0; shorter--) {
    each_file(cut);
    cr_expect_not(reads("key", "", 0), "%ld bytes", shorter);
  }
  esc_kernel_cache_write("key", "image", 5);
  cr_expect(reads("key", "image", 5));
}

Test(kernel_cache, it_can_be_put_off_and_is_never_an_error)
{
  setenv("ESC_KERNEL_CACHE", "", 1);
  esc_kernel_cache_write("key", "image", 5);
  cr_expect_not(reads("key", "", 0));
  setenv("ESC_KERNEL_CACHE", "/proc/no/such/folder", 1);
  esc_kernel_cache_write("key", "image", 5);
  cr_expect_not(reads("key", "", 0));
  unsetenv("ESC_KERNEL_CACHE");
  unsetenv("HOME");
  setenv("XDG_CACHE_HOME", "relative", 1);
  esc_kernel_cache_write("key", "image", 5);
  cr_expect_not(reads("key", "", 0));
  cr_expect_eq(each_file(NULL), 0);
}

Test(kernel_cache, the_standard_folder_is_made)
{
  char path[600];
  setenv("XDG_CACHE_HOME", folder, 1);
  unsetenv("ESC_KERNEL_CACHE");
  esc_kernel_cache_write("key", "image", 5);
  cr_expect(reads("key", "image", 5));
  snprintf(path, sizeof path, "%s/escapement/kernels", folder);
  strcpy(folder, path);
  cr_expect_eq(each_file(remove_file), 1);
  for (int up = 0; up < 2; up++) {
    rmdir(folder);
    *strrchr(folder, '/') = '\0';
  }
}

/* Readers see whole images while others write. */
Test(kernel_cache, processes_side_by_side)
{
  enum { PROCESSES = 4, ROUNDS = 200, BYTES = 20000 };
  static char image[BYTES];
  memset(image, 'i', sizeof image);
  pid_t children[PROCESSES];
  for (int p = 0; p < PROCESSES; p++) {
    children[p] = fork();
    if (children[p] == 0) {
      int bad = 0;
      for (int k = 0; k < ROUNDS; k++) {
        esc_kernel_cache_write("key", image, sizeof image);
        void *found = NULL;
        size_t bytes = 0;
        bad |= !esc_kernel_cache_read("key", &found, &bytes) || bytes != BYTES ||
               memcmp(found, image, BYTES) != 0;
        free(found);
      }
      _exit(bad);
    }
  }
  for (int p = 0; p < PROCESSES; p++) {
    int status = -1;
    waitpid(children[p], &status, 0);
    cr_expect_eq(status, 0);
  }
  cr_expect_eq(each_file(NULL), 1);
}

static long total;

static void add_size(const char *path)
{
  measure(path);
  total += file_bytes;
}

Test(kernel_cache, it_stays_within_its_bounds)
{
  enum { EACH = 40 << 20, COUNT = 8 };
  char *const image = calloc(EACH, 1);
  cr_assert_not_null(image);
  for (int k = 0; k < COUNT; k++) {
    char key[16];
    snprintf(key, sizeof key, "key %d", k);
    esc_kernel_cache_write(key, image, EACH);
    cr_expect(reads("key 0", image, EACH)); /* of use, so it stays */
  }
  total = 0;
  each_file(add_size);
  cr_expect_leq(total, (long)ESC_KERNEL_CACHE_BYTES);
  cr_expect_geq(total, (long)ESC_KERNEL_CACHE_BYTES / 2);
  cr_expect(reads("key 7", image, EACH));
  cr_expect_not(reads("key 1", "", 0));
  free(image);
}
