/* One case of bench_updates with its tensors in the memory of a machine: the fused step of the
 * library, and the same rule in passes. */
#ifndef ESC_UPDATE_SUBJECT_H
#define ESC_UPDATE_SUBJECT_H

#include "bench/bench_machine.h"
#include "bench/tensor_lists.h"
#include "bench/update_cases.h"

#define UPDATE_STEP_SIZE 1e-4

typedef struct update_subject {
  const bench_machine *machine;
  esc_optimizer *optimizer;
  esc_step_options step;
  tensor_list list;
  unfused_program program;
  int64_t *starts; /* of each tensor in a slab, in elements */
  int64_t room;    /* elements of a slab */
  void *value, *gradient, *master;
  float *array[ARRAYS]; /* slabs of the unfused rule; NULL: it is not measured */
  size_t bytes;         /* what a step touches */
} update_subject;

/* 1: made; 0: not, and *why says so. With `unfused` the passes can be run too, on the same
 * parameters. The list is the subject's from here on. */
int update_subject_make(update_subject *s, const bench_machine *machine, esc_device *device,
                        const update_case *c, tensor_list list, int unfused, const char **why);

void update_subject_free(update_subject *s);

/* A step (bench_work; context is the subject). */
int update_subject_step(void *subject);
int update_subject_passes(void *subject);

/* Whether steps of the library are what the passes, carried out in double, say: 0 if not. Prints
 * what is wrong. */
int update_subject_check(const bench_machine *machine, esc_device *device, const update_case *c);

#endif
