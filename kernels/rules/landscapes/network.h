/* Small fully connected networks with biases: U is the mean loss over the rows of the data, x the
 * parameters, layer by layer: the weights, a row for each unit, then the biases. The gradient is
 * written out by backpropagation (Rumelhart, Hinton and Williams 1986): with z the sum that a unit
 * takes in, a what it gives, d = dU/dz,
 *
 *   forward    z_u = b_u + sum_k w_uk a_k        a_u = activation(z_u)
 *   backward   d_k = activation'(z_k) sum_u w_uk d_u
 *   gradient   dU/dw_uk = sum over rows of d_u a_k        dU/db_u = sum over rows of d_u
 *
 * All coordinates depend on each other, so this is the one rule over arrays. One text serves both
 * engines: it works on n lanes at once, number k of lane i at [k * n + i], parameters at
 * [j * stride + i]; the loops over lanes are innermost, and a GPU's thread is a tile of one lane.
 * The order of operations is that of one lane whatever n is. */
#ifndef ESC_NETWORK_H
#define ESC_NETWORK_H

#include "kernels/rules/landscapes/landscape.h"

#define ESC_KEYS_network(KEY)                                                                      \
  KEY(layers, LIST, COUNT, ESC_REQUIRED, NULL, "units: inputs, those of hidden layers, outputs")   \
  KEY(activation, WORD, ANY, 0.0, "tanh|sigmoid|relu", "of hidden units")                          \
  KEY(output, WORD, ANY, 0.0, "linear|sigmoid|tanh", "of output units")                            \
  KEY(loss, WORD, ANY, 0.0, "squared|logistic", "(y-t)^2, or -t log y - (1-t) log(1-y)")           \
  KEY(data, WORD, ANY, 0.0, "xor|regression", "or FILE.csv, or the lists inputs and targets")      \
  KEY(batch, NUMBER, NOT_NEGATIVE, 0.0, NULL, "rows in a step; 0: all of them")                    \
  KEY(replace, WORD, ANY, 0.0, "no|yes", "whether a row can be drawn twice in a step")
ESC_DECLARE_KEYS(network)

/* A layer of m inputs and n units has n (m + 1) >= n + m parameters, so that with at most 64 of
 * them no network has more units, its inputs included. */
#define ESC_NETWORK_LAYERS_MAX 8
#define ESC_NETWORK_UNITS_MAX  64

enum { ESC_ACTIVATION_tanh, ESC_ACTIVATION_sigmoid, ESC_ACTIVATION_relu };
enum { ESC_OUTPUT_linear, ESC_OUTPUT_sigmoid, ESC_OUTPUT_tanh, ESC_OUTPUT_logistic };

typedef struct esc_network_shape {
  int32_t layers; /* the inputs are one */
  int32_t units[ESC_NETWORK_LAYERS_MAX];
  int32_t activation, output; /* logistic: a sigmoid with the logistic loss */
} esc_network_shape;

/* The landscape's constants: what a row and output counts for in a step's mean, in that of all. */
typedef struct esc_network {
  esc_real share, share_of_all;
} esc_network;

/* Where n lanes keep a row: what units give (the inputs first), their d, the targets. */
typedef struct esc_network_room {
  esc_real *unit, *slope, *target;
} esc_network_room;

/* Layers and units are constants in a composed kernel, and their loops straight lines. */
#if defined(__CUDACC__)
#define ESC_UNROLL_NETWORK _Pragma("unroll")
#else
#define ESC_UNROLL_NETWORK
#endif

#define ESC_ALONE    __restrict__ /* of pointers: no other leads there */
#define ESC_LANES(n) ESC_UNROLL_NETWORK for (int i = 0; i < (n); i++)

/* --- rows --- */

ESC_RULE int esc_network_width(const esc_network_shape *shape)
{
  return shape->units[0] + shape->units[shape->layers - 1];
}

/* The same row for all lanes, or each lane's own. */
ESC_RULE void esc_network_take_row(int n, const esc_network_shape *shape, const esc_real *row,
                                   esc_network_room room)
{
  const int inputs = shape->units[0], outputs = shape->units[shape->layers - 1];
  ESC_UNROLL_NETWORK
  for (int k = 0; k < inputs; k++)
    ESC_LANES(n) room.unit[k * n + i] = row[k];
  ESC_UNROLL_NETWORK
  for (int k = 0; k < outputs; k++)
    ESC_LANES(n) room.target[k * n + i] = row[inputs + k];
}

ESC_RULE void esc_network_pick_rows(int n, const esc_network_shape *shape, const esc_real *data,
                                    const int32_t *ESC_ALONE picked, esc_network_room room)
{
  const int inputs = shape->units[0], outputs = shape->units[shape->layers - 1];
  const int width = inputs + outputs;
  for (int k = 0; k < inputs; k++)
    ESC_LANES(n) room.unit[k * n + i] = data[picked[i] * width + k];
  for (int k = 0; k < outputs; k++)
    ESC_LANES(n) room.target[k * n + i] = data[picked[i] * width + inputs + k];
}

/* --- forward --- */

ESC_RULE void esc_network_activate(int n, int activation, esc_real *ESC_ALONE a)
{
  if (activation == ESC_ACTIVATION_tanh)
    ESC_LANES(n) a[i] = esc_tanh(a[i]);
  else if (activation == ESC_ACTIVATION_sigmoid)
    ESC_LANES(n) a[i] = esc_sigmoid(a[i]);
  else
    ESC_LANES(n) a[i] = a[i] < ESC_LIT(0.0) ? ESC_LIT(0.0) : a[i]; /* a NaN stays */
}

/* d = activation'(z) d, from a = activation(z); relu has the slope 0 at 0. */
ESC_RULE void esc_network_chain(int n, int activation, const esc_real *ESC_ALONE a,
                                esc_real *ESC_ALONE d)
{
  if (activation == ESC_ACTIVATION_tanh)
    ESC_LANES(n) d[i] *= esc_fma(-a[i], a[i], ESC_LIT(1.0));
  else if (activation == ESC_ACTIVATION_sigmoid)
    ESC_LANES(n) d[i] *= a[i] * (ESC_LIT(1.0) - a[i]);
  else
    ESC_LANES(n) d[i] = a[i] <= ESC_LIT(0.0) ? ESC_LIT(0.0) : d[i];
}

/* The sums that the units of a layer take in, from what the one before gives. */
ESC_RULE void esc_network_sum(int n, int stride, int inputs, int units, const esc_real *weights,
                              const esc_real *before, esc_real *sums)
{
  ESC_UNROLL_NETWORK
  for (int u = 0; u < units; u++) {
    esc_real *const ESC_ALONE z = sums + u * n;
    const esc_real *const ESC_ALONE bias = weights + (inputs * units + u) * stride;
    ESC_LANES(n) z[i] = bias[i];
    ESC_UNROLL_NETWORK
    for (int k = 0; k < inputs; k++) {
      const esc_real *const ESC_ALONE w = weights + (u * inputs + k) * stride;
      const esc_real *const ESC_ALONE a = before + k * n;
      ESC_LANES(n) z[i] = esc_fma(w[i], a[i], z[i]);
    }
  }
}

/* From the row in room to the sums of the output units, where `unit` has their place. Returns that
 * place, in units. */
ESC_RULE int esc_network_forward(int n, int stride, const esc_network_shape *shape,
                                 const esc_real *x, esc_network_room room)
{
  int first = 0, before = 0;
  ESC_UNROLL_NETWORK
  for (int l = 1; l < shape->layers; l++) {
    const int inputs = shape->units[l - 1], units = shape->units[l], at = before + inputs;
    esc_network_sum(n, stride, inputs, units, x + first * stride, room.unit + before * n,
                    room.unit + at * n);
    if (l + 1 < shape->layers)
      esc_network_activate(units * n, shape->activation, room.unit + at * n);
    first += units * (inputs + 1);
    before = at;
  }
  return before;
}

/* --- the loss of an output: z its sum, t its target --- */

ESC_RULE esc_real esc_network_loss(int output, esc_real z, esc_real t)
{
  if (output == ESC_OUTPUT_logistic)
    return esc_fma(-t, z, esc_softplus(z));
  const esc_real y = output == ESC_OUTPUT_linear    ? z
                     : output == ESC_OUTPUT_sigmoid ? esc_sigmoid(z)
                                                    : esc_tanh(z);
  return (y - t) * (y - t);
}

ESC_RULE esc_real esc_network_loss_slope(int output, esc_real z, esc_real t)
{
  if (output == ESC_OUTPUT_linear)
    return ESC_LIT(2.0) * (z - t);
  if (output == ESC_OUTPUT_tanh) {
    const esc_real y = esc_tanh(z);
    return ESC_LIT(2.0) * (y - t) * esc_fma(-y, y, ESC_LIT(1.0));
  }
  const esc_real y = esc_sigmoid(z);
  return output == ESC_OUTPUT_logistic ? y - t : ESC_LIT(2.0) * (y - t) * (y * (ESC_LIT(1.0) - y));
}

#define ESC_NETWORK_BY_OUTPUT(DO)                                                                  \
  switch (shape->output) {                                                                         \
  case ESC_OUTPUT_linear:                                                                          \
    ESC_LANES(n) DO(ESC_OUTPUT_linear);                                                            \
    break;                                                                                         \
  case ESC_OUTPUT_sigmoid:                                                                         \
    ESC_LANES(n) DO(ESC_OUTPUT_sigmoid);                                                           \
    break;                                                                                         \
  case ESC_OUTPUT_tanh:                                                                            \
    ESC_LANES(n) DO(ESC_OUTPUT_tanh);                                                              \
    break;                                                                                         \
  default:                                                                                         \
    ESC_LANES(n) DO(ESC_OUTPUT_logistic);                                                          \
  }

/* Adds the loss of the row in room to loss. */
ESC_RULE void esc_network_add_loss(int n, int stride, const esc_network_shape *shape,
                                   const esc_real *x, esc_network_room room,
                                   esc_real *ESC_ALONE loss)
{
  const int outputs = shape->units[shape->layers - 1];
  const int at = esc_network_forward(n, stride, shape, x, room);
  ESC_UNROLL_NETWORK
  for (int u = 0; u < outputs; u++) {
    const esc_real *const ESC_ALONE z = room.unit + (at + u) * n;
    const esc_real *const ESC_ALONE t = room.target + u * n;
#define ESC_ADD_LOSS(output) loss[i] += esc_network_loss(output, z[i], t[i])
    ESC_NETWORK_BY_OUTPUT(ESC_ADD_LOSS)
#undef ESC_ADD_LOSS
  }
}

/* --- backward --- */

/* Adds what a layer's weights and biases get of a row, from the d of its units. */
ESC_RULE void esc_network_add_layer(int n, int stride, int inputs, int units,
                                    const esc_real *before, const esc_real *slopes,
                                    esc_real *gradient)
{
  ESC_UNROLL_NETWORK
  for (int u = 0; u < units; u++) {
    const esc_real *const ESC_ALONE d = slopes + u * n;
    esc_real *const ESC_ALONE bias = gradient + (inputs * units + u) * stride;
    ESC_UNROLL_NETWORK
    for (int k = 0; k < inputs; k++) {
      const esc_real *const ESC_ALONE a = before + k * n;
      esc_real *const ESC_ALONE g = gradient + (u * inputs + k) * stride;
      ESC_LANES(n) g[i] = esc_fma(d[i], a[i], g[i]);
    }
    ESC_LANES(n) bias[i] += d[i];
  }
}

/* The d of the units before a layer, but for activation'. */
ESC_RULE void esc_network_pass_back(int n, int stride, int inputs, int units,
                                    const esc_real *weights, const esc_real *slopes,
                                    esc_real *before)
{
  ESC_UNROLL_NETWORK
  for (int k = 0; k < inputs; k++) {
    esc_real *const ESC_ALONE to = before + k * n;
    ESC_LANES(n) to[i] = ESC_LIT(0.0);
    ESC_UNROLL_NETWORK
    for (int u = 0; u < units; u++) {
      const esc_real *const ESC_ALONE w = weights + (u * inputs + k) * stride;
      const esc_real *const ESC_ALONE d = slopes + u * n;
      ESC_LANES(n) to[i] = esc_fma(w[i], d[i], to[i]);
    }
  }
}

/* Adds the gradient of the row in room, times share, to g. */
ESC_RULE void esc_network_add_row(int n, int stride, const esc_network_shape *shape, esc_real share,
                                  const esc_real *x, esc_network_room room, esc_real *g)
{
  int at = esc_network_forward(n, stride, shape, x, room), first = 0;
  ESC_UNROLL_NETWORK
  for (int u = 0; u < shape->units[shape->layers - 1]; u++) {
    const esc_real *const ESC_ALONE z = room.unit + (at + u) * n;
    const esc_real *const ESC_ALONE t = room.target + u * n;
    esc_real *const ESC_ALONE d = room.slope + (at + u) * n;
#define ESC_SET_SLOPE(output) d[i] = share * esc_network_loss_slope(output, z[i], t[i])
    ESC_NETWORK_BY_OUTPUT(ESC_SET_SLOPE)
#undef ESC_SET_SLOPE
  }
  ESC_UNROLL_NETWORK
  for (int l = 1; l + 1 < shape->layers; l++)
    first += shape->units[l] * (shape->units[l - 1] + 1);
  ESC_UNROLL_NETWORK
  for (int l = shape->layers - 1; l > 0; l--) {
    const int inputs = shape->units[l - 1], units = shape->units[l], before = at - inputs;
    esc_network_add_layer(n, stride, inputs, units, room.unit + before * n, room.slope + at * n,
                          g + first * stride);
    if (l == 1)
      break;
    esc_network_pass_back(n, stride, inputs, units, x + first * stride, room.slope + at * n,
                          room.slope + before * n);
    esc_network_chain(inputs * n, shape->activation, room.unit + before * n,
                      room.slope + before * n);
    at = before;
    first -= inputs * (shape->units[l - 2] + 1);
  }
}

#endif
