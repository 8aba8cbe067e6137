/* Hands every file of the folders named on the command line to the fuzzer's entry, in the order of
 * their names: a crash or a sanitizer's report is the failure. No Criterion, no libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    return 0;
  }
  uint8_t *data = NULL;
  size_t size = 0, room = 0, got = 0;
  do {
    size += got;
    if (size == room) {
      room = room ? 2 * room : 4096;
      uint8_t *more = realloc(data, room);
      if (!more) {
        free(data);
        fclose(file);
        return 0;
      }
      data = more;
    }
    got = fread(data + size, 1, room - size, file);
  } while (got > 0);
  const int ok = !ferror(file);
  fclose(file);
  /* Exactly as large as the file, so that the address sanitizer sees a read past its end. */
  uint8_t *exact = malloc(size ? size : 1);
  if (exact) {
    memcpy(exact, data, size);
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(exact, size);
  }
  free(exact);
  free(data);
  return ok && exact;
}

int main(int argc, char **argv)
{
  int count = 0;
  for (int i = 1; i < argc; i++) {
    struct dirent **entries = NULL;
    const int n = scandir(argv[i], &entries, NULL, alphasort);
    if (n < 0) {
      perror(argv[i]);
      return 1;
    }
    for (int k = 0; k < n; k++) {
      char path[4096];
      snprintf(path, sizeof path, "%s/%s", argv[i], entries[k]->d_name);
      if (entries[k]->d_name[0] != '.') {
        if (!replay_file(path))
          return 1;
        count++;
      }
      free(entries[k]);
    }
    free(entries);
  }
  printf("%d files\n", count);
  return count > 0 ? 0 : 1; /* an empty corpus tests nothing */
}
