/* Which figures there are, in the order they are drawn, and what the person is told. */
#include "figures.h"

#include <stdio.h>
#include <string.h>

#include "figure_list.h"
#include "gnuplot_process.h"
#include "host/io/io_error.h"

typedef struct figure_entry {
  const char *name;
  esc_figure_function *write;
} figure_entry;

static const figure_entry entries[] = {
    {"outcomes", esc_figure_outcomes},     {"survival", esc_figure_survival},
    {"exit_times", esc_figure_exit_times}, {"presence", esc_figure_presence},
    {"positions", esc_figure_positions},   {"moments", esc_figure_moments},
    {"paths", esc_figure_paths},
};

enum { ENTRIES = sizeof entries / sizeof entries[0] };

typedef struct drawing {
  char names[256]; /* "outcomes, survival" */
  int count;
  bool missing; /* there is no gnuplot */
} drawing;

static void remember(drawing *done, const char *name)
{
  const size_t used = strlen(done->names);
  snprintf(done->names + used, sizeof done->names - used, "%s%s", used ? ", " : "", name);
  done->count++;
}

static esc_status draw_entry(const esc_figure_source *source, const figure_entry *entry,
                             drawing *done)
{
  char script[64];
  bool written = false;
  esc_status status = entry->write(source, &written);
  if (status != ESC_STATUS_OK || !written)
    return status;
  remember(done, entry->name);
  snprintf(script, sizeof script, "%s.gp", entry->name);
  if (done->missing)
    return ESC_STATUS_OK;
  return esc_gnuplot_run(source->folder, script, &done->missing);
}

static void tell(const drawing *done, const char *folder, char *message, size_t size)
{
  if (!message || size == 0)
    return;
  if (done->count == 0)
    snprintf(message, size, "nothing to draw in %s", folder);
  else if (done->missing)
    snprintf(message, size,
             "gnuplot is not installed: the scripts are in %s, `gnuplot NAME.gp` there draws %s",
             folder, done->names);
  else
    snprintf(message, size, "figures in %s: %s (.png, .svg, .gp)", folder, done->names);
}

esc_status esc_figures_draw(const char *folder, char *message, size_t message_size)
{
  esc_figure_source source;
  drawing done = {.count = 0};
  if (!folder)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT, "figures need a folder; it is NULL");
  esc_status status = esc_figure_source_open(&source, folder);
  if (status != ESC_STATUS_OK)
    return status;
  for (int i = 0; i < ENTRIES && status == ESC_STATUS_OK; i++)
    status = draw_entry(&source, &entries[i], &done);
  esc_figure_source_close(&source);
  if (status == ESC_STATUS_OK)
    tell(&done, folder, message, message_size);
  return status;
}
