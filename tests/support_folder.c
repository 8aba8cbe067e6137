/* The folder of a test; support_folder.h says what it is for. */
#define _GNU_SOURCE /* nftw */
#include "tests/support_folder.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];

/* In memory where there is such a place: a disk is slow to take thousands of files. */
void support_folder_enter(void)
{
  const char *const asked = getenv("TMPDIR");
  const char *const base = asked ? asked : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  snprintf(folder, sizeof folder, "%s/escapement_test_XXXXXX", base);
  cr_assert_not_null(mkdtemp(folder));
  cr_assert_eq(chdir(folder), 0);
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
  (void)about, (void)kind, (void)walk;
  return remove(path);
}

void support_folder_leave(void)
{
  cr_assert_eq(chdir("/"), 0);
  support_remove_folder(folder);
  cr_assert_neq(access(folder, F_OK), 0, "%s is still there", folder);
}

const char *support_folder(void)
{
  return folder;
}

char *support_text(const char *name)
{
  FILE *const file = fopen(name, "rb");
  if (!file)
    return NULL;
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  rewind(file);
  char *const text = calloc(1, (size_t)size + 1);
  cr_assert(text && fread(text, 1, (size_t)size, file) == (size_t)size, "%s cannot be read", name);
  fclose(file);
  return text;
}

void support_put_text(const char *name, const char *text)
{
  FILE *const file = fopen(name, "w");
  cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s cannot be written", name);
}

int support_count_in(const char *inner, const char *end)
{
  DIR *const open = opendir(inner);
  int count = 0;
  cr_assert_not_null(open);
  for (const struct dirent *entry = readdir(open); entry; entry = readdir(open)) {
    const size_t length = strlen(entry->d_name), tail = strlen(end);
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
             length >= tail && strcmp(entry->d_name + length - tail, end) == 0;
  }
  closedir(open);
  return count;
}

int support_count(const char *end)
{
  return support_count_in(".", end);
}

void support_remove_folder(const char *inner)
{
  nftw(inner, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void support_remove_files(void)
{
  support_remove_folder(folder);
  cr_assert(mkdir(folder, 0777) == 0 && chdir(folder) == 0);
}
