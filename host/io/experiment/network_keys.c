/* A network's data in an experiment file: the name of a built-in set, which is a key like others, a
 * CSV file, or the lists inputs and targets. */
#include "network_keys.h"

#include <stdio.h>
#include <string.h>

#include "csv_table.h"
#include "file_bytes.h"
#include "host/io/io_error.h"
#include "host/io/suggest.h"
#include "read_values.h"

/* --- CSV --- */

static int ends_in_csv(const char *text)
{
  const size_t length = strlen(text);
  return length > 4 && strcmp(text + length - 4, ".csv") == 0;
}

/* Beside the experiment file, unless it says otherwise. */
static char *path_of(const esc_reader *reader, const char *name)
{
  const char *const slash = name[0] == '/' ? NULL : strrchr(reader->file_name, '/');
  const size_t folder = slash ? (size_t)(slash - reader->file_name) + 1 : 0;
  char *const path = esc_arena_take(reader->arena, folder + strlen(name) + 1);
  if (path) {
    memcpy(path, reader->file_name, folder);
    memcpy(path + folder, name, strlen(name) + 1);
  }
  return path;
}

/* The units of the first layer, which are the first columns; 1 where `layers` does not say. */
static int inputs_of(const esc_landscape *landscape)
{
  for (int k = 0; k < landscape->setting_count; k++)
    if (strcmp(landscape->settings[k].key, "layers") == 0 &&
        landscape->settings[k].list_count > 0 && landscape->settings[k].list[0] >= 1.0 &&
        landscape->settings[k].list[0] <= ESC_CSV_COLUMNS_MOST)
      return (int)landscape->settings[k].list[0];
  return 1;
}

static esc_status unknown_data(esc_reader *reader, const esc_yaml_node *node)
{
  char found[96], nearest[96];
  esc_suggestion suggestion = {node->kind == ESC_YAML_SCALAR ? node->text : "", NULL, 0};
  esc_suggest(&suggestion, "xor");
  esc_suggest(&suggestion, "regression");
  esc_suggestion_text(&suggestion, nearest, sizeof nearest);
  esc_node_text(node, found, sizeof found);
  return esc_reader_fail(reader, node, "expected xor, regression or FILE.csv, found %s%s", found,
                         nearest);
}

static esc_status read_csv(esc_reader *reader, const esc_yaml_node *node,
                           const esc_landscape *landscape, esc_network_data *data)
{
  const char *bytes = NULL;
  size_t size = 0;
  esc_csv_table table;
  if (node->kind != ESC_YAML_SCALAR || !ends_in_csv(node->text))
    return unknown_data(reader, node);
  const char *const path = path_of(reader, node->text);
  if (!path)
    return esc_reader_no_memory();
  esc_status status = esc_file_bytes_read(reader->arena, path, "a CSV file", &bytes, &size);
  if (status == ESC_STATUS_IO)
    return esc_reader_fail(reader, node, "%s", esc_io_error());
  if (!status)
    status = esc_csv_parse(reader->arena, path, bytes, size, &table);
  if (status)
    return status;
  data->rows = table.rows;
  data->inputs = inputs_of(landscape) < table.columns ? inputs_of(landscape) : table.columns;
  data->targets = table.columns - data->inputs;
  data->values = table.values;
  return ESC_STATUS_OK;
}

/* --- lists --- */

/* Rows of numbers, or numbers alone as rows of one: into values at `first` of each row of `width`,
 * or with values NULL only counted. */
static esc_status read_rows(esc_reader *reader, const esc_yaml_node *node, double *values,
                            int first, int width, int *columns)
{
  if (node->kind != ESC_YAML_LIST || node->count < 1 || node->count > ESC_CSV_ROWS_MOST)
    return esc_reader_expected(reader, node, "a list of 1 to 4096 rows");
  int64_t i = 0;
  for (const esc_yaml_node *item = node->first; item; item = item->next, i++) {
    const size_t mark = esc_reader_enter_index(reader, i);
    const double *row = NULL;
    int64_t count = 0;
    esc_status status = esc_read_point(reader, item, &row, &count);
    if (!status && (count < 1 || count > ESC_CSV_COLUMNS_MOST || (*columns && count != *columns)))
      status =
          esc_reader_fail(reader, item, "expected %d number%s, as in the first row, found %lld",
                          *columns ? *columns : 1, *columns > 1 ? "s" : "", (long long)count);
    esc_reader_leave(reader, mark);
    if (status)
      return status;
    *columns = (int)count;
    if (values)
      memcpy(values + i * width + first, row, (size_t)count * sizeof *values);
  }
  return ESC_STATUS_OK;
}

static esc_status read_list(esc_reader *reader, const esc_yaml_node *node, const char *key,
                            double *values, int first, int width, int *columns)
{
  const size_t mark = esc_reader_enter(reader, key);
  const esc_status status =
      read_rows(reader, esc_yaml_child(node, key), values, first, width, columns);
  esc_reader_leave(reader, mark);
  return status;
}

static esc_status read_lists(esc_reader *reader, const esc_yaml_node *node, esc_network_data *data)
{
  const esc_yaml_node *const inputs = esc_yaml_child(node, "inputs");
  const esc_yaml_node *const targets = esc_yaml_child(node, "targets");
  if (!inputs || !targets)
    return esc_reader_fail(reader, node, "expected both inputs and targets, found no %s",
                           inputs ? "targets" : "inputs");
  esc_status status = read_list(reader, node, "inputs", NULL, 0, 0, &data->inputs);
  if (!status)
    status = read_list(reader, node, "targets", NULL, 0, 0, &data->targets);
  if (status)
    return status;
  if (inputs->count != targets->count)
    return esc_reader_fail(reader, targets,
                           "expected as many targets as inputs, found %lld and %lld",
                           (long long)targets->count, (long long)inputs->count);
  const int width = data->inputs + data->targets;
  double *const values =
      esc_arena_take_array(reader->arena, (size_t)(inputs->count * width), sizeof *values);
  if (!values)
    return esc_reader_no_memory();
  status = read_list(reader, node, "inputs", values, 0, width, &data->inputs);
  if (!status)
    status = read_list(reader, node, "targets", values, data->inputs, width, &data->targets);
  data->rows = inputs->count;
  data->values = values;
  return status;
}

/* --- both --- */

int esc_names_built_in_data(const esc_yaml_node *node)
{
  const esc_yaml_node *const data = esc_yaml_child(node, "data");
  return data && data->kind == ESC_YAML_SCALAR && esc_word_index("xor|regression", data->text) >= 0;
}

esc_status esc_read_together(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *row,
                             void *field)
{
  (void)reader, (void)node, (void)row, (void)field;
  return ESC_STATUS_OK;
}

esc_status esc_read_network_data(esc_reader *reader, const esc_yaml_node *node,
                                 esc_landscape *landscape)
{
  const esc_yaml_node *const file = esc_yaml_child(node, "data");
  const int lists = esc_yaml_child(node, "inputs") || esc_yaml_child(node, "targets");
  if (file && lists)
    return esc_reader_fail(reader, node, "expected either data or inputs and targets, found both");
  if (!lists && (!file || esc_names_built_in_data(node)))
    return ESC_STATUS_OK;
  esc_network_data *const data = esc_arena_take(reader->arena, sizeof *data);
  if (!data)
    return esc_reader_no_memory();
  *data = (esc_network_data)ESC_NETWORK_DATA_INIT;
  landscape->data = data;
  if (lists)
    return read_lists(reader, node, data);
  const size_t mark = esc_reader_enter(reader, "data");
  const esc_status status = read_csv(reader, file, landscape, data);
  esc_reader_leave(reader, mark);
  return status;
}
