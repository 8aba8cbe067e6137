/* Steps of an optimizer as the tests of updates take them, on every device of this machine: a job
 * says what (groups, tensors, options of the step), a rig is a job on a device. All arrays of a job
 * lie in one piece of the device's memory with guard bytes around each, so an image of the whole
 * shows every byte that a step wrote. What a step should have written is in support_expected.h. */
#ifndef TESTS_SUPPORT_OPTIMIZER_H
#define TESTS_SUPPORT_OPTIMIZER_H

#include "host/opened_device.h"
#include "reference_modifiers.h"
#include "reference_storage.h"
#include "tests/support_rules.h"

/* Where a step may run: every instruction set with 1 to 3 threads, and cuda where it can be opened
 * (an emulated one in programs that are linked so). With ESC_REQUIRE_CUDA set it must be. */
typedef struct support_target {
  const char *backend, *isa;
  int threads;
} support_target;

enum { SUPPORT_TARGETS = 12 };
int support_targets(support_target targets[SUPPORT_TARGETS]);
esc_device *support_target_open(const support_target *target);

/* --- jobs
 * ------------------------------------------------------------------------------------------ */

typedef struct support_group {
  ref_optimizer rule;
  int maximize;
  double clip_value, noise[2];
  ref_schedule lr_schedule, decay_schedule;
  esc_type state_type[3];
  int average;
  double average_keep;
  esc_type average_type;
} support_group;

/* The arrays of a tensor, numbered as their random words are. */
enum {
  SUPPORT_VALUE,
  SUPPORT_MASTER,
  SUPPORT_AVERAGE,
  SUPPORT_STATE, /* and two more: slots as reference_updates.h has them */
  SUPPORT_GRADIENT = 6,
  SUPPORT_ARRAYS
};
enum { SUPPORT_NONE = -1 };

typedef struct support_tensor {
  int group;
  int64_t count;
  int type[SUPPORT_ARRAYS];   /* SUPPORT_NONE: not there; of states and average: filled by a rig */
  int offset[SUPPORT_ARRAYS]; /* of value, master and gradient: elements off 64 bytes */
  size_t at[SUPPORT_ARRAYS];  /* where they begin in the image; filled by a rig */
  int stochastic;
  int unbound;   /* 1: has no gradient at first */
  int64_t steps; /* it has made */
} support_tensor;

/* How large gradients are. */
enum { SUPPORT_ANY_SIZE, SUPPORT_USUAL_SIZE };

typedef struct support_job {
  uint64_t seed;   /* of the optimizer and of the data */
  int size;        /* of gradients */
  int spoiled;     /* of so many gradients one is not finite; 0: none */
  int scalar_type; /* scalars lie in the device's memory as this type; SUPPORT_NONE: host values */
  double loss_scale, found_inf, clip_norm, clip_eps;
  int skip_non_finite, zero_gradients, norm_taken;
  support_group *groups;
  int group_count;
  support_tensor *tensors;
  int tensor_count;
} support_job;

support_job support_job_begin(uint64_t seed);
void support_job_end(support_job *job);
/* A further group with a rule and nothing else; a further tensor of the last group, all float32. */
support_group *support_add_group(support_job *job, const ref_optimizer *rule);
support_tensor *support_add_tensor(support_job *job, int64_t count);
/* The rule a group runs at step t, its schedules in lr and decay. */
ref_optimizer support_rule_at(const support_group *group, int64_t t);
/* The slot of a rule's state by its name; SUPPORT_AVERAGE - SUPPORT_STATE for "average". */
int support_slot(const char *rule, const char *state);

/* --- rigs
 * ------------------------------------------------------------------------------------------ */

enum { SUPPORT_SCALARS = 1024 };

typedef struct support_rig {
  support_job *job;
  const support_target *target;
  esc_device *device;
  esc_optimizer *optimizer;
  unsigned char *memory; /* the device's */
  size_t bytes;          /* of it and of images */
  size_t scalars_at;
  int scalar_count;
  double scalar[SUPPORT_SCALARS];
  esc_step_options step;
} support_rig;

/* Lays a job out and makes its optimizer; memory is poisoned. Fills the places of the job. */
support_rig support_rig_open(const support_target *target, support_job *job);
void support_rig_close(support_rig *rig);

/* An image with random data everywhere; the same for every rig of a job. To be freed. */
unsigned char *support_rig_fill(support_rig *rig);
/* Brings an image to the device, and the steps of tensors to what the job says; and back. */
void support_rig_load(support_rig *rig, const unsigned char *image);
void support_rig_fetch(support_rig *rig, unsigned char *image);
/* One step; it must succeed. */
void support_rig_step(support_rig *rig);

const char *support_rig_name(const support_rig *rig);
double support_element(const support_job *job, const unsigned char *image, int tensor, int array,
                       int64_t i);
void support_set_element(const support_job *job, unsigned char *image, int tensor, int array,
                         int64_t i, double x);

/* Whether images are the same but for the payload of NaN; the test fails with the first difference
 * if not. */
void support_same_image(const support_job *job, const unsigned char *a, const unsigned char *b,
                        size_t bytes, const char *who);

#endif
