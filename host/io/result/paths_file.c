/* paths.csv. The rows of a trajectory are gathered before they are written: when there are too
 * many, every second one is dropped and from there on only every second one kept, and so on, so
 * that a short path is whole and a long one evenly thinned, without knowing its length before. */
#include "paths_file.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/io_error.h"

enum { MOST_STEPS = 100000, MOST_ROWS = 400000, FEWEST_ROWS = 400 };

typedef struct path_rows {
  int dimension;
  int64_t room, count; /* rows */
  int64_t stride;      /* steps from one kept row to the next */
  int64_t *steps;
  double *positions; /* room x dimension */
  int64_t last_step; /* of the trajectory so far, kept or not */
  double *last;
  int (*cancel)(void *context);
  void *context;
  int cancelled;
} path_rows;

static void halve(path_rows *rows)
{
  const size_t width = (size_t)rows->dimension;
  for (int64_t i = 0; 2 * i < rows->count; i++) {
    rows->steps[i] = rows->steps[2 * i];
    memmove(rows->positions + (size_t)i * width, rows->positions + (size_t)(2 * i) * width,
            width * sizeof *rows->positions);
  }
  rows->count = (rows->count + 1) / 2;
  rows->stride *= 2;
}

static void keep(path_rows *rows, int64_t step, const double *position)
{
  rows->steps[rows->count] = step;
  memcpy(rows->positions + (size_t)rows->count * (size_t)rows->dimension, position,
         (size_t)rows->dimension * sizeof *position);
  rows->count++;
}

static int visit(void *context, const esc_replay_step *step)
{
  path_rows *const rows = context;
  rows->last_step = step->step;
  memcpy(rows->last, step->position, (size_t)rows->dimension * sizeof *rows->last);
  if (rows->count == rows->room - 1)
    halve(rows);
  if (step->step % rows->stride == 0)
    keep(rows, step->step, step->position);
  rows->cancelled = rows->cancel && step->step % 1024 == 0 && rows->cancel(rows->context);
  return rows->cancelled || step->step >= MOST_STEPS;
}

static void write_rows(const path_rows *rows, int id, int digits, FILE *stream)
{
  for (int64_t i = 0; i < rows->count; i++) {
    fprintf(stream, "%d,%lld", id, (long long)rows->steps[i]);
    for (int j = 0; j < rows->dimension; j++)
      fprintf(stream, ",%.*g", digits, rows->positions[i * rows->dimension + j]);
    fputc('\n', stream);
  }
}

static void write_head(const path_rows *rows, int count, FILE *stream)
{
  fprintf(stream, "# paths of %d trajectories, at most the first %d steps of each\n", count,
          MOST_STEPS);
  fprintf(stream,
          "# rows of one trajectory are thinned to at most %lld; its last one is always there\n",
          (long long)rows->room);
  fprintf(stream, "trajectory,step");
  if (rows->dimension == 1)
    fprintf(stream, ",x");
  for (int j = 1; rows->dimension > 1 && j <= rows->dimension; j++)
    fprintf(stream, ",x%d", j);
  fputc('\n', stream);
}

static esc_status write_path(esc_device *device, const esc_experiment *experiment, path_rows *rows,
                             int id, FILE *stream)
{
  rows->count = 0;
  rows->stride = 1;
  const esc_status status = esc_replay(device, experiment, id, visit, rows);
  if (status)
    return esc_io_fail(status, "paths: %s", esc_last_error());
  if (rows->cancelled)
    return esc_io_fail(ESC_STATUS_INTERRUPTED, "paths: interrupted");
  if (rows->count > 0 && rows->steps[rows->count - 1] != rows->last_step)
    keep(rows, rows->last_step, rows->last);
  if (id > 0)
    fputc('\n', stream);
  write_rows(rows, id, experiment->state == ESC_STATE_F32 ? 9 : 17, stream);
  return ESC_STATUS_OK;
}

static int take_rows(path_rows *rows, int count)
{
  const int64_t share = count > 0 ? MOST_ROWS / count : MOST_ROWS;
  rows->room = share > FEWEST_ROWS ? share : FEWEST_ROWS;
  const size_t width = (size_t)rows->dimension;
  rows->steps = calloc((size_t)rows->room, sizeof *rows->steps);
  rows->positions = calloc((size_t)rows->room * width, sizeof *rows->positions);
  rows->last = calloc(width, sizeof *rows->last);
  return rows->steps && rows->positions && rows->last;
}

esc_status esc_paths_write(esc_device *device, const esc_experiment *experiment, int count,
                           int (*cancel)(void *context), void *context, FILE *stream)
{
  esc_landscape_info info = ESC_LANDSCAPE_INFO_INIT;
  const double lr = experiment->optimizer->lr;
  esc_status status = esc_landscape_describe(experiment->landscape, lr > 0.0 ? lr : 0.1, &info);
  if (status)
    return esc_io_fail(status, "paths: %s", esc_last_error());
  path_rows rows = {.dimension = info.dimension, .cancel = cancel, .context = context};
  if (!take_rows(&rows, count))
    status = esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "paths: out of memory");
  else
    write_head(&rows, count, stream);
  for (int id = 0; id < count && !status; id++)
    status = write_path(device, experiment, &rows, id, stream);
  free(rows.steps);
  free(rows.positions);
  free(rows.last);
  return status;
}
