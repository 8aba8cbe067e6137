/* State files under arbitrary bytes: libFuzzer's entry. Whatever a file says, loading it either
 * changes nothing and says why in one line, or leaves an optimizer that saves the same again. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "escapement/escapement.h"
#include "escapement/state_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARAMETERS = 3, ELEMENTS = 4, FILE_MOST = 1 << 16 };

static void require(int holds, const char *what)
{
  if (holds)
    return;
  fprintf(stderr, "fuzz_state_file: %s\n", what);
  abort();
}

static esc_device *device_of_all(void)
{
  static esc_device *device;
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.backend = "cpu";
  if (!device)
    require(esc_device_open(&options, &device) == ESC_STATUS_OK, "no device");
  return device;
}

static float values[PARAMETERS][ELEMENTS];

/* Adam with an average, sgd, and a tensor of no elements: the optimizer of the corpus. */
static esc_optimizer *make(void)
{
  static const char *const names[PARAMETERS] = {"weight", "bias", "empty"};
  esc_group groups[] = {ESC_GROUP_INIT("adam"), ESC_GROUP_INIT("sgd")};
  esc_parameter parameters[PARAMETERS];
  esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
  esc_optimizer *optimizer = NULL;
  groups[0].average = 1;
  for (int p = 0; p < PARAMETERS; p++) {
    parameters[p] = (esc_parameter)ESC_PARAMETER_INIT;
    parameters[p].name = names[p];
    parameters[p].count = p < 2 ? ELEMENTS : 0;
    parameters[p].value = (esc_array){values[p], ESC_TYPE_F32};
    parameters[p].group = p == 1;
  }
  options.groups = groups, options.group_count = 2;
  options.parameters = parameters, options.parameter_count = PARAMETERS;
  require(esc_optimizer_create(device_of_all(), &options, &optimizer) == ESC_STATUS_OK,
          esc_last_error());
  return optimizer;
}

/* A file that lives as long as its descriptor. */
static int open_file(const void *bytes, size_t size, char path[64])
{
  const int file = memfd_create("state", 0);
  require(file >= 0 && write(file, bytes, size) == (ssize_t)size, "no file in memory");
  snprintf(path, 64, "/proc/self/fd/%d", file);
  return file;
}

/* What the optimizer would save, into `bytes`: how many. */
static size_t saved(esc_optimizer *optimizer, unsigned char bytes[FILE_MOST])
{
  char path[64];
  snprintf(path, sizeof path, "/tmp/fuzz_state_file.%d", (int)getpid());
  require(esc_state_save(path, optimizer, NULL) == ESC_STATUS_OK, esc_state_error());
  FILE *const file = fopen(path, "rb");
  require(file != NULL, "what was saved is not there");
  const size_t size = fread(bytes, 1, FILE_MOST, file);
  fclose(file);
  unlink(path);
  return size;
}

static void require_one_line(const char *sentence)
{
  require(sentence[0] != '\0', "an error without a sentence");
  for (const char *at = sentence; *at; at++)
    require((unsigned char)*at >= 0x20 && *at != 0x7f, "a control character in a sentence");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static unsigned char before[FILE_MOST], after[FILE_MOST];
  char path[64];
  const int file = open_file(data, size, path);
  esc_optimizer *const one = make(), *const other = make();
  const size_t length = saved(one, before);
  if (esc_state_load(path, one, NULL)) {
    require_one_line(esc_state_error());
    require(saved(one, after) == length && memcmp(before, after, length) == 0,
            "a refused file changed the optimizer");
  } else { /* what it holds now goes round: saved, loaded and saved */
    const size_t now = saved(one, before);
    const int again = open_file(before, now, path);
    require(esc_state_load(path, other, NULL) == ESC_STATUS_OK, "what was saved does not load");
    require(saved(other, after) == now && memcmp(before, after, now) == 0,
            "what was loaded is saved otherwise");
    close(again);
  }
  close(file);
  esc_optimizer_free(one);
  esc_optimizer_free(other);
  return 0;
}
