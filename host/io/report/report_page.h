/* report.html: a result's table, figures and resolved experiment in one page that needs no network.
 * It is made of result.json and the SVG files beside it, after these are drawn. */
#ifndef ESC_REPORT_PAGE_H
#define ESC_REPORT_PAGE_H

#include "host/io/figures/figure_source.h"

/* Writes folder/report.html, with the figures of these names that have an SVG file. Errors: IO,
 * OUT_OF_MEMORY; an earlier page stays as it was then. */
esc_status esc_report_page_write(const esc_figure_source *source, const char *const *figures,
                                 int count);

#endif
