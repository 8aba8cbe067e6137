/* What is random in a step, to the bit: the arithmetic does not depend on what types arrays have,
 * so a step with all arrays in float32 shows what a step with arrays of 16 bits has to round; and
 * which random word decides an element is known (tests/reference/reference_modifiers.h). So nothing
 * that is stored may differ from the reference in a single bit, stochastic or not. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support_expected.h"

enum { TENSORS = 7 };

/* Tensors of a rule that has all its states in use, in 16 bits or all in float32. */
static support_job job_of(const char *name, int type, int stochastic)
{
  support_job job = support_job_begin(0xfedcba9876543210u);
  ref_optimizer rule = ref_optimizer_defaults(name);
  if (strcmp(name, "rmsprop") == 0)
    rule.momentum = 0.5, rule.centered = 1;
  rule.lr = 0.25;
  rule.weight_decay = 0.125;
  job.size = SUPPORT_USUAL_SIZE;
  support_group *const group = support_add_group(&job, &rule);
  group->average = 1;
  group->average_type = (esc_type)type;
  for (int k = 0; k < 3; k++)
    group->state_type[k] = (esc_type)type;
  for (int k = 0; k < TENSORS; k++) {
    support_tensor *const tensor = support_add_tensor(&job, k * k * k * 6 + k);
    tensor->type[SUPPORT_VALUE] = type;
    tensor->type[SUPPORT_GRADIENT] = k % 2 ? REF_F32 : REF_BF16;
    tensor->offset[SUPPORT_GRADIENT] = k;
    tensor->stochastic = stochastic;
    tensor->steps = k * 3;
  }
  return job;
}

/* The data of one job in the arrays of the other, which can say it. */
static void convert(const support_job *from, const unsigned char *a, const support_job *to,
                    unsigned char *b)
{
  for (int k = 0; k < from->tensor_count; k++)
    for (int array = 0; array < SUPPORT_ARRAYS; array++)
      for (int64_t i = 0;
           from->tensors[k].type[array] != SUPPORT_NONE && i < from->tensors[k].count; i++)
        support_set_element(to, b, k, array, i, support_element(from, a, k, array, i));
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

/* Element for element the float, rounded. */
static void check_rounded(const support_job *wide, const unsigned char *exact,
                          const support_job *job, const unsigned char *found, const char *who)
{
  for (int k = 0; k < job->tensor_count; k++)
    for (int array = 0; array < SUPPORT_GRADIENT; array++) {
      const support_tensor *const tensor = &job->tensors[k];
      const int type = tensor->type[array];
      for (int64_t i = 0; type != SUPPORT_NONE && i < tensor->count; i++) {
        const double x = support_element(wide, exact, k, array, i);
        const uint32_t word = ref_rounding_word(job->seed, k, array, tensor->steps + 1, i);
        const uint32_t pattern =
            tensor->stochastic ? ref_encode_random(type, x, word) : ref_encode(type, x);
        const double expected = ref_decode(type, pattern);
        const double y = support_element(job, found, k, array, i);
        cr_assert(y == expected, "%s: %s, tensor %d, array %d, element %lld: %a to %a, not %a", who,
                  job->groups->rule.name, k, array, (long long)i, x, y, expected);
      }
    }
}

static void check_rule(const char *name, int type, int stochastic)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  support_job job = job_of(name, type, stochastic), wide = job_of(name, REF_F32, stochastic);
  for (int k = 0; k < count; k++) {
    support_rig rig = support_rig_open(&targets[k], &job);
    support_rig exact = support_rig_open(&targets[k], &wide);
    unsigned char *const before = support_rig_fill(&rig), *const same = support_rig_fill(&exact);
    convert(&job, before, &wide, same);
    unsigned char *const after = stepped(&rig, before), *const floats = stepped(&exact, same);
    check_rounded(&wide, floats, &job, after, support_rig_name(&rig));
    free(before);
    free(same);
    free(after);
    free(floats);
    support_rig_close(&rig);
    support_rig_close(&exact);
  }
  support_job_end(&job);
  support_job_end(&wide);
}

static void check_rules(int stochastic)
{
  static const char *const rules[] = {"sgd", "adam", "amsgrad", "rmsprop", "lion"};
  for (int k = 0; k < 5; k++)
    for (int type = REF_BF16; type <= REF_F16; type++)
      check_rule(rules[k], type, stochastic);
}

Test(random, nearest_to_the_bit)
{
  check_rules(0);
}

Test(random, stochastic_to_the_bit)
{
  check_rules(1);
}

/* With a master, the value is the master rounded; the master and a float state do not round. */
Test(random, values_are_masters_rounded)
{
  for (int stochastic = 0; stochastic <= 1; stochastic++)
    for (int type = REF_BF16; type <= REF_F16; type++) {
      support_target targets[SUPPORT_TARGETS];
      const int count = support_targets(targets);
      support_job job = job_of("adam", type, stochastic);
      for (int k = 0; k < TENSORS; k++)
        job.tensors[k].type[SUPPORT_MASTER] = REF_F32;
      for (int k = 0; k < count; k++) {
        support_rig rig = support_rig_open(&targets[k], &job);
        unsigned char *const before = support_rig_fill(&rig), *const after = stepped(&rig, before);
        for (int n = 0; n < TENSORS; n++)
          for (int64_t i = 0; i < job.tensors[n].count; i++) {
            const double x = support_element(&job, after, n, SUPPORT_MASTER, i);
            const uint32_t word = ref_rounding_word(job.seed, n, 0, job.tensors[n].steps + 1, i);
            const uint32_t pattern =
                stochastic ? ref_encode_random(type, x, word) : ref_encode(type, x);
            cr_assert(support_element(&job, after, n, SUPPORT_VALUE, i) ==
                          ref_decode(type, pattern),
                      "%s: tensor %d, element %lld", support_rig_name(&rig), n, (long long)i);
          }
        free(before);
        free(after);
        support_rig_close(&rig);
      }
      support_job_end(&job);
    }
}

/* --- where arrays lie
 * ------------------------------------------------------------------------------- */

/* Noise and stochastic rounding with arrays at other offsets: the same numbers in other places. */
Test(random, does_not_depend_on_offsets)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    unsigned char *expected = NULL;
    support_job first = job_of("adam", REF_BF16, 1);
    for (int offset = 0; offset < 8; offset++) {
      support_job job = job_of("adam", REF_BF16, 1);
      job.groups->noise[0] = first.groups->noise[0] = 0.1;
      for (int n = 0; n < TENSORS; n++) {
        job.tensors[n].offset[SUPPORT_VALUE] = (offset * (n + 1)) % 8;
        job.tensors[n].offset[SUPPORT_GRADIENT] = (offset * (n + 2)) % 8;
      }
      support_rig rig = support_rig_open(&targets[k], &job);
      unsigned char *const before = support_rig_fill(&rig), *const after = stepped(&rig, before);
      if (!expected) {
        memcpy(first.tensors, job.tensors, TENSORS * sizeof *job.tensors);
        expected = after;
      } else {
        for (int n = 0; n < TENSORS; n++)
          for (int64_t i = 0; i < job.tensors[n].count; i++)
            for (int array = 0; array < SUPPORT_GRADIENT; array++)
              cr_assert(job.tensors[n].type[array] == SUPPORT_NONE ||
                            support_element(&job, after, n, array, i) ==
                                support_element(&first, expected, n, array, i),
                        "%s: offset %d, tensor %d, array %d, element %lld", support_rig_name(&rig),
                        offset, n, array, (long long)i);
        free(after);
      }
      free(before);
      support_rig_close(&rig);
      support_job_end(&job);
    }
    free(expected);
    support_job_end(&first);
  }
}

/* Other seeds are other words. */
Test(random, seeds_matter)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    unsigned char *after[3];
    support_job job = job_of("sgd", REF_BF16, 1);
    unsigned char *before = NULL;
    size_t bytes = 0;
    for (int turn = 0; turn < 3; turn++) {
      job.seed = turn == 1 ? (uint64_t)5 << 40 : 6;
      support_rig rig = support_rig_open(&targets[k], &job);
      if (!before)
        before = support_rig_fill(&rig);
      after[turn] = stepped(&rig, before);
      bytes = rig.bytes;
      support_rig_close(&rig);
    }
    cr_assert(memcmp(after[0], after[1], bytes) != 0);
    cr_assert(memcmp(after[0], after[2], bytes) == 0);
    for (int turn = 0; turn < 3; turn++)
      free(after[turn]);
    free(before);
    support_job_end(&job);
  }
}
