/* Which figures there are, in the order they are drawn, and what the person is told. */
#include "figures.h"

#include <stdio.h>
#include <string.h>

#include "figure_canvas.h"
#include "figure_list.h"
#include "gnuplot_process.h"
#include "host/io/io_error.h"
#include "host/io/report/report_page.h"
#include "picture_files.h"

typedef struct figure_entry {
  const char *name;
  esc_figure_function *write;
} figure_entry;

static const figure_entry entries[] = {
    {"outcomes", esc_figure_outcomes},     {"survival", esc_figure_survival},
    {"exit_times", esc_figure_exit_times}, {"presence", esc_figure_presence},
    {"positions", esc_figure_positions},   {"moments", esc_figure_moments},
    {"paths", esc_figure_paths},           {"sweep", esc_figure_sweep},
};

enum { ENTRIES = sizeof entries / sizeof entries[0] };

typedef struct drawing {
  const char *folder;
  char names[256]; /* "outcomes, survival" */
  const char *drawn[ENTRIES];
  int count;
  bool missing;      /* there is no gnuplot */
  esc_status status; /* of the first figure that failed */
  char bad[900];     /* "outcomes, survival: no room; paths: a reason" */
  char reason[500];  /* the last one in `bad`, which is not there yet */
  bool full;         /* one failed as the disk is full */
} drawing;

static void append(char *text, size_t size, const char *before, const char *more)
{
  const size_t used = strlen(text);
  snprintf(text + used, size - used, "%s%s", used ? before : "", more);
}

/* Figures that failed for the same reason, one after another, share it. */
static void remember_bad(drawing *done, const char *name, esc_status status, const char *reason)
{
  const bool same = strcmp(done->reason, reason) == 0;
  if (done->reason[0] && !same)
    append(done->bad, sizeof done->bad, ": ", done->reason);
  append(done->bad, sizeof done->bad, same ? ", " : "; ", name);
  snprintf(done->reason, sizeof done->reason, "%s", reason);
  done->status = done->status ? done->status : status;
}

/* Half a picture is removed. A script is whole, this one or that of an earlier figure, and stays:
 * it can be drawn by hand when the cause is gone. */
static void give_up(drawing *done, const char *name, esc_status status)
{
  char reason[500];
  const bool full = esc_folder_full(done->folder);
  if (full)
    snprintf(reason, sizeof reason, "no room on the disk for the figure in %.400s", done->folder);
  else
    snprintf(reason, sizeof reason, "%.490s", esc_io_error());
  esc_pictures_drop(done->folder, name);
  done->full = done->full || full;
  remember_bad(done, name, status, reason);
}

static esc_status draw_picture(drawing *done, const char *name)
{
  char script[64];
  snprintf(script, sizeof script, "%s.gp", name);
  const esc_status status = esc_gnuplot_run(done->folder, script, &done->missing);
  return status || done->missing ? status : esc_pictures_take(done->folder, name);
}

static void draw_entry(const esc_figure_source *source, const figure_entry *entry, drawing *done)
{
  bool written = false;
  esc_status status = entry->write(source, &written);
  if (!status && written && !done->missing)
    status = draw_picture(done, entry->name);
  if (status)
    give_up(done, entry->name, status);
  else if (written) {
    append(done->names, sizeof done->names, ", ", entry->name);
    done->drawn[done->count++] = entry->name;
  }
}

/* The page with the figures that were drawn now. */
static void write_report(const esc_figure_source *source, drawing *done)
{
  const esc_status status = esc_report_page_write(source, done->drawn, done->count);
  if (status)
    give_up(done, "report", status);
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
    snprintf(message, size, "figures in %s: %s (.png, .svg, .gp), and report.html", folder,
             done->names);
}

/* The one sentence about all that failed. */
static esc_status tell_bad(const drawing *done)
{
  esc_io_fail(done->status, "%s: %s", done->bad, done->reason);
  if (done->full)
    esc_io_say_no_room();
  return done->status;
}

/* gnuplot's words stay only where it failed. */
static void remove_log(const drawing *done)
{
  if (!done->status || done->full)
    esc_figure_remove(done->folder, "gnuplot", "log");
}

esc_status esc_figures_draw(const char *folder, char *message, size_t message_size)
{
  esc_figure_source source;
  drawing done = {.folder = folder};
  if (!folder)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT, "figures need a folder; it is NULL");
  const esc_status status = esc_figure_source_open(&source, folder);
  if (status != ESC_STATUS_OK)
    return status;
  esc_figure_remove(folder, "gnuplot", "log");
  for (int i = 0; i < ENTRIES; i++)
    draw_entry(&source, &entries[i], &done);
  write_report(&source, &done);
  esc_figure_source_close(&source);
  remove_log(&done);
  if (done.status)
    return tell_bad(&done);
  tell(&done, folder, message, message_size);
  return ESC_STATUS_OK;
}
