/* The builder behind json_builder.h, and the layout of what it writes. jansson indents either
 * nothing or every element of every list; a histogram of thousands of bins is readable only on one
 * line, so objects are laid out here and their leaves by jansson. */
#include "json_builder.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *esc_json_number(double value)
{
  if (isnan(value))
    return json_null();
  if (isinf(value))
    return json_string(value > 0.0 ? ".inf" : "-.inf");
  return json_real(value);
}

json_t *esc_json_unsigned(uint64_t value)
{
  char digits[24];
  if (value <= (uint64_t)INT64_MAX)
    return json_integer((json_int_t)value);
  snprintf(digits, sizeof digits, "%" PRIu64, value);
  return json_string(digits);
}

json_t *esc_json_interval(esc_estimate estimate)
{
  if (isnan(estimate.low) && isnan(estimate.high))
    return json_null();
  json_t *pair = json_array();
  esc_json_builder builder = {false};
  esc_json_append(&builder, pair, esc_json_number(estimate.low));
  esc_json_append(&builder, pair, esc_json_number(estimate.high));
  if (!builder.failed)
    return pair;
  json_decref(pair);
  return NULL;
}

void esc_json_put(esc_json_builder *builder, json_t *object, const char *key, json_t *value)
{
  if (json_object_set_new(object, key, value))
    builder->failed = true;
}

void esc_json_append(esc_json_builder *builder, json_t *array, json_t *value)
{
  if (json_array_append_new(array, value))
    builder->failed = true;
}

void esc_json_put_estimate(esc_json_builder *builder, json_t *object, const char *name,
                           esc_estimate estimate)
{
  char interval[64];
  snprintf(interval, sizeof interval, "%s_ci95", name);
  esc_json_put(builder, object, name, esc_json_number(estimate.value));
  esc_json_put(builder, object, interval, esc_json_interval(estimate));
}

json_t *esc_json_integers(esc_json_builder *builder, const int64_t *values, int64_t count)
{
  json_t *array = json_array();
  for (int64_t i = 0; i < count && !builder->failed; i++)
    esc_json_append(builder, array, json_integer(values[i]));
  return array;
}

json_t *esc_json_numbers(esc_json_builder *builder, const double *values, int64_t count)
{
  json_t *array = json_array();
  for (int64_t i = 0; i < count && !builder->failed; i++)
    esc_json_append(builder, array, esc_json_number(values[i]));
  return array;
}

json_t *esc_json_values(esc_json_builder *builder, const esc_estimate *estimates,
                        esc_json_slice slice)
{
  json_t *array = json_array();
  for (int64_t i = 0; i < slice.count && !builder->failed; i++)
    esc_json_append(builder, array, esc_json_number(estimates[i * slice.stride].value));
  return array;
}

json_t *esc_json_intervals(esc_json_builder *builder, const esc_estimate *estimates,
                           esc_json_slice slice)
{
  json_t *array = json_array();
  for (int64_t i = 0; i < slice.count && !builder->failed; i++)
    esc_json_append(builder, array, esc_json_interval(estimates[i * slice.stride]));
  return array;
}

/* Whether a value is laid out over several lines: an object, or a list of objects. */
static bool spreads(const json_t *value)
{
  if (json_is_object(value))
    return json_object_size(value) > 0;
  return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

size_t esc_json_digits(double value)
{
  char text[40];
  for (int digits = 15; digits < 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value)
      return (size_t)digits;
  }
  return 17;
}

static bool write_leaf(const json_t *value, FILE *stream)
{
  const size_t digits = json_is_real(value) ? esc_json_digits(json_real_value(value)) : 17;
  return json_dumpf(value, stream, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits)) == 0;
}

static bool write_flat(const json_t *value, FILE *stream)
{
  if (!json_is_array(value))
    return write_leaf(value, stream);
  bool written = fputc('[', stream) != EOF;
  for (size_t i = 0; i < json_array_size(value) && written; i++)
    written = fputs(i ? ", " : "", stream) >= 0 && write_flat(json_array_get(value, i), stream);
  return written && fputc(']', stream) != EOF;
}

bool esc_json_write_members(const json_t *object, int depth, FILE *stream)
{
  const char *key;
  json_t *value;
  const char *comma = "";
  bool written = true;
  json_object_foreach((json_t *)object, key, value)
  {
    json_t *name = json_string(key);
    written = written && name && fprintf(stream, "%s\n%*s", comma, 2 * depth, "") > 0 &&
              write_leaf(name, stream) && fputs(": ", stream) >= 0 &&
              esc_json_write_value(value, depth, stream);
    json_decref(name);
    comma = ",";
  }
  return written;
}

static bool write_object(const json_t *object, int depth, FILE *stream)
{
  return fputc('{', stream) != EOF && esc_json_write_members(object, depth + 1, stream) &&
         fprintf(stream, "\n%*s}", 2 * depth, "") > 0;
}

static bool write_list(const json_t *list, int depth, FILE *stream)
{
  bool written = fputc('[', stream) != EOF;
  for (size_t i = 0; i < json_array_size(list); i++)
    written = written && fprintf(stream, "%s\n%*s", i ? "," : "", 2 * (depth + 1), "") > 0 &&
              esc_json_write_value(json_array_get(list, i), depth + 1, stream);
  return written && fprintf(stream, "\n%*s]", 2 * depth, "") > 0;
}

bool esc_json_write_value(const json_t *value, int depth, FILE *stream)
{
  if (!spreads(value))
    return write_flat(value, stream);
  return json_is_object(value) ? write_object(value, depth, stream)
                               : write_list(value, depth, stream);
}

char *esc_json_line(const json_t *value)
{
  char *text = NULL;
  size_t size = 0;
  FILE *const stream = open_memstream(&text, &size);
  const bool written =
      stream && json_dumpf(value, stream, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12)) == 0;
  if (stream && fclose(stream) == 0 && written)
    return text;
  free(text);
  return NULL;
}

bool esc_json_write(const json_t *root, FILE *stream)
{
  return esc_json_write_value(root, 0, stream) && fputc('\n', stream) != EOF && fflush(stream) == 0;
}
