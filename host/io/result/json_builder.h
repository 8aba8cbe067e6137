/* Small steps towards a JSON tree: numbers that JSON has no word for (NaN, infinities), values with
 * their interval, and a builder that remembers whether any step failed, so that callers need not
 * ask after each one. What goes into result.json is not here: result_json.c. */
#ifndef ESCAPEMENT_IO_JSON_BUILDER_H
#define ESCAPEMENT_IO_JSON_BUILDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "escapement/escapement.h"

typedef struct esc_json_builder {
  bool failed; /* memory ran out, or a name was not UTF-8 */
} esc_json_builder;

/* Numbers `count` apart by `stride`, from `values` on. */
typedef struct esc_json_slice {
  int64_t count, stride;
} esc_json_slice;

/* NaN is null, the infinities ".inf" and "-.inf" as YAML writes them. */
json_t *esc_json_number(double value);

/* The fewest significant digits, of 15 to 17, that read back as the same double. */
size_t esc_json_digits(double value);

/* A whole number; above 2^63 - 1 its digits as text, which JSON readers keep exactly. */
json_t *esc_json_unsigned(uint64_t value);

/* [low, high], or null where neither exists. */
json_t *esc_json_interval(esc_estimate estimate);

/* Takes over `value`; a NULL value is the failure of whoever made it. */
void esc_json_put(esc_json_builder *builder, json_t *object, const char *key, json_t *value);
void esc_json_append(esc_json_builder *builder, json_t *array, json_t *value);

/* `name` and `name`_ci95. */
void esc_json_put_estimate(esc_json_builder *builder, json_t *object, const char *name,
                           esc_estimate estimate);

json_t *esc_json_integers(esc_json_builder *builder, const int64_t *values, int64_t count);
json_t *esc_json_numbers(esc_json_builder *builder, const double *values, int64_t count);
json_t *esc_json_values(esc_json_builder *builder, const esc_estimate *estimates,
                        esc_json_slice slice);
json_t *esc_json_intervals(esc_json_builder *builder, const esc_estimate *estimates,
                           esc_json_slice slice);

/* Writes a tree with one line per name and per list, keys in the order they were put, each double
 * with as many digits (up to 17) as it takes to read it back unchanged. False where the stream
 * refuses. */
bool esc_json_write(const json_t *root, FILE *stream);

/* A value in one line, for a person: numbers with 12 digits. To be freed; NULL where memory ran
 * out.
 */
char *esc_json_line(const json_t *value);

/* The same as esc_json_write for a part of a larger text: a value that begins where the stream is
 * and whose further lines are indented by `depth` levels; and the members of an object, each on a
 * line of its own, without its braces. */
bool esc_json_write_value(const json_t *value, int depth, FILE *stream);
bool esc_json_write_members(const json_t *object, int depth, FILE *stream);

#endif
