/* The progress line on standard error. */
#include "progress_line.h"

#include <stdio.h>
#include <unistd.h>

static int shown;

int esc_progress_wanted(void)
{
  return isatty(STDERR_FILENO);
}

/* 1:05 or 2:03:20; nothing yet known before the first batch is done. */
static void time_text(double seconds, char *text, size_t size)
{
  if (!(seconds < 360000.0)) {
    snprintf(text, size, "-:--");
    return;
  }
  const int whole = (int)(seconds + 0.5);
  if (whole < 3600)
    snprintf(text, size, "%d:%02d", whole / 60, whole % 60);
  else
    snprintf(text, size, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
}

void esc_progress_show(void *context, const esc_progress *progress)
{
  (void)context;
  char left[32];
  const double share = progress->trajectories_total > 0 ? (double)progress->trajectories_done /
                                                              (double)progress->trajectories_total
                                                        : 0.0;
  time_text(progress->seconds * (1.0 - share) / share, left, sizeof left);
  fprintf(stderr, "\r\033[K%3.0f %% done, %.3g steps/s, %s left", 100.0 * share,
          progress->seconds > 0.0 ? (double)progress->steps / progress->seconds : 0.0, left);
  fflush(stderr);
  shown = 1;
}

void esc_progress_say(const char *what, int64_t k, int64_t count)
{
  fprintf(stderr, "\r\033[K%s %lld of %lld", what, (long long)k + 1, (long long)count);
  fflush(stderr);
  shown = 1;
}

void esc_progress_end(void)
{
  if (shown)
    fprintf(stderr, "\r\033[K");
  shown = 0;
}
