/* The norm of all gradients (kernels/rules/norm.h) as a caller gets it: near the exact one within
 * its bound for any size of elements, flags for what is not finite and not for what is large, and
 * the same bits for every target and wherever arrays lie.
 *
 * The bound: a square is rounded once with the sum it enters; a column of 8 rows takes 8 such
 * roundings, the folding of 256 columns 8 more, each 2^-24 of a sum of positive numbers; what
 * follows is in double. That is 16*2^-24 for the square of the norm and half of it for the norm. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support_expected.h"

static const double bound = 8.5 * 0x1p-24;

typedef struct taken {
  double norm, squared;
  int non_finite;
} taken;

static void from_device(const support_rig *rig, void *to, const void *from, size_t bytes)
{
  cr_assert_eq(rig->device->backend->copy(rig->device->opened, to, from, bytes, NULL),
               ESC_STATUS_OK);
}

static taken take(support_rig *rig)
{
  taken t = {(double)NAN, (double)NAN, -1};
  double *squared = NULL;
  int32_t *non_finite = NULL, flag = -1;
  cr_assert_eq(esc_optimizer_norm(rig->optimizer, NULL), ESC_STATUS_OK, "%s", esc_last_error());
  cr_assert_eq(esc_optimizer_norm_read(rig->optimizer, NULL, &t.norm, &t.non_finite), ESC_STATUS_OK,
               "%s", esc_last_error());
  cr_assert_eq(esc_optimizer_norm_scalars(rig->optimizer, &squared, &non_finite), ESC_STATUS_OK);
  from_device(rig, &t.squared, squared, sizeof t.squared);
  from_device(rig, &flag, non_finite, sizeof flag);
  cr_assert_eq(flag != 0, t.non_finite != 0, "%s: flags disagree", support_rig_name(rig));
  cr_assert(isnan(t.norm) ? isnan(t.squared) : t.norm == sqrt(t.squared),
            "%s: %g is not the root of %g", support_rig_name(rig), t.norm, t.squared);
  return t;
}

static support_job begin(uint64_t seed)
{
  support_job job = support_job_begin(seed);
  const ref_optimizer rule = ref_optimizer_defaults("sgd");
  job.size = SUPPORT_USUAL_SIZE;
  support_add_group(&job, &rule);
  return job;
}

static support_tensor *add(support_job *job, int64_t count, int type)
{
  support_tensor *const tensor = support_add_tensor(job, count);
  tensor->type[SUPPORT_GRADIENT] = type;
  return tensor;
}

/* What gradients are made of: element i of tensor k. */
typedef double element_of(support_rng *rng, int tensor, int64_t i);

static void set_gradients(const support_job *job, unsigned char *image, element_of *of)
{
  support_rng rng = {job->seed};
  for (int k = 0; k < job->tensor_count; k++)
    for (int64_t i = 0; i < job->tensors[k].count; i++)
      ref_store(job->tensors[k].type[SUPPORT_GRADIENT],
                image + job->tensors[k].at[SUPPORT_GRADIENT], i, of(&rng, k, i));
}

/* The norm on every target: the same bits, and near the exact one. */
static taken check(support_job *job, element_of *of)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  unsigned char *image = NULL;
  taken first = {0};
  for (int k = 0; k < count; k++) {
    support_rig rig = support_rig_open(&targets[k], job);
    if (!image) {
      image = support_rig_fill(&rig);
      if (of)
        set_gradients(job, image, of);
    }
    support_rig_load(&rig, image);
    const taken t = take(&rig);
    if (k == 0) {
      const double exact = support_norm(job, image);
      cr_assert_eq(t.non_finite != 0, isinf(exact), "%s: non_finite %d of a norm of %g",
                   support_rig_name(&rig), t.non_finite, exact);
      cr_assert(isinf(exact) || fabs(t.norm - exact) <= bound * exact,
                "%s: %.17g, expected %.17g +- %g (seed %llu)", support_rig_name(&rig), t.norm,
                exact, bound * exact, (unsigned long long)job->seed);
      first = t;
    }
    cr_assert(t.squared == first.squared || (isnan(t.squared) && isnan(first.squared)),
              "%s: %a, on %s %a", support_rig_name(&rig), t.squared, targets[0].isa, first.squared);
    cr_assert_eq(t.non_finite, first.non_finite);
    support_rig_close(&rig);
  }
  free(image);
  return first;
}

/* --- values
 * ------------------------------------------------------------------------------------------ */

static const int64_t sizes[] = {0,    1,    7,    31, 255,  256, 257,  1009, 2047,
                                2048, 2049, 4097, 0,  9000, 1,   2303, 0};
enum { SIZES = sizeof sizes / sizeof *sizes };

Test(norm, every_size_alone)
{
  for (int type = REF_F32; type <= REF_F16; type++)
    for (int k = 0; k < SIZES; k++) {
      support_job job = begin(200 + (uint64_t)k);
      add(&job, sizes[k], type);
      check(&job, NULL);
      support_job_end(&job);
    }
}

static support_job every_size(uint64_t seed)
{
  support_job job = begin(seed);
  for (int k = 0; k < 3 * SIZES; k++)
    add(&job, sizes[k % SIZES], (k + k / SIZES) % 3);
  return job;
}

Test(norm, every_size_together)
{
  support_job job = every_size(230);
  check(&job, NULL);
  support_job_end(&job);
}

/* More leaves than columns. */
Test(norm, many_leaves)
{
  support_job job = begin(231);
  for (int k = 0; k < 2300; k++)
    add(&job, 1 + k % 5, REF_F32);
  add(&job, 40 * 2048 + 77, REF_BF16);
  check(&job, NULL);
  support_job_end(&job);
}

static double huge(support_rng *rng, int tensor, int64_t i)
{
  (void)tensor, (void)i;
  return support_between(rng, 2e38, 3.38e38);
}

static double denormal(support_rng *rng, int tensor, int64_t i)
{
  (void)tensor, (void)i;
  return ldexp(support_between(rng, -1.0, 1.0), -126);
}

static double of_any_size(support_rng *rng, int tensor, int64_t i)
{
  (void)tensor, (void)i;
  return support_normal(rng) * exp2(support_between(rng, -140.0, 120.0));
}

/* Leaves of sizes on either side of where the scale changes, one far from the next. */
static double of_a_leafs_size(support_rng *rng, int tensor, int64_t i)
{
  static const double sizes_of[] = {0x1p-44, 0x1.fffffep-45, 0x1p50, 0x1.fffffep49,
                                    1.0,     0x1p-149,       0x1p127};
  return sizes_of[(tensor + i / 2048) % 7] * (support_draw(rng) % 2 ? 1.0 : -1.0);
}

/* Within one leaf, from the smallest to the largest. */
static double one_large(support_rng *rng, int tensor, int64_t i)
{
  (void)tensor;
  return i % 2048 == 1500 ? support_between(rng, 1e37, 3e38) : 1e-40;
}

static double all_but_zero(support_rng *rng, int tensor, int64_t i)
{
  (void)rng, (void)tensor;
  return i == 0 ? 0x1p-149 : 0.0;
}

static double zero(support_rng *rng, int tensor, int64_t i)
{
  (void)rng, (void)tensor;
  return i % 2 ? 0.0 : -0.0;
}

Test(norm, any_range)
{
  static element_of *const of[] = {huge,      denormal,     of_any_size, of_a_leafs_size,
                                   one_large, all_but_zero, zero};
  for (size_t k = 0; k < sizeof of / sizeof *of; k++)
    for (int bf16 = 0; bf16 <= 1; bf16++) {
      support_job job = begin(240 + k);
      add(&job, 5000, bf16);
      add(&job, 3, bf16);
      add(&job, 2048, bf16);
      add(&job, 100, bf16);
      const taken t = check(&job, of[k]);
      cr_assert_eq(t.non_finite, 0);
      cr_assert(isfinite(t.squared));
      support_job_end(&job);
    }
}

static double one(support_rng *rng, int tensor, int64_t i)
{
  (void)rng, (void)tensor, (void)i;
  return 1.0;
}

static double counting(support_rng *rng, int tensor, int64_t i)
{
  (void)rng, (void)tensor;
  return 1.0 + (double)(i % 3);
}

/* Whole numbers are summed exactly, where sums in 16 bits stop at 256 or 2048. */
Test(norm, is_not_summed_in_16_bits)
{
  for (int type = REF_F32; type <= REF_F16; type++) {
    support_job job = begin(250);
    add(&job, 30000, type);
    cr_assert_eq(check(&job, one).squared, 30000.0);
    cr_assert_eq(check(&job, counting).squared, 10000.0 * 14.0);
    support_job_end(&job);
  }
}

/* --- what is not finite
 * ------------------------------------------------------------------------------- */

static double bad;
static int bad_tensor;
static int64_t bad_place;

static double one_is_bad(support_rng *rng, int tensor, int64_t i)
{
  return tensor == bad_tensor && i == bad_place ? bad : support_normal(rng);
}

Test(norm, flags_what_is_not_finite)
{
  static const int64_t places[] = {0, 7, 2047, 2048, 2999};
  static const double bads[] = {(double)INFINITY, -(double)INFINITY, (double)NAN};
  for (int tensor = 0; tensor < 3; tensor++)
    for (int k = 0; k < 5; k++) {
      support_job job = begin(260);
      for (int type = REF_F32; type <= REF_F16; type++)
        add(&job, 3000, type);
      bad = bads[(k + tensor) % 3];
      bad_tensor = tensor;
      bad_place = places[k];
      const taken t = check(&job, one_is_bad);
      cr_assert_neq(t.non_finite, 0);
      cr_assert(!isfinite(t.norm));
      support_job_end(&job);
    }
}

/* A flag is of its norm alone; what has no gradient is not looked at. */
Test(norm, flags_do_not_stick)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  for (int k = 0; k < count; k++) {
    support_job job = begin(261);
    add(&job, 300, REF_F32);
    add(&job, 5, REF_F32)->unbound = 1;
    support_rig rig = support_rig_open(&targets[k], &job);
    unsigned char *const image = support_rig_fill(&rig);
    support_set_element(&job, image, 1, SUPPORT_GRADIENT, 2, (double)NAN);
    support_rig_load(&rig, image);
    const taken before = take(&rig);
    cr_assert_eq(before.non_finite, 0, "%s: what is not bound was read", support_rig_name(&rig));
    const double kept = support_element(&job, image, 0, SUPPORT_GRADIENT, 299);
    support_set_element(&job, image, 0, SUPPORT_GRADIENT, 299, (double)INFINITY);
    support_rig_load(&rig, image);
    cr_assert_neq(take(&rig).non_finite, 0);
    support_set_element(&job, image, 0, SUPPORT_GRADIENT, 299, kept);
    support_rig_load(&rig, image);
    const taken after = take(&rig);
    cr_assert(after.non_finite == 0 && after.squared == before.squared, "%s",
              support_rig_name(&rig));
    free(image);
    support_rig_close(&rig);
    support_job_end(&job);
  }
}

/* --- nothing
 * ------------------------------------------------------------------------------------------ */

Test(norm, of_nothing_is_zero)
{
  support_job job = begin(270);
  cr_assert_eq(check(&job, NULL).squared, 0.0);
  add(&job, 0, REF_F32);
  cr_assert_eq(check(&job, NULL).squared, 0.0);
  add(&job, 10, REF_BF16)->unbound = 1;
  cr_assert_eq(check(&job, NULL).squared, 0.0);
  support_job_end(&job);
}

/* --- where arrays lie
 * ---------------------------------------------------------------------------------- */

static double by_place(support_rng *rng, int tensor, int64_t i)
{
  support_rng own = {(uint64_t)(i * 64 + tensor)};
  (void)rng;
  return support_normal(&own);
}

/* Any offset of the gradient, of the value beside it, and empty tensors between: the same bits. */
Test(norm, does_not_depend_on_offsets)
{
  for (int type = REF_F32; type <= REF_F16; type++) {
    double first = -1.0;
    for (int offset = 0; offset < 16 / ref_type_bytes(type); offset++) {
      support_job job = begin(280);
      for (int k = 0; k < 4; k++) {
        support_tensor *const tensor = add(&job, 1 + 1500 * k, type);
        tensor->offset[SUPPORT_GRADIENT] = (offset * (k + 1)) % 16;
        tensor->offset[SUPPORT_VALUE] = k;
      }
      const double squared = check(&job, by_place).squared;
      cr_assert(offset == 0 || squared == first, "type %d, offset %d: %a, not %a", type, offset,
                squared, first);
      first = squared;
      support_job_end(&job);
    }
  }
}
