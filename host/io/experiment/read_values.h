/* Readers of single values, for rows of key tables: numbers, whole numbers, words, lists. */
#ifndef ESC_READ_VALUES_H
#define ESC_READ_VALUES_H

#include "key_table.h"

esc_read_function esc_read_text;     /* const char *: any scalar */
esc_read_function esc_read_name;     /* const char *: letters, digits, _ - . and inner blanks */
esc_read_function esc_read_number;   /* double: finite */
esc_read_function esc_read_extended; /* double: infinities too */
esc_read_function esc_read_whole;    /* int64_t */
esc_read_function esc_read_count;    /* int: 0 to 2^31 - 1 */
esc_read_function esc_read_seed;     /* uint64_t */
esc_read_function esc_read_switch;   /* int: true or false */
esc_read_function esc_read_word;     /* int or an enum: index into row->words */
esc_read_function esc_read_interval; /* double[2]: two numbers, infinities too */
esc_read_function esc_read_pair;     /* double[2]: two finite numbers */
esc_read_function esc_read_later;    /* a key of another version: always an error */

/* A list of numbers owned by the arena; `infinite` lets .inf through. */
esc_status esc_read_numbers(esc_reader *reader, const esc_yaml_node *node, int infinite,
                            const double **values, int64_t *count);

/* A list, or one number as a list of one. */
esc_status esc_read_point(esc_reader *reader, const esc_yaml_node *node, const double **values,
                          int64_t *count);

/* A list of whole numbers. */
esc_status esc_read_wholes(esc_reader *reader, const esc_yaml_node *node, const int64_t **values,
                           int64_t *count);

/* One key of a rule of the catalogue. */
esc_status esc_read_setting(esc_reader *reader, const esc_yaml_node *node, const esc_key *key,
                            esc_setting *setting);

/* The index of a word in "a|b|c", or -1. */
int esc_word_index(const char *words, const char *word);

/* Whether a node is a number: unquoted, but for ".inf" and "-.inf", as JSON must write them. */
int esc_node_number(const esc_yaml_node *node, double *value);

/* Fails with "expected one of a, b, c, found X" and the nearest. */
esc_status esc_unknown_word(const esc_reader *reader, const esc_yaml_node *node, const char *words);

#endif
