/* The tables of report.html, from result.json. */
#ifndef ESC_REPORT_TABLES_H
#define ESC_REPORT_TABLES_H

#include <jansson.h>
#include <stdio.h>

/* Outcomes, exit steps, last positions and predictions of one experiment. */
void esc_report_tables(const json_t *root, FILE *stream);

/* A row for each point of a sweep, and its fits. */
void esc_report_sweep_tables(const json_t *root, FILE *stream);

#endif
