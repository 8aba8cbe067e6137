/* A network's part of a plan: its shape, and its data in both of the states' types. */
#include <math.h>

#include "host/error.h"
#include "host/plan.h"
#include "host/settings.h"

#define ROWS_MAX 4096

enum { LAYERS, ACTIVATION, OUTPUT, LOSS, DATA, BATCH, REPLACE }; /* its keys, in their order */
enum { LOSS_SQUARED, LOSS_LOGISTIC };

/* --- the shape --- */

static esc_status plan_shape(esc_plan *plan, const esc_resolved *keys)
{
  esc_network_shape *const shape = &plan->network.shape;
  if (keys->list_count < 2 || keys->list_count > ESC_NETWORK_LAYERS_MAX)
    return esc_fail_at("landscape.layers", "expected the units of 2 to %d layers, found %lld",
                       ESC_NETWORK_LAYERS_MAX, (long long)keys->list_count);
  double parameters = 0.0;
  for (int64_t l = 1; l < keys->list_count; l++)
    parameters += keys->list[l] * (keys->list[l - 1] + 1.0);
  if (parameters > ESC_DIMENSION_MAX)
    return esc_fail_at("landscape.layers", "expected at most %d weights and biases, found %.0f",
                       ESC_DIMENSION_MAX, parameters);
  shape->layers = (int32_t)keys->list_count;
  for (int l = 0; l < shape->layers; l++)
    shape->units[l] = (int32_t)keys->list[l];
  shape->activation = (int32_t)keys->value[ACTIVATION];
  shape->output = (int32_t)keys->value[OUTPUT];
  plan->dimension = (int)parameters;
  if (keys->value[LOSS] != LOSS_LOGISTIC)
    return ESC_STATUS_OK;
  if (shape->output == ESC_OUTPUT_tanh)
    return esc_fail_at("landscape.output", "expected linear or sigmoid with loss: logistic, found "
                                           "tanh");
  shape->output = ESC_OUTPUT_logistic;
  return ESC_STATUS_OK;
}

/* --- the data --- */

/* y = sin(pi x) at 16 points from -1 to 1. */
#define SINE_ROWS 16
static void fill_sine(double values[2 * SINE_ROWS])
{
  for (int i = 0; i < SINE_ROWS; i++) {
    const double x = -1.0 + 2.0 * i / (SINE_ROWS - 1);
    double cosine;
    values[2 * i] = x;
    esc_sincospi_f64(x, &values[2 * i + 1], &cosine);
  }
}

static const double xor_values[] = {0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0};

/* The caller's rows, or those that are built in, for which `room` is. */
static esc_network_data choose_data(const esc_landscape *landscape, const esc_resolved *keys,
                                    double room[2 * SINE_ROWS])
{
  esc_network_data data = ESC_NETWORK_DATA_INIT;
  if (landscape->data)
    return *landscape->data;
  if (keys->value[DATA] < 1.0) {
    data.rows = 4;
    data.inputs = 2;
    data.values = xor_values;
  } else {
    fill_sine(room);
    data.rows = SINE_ROWS;
    data.inputs = 1;
    data.values = room;
  }
  data.targets = 1;
  return data;
}

static esc_status check_data(const esc_network_shape *shape, const esc_network_data *data)
{
  const int inputs = shape->units[0], targets = shape->units[shape->layers - 1];
  if (data->rows < 1 || data->rows > ROWS_MAX || !data->values)
    return esc_fail_at("landscape.data", "expected 1 to %d rows, found %lld", ROWS_MAX,
                       (long long)(data->values ? data->rows : 0));
  if (data->inputs != inputs || data->targets != targets)
    return esc_fail_at("landscape.data",
                       "expected %d input%s and %d target%s in a row, as layers has it, found %d "
                       "and %d",
                       inputs, inputs == 1 ? "" : "s", targets, targets == 1 ? "" : "s",
                       data->inputs, data->targets);
  const int width = inputs + targets;
  for (int64_t k = 0; k < data->rows * width; k++) {
    const double value = data->values[k];
    const int is_target = (int)(k % width) >= inputs;
    if (!esc_is_sized(value))
      return esc_fail_at("landscape.data",
                         "expected numbers of at most 1e30 in size, found %g in row %lld", value,
                         (long long)(k / width + 1));
    if (is_target && shape->output == ESC_OUTPUT_logistic && !esc_in_range(value, ESC_RANGE_SHARE))
      return esc_fail_at("landscape.data",
                         "expected targets in [0, 1] with loss: logistic, found %g in row %lld",
                         value, (long long)(k / width + 1));
  }
  return ESC_STATUS_OK;
}

static esc_status keep_data(esc_planned *planned, const esc_network_data *data)
{
  esc_plan_network *const network = &planned->plan.network;
  const size_t count = (size_t)data->rows * (size_t)(data->inputs + data->targets);
  float *const narrow = esc_plan_own(planned, count, sizeof *narrow);
  double *const wide = narrow ? esc_plan_own(planned, count, sizeof *wide) : NULL;
  if (!wide)
    return ESC_STATUS_OUT_OF_MEMORY;
  for (size_t k = 0; k < count; k++) {
    wide[k] = data->values[k];
    narrow[k] = (float)data->values[k];
  }
  network->rows = (int)data->rows;
  network->data_f32 = narrow;
  network->data_f64 = wide;
  return ESC_STATUS_OK;
}

/* --- the minibatch --- */

static esc_status plan_batch(esc_plan *plan, const esc_resolved *keys)
{
  esc_plan_network *const network = &plan->network;
  const double batch = keys->value[BATCH];
  const int replace = keys->value[REPLACE] > 0.0, most = replace ? ROWS_MAX : network->rows;
  if (batch != floor(batch) || batch > most)
    return esc_fail_at("landscape.batch", "expected a whole number of at most %d%s, found %g", most,
                       replace ? "" : ", the number of rows", batch);
  const int all = batch == 0.0 || (!replace && batch == network->rows);
  network->batch = all ? 0 : (int)batch;
  network->replace = replace && !all;
  const double outputs = network->shape.units[network->shape.layers - 1];
  plan->landscape_constants[0][0] = 1.0 / (outputs * (all ? network->rows : batch));
  plan->landscape_constants[0][1] = 1.0 / (outputs * network->rows);
  return ESC_STATUS_OK;
}

esc_status esc_plan_network_of(esc_planned *planned, const esc_landscape *landscape,
                               const esc_resolved *keys)
{
  esc_plan *const plan = &planned->plan;
  double room[2 * SINE_ROWS];
  plan->landscape_shape = ESC_SHAPE_NETWORK;
  esc_status status = plan_shape(plan, keys);
  if (status)
    return status;
  if (landscape->data && keys->given[DATA])
    return esc_fail_at("landscape.data", "expected rows or the name of a set of them, found both");
  const esc_network_data data = choose_data(landscape, keys, room);
  status = check_data(&plan->network.shape, &data);
  if (!status)
    status = keep_data(planned, &data);
  return status ? status : plan_batch(plan, keys);
}
