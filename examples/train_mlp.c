/* A training loop of one's own with the optimizer as a library: a perceptron with two hidden layers
 * learns which of two spirals a point is on. The matrix products are BLAS's (cuBLAS on a GPU, where
 * a whole training step is captured in a CUDA graph and replayed), the update is escapement's:
 * AdamW with decay on the weights and none on the biases, a warm-up and a cosine, clipping by the
 * norm of all gradients.
 *
 *   train_mlp [cpu|cuda]      the loss must fall below LOSS_GOAL, or the exit status is 1
 */
#include <escapement/escapement.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp_device.h"

enum { POINTS = 256, INPUTS = 2, HIDDEN = 64, STEPS = 800, TENSORS = 6 };
static const double LOSS_GOAL = 0.05; /* log 2 = 0.69 is guessing */

/* Weights and biases of the three layers, in turn: rows x columns. */
static const int shapes[TENSORS][2] = {{INPUTS, HIDDEN}, {1, HIDDEN}, {HIDDEN, HIDDEN},
                                       {1, HIDDEN},      {HIDDEN, 1}, {1, 1}};
static const char *const names[TENSORS] = {"in.weight",   "in.bias",    "hidden.weight",
                                           "hidden.bias", "out.weight", "out.bias"};

typedef struct network {
  const mlp_device *device;
  float *weight[TENSORS], *gradient[TENSORS];
  float *x, *side, *ones;               /* the data, and what sums and spreads biases */
  float *h1, *h2, *out;                 /* activations */
  float *d1, *d2, *d_out, *loss, *mean; /* slopes of the loss by them; its terms and their mean */
  esc_optimizer *optimizer;
  esc_step_options step;
} network;

/* --- one training step: all of it is queued, nothing is read back --- */

/* out = in weight + 1 bias */
static void layer(const network *n, const float *in, int inputs, int outputs, int tensor,
                  float *out)
{
  n->device->multiply(0, 0, POINTS, outputs, 1, n->ones, n->weight[tensor + 1], 0.0f, out);
  n->device->multiply(0, 0, POINTS, outputs, inputs, in, n->weight[tensor], 1.0f, out);
}

/* Gradients of a layer's weight and bias, from the slope by what it put out. */
static void layer_gradients(const network *n, const float *in, int inputs, int outputs, int tensor,
                            const float *slope)
{
  n->device->multiply(1, 0, inputs, outputs, POINTS, in, slope, 0.0f, n->gradient[tensor]);
  n->device->multiply(1, 0, 1, outputs, POINTS, n->ones, slope, 0.0f, n->gradient[tensor + 1]);
}

static void take_gradients(const network *n)
{
  const mlp_device *const d = n->device;
  layer(n, n->x, INPUTS, HIDDEN, 0, n->h1);
  d->squash(n->h1, POINTS * HIDDEN);
  layer(n, n->h1, HIDDEN, HIDDEN, 2, n->h2);
  d->squash(n->h2, POINTS * HIDDEN);
  layer(n, n->h2, HIDDEN, 1, 4, n->out);
  d->logistic(n->out, n->side, n->loss, n->d_out, POINTS);
  d->multiply(1, 0, 1, 1, POINTS, n->ones, n->loss, 0.0f, n->mean);

  layer_gradients(n, n->h2, HIDDEN, 1, 4, n->d_out);
  d->multiply(0, 1, POINTS, HIDDEN, 1, n->d_out, n->weight[4], 0.0f, n->d2);
  d->squash_back(n->d2, n->h2, POINTS * HIDDEN);
  layer_gradients(n, n->h1, HIDDEN, HIDDEN, 2, n->d2);
  d->multiply(0, 1, POINTS, HIDDEN, HIDDEN, n->d2, n->weight[2], 0.0f, n->d1);
  d->squash_back(n->d1, n->h1, POINTS * HIDDEN);
  layer_gradients(n, n->x, INPUTS, HIDDEN, 0, n->d1);
}

static int train_once(void *context)
{
  const network *const n = context;
  take_gradients(n);
  return esc_optimizer_step(n->optimizer, &n->step) == ESC_STATUS_OK;
}

/* --- set-up --- */

static float uniform(void) /* in [-1, 1] */
{
  static unsigned long long state = 1;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (float)((double)(state >> 40) * 0x1p-23 - 1.0);
}

/* Two spirals of one and a half turns, one being the other turned by half a circle. */
static void make_points(network *n)
{
  static float x[POINTS * INPUTS], side[POINTS], ones[POINTS];
  for (int i = 0; i < POINTS; i++) {
    const float along = (float)(i / 2 + 1) / (POINTS / 2), angle = along * 9.42478f;
    side[i] = i % 2 ? 1.0f : -1.0f;
    x[2 * i] = side[i] * along * cosf(angle) + 0.01f * uniform();
    x[2 * i + 1] = side[i] * along * sinf(angle) + 0.01f * uniform();
    ones[i] = 1.0f;
  }
  n->device->put(n->x, x, POINTS * INPUTS);
  n->device->put(n->side, side, POINTS);
  n->device->put(n->ones, ones, POINTS);
}

static int make_network(network *n)
{
  const struct {
    float **array;
    size_t count;
  } made[] = {{&n->x, POINTS * INPUTS},
              {&n->side, POINTS},
              {&n->ones, POINTS},
              {&n->h1, POINTS * HIDDEN},
              {&n->h2, POINTS * HIDDEN},
              {&n->out, POINTS},
              {&n->d1, POINTS * HIDDEN},
              {&n->d2, POINTS * HIDDEN},
              {&n->d_out, POINTS},
              {&n->loss, POINTS},
              {&n->mean, 1}};
  for (size_t k = 0; k < sizeof made / sizeof *made; k++)
    if (!(*made[k].array = n->device->allocate(made[k].count)))
      return 0;
  for (int k = 0; k < TENSORS; k++) {
    static float start[HIDDEN * HIDDEN];
    const int count = shapes[k][0] * shapes[k][1];
    for (int i = 0; i < count; i++)
      start[i] = k % 2 ? 0.0f : (k ? 1.0f : 4.0f) * uniform() / sqrtf((float)shapes[k][0]);
    n->weight[k] = n->device->allocate((size_t)count);
    n->gradient[k] = n->device->allocate((size_t)count);
    if (!n->weight[k] || !n->gradient[k])
      return 0;
    n->device->put(n->weight[k], start, (size_t)count);
  }
  make_points(n);
  return 1;
}

/* What this example is about. */
static esc_status make_optimizer(network *n, esc_device *device, void *stream)
{
  const esc_setting cosine[] = {ESC_NUMBER("warmup", 50), ESC_NUMBER("total", STEPS),
                                ESC_NUMBER("least", 0.05)};
  esc_group groups[2] = {ESC_GROUP_INIT("adamw"), ESC_GROUP_INIT("adamw")};
  for (int g = 0; g < 2; g++) {
    groups[g].lr.value = 1e-2;
    groups[g].weight_decay.value = g == 0 ? 1e-3 : 0.0;
    groups[g].schedule = "warmup_cosine";
    groups[g].schedule_settings = cosine;
    groups[g].schedule_setting_count = 3;
  }
  esc_parameter parameters[TENSORS];
  for (int k = 0; k < TENSORS; k++) {
    const esc_parameter tensor = {sizeof tensor,
                                  names[k],
                                  k % 2,
                                  (int64_t)shapes[k][0] * shapes[k][1],
                                  {n->weight[k], ESC_TYPE_F32},
                                  {n->gradient[k], ESC_TYPE_F32},
                                  {NULL, ESC_TYPE_F32},
                                  0};
    parameters[k] = tensor;
  }
  esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
  options.groups = groups;
  options.group_count = 2;
  options.parameters = parameters;
  options.parameter_count = TENSORS;
  options.stream = stream;
  const esc_step_options step = ESC_STEP_OPTIONS_INIT;
  n->step = step;
  n->step.stream = stream;
  n->step.clip_norm.value = 1.0;
  return esc_optimizer_create(device, &options, &n->optimizer);
}

static void free_network(network *n)
{
  float *const all[] = {n->x,  n->side, n->ones,  n->h1,   n->h2,  n->out,
                        n->d1, n->d2,   n->d_out, n->loss, n->mean};
  esc_optimizer_free(n->optimizer);
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    n->device->release(all[k]);
  for (int k = 0; k < TENSORS; k++) {
    n->device->release(n->weight[k]);
    n->device->release(n->gradient[k]);
  }
}

/* The mean loss after all steps; infinity if something failed. */
static double train(network *n)
{
  float sum;
  if (!n->device->repeat(train_once, n, STEPS)) {
    fprintf(stderr, "train_mlp: %s\n", esc_last_error());
    return INFINITY;
  }
  n->device->get(&sum, n->mean, 1);
  return (double)sum / POINTS;
}

static const mlp_device *device_named(const char *backend)
{
#if MLP_CUDA
  if (strcmp(backend, "cuda") == 0)
    return &mlp_cuda;
#endif
  return strcmp(backend, "cpu") == 0 ? &mlp_cpu : NULL;
}

int main(int argc, char **argv)
{
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.threads = 1; /* of a CPU: six small tensors are not worth more */
  options.backend = argc > 1 ? argv[1] : MLP_CUDA ? "auto" : "cpu";
  esc_device_info info = ESC_DEVICE_INFO_INIT;
  esc_device *device = NULL;
  if (esc_device_open(&options, &device) || esc_device_describe(device, &info)) {
    fprintf(stderr, "train_mlp: %s\n", esc_last_error());
    return 1;
  }
  network n;
  void *stream = NULL;
  memset(&n, 0, sizeof n);
  n.device = device_named(info.backend);
  if (!n.device || !n.device->open(&stream)) {
    fprintf(stderr, "train_mlp: this build has no matrix products for %s\n", info.backend);
    esc_device_close(device);
    return 1;
  }
  double loss = INFINITY;
  if (!make_network(&n))
    fprintf(stderr, "train_mlp: no memory\n");
  else if (make_optimizer(&n, device, stream))
    fprintf(stderr, "train_mlp: %s\n", esc_last_error());
  else
    loss = train(&n);
  printf("%s, %s: loss %.4f after %d steps (goal: below %.2f)\n", info.backend, n.device->products,
         loss, STEPS, LOSS_GOAL);
  free_network(&n);
  n.device->close();
  esc_device_close(device);
  return loss < LOSS_GOAL ? 0 : 1;
}
