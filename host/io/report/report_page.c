/* report.html. */
#include "report_page.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/io/figures/figure_canvas.h"
#include "host/io/io_error.h"
#include "host/io/short_number.h"
#include "html_text.h"
#include "report_tables.h"

enum { LARGEST_FIGURE = 8 << 20 }; /* bytes */

static const char head[] = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
static const char style[] =
    "</title>\n<style>\n"
    "body {font: 16px/1.45 sans-serif; color: #202020; max-width: 62rem; margin: 2rem auto;\n"
    "  padding: 0 1rem}\n"
    "h1 {font-size: 1.6rem}\nh2 {font-size: 1.15rem; margin-top: 2.2rem}\n"
    "table {border-collapse: collapse; margin: 1.2rem 0; font-variant-numeric: tabular-nums}\n"
    "th, td {padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #e0e0e0}\n"
    "th {font-weight: 600; border-bottom: 2px solid #606060}\n"
    "th:first-child, td:first-child {text-align: left; padding-left: 0}\n"
    "pre {background: #f5f5f5; padding: 1rem; overflow-x: auto; font-size: .85rem}\n"
    ".setting, footer {color: #606060}\n.warning {border-left: 4px solid #d55e00; padding-left: "
    "1rem}\n"
    "svg {width: 100%; height: auto; margin: 1rem 0}\n</style>\n</head>\n<body>\n";

static void write_beginning(const esc_figure_source *source, FILE *page)
{
  fputs(head, page);
  esc_html_text(source->title, page);
  fputs(style, page);
  fputs("<h1>", page);
  esc_html_text(source->title, page);
  fputs("</h1>\n<p class=\"setting\">", page);
  esc_html_text(source->setting, page);
  fputs(json_is_true(json_object_get(source->root, "interrupted")) ? " (interrupted)</p>\n"
                                                                   : "</p>\n",
        page);
}

/* A sentence, or for a sweep one with the number of points that warn so. */
static void write_warnings(const json_t *warnings, FILE *page)
{
  for (size_t i = 0; i < json_array_size(warnings); i++) {
    const json_t *const warning = json_array_get(warnings, i);
    const json_t *const sentence = json_object_get(warning, "sentence");
    const char *const text = json_string_value(sentence ? sentence : warning);
    fputs("<p class=\"warning\">", page);
    if (sentence)
      fprintf(page, "%lld of the points: ",
              (long long)json_integer_value(json_object_get(warning, "points")));
    esc_html_text(text ? text : "", page);
    fputs("</p>\n", page);
  }
}

/* What stands from "<svg" on: an XML prologue has no place within a page. */
static void copy_svg(FILE *svg, FILE *page)
{
  char line[4096];
  bool begun = false;
  while (fgets(line, sizeof line, svg)) {
    const char *const begin = begun ? line : strstr(line, "<svg");
    begun = begun || begin;
    if (begin)
      fputs(begin, page);
  }
}

/* A picture of a hundred thousand points would keep a browser busy. */
static bool is_small(FILE *svg)
{
  const bool small = fseek(svg, 0, SEEK_END) == 0 && ftell(svg) < LARGEST_FIGURE;
  rewind(svg);
  return small;
}

static esc_status write_figure(const char *folder, const char *name, FILE *page)
{
  char *const path = esc_figure_path(folder, name, "svg");
  if (!path)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  FILE *const svg = fopen(path, "rb");
  esc_status status = ESC_STATUS_OK;
  if (svg) {
    if (is_small(svg))
      copy_svg(svg, page);
    else
      fprintf(page, "<p>%s.svg is too large for this page.</p>\n", name);
    fclose(svg);
  } else if (errno != ENOENT) {
    status = esc_io_fail(esc_io_status(errno), "%s: %s", path, strerror(errno));
  }
  free(path);
  return status;
}

static void write_end(const esc_figure_source *source, FILE *page)
{
  static const char *const names[] = {"version", "backend", "isa", "math", "state"};
  fputs("<footer>escapement", page);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *const text = json_string_value(json_object_get(source->root, names[i]));
    fputs(i == 1 ? ": " : " ", page);
    esc_html_text(text ? text : "-", page);
  }
  const double steps = esc_figure_number(json_object_get(source->root, "steps_total"));
  const double seconds = esc_figure_number(json_object_get(source->root, "seconds"));
  fprintf(page, ", %s steps in %s s</footer>\n</body>\n</html>\n", esc_short_amount(steps).text,
          esc_short_rounded(seconds, 0.5 * seconds).text);
}

static esc_status write_experiment(const json_t *experiment, FILE *page)
{
  if (!experiment)
    return ESC_STATUS_OK;
  fputs("<h2>The experiment</h2>\n<pre>", page);
  if (esc_html_json(experiment, page))
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "report: out of memory");
  fputs("</pre>\n", page);
  return ESC_STATUS_OK;
}

static esc_status write_page(const esc_figure_source *source, const char *const *figures, int count,
                             FILE *page)
{
  write_beginning(source, page);
  write_warnings(json_object_get(source->root, "warnings"), page);
  if (json_object_get(source->root, "sweep"))
    esc_report_sweep_tables(source->root, page);
  else
    esc_report_tables(source->root, page);
  for (int i = 0; i < count; i++) {
    const esc_status status = write_figure(source->folder, figures[i], page);
    if (status)
      return status;
  }
  const esc_status status = write_experiment(json_object_get(source->root, "experiment"), page);
  write_end(source, page);
  return status;
}

static esc_status write_part(const esc_figure_source *source, const char *const *figures, int count)
{
  char *const path = esc_figure_path(source->folder, "report", "html.part");
  if (!path)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  FILE *const page = fopen(path, "w");
  esc_status status = page ? write_page(source, figures, count, page)
                           : esc_io_fail(esc_io_status(errno), "%s: %s", path, strerror(errno));
  if (page) {
    const bool written = !ferror(page);
    if ((fclose(page) || !written) && !status)
      status = esc_io_fail(ESC_STATUS_IO, "%s: the page could not be written", path);
  }
  free(path);
  return status;
}

esc_status esc_report_page_write(const esc_figure_source *source, const char *const *figures,
                                 int count)
{
  esc_status status = write_part(source, figures, count);
  if (!status)
    status = esc_figure_rename(source->folder, "report", "html");
  if (status)
    esc_figure_remove(source->folder, "report", "html.part");
  return status;
}
