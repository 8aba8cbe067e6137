/* Where arrays lie and in what order tensors come: every offset of every array, empty tensors in
 * every place, the order of the list. None of it may be seen in a result. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support_expected.h"

static support_job job_of(const char *rule_name, uint64_t seed)
{
  support_job job = support_job_begin(seed);
  ref_optimizer rule = ref_optimizer_defaults(rule_name);
  if (rule.eps > 0.0)
    rule.eps = 1e-2;
  rule.lr = 0.0625;
  rule.weight_decay = 0.125;
  job.size = SUPPORT_USUAL_SIZE;
  support_add_group(&job, &rule);
  return job;
}

/* --- offsets
 * ---------------------------------------------------------------------------------------- */

/* Each array at each of its offsets within 16 bytes, each against each; sizes around a packet's and
 * a chunk's. */
static void check_offsets(int value, int gradient, int master, int average, int64_t count)
{
  support_job job = job_of("adam", 100 + (uint64_t)(9 * value + 3 * gradient + master));
  job.clip_norm = 1.0;
  job.groups->average = average;
  job.groups->state_type[0] = (esc_type)value;
  const int values = 16 / ref_type_bytes(value), gradients = 16 / ref_type_bytes(gradient);
  const int masters = master == SUPPORT_NONE ? 1 : 16 / ref_type_bytes(master);
  for (int k = 0; k < values * gradients * masters; k++) {
    support_tensor *const tensor = support_add_tensor(&job, count + k % 3);
    tensor->steps = 2;
    tensor->type[SUPPORT_VALUE] = value;
    tensor->type[SUPPORT_GRADIENT] = gradient;
    tensor->type[SUPPORT_MASTER] = master;
    tensor->offset[SUPPORT_VALUE] = k % values;
    tensor->offset[SUPPORT_GRADIENT] = k / values % gradients;
    tensor->offset[SUPPORT_MASTER] = k / values / gradients;
  }
  support_check_job(&job, 0.99);
  support_job_end(&job);
}

Test(layout, every_offset_of_float)
{
  for (int64_t count = 1; count < 40; count += 6)
    check_offsets(REF_F32, REF_F32, SUPPORT_NONE, 0, count);
  check_offsets(REF_F32, REF_F32, SUPPORT_NONE, 1, 1021);
  check_offsets(REF_F32, REF_F32, REF_F32, 0, 29);
}

Test(layout, every_offset_of_16_bits)
{
  for (int64_t count = 1; count < 40; count += 9)
    check_offsets(REF_BF16, REF_F16, SUPPORT_NONE, 0, count);
  check_offsets(REF_F16, REF_BF16, REF_F32, 1, 23);
}

Test(layout, every_offset_of_mixed_types)
{
  check_offsets(REF_F32, REF_BF16, SUPPORT_NONE, 1, 13);
  check_offsets(REF_BF16, REF_F32, REF_F32, 0, 41);
  check_offsets(REF_F16, REF_F16, REF_BF16, 0, 9);
  check_offsets(REF_F32, REF_F16, SUPPORT_NONE, 0, 1030);
}

/* --- the list
 * --------------------------------------------------------------------------------------- */

enum { FULL = 4 };
static const int64_t full[FULL] = {5, 1025, 33, 300};

/* The arrays of tensor `from` of a before image, as tensor `to` of b's. */
static void copy_tensor(const support_job *a, const unsigned char *from, int k,
                        const support_job *b, unsigned char *to, int n)
{
  for (int array = 0; array < SUPPORT_ARRAYS; array++)
    if (a->tensors[k].type[array] != SUPPORT_NONE)
      memcpy(to + b->tensors[n].at[array], from + a->tensors[k].at[array],
             (size_t)a->tensors[k].count * (size_t)ref_type_bytes(a->tensors[k].type[array]));
}

static unsigned char *stepped(support_rig *rig, const unsigned char *before)
{
  unsigned char *const after = malloc(rig->bytes);
  cr_assert_not_null(after);
  support_rig_load(rig, before);
  support_rig_step(rig);
  support_rig_fetch(rig, after);
  return after;
}

/* What became of the four full tensors, the image of `with` against that of `plain`. */
static void check_full(const support_job *plain, const unsigned char *expected,
                       const support_job *with, const unsigned char *found, const int places[FULL],
                       const char *who)
{
  for (int k = 0; k < FULL; k++)
    for (int64_t i = 0; i < full[k]; i++)
      for (int array = 0; array < SUPPORT_ARRAYS; array++)
        if (plain->tensors[k].type[array] != SUPPORT_NONE) {
          const double x = support_element(plain, expected, k, array, i);
          const double y = support_element(with, found, places[k], array, i);
          cr_assert(x == y, "%s: tensor %d at place %d, array %d, element %lld: %a, not %a", who, k,
                    places[k], array, (long long)i, y, x);
        }
}

static void add_full(support_job *job, int k)
{
  support_tensor *const tensor = support_add_tensor(job, full[k]);
  tensor->steps = 3;
  tensor->type[SUPPORT_VALUE] = k % 3;
  tensor->type[SUPPORT_GRADIENT] = k / 2;
}

/* A list with other tensors in it against the plain list of four, on every target. */
static void check_list(support_job *with, const int places[FULL])
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  support_job plain = job_of("adam", 40);
  plain.clip_norm = with->clip_norm = 1.0;
  for (int k = 0; k < FULL; k++)
    add_full(&plain, k);
  for (int k = 0; k < count; k++) {
    support_rig a = support_rig_open(&targets[k], &plain);
    support_rig b = support_rig_open(&targets[k], with);
    unsigned char *const before_a = support_rig_fill(&a);
    unsigned char *const before_b = support_rig_fill(&b);
    for (int n = 0; n < FULL; n++)
      copy_tensor(&plain, before_a, n, with, before_b, places[n]);
    unsigned char *const after_a = stepped(&a, before_a), *const after_b = stepped(&b, before_b);
    check_full(&plain, after_a, with, after_b, places, support_rig_name(&a));
    free(before_a);
    free(before_b);
    free(after_a);
    free(after_b);
    support_rig_close(&a);
    support_rig_close(&b);
  }
  support_job_end(&plain);
}

/* One or three empty tensors in each of the five gaps. */
Test(layout, empty_tensors_anywhere)
{
  for (int gap = 0; gap <= FULL; gap++)
    for (int many = 1; many <= 3; many += 2) {
      support_job with = job_of("adam", 41);
      int places[FULL];
      for (int k = 0; k <= FULL; k++) {
        for (int n = 0; k == gap && n < many; n++)
          support_add_tensor(&with, 0)->type[SUPPORT_VALUE] = n;
        if (k < FULL) {
          places[k] = with.tensor_count;
          add_full(&with, k);
        }
      }
      check_list(&with, places);
      support_job_end(&with);
    }
}

/* Nothing but empty tensors, and no tensors: a step is taken and counted. */
Test(layout, only_empty_tensors)
{
  for (int many = 0; many <= 2; many++) {
    support_job job = job_of("adam", 42);
    job.clip_norm = 1.0;
    for (int k = 0; k < many; k++)
      support_add_tensor(&job, 0);
    support_check_job(&job, 0.0);
    support_job_end(&job);
  }
}

/* The tensors between others of another rule, and without gradients: nothing is mixed up. (The norm
 * must be that of the four.) */
Test(layout, groups_in_turn)
{
  support_job with = job_of("adam", 43);
  const ref_optimizer other = ref_optimizer_defaults("lion");
  int places[FULL];
  support_add_group(&with, &other);
  for (int k = 0; k < FULL; k++) {
    support_add_tensor(&with, 77)->unbound = 1;
    places[k] = with.tensor_count;
    add_full(&with, k);
    with.tensors[places[k]].group = 0;
  }
  check_list(&with, places);
  support_job_end(&with);
}

/* Many small tensors of several rules, the rules in turn along the list. */
Test(layout, many_small_tensors)
{
  support_job job = job_of("adam", 44);
  const ref_optimizer more[] = {ref_optimizer_defaults("sgd"), ref_optimizer_defaults("lion"),
                                ref_optimizer_defaults("adamw")};
  for (int k = 0; k < 3; k++)
    support_add_group(&job, &more[k]);
  job.clip_norm = 1.0;
  for (int k = 0; k < 2500; k++) {
    support_tensor *const tensor = support_add_tensor(&job, k % 23);
    tensor->group = k % 4;
    tensor->steps = k % 7 == 0 ? 3 : 2;
    tensor->type[SUPPORT_VALUE] = k / 5 % 3;
  }
  support_check_job(&job, 0.99);
  support_job_end(&job);
}
