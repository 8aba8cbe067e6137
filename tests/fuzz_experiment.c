/* The reader of experiment files under arbitrary bytes: libFuzzer's entry. A first line "#set A=B"
 * is an override too, so that paths are tried as well. What reads well is checked by the core, for
 * no experiment that a file can hold may crash it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/experiment/experiment_points.h"
#include "host/io/io_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds, const char *what)
{
  if (holds)
    return;
  fprintf(stderr, "fuzz_experiment: %s\n", what);
  abort();
}

/* Every error is one line of printable text. */
static void require_one_line(const char *sentence)
{
  require(sentence[0] != '\0', "an error without a sentence");
  for (const char *at = sentence; *at; at++)
    require((unsigned char)*at >= 0x20 && *at != 0x7f, "a control character in a sentence");
}

static char *override_of(const char *bytes, size_t size)
{
  static const char mark[] = "#set ";
  const size_t begin = sizeof mark - 1;
  if (size < begin || memcmp(bytes, mark, begin) != 0)
    return NULL;
  const char *const end = memchr(bytes, '\n', size);
  const size_t length = (end ? (size_t)(end - bytes) : size) - begin;
  char *const text = calloc(1, length + 1);
  if (text)
    memcpy(text, bytes + begin, length);
  return text;
}

/* The first points of a sweep, and its last ones. */
static void try_points(const esc_experiment_file *file)
{
  const int64_t all = esc_experiment_file_points(file);
  const int64_t most = all < 8 ? all : 8;
  const int64_t firsts[] = {0, all - most};
  for (int i = 0; i < 2; i++) {
    esc_experiment_points *points = NULL;
    if (esc_experiment_points_read(file, firsts[i], most, &points)) {
      require(points == NULL, "points handed out with an error");
      require_one_line(esc_io_error());
      continue;
    }
    for (int64_t k = 0; k < most; k++) {
      char where[256];
      if (!esc_experiment_check(&esc_experiment_points_list(points)[k]))
        continue;
      require_one_line(esc_last_error());
      esc_experiment_points_where(points, k, esc_last_error_key(), where, sizeof where);
    }
    esc_experiment_points_free(points);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *const bytes = (const char *)data;
  char *const text = override_of(bytes, size);
  const esc_override override = {text, "--set"};
  esc_experiment_file *file = NULL;
  const esc_status status =
      esc_experiment_file_parse(bytes, size, "fuzz", &override, text != NULL, &file);
  free(text);
  if (status) {
    require(file == NULL, "a file handed out with an error");
    require_one_line(esc_io_error());
    return 0;
  }
  char where[256];
  if (esc_experiment_check(esc_experiment_file_experiment(file)))
    require_one_line(esc_last_error());
  try_points(file);
  esc_experiment_file_where(file, esc_last_error_key(), where, sizeof where);
  require(esc_experiment_file_line(file, "stop.sets[1].ball.radius") >= 0, "a line below 0");
  esc_experiment_file_free(file);
  return 0;
}
