/* An optimizer for parameters of your own: fused update steps on memory that you own, on a GPU or
 * on the CPU, with the same bits.
 *
 * A complete program, on the CPU:
 *
 *   #include <escapement/escapement.h>
 *   #include <stdio.h>
 *
 *   int main(void)
 *   {
 *     float weight[1000] = {0}, gradient[1000];
 *     for (int i = 0; i < 1000; i++)
 *       gradient[i] = 1.0f;
 *
 *     esc_group group = ESC_GROUP_INIT("adam");
 *     group.lr.value = 1e-2;
 *     esc_parameter parameter = ESC_PARAMETER_INIT;
 *     parameter.value = (esc_array){weight, ESC_TYPE_F32};
 *     parameter.gradient = (esc_array){gradient, ESC_TYPE_F32};
 *     parameter.count = 1000;
 *     esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
 *     options.groups = &group;
 *     options.group_count = 1;
 *     options.parameters = &parameter;
 *     options.parameter_count = 1;
 *
 *     esc_device *device = NULL;
 *     esc_optimizer *optimizer = NULL;
 *     esc_device_options cpu = ESC_DEVICE_OPTIONS_INIT;
 *     cpu.backend = "cpu";
 *     if (esc_device_open(&cpu, &device) ||
 *         esc_optimizer_create(device, &options, &optimizer) ||
 *         esc_optimizer_step(optimizer, NULL)) {
 *       fprintf(stderr, "%s\n", esc_last_error());
 *       return 1;
 *     }
 *     printf("%g\n", weight[0]);
 *     esc_optimizer_free(optimizer);
 *     esc_device_close(device);
 *     return 0;
 *   }
 *
 * For each element, in this order: the gradient is divided by the loss scale, multiplied by the
 * clip coefficient min(1, clip_norm/(norm + clip_eps)), clipped by value, negated (maximize), gets
 * annealed noise and coupled decay; the rule (`escapement list optimizers`) makes of it a step u;
 * the parameter becomes w - u, or w - fma(lr*decay, w, u) with decoupled decay. Gradients are
 * only read, unless zero_gradients clears them. Arithmetic is float; only what is stored is rounded
 * to its type.
 *
 * On a GPU a step is two launches and one more for each further rule, whatever the number of
 * parameters, and one more with clipping. It is queued on a stream, allocates nothing, and can be
 * captured in a CUDA graph. All arrays are then device memory; on the CPU, host memory, and every
 * call is synchronous.
 *
 * Structs are plain: an initialiser shows the defaults and sets struct_size; a struct that says
 * less than its size is BAD_ARGUMENT, and the elements of an array all have the size of its first.
 * NULL is allowed only where said. */
#ifndef ESCAPEMENT_OPTIMIZER_H
#define ESCAPEMENT_OPTIMIZER_H

#include <stddef.h>
#include <stdint.h>

#include "escapement/device.h"
#include "escapement/experiment.h"
#include "escapement/status.h"

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/* --- arrays, scalars ----------------------------------------------------------------------------- */

typedef enum esc_type {
  ESC_TYPE_F32 = 0,  /* arrays have one of these three; */
  ESC_TYPE_BF16 = 1,
  ESC_TYPE_F16 = 2,
  ESC_TYPE_F64 = 3,  /* scalars in device memory may have these too */
  ESC_TYPE_I32 = 4,
  ESC_TYPE_U8 = 5    /* a bool */
} esc_type;

/* An array in the device's memory: `data` aligned to its element at least. NULL: there is none. */
typedef struct esc_array {
  void *data;
  esc_type type;
} esc_array;

/* A number that a step reads: `value`, or, where `device` is not NULL, the number of that type it
 * points to in the device's memory, read anew by every step, replays of a graph included. A `value`
 * of step options is frozen in a captured graph; those of groups stay what esc_optimizer_set made
 * them, in replays too. Numbers in device memory are not checked. */
typedef struct esc_scalar {
  double value;
  const void *device;
  esc_type type; /* of *device */
} esc_scalar;

#define ESC_SCALAR(value) {(value), NULL, ESC_TYPE_F32}

/* --- groups and parameters ------------------------------------------------------------------------ */

/* A key of a rule, as `escapement list optimizers` shows them. Switches and words are host values. */
typedef struct esc_hyper {
  const char *key;
  esc_scalar number; /* the number (a switch: 0 or 1) */
  const char *word;  /* the word, else NULL */
} esc_hyper;

#define ESC_HYPER(key, value)     {(key), ESC_SCALAR(value), NULL}
#define ESC_HYPER_WORD(key, word) {(key), ESC_SCALAR(0.0), (word)}

/* A rule with its hyper-parameters. A number left at NaN is the rule's default. */
typedef struct esc_group {
  size_t struct_size;
  const char *rule;         /* of the catalogue of optimizers */
  esc_scalar lr;            /* >= 0 */
  const esc_hyper *hypers;  /* its keys; may be NULL with hyper_count 0 */
  int hyper_count;
  esc_scalar weight_decay;  /* >= 0 */
  esc_decay decay;
  int maximize;             /* 1: along the gradient, not against it */
  esc_scalar clip_value;    /* > 0: components of the gradient stay within +- this; inf: none */
  esc_scalar noise[2];      /* {eta0, gamma}: Gaussian noise of variance eta0/(1+t)^gamma on the
                               gradient, t = 0 at a parameter's first step; eta0 0: none */
  const char *schedule;     /* of lr: a name of the catalogue of schedules; NULL: constant */
  const esc_setting *schedule_settings;
  int schedule_setting_count;
  const char *decay_schedule; /* the same for weight_decay */
  const esc_setting *decay_schedule_settings;
  int decay_schedule_setting_count;
  esc_type state_type[3];   /* of each state of the rule, in its order (`docs/updates.md`) */
  int average;              /* 1: keep a moving average of the parameters, the state "average" */
  esc_scalar average_keep;  /* in [0, 1]: the share of it kept by a step */
  esc_type average_type;
} esc_group;

#define ESC_GROUP_INIT(rule)                                                                       \
  {sizeof(esc_group), (rule), ESC_SCALAR(ESC_NAN_), NULL, 0, ESC_SCALAR(ESC_NAN_),                 \
   ESC_DECAY_DEFAULT, 0, ESC_SCALAR(ESC_INF_), {ESC_SCALAR(0.0), ESC_SCALAR(0.55)}, NULL, NULL, 0, \
   NULL, NULL, 0, {ESC_TYPE_F32, ESC_TYPE_F32, ESC_TYPE_F32}, 0, ESC_SCALAR(0.999), ESC_TYPE_F32}

/* A tensor: `count` elements, from 0 to 2^41 - 2048. No two arrays of all tensors may overlap. */
typedef struct esc_parameter {
  size_t struct_size;
  const char *name;   /* in state files; NULL: its place in the list. Copied. */
  int group;          /* its place among the groups */
  int64_t count;
  esc_array value;    /* written; read where there is no master */
  esc_array gradient; /* read; data NULL: none yet, the tensor then makes no steps */
  esc_array master;   /* the parameter in another type, usually float32: the step reads and writes
                         it, and rounds it into value; data NULL: none */
  int stochastic;     /* 1: what is stored in 16 bits rounds stochastically */
} esc_parameter;

#define ESC_PARAMETER_INIT                                                                         \
  {sizeof(esc_parameter), NULL, 0, 0, {NULL, ESC_TYPE_F32}, {NULL, ESC_TYPE_F32},                  \
   {NULL, ESC_TYPE_F32}, 0}

/* --- an optimizer --------------------------------------------------------------------------------- */

/* One host thread at a time calls it, and one stream at a time carries its work: two steps share
 * counters and scalars, so whoever changes streams makes the second wait for the first. A graph
 * that holds a step must not be replayed once the optimizer is freed. Creating and freeing allocate,
 * and are not for a thread that captures. */
typedef struct esc_optimizer esc_optimizer;

typedef struct esc_optimizer_options {
  size_t struct_size;
  const esc_group *groups;
  int group_count;
  const esc_parameter *parameters;
  int64_t parameter_count;
  uint64_t seed;       /* of stochastic rounding and gradient noise */
  void *state;         /* memory for the states, device memory on a GPU; NULL: the library's own */
  size_t state_bytes;  /* of it: at least what esc_optimizer_state_bytes says */
  int keep_master;     /* 1: masters hold the parameter already; 0: they are filled from value */
  void *stream;        /* a cudaStream_t: where the filling is queued */
} esc_optimizer_options;

#define ESC_OPTIMIZER_OPTIONS_INIT                                                                 \
  {sizeof(esc_optimizer_options), NULL, 0, NULL, 0, 0, NULL, 0, 0, NULL}

/* The bytes that the states of such an optimizer take. Reads nothing of the arrays, and nothing of
 * options->state. Errors: as esc_optimizer_create. */
esc_status esc_optimizer_state_bytes(esc_device *device, const esc_optimizer_options *options,
                                     size_t *bytes);

/* Makes an optimizer: checks everything, lays out tables and states on the device, fills masters
 * from values, and averages from the masters or values as they then stand. *optimizer is the caller's, to be freed before the device is closed. Arrays and
 * device scalars must live as long as it; options, groups and parameters only until the call
 * returns. Synchronous but for the filling.
 * Errors, with the parameter's place and the field in the sentence: BAD_ARGUMENT (NULL data with a
 * count, a negative count, an unknown type, data not aligned to its element, arrays that overlap,
 * an unknown rule, key or schedule, a hyper-parameter out of range, arrays or scalars that are not
 * in the device's memory, state memory that is too small or not aligned to 256 bytes),
 * OUT_OF_MEMORY, DEVICE_LOST. */
esc_status esc_optimizer_create(esc_device *device, const esc_optimizer_options *options,
                                esc_optimizer **optimizer);

/* Waits for what is queued, then frees what is the library's own. NULL is allowed. */
void esc_optimizer_free(esc_optimizer *optimizer);

typedef struct esc_step_options {
  size_t struct_size;
  void *stream;          /* a cudaStream_t; NULL: the default stream */
  esc_scalar loss_scale; /* gradients are divided by it; its inverse is a float, not 0 nor inf.
                            Whether the three numbers lie where they should is not asked for at
                            every step: on a GPU an address of the host ends the process's work on
                            it */
  esc_scalar found_inf;  /* not zero: the step is skipped */
  esc_scalar clip_norm;  /* largest norm of all gradients together; inf: none */
  double clip_eps;       /* added to the norm it is divided by: 1e-6 as PyTorch, or 0 */
  int skip_non_finite;   /* 1: skip the step if an element of a gradient is not finite */
  int norm_taken;        /* 1: esc_optimizer_norm was called since the gradients were written (and
                            its result perhaps added up over processes): do not take it again */
  int zero_gradients;    /* 1: write zeros into the gradients on the way, skipped or not */
} esc_step_options;

#define ESC_STEP_OPTIONS_INIT                                                                      \
  {sizeof(esc_step_options), NULL, ESC_SCALAR(1.0), ESC_SCALAR(0.0), ESC_SCALAR(ESC_INF_), 1e-6,   \
   0, 0, 0}

/* One step of every tensor that has a gradient. A skipped step changes nothing and does not count.
 * options may be NULL (the defaults). Queued on the stream; allocates nothing; may be captured.
 * Errors: BAD_ARGUMENT (an option out of range), DEVICE_LOST (an earlier failure of the device too,
 * which then stays for good). */
esc_status esc_optimizer_step(esc_optimizer *optimizer, const esc_step_options *options);

/* Takes the norm of all gradients as they stand, the loss scale still in them: queued, one launch.
 * The result stays in the device's memory (esc_optimizer_norm_scalars) for a step with norm_taken.
 * The sum does not depend on the launch, on threads or on where arrays lie. */
esc_status esc_optimizer_norm(esc_optimizer *optimizer, void *stream);

/* Where the norm is kept, in the device's memory, for as long as the optimizer lives:
 * *squared one double, the square of the norm, to be read or added up over processes between norm
 * and step; *non_finite one int32, not zero if an element was not finite. Either may be NULL. */
esc_status esc_optimizer_norm_scalars(esc_optimizer *optimizer, double **squared,
                                      int32_t **non_finite);

/* The norm as the last esc_optimizer_norm left it; waits for the stream. */
esc_status esc_optimizer_norm_read(esc_optimizer *optimizer, void *stream, double *norm,
                                   int *non_finite);

/* Other gradients from the next step on, of the same types: gradients[i] for parameter i, NULL: none.
 * Checked for alignment only; the first ones are those of esc_parameter. Queued on the stream through pinned memory: the array is free when
 * the call returns. Errors: BAD_ARGUMENT (a place and the field; count is not the number of
 * parameters; the stream is being captured), DEVICE_LOST. */
esc_status esc_optimizer_bind(esc_optimizer *optimizer, void *const *gradients, int64_t count,
                              void *stream);

/* Another number for a group, from the next step on: key is "lr", "weight_decay", "clip_value",
 * "average_keep", "noise.eta0", "noise.gamma" or a key of the rule (no word). Queued on the stream;
 * refused while it is being captured. A state the group was created without cannot be switched on,
 * nor can noise.
 * Errors: BAD_ARGUMENT, DEVICE_LOST. */
esc_status esc_optimizer_set(esc_optimizer *optimizer, int group, const char *key,
                             esc_scalar number, void *stream);

/* Fills the masters (and averages) from the values, as at creation. Queued. */
esc_status esc_optimizer_refill(esc_optimizer *optimizer, void *stream);

/* Steps that parameter `index` has made; waits for the stream. */
esc_status esc_optimizer_steps(esc_optimizer *optimizer, int64_t index, void *stream,
                               int64_t *steps);

/* --- states, to look at, to save and to restore --------------------------------------------------- */

/* A state of a tensor: "m" and "v" of adam and its like (`docs/updates.md`; those that a rule's keys
 * leave idle are not there), then "average", then "master" where there is one, which is the memory
 * that the caller gave. */
typedef struct esc_state_buffer {
  size_t struct_size;
  const char *name; /* lives as long as the library */
  esc_array array;  /* as many elements as the parameter, in the device's memory */
  int64_t count;
} esc_state_buffer;

#define ESC_STATE_BUFFER_INIT {sizeof(esc_state_buffer), NULL, {NULL, ESC_TYPE_F32}, 0}

/* State number k of parameter `index`; BAD_ARGUMENT past the last. *state keeps its struct_size. */
esc_status esc_optimizer_state(const esc_optimizer *optimizer, int64_t index, int k,
                               esc_state_buffer *state);

/* How many parameters, and how many states one has; the name of one (its place, "12", if it was
 * given none), which lives as long as the optimizer; its rule. 0 and NULL for a wrong index. */
int64_t esc_optimizer_parameter_count(const esc_optimizer *optimizer);
int esc_optimizer_state_count(const esc_optimizer *optimizer, int64_t index);
const char *esc_optimizer_parameter_name(const esc_optimizer *optimizer, int64_t index);
const char *esc_optimizer_parameter_rule(const esc_optimizer *optimizer, int64_t index);

/* Copies a state of a tensor out to (read) or in from (write) host memory of `bytes` bytes, which
 * must be count times the size of the type. Both wait for the stream. */
esc_status esc_optimizer_state_read(esc_optimizer *optimizer, int64_t index, int k, void *to,
                                    size_t bytes, void *stream);
esc_status esc_optimizer_state_write(esc_optimizer *optimizer, int64_t index, int k,
                                     const void *from, size_t bytes, void *stream);

/* What a tensor remembers beside its states: the number of its steps, and the running product that
 * some schedules of momentum need (nadam; 1 before the first step). */
typedef struct esc_parameter_progress {
  size_t struct_size;
  int64_t steps;
  double product;
} esc_parameter_progress;

#define ESC_PARAMETER_PROGRESS_INIT {sizeof(esc_parameter_progress), 0, 1.0}

/* Reads or writes it; both wait for the stream. Steps are 0 to 2^31 - 1. */
esc_status esc_optimizer_progress_read(esc_optimizer *optimizer, int64_t index,
                                       esc_parameter_progress *progress, void *stream);
esc_status esc_optimizer_progress_write(esc_optimizer *optimizer, int64_t index,
                                        const esc_parameter_progress *progress, void *stream);

#ifdef __cplusplus
}
#endif
#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
