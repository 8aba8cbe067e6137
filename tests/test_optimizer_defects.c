/* What other libraries of fused updates are known to get wrong (docs/updates.md), a test each. What
 * a graph must not copy is in test_optimizer_graphs.c. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support_expected.h"

#ifndef ESC_EMULATED
#define ESC_EMULATED 0
#endif

static support_job job_of(const char *name, uint64_t seed)
{
  support_job job = support_job_begin(seed);
  const ref_optimizer rule = ref_optimizer_defaults(name);
  job.size = SUPPORT_USUAL_SIZE;
  support_add_group(&job, &rule);
  return job;
}

static support_tensor *add(support_job *job, int64_t count, int value, int gradient)
{
  support_tensor *const tensor = support_add_tensor(job, count);
  tensor->type[SUPPORT_VALUE] = value;
  tensor->type[SUPPORT_GRADIENT] = gradient;
  return tensor;
}

static void check_and_end(support_job *job)
{
  support_check_job(job, 0.95);
  support_job_end(job);
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

/* The task with a rig of the job on every target. */
static void on_every_target(support_job *job, void (*task)(support_rig *rig))
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    support_rig rig = support_rig_open(&targets[k], job);
    task(&rig);
    support_rig_close(&rig);
  }
  support_job_end(job);
}

/* --- the list
 * ----------------------------------------------------------------------------------------- */

/* "An empty tensor last in the list skips the whole update." */
Test(defects, an_empty_tensor_last)
{
  support_job job = job_of("adam", 400);
  job.clip_norm = 1.0;
  add(&job, 300, REF_F32, REF_F32);
  add(&job, 0, REF_F32, REF_F32);
  check_and_end(&job);
}

/* "The first tensor's type is trusted for all." */
Test(defects, each_tensor_has_its_own_type)
{
  support_job job = job_of("adam", 401);
  for (int k = 0; k < 9; k++)
    add(&job, 100, (k + 1) % 3, k / 3)->type[SUPPORT_MASTER] = k % 4 - 1;
  check_and_end(&job);
}

/* "A step counter shared by tensors that do not all have gradients": the second tensor's first
 * step, three steps later, is the first step that its twin made. */
static void check_late_gradient(support_rig *rig)
{
  const support_job *const job = rig->job;
  unsigned char *const before = support_rig_fill(rig), *const late = malloc(rig->bytes);
  unsigned char *const first = stepped(rig, before);
  for (int turn = 0; turn < 2; turn++)
    support_rig_step(rig);
  const size_t bytes = 4 * (size_t)job->tensors[0].count;
  void *const gradients[] = {NULL, rig->memory + job->tensors[1].at[SUPPORT_GRADIENT]};
  cr_assert_eq(esc_optimizer_bind(rig->optimizer, gradients, 2, NULL), ESC_STATUS_OK);
  memcpy(before + job->tensors[1].at[SUPPORT_GRADIENT],
         before + job->tensors[0].at[SUPPORT_GRADIENT], bytes);
  memcpy(before + job->tensors[1].at[SUPPORT_VALUE], before + job->tensors[0].at[SUPPORT_VALUE],
         bytes);
  for (int k = 0; k < 2; k++)
    memcpy(before + job->tensors[1].at[SUPPORT_STATE + k],
           before + job->tensors[0].at[SUPPORT_STATE + k], bytes);
  rig->device->backend->copy(rig->device->opened, rig->memory, before, rig->bytes, NULL);
  support_rig_step(rig);
  support_rig_fetch(rig, late);
  cr_assert(memcmp(late + job->tensors[1].at[SUPPORT_VALUE],
                   first + job->tensors[0].at[SUPPORT_VALUE], bytes) == 0,
            "%s", support_rig_name(rig));
  free(before);
  free(first);
  free(late);
}

Test(defects, a_counter_for_each_tensor)
{
  support_job job = job_of("adam", 402);
  add(&job, 50, REF_F32, REF_F32);
  add(&job, 50, REF_F32, REF_F32)->unbound = 1;
  on_every_target(&job, check_late_gradient);
}

/* --- more than 2^31 elements
 * --------------------------------------------------------------------------- */

/* A tensor of 2^31 + 5 elements in 16 bits takes 4 GiB, and so does its gradient. On the CPU the
 * addresses are real and the memory is not: one piece of 32 MiB stands at all of them, one behind
 * the other. A step w -= 1 then comes to every number of the piece once for each time that it is
 * there: 128 times, and once more to those behind 2^31. That holds on one thread only, and shows
 * that each address is stepped exactly once; that no two threads share one does not depend on the
 * size. On a GPU the memory is real; the emulated one has not so much. */
#if !defined(__SANITIZE_ADDRESS__) && !ESC_EMULATED
enum { PIECE = 16 << 20, PIECES = 128, MORE = 5 };
static const int64_t large = (int64_t)PIECE * PIECES + MORE;

static uint16_t *map_piece_over_and_over(uint16_t fill)
{
  const size_t bytes = 2 * (size_t)PIECE, span = bytes * (PIECES + 1);
  FILE *const file = tmpfile();
  cr_assert(file && ftruncate(fileno(file), (off_t)bytes) == 0);
  char *const begin =
      mmap(NULL, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  cr_assert_neq((void *)begin, MAP_FAILED);
  for (int k = 0; k <= PIECES; k++)
    cr_assert_neq(mmap(begin + (size_t)k * bytes, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_FIXED, fileno(file), 0),
                  MAP_FAILED);
  fclose(file);
  uint16_t *const piece = (uint16_t *)begin;
  for (int64_t i = 0; i < PIECE; i++)
    piece[i] = fill;
  return piece;
}

static esc_optimizer *sgd_over(esc_device *device, void *value, void *gradient)
{
  esc_group group = ESC_GROUP_INIT("sgd");
  esc_parameter parameter = ESC_PARAMETER_INIT;
  esc_optimizer_options options = ESC_OPTIMIZER_OPTIONS_INIT;
  esc_optimizer *optimizer = NULL;
  group.lr.value = 1.0;
  parameter.value = (esc_array){value, ESC_TYPE_BF16};
  parameter.gradient = (esc_array){gradient, ESC_TYPE_BF16};
  parameter.count = large;
  options.groups = &group;
  options.group_count = 1;
  options.parameters = &parameter;
  options.parameter_count = 1;
  cr_assert_eq(esc_optimizer_create(device, &options, &optimizer), ESC_STATUS_OK, "%s",
               esc_last_error());
  return optimizer;
}

static void step_and_take_norm(esc_optimizer *optimizer)
{
  double norm = 0.0;
  int non_finite = 1;
  cr_assert_eq(esc_optimizer_norm(optimizer, NULL), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_norm_read(optimizer, NULL, &norm, &non_finite), ESC_STATUS_OK);
  cr_assert(norm == sqrt((double)large) && !non_finite, "%.17g", norm);
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK, "%s", esc_last_error());
}

Test(defects, more_than_2_to_the_31_elements)
{
  const support_target target = {"cpu", "auto", 1};
  esc_device *const device = support_target_open(&target);
  const uint16_t one = (uint16_t)ref_encode(REF_BF16, 1.0);
  uint16_t *const value = map_piece_over_and_over(0);
  uint16_t *const gradient = map_piece_over_and_over(one);
  esc_optimizer *const optimizer = sgd_over(device, value, gradient);
  step_and_take_norm(optimizer);
  for (int64_t i = 0; i < PIECE; i++)
    cr_assert(ref_decode(REF_BF16, value[i]) == -(double)(PIECES + (i < MORE)), "element %lld: %g",
              (long long)i, ref_decode(REF_BF16, value[i]));
  esc_optimizer_free(optimizer);
  esc_device_close(device);
  munmap(value, 2 * (size_t)PIECE * (PIECES + 1));
  munmap(gradient, 2 * (size_t)PIECE * (PIECES + 1));
}

static void *device_array(esc_device *device, const uint16_t *piece)
{
  void *memory = NULL;
  cr_assert_eq(device->backend->alloc(device->opened, 2 * (size_t)large, &memory), ESC_STATUS_OK);
  for (int64_t at = 0; at < large; at += PIECE)
    device->backend->copy(device->opened, (uint16_t *)memory + at, piece,
                          2 * (size_t)(large - at < PIECE ? large - at : PIECE), NULL);
  return memory;
}

Test(defects, more_than_2_to_the_31_elements_on_a_gpu)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets); /* fails if there must be one */
  if (strcmp(targets[count - 1].backend, "cuda") != 0)
    cr_skip("no GPU");
  esc_device *const device = support_target_open(&targets[count - 1]);
  uint16_t *const piece = calloc(PIECE, sizeof *piece), *const zero = calloc(PIECE, sizeof *zero);
  cr_assert(piece && zero);
  for (int64_t i = 0; i < PIECE; i++)
    piece[i] = (uint16_t)ref_encode(REF_BF16, 1.0);
  void *const value = device_array(device, zero), *const gradient = device_array(device, piece);
  esc_optimizer *const optimizer = sgd_over(device, value, gradient);
  step_and_take_norm(optimizer);
  for (int64_t at = 0; at < large; at += PIECE) {
    const int64_t some = large - at < PIECE ? large - at : PIECE;
    device->backend->copy(device->opened, zero, (uint16_t *)value + at, 2 * (size_t)some, NULL);
    for (int64_t i = 0; i < some; i++)
      cr_assert_eq(zero[i], piece[i] | 0x8000, "element %lld", (long long)(at + i));
  }
  esc_optimizer_free(optimizer);
  device->backend->free(device->opened, value);
  device->backend->free(device->opened, gradient);
  esc_device_close(device);
  free(piece);
  free(zero);
}
#endif

/* --- types
 * ---------------------------------------------------------------------------------------------- */

/* "Moments are rounded to 16 bits": not unless asked for. */
static void check_moments_are_floats(support_rig *rig)
{
  for (int k = 0; k < 2; k++) {
    esc_state_buffer state = ESC_STATE_BUFFER_INIT;
    cr_assert_eq(esc_optimizer_state(rig->optimizer, 0, k, &state), ESC_STATUS_OK);
    cr_assert_eq(state.array.type, ESC_TYPE_F32);
  }
}

Test(defects, moments_are_not_rounded_to_16_bits)
{
  support_job job = job_of("adam", 410);
  add(&job, 500, REF_BF16, REF_BF16)->steps = 5;
  add(&job, 500, REF_F16, REF_F16)->steps = 5;
  support_check_job(&job, 0.95); /* within roundings of float */
  on_every_target(&job, check_moments_are_floats);
}

/* "NaN from eps below the range of 16 bits": 1e-8 is 0 in float16, and so is the square of any
 * gradient below 2^-13. `vanishing`: the exponent of gradients smaller than that. */
static int vanishing;
static void check_stays_finite(support_rig *rig)
{
  const support_job *const job = rig->job;
  unsigned char *const image = support_rig_fill(rig);
  support_rng rng = {420};
  support_rig_load(rig, image);
  for (int turn = 0; turn < 40; turn++) {
    support_rig_fetch(rig, image);
    for (int k = 0; k < job->tensor_count; k++)
      for (int64_t i = 0; i < job->tensors[k].count; i++) {
        const double g = turn % 3 ? support_normal(&rng) * exp2(vanishing - 13.0 - turn % 12) : 0.0;
        const double w = support_element(job, image, k, SUPPORT_VALUE, i);
        cr_assert(isfinite(w), "%s: tensor %d, element %lld after %d steps: %g",
                  support_rig_name(rig), k, (long long)i, turn, w);
        support_set_element(job, image, k, SUPPORT_GRADIENT, i, g);
      }
    rig->device->backend->copy(rig->device->opened, rig->memory, image, rig->bytes, NULL);
    support_rig_step(rig);
  }
  free(image);
}

/* The same in float, where eps is 0 and a square leaves the normal range before its gradient. */
Test(defects, no_eps_and_gradients_whose_squares_vanish)
{
  static const char *const rules[] = {"adam",    "adamw", "amsgrad", "nadam",
                                      "adagrad", "radam", "rmsprop", "adamax"};
  for (int size = -40; size >= -140; size -= 20) {
    support_job job = support_job_begin(422);
    for (int k = 0; k < 8; k++) {
      ref_optimizer rule = ref_optimizer_defaults(rules[k]);
      rule.eps = 0.0;
      support_add_group(&job, &rule);
      add(&job, 40, REF_F32, REF_F32);
    }
    vanishing = size;
    on_every_target(&job, check_stays_finite);
  }
  vanishing = 0;
}

Test(defects, eps_below_the_range_of_16_bits)
{
  static const char *const rules[] = {"adam",    "adamw",  "amsgrad", "nadam",   "adagrad",
                                      "rmsprop", "adamax", "radam",   "adadelta"};
  support_job job = support_job_begin(421);
  for (int k = 0; k < 9; k++) {
    const ref_optimizer rule = ref_optimizer_defaults(rules[k]);
    support_group *const group = support_add_group(&job, &rule);
    for (int s = 0; s < 3; s++)
      group->state_type[s] = ESC_TYPE_F16;
    add(&job, 40, REF_F16, REF_F16);
  }
  on_every_target(&job, check_stays_finite);
}

/* --- rules
 * ------------------------------------------------------------------------------------------------
 */

/* "sign(0) = +1 in Lion": without a gradient nothing moves. */
static void check_nothing_moves(support_rig *rig)
{
  const support_job *const job = rig->job;
  unsigned char *const before = support_rig_fill(rig);
  for (int k = 0; k < job->tensor_count; k++)
    for (int64_t i = 0; i < job->tensors[k].count; i++) {
      support_set_element(job, before, k, SUPPORT_GRADIENT, i, i % 2 ? 0.0 : -0.0);
      if (job->tensors[k].type[SUPPORT_STATE] != SUPPORT_NONE)
        support_set_element(job, before, k, SUPPORT_STATE, i, 0.0);
    }
  unsigned char *const after = stepped(rig, before);
  support_same_image(job, before, after, rig->bytes, support_rig_name(rig));
  free(before);
  free(after);
}

Test(defects, the_sign_of_zero_is_zero)
{
  support_job job = job_of("lion", 430);
  add(&job, 100, REF_F32, REF_F32);
  add(&job, 100, REF_BF16, REF_F16);
  const ref_optimizer rule = ref_optimizer_defaults("sign_sgd");
  support_add_group(&job, &rule);
  add(&job, 100, REF_F32, REF_BF16);
  on_every_target(&job, check_nothing_moves);
}

/* "Weight decay is missing from one path": every rule, coupled and not, in whole packets, in tails,
 * at odd addresses, with a master, with and without noise. */
Test(defects, decay_in_every_path)
{
  int count;
  const esc_entry *const rules = esc_catalogue_entries(ESC_CATALOGUE_OPTIMIZERS, &count);
  support_job job = support_job_begin(431);
  job.size = SUPPORT_USUAL_SIZE;
  for (int k = 0; k < 4 * count; k++) {
    ref_optimizer rule = ref_optimizer_defaults(rules[k / 4].name);
    rule.weight_decay = 0.5;
    rule.decoupled = k % 2;
    rule.eps = rule.eps > 0.0 ? 0.01 : 0.0;
    support_add_group(&job, &rule)->noise[0] = k % 4 / 2 * 0.1;
    add(&job, 64, REF_F32, REF_F32);
    add(&job, 3, REF_F32, REF_BF16);
    add(&job, 64, REF_BF16, REF_F32)->offset[SUPPORT_VALUE] = 1;
    add(&job, 19, REF_F16, REF_F16)->type[SUPPORT_MASTER] = REF_F32;
  }
  support_check_job(&job, 0.9);
  support_job_end(&job);
}

/* --- the launch
 * ------------------------------------------------------------------------------------------- */

/* "Stochastic rounding keyed on the thread": more tensors behind, other threads, other loops, and
 * nothing changes. (That every target gives the same is what support_check_job looks at.) */
Test(defects, rounding_does_not_depend_on_the_launch)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    unsigned char *found[2];
    support_job jobs[2];
    for (int more = 0; more <= 1; more++) {
      jobs[more] = job_of("adam", 440);
      add(&jobs[more], 5000, REF_BF16, REF_BF16)->stochastic = 1;
      for (int n = 0; n < 20 * more; n++)
        add(&jobs[more], 3000, REF_BF16, REF_BF16)->stochastic = 1;
      support_rig rig = support_rig_open(&targets[k], &jobs[more]);
      unsigned char *const before = support_rig_fill(&rig);
      found[more] = stepped(&rig, before);
      free(before);
      support_rig_close(&rig);
    }
    cr_assert_eq(memcmp(found[0] + jobs[0].tensors->at[SUPPORT_VALUE],
                        found[1] + jobs[1].tensors->at[SUPPORT_VALUE], 2 * 5000),
                 0);
    for (int more = 0; more <= 1; more++) {
      free(found[more]);
      support_job_end(&jobs[more]);
    }
  }
}

/* "A norm taken in bf16, or in an order that depends on the launch" (see also test_norm.c). */
Test(defects, the_norm_is_not_taken_in_16_bits)
{
  support_job job = job_of("sgd", 441);
  job.clip_norm = 1.0;
  add(&job, 70000, REF_F32, REF_BF16);
  add(&job, 333, REF_F32, REF_BF16);
  check_and_end(&job);
}

/* "One odd tail element or one misaligned pointer": sends nothing another way that could be seen.
 */
Test(defects, an_odd_tail_and_an_odd_address)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    unsigned char *found[2];
    support_job jobs[2];
    for (int odd = 0; odd <= 1; odd++) {
      jobs[odd] = job_of("adam", 442);
      support_tensor *const tensor = add(&jobs[odd], 4096 + odd, REF_BF16, REF_BF16);
      tensor->offset[SUPPORT_VALUE] = odd;
      tensor->offset[SUPPORT_GRADIENT] = 3 * odd;
      support_rig rig = support_rig_open(&targets[k], &jobs[odd]);
      unsigned char *const before = support_rig_fill(&rig);
      found[odd] = stepped(&rig, before);
      free(before);
      support_rig_close(&rig);
    }
    cr_assert_eq(memcmp(found[0] + jobs[0].tensors->at[SUPPORT_VALUE],
                        found[1] + jobs[1].tensors->at[SUPPORT_VALUE], 2 * 4096),
                 0);
    for (int odd = 0; odd <= 1; odd++) {
      free(found[odd]);
      support_job_end(&jobs[odd]);
    }
  }
}
