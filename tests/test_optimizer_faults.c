/* Faults: the k-th piece of memory or the k-th call of the device is refused, for every k, while an
 * optimizer is made, changed and stepped: a status and a sentence, no output touched, nothing left
 * behind. The linker puts the functions below before malloc and calloc. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support_calls.h"

static int counting, requests, refuse_at; /* of memory of the host */

static int is_refused(void)
{
  return counting && ++requests == refuse_at;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_malloc(size_t size)
{
  return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
  return is_refused() ? NULL : __real_calloc(count, size);
}

static calls_case fixture;

/* Creation with request k refused; the status. */
static esc_status create(esc_device *device, int k, esc_optimizer **optimizer)
{
  requests = 0;
  refuse_at = k;
  counting = 1;
  const esc_status status = esc_optimizer_create(device, &fixture.options, optimizer);
  counting = 0;
  return status;
}

static void expect_nothing_left(const esc_optimizer *optimizer, int k)
{
  cr_expect_null(optimizer, "request %d: output touched", k);
  cr_expect_eq(calls_watch.allocated, 0, "request %d: memory left", k);
  cr_expect(strlen(esc_last_error()) > 0, "request %d: no sentence", k);
}

Test(faults, memory_of_the_host)
{
  int k = 1;
  for (;; k++) {
    esc_device *const device = calls_device_open();
    esc_optimizer *optimizer = NULL;
    calls_begin(&fixture, 1);
    fixture.options.keep_master = k % 2;
    const esc_status status = create(device, k, &optimizer);
    if (status == ESC_STATUS_OK) {
      cr_expect(requests < k);
      esc_optimizer_free(optimizer);
      break;
    }
    cr_assert_eq(status, ESC_STATUS_OUT_OF_MEMORY, "request %d: status %d", k, (int)status);
    expect_nothing_left(optimizer, k);
  }
  cr_expect(k > 8, "only %d requests were seen", k - 1);
  cr_expect_eq(calls_watch.allocated, 0);
}

Test(faults, memory_for_the_size_query)
{
  for (int k = 1;; k++) {
    esc_device *const device = calls_device_open();
    size_t bytes = 99;
    calls_begin(&fixture, 1);
    requests = 0, refuse_at = k, counting = 1;
    const esc_status status = esc_optimizer_state_bytes(device, &fixture.options, &bytes);
    counting = 0;
    if (status == ESC_STATUS_OK)
      break;
    cr_assert_eq(status, ESC_STATUS_OUT_OF_MEMORY);
    cr_expect_eq(bytes, 99u);
  }
}

static void fail_creation(esc_status failure, int keep_master, int expected_calls)
{
  int k = 1;
  for (;; k++) {
    esc_device *const device = calls_device_open();
    esc_optimizer *optimizer = NULL;
    calls_begin(&fixture, 1);
    fixture.options.keep_master = keep_master;
    calls_watch.fail_at = k;
    calls_watch.failure = failure;
    const esc_status status = esc_optimizer_create(device, &fixture.options, &optimizer);
    if (status == ESC_STATUS_OK) {
      esc_optimizer_free(optimizer);
      break;
    }
    cr_assert_eq(status, failure, "call %d: status %d", k, (int)status);
    cr_expect_null(optimizer);
    cr_expect_eq(calls_watch.allocated, 0, "call %d: memory left", k);
  }
  cr_expect_eq(k - 1, expected_calls);
  cr_expect_eq(calls_watch.allocated, 0);
}

/* Two allocations, the tables, the filling; with kept masters the tables of tensors once more. */
Test(faults, the_device)
{
  fail_creation(ESC_STATUS_DEVICE_LOST, 0, 4);
  fail_creation(ESC_STATUS_DEVICE_LOST, 1, 5);
  fail_creation(ESC_STATUS_OUT_OF_MEMORY, 0, 4);
  fail_creation(ESC_STATUS_OUT_OF_MEMORY, 1, 5);
}

/* Steps, bindings and settings ask the host for no memory. */
Test(faults, steps_need_no_memory)
{
  esc_device *const device = calls_device_open();
  esc_step_options all = ESC_STEP_OPTIONS_INIT;
  void *gradients[CALLS_PARAMETERS] = {NULL};
  calls_begin(&fixture, 1);
  esc_optimizer *const optimizer = calls_make(device, &fixture);
  all.clip_norm.value = 0.5;
  all.skip_non_finite = 1;
  all.zero_gradients = 1;
  for (int p = 0; p < CALLS_PARAMETERS; p++)
    gradients[p] = fixture.gradients[p];
  requests = 0, refuse_at = 1, counting = 1;
  const esc_status first = esc_optimizer_step(optimizer, NULL);
  const esc_status bound = esc_optimizer_bind(optimizer, gradients, CALLS_PARAMETERS, NULL);
  const esc_status second = esc_optimizer_step(optimizer, &all);
  const esc_status set = esc_optimizer_set(optimizer, 0, "lr", (esc_scalar)ESC_SCALAR(0.5), NULL);
  const esc_status filled = esc_optimizer_refill(optimizer, NULL);
  counting = 0;
  cr_expect(!first && !bound && !second && !set && !filled);
  cr_expect_eq(requests, 0, "%d pieces of memory were asked for", requests);
  esc_optimizer_free(optimizer);
}

/* What could not be sent to the device is not remembered as if it had been. */
Test(faults, refused_changes)
{
  esc_device *const device = calls_device_open();
  void *gradients[CALLS_PARAMETERS] = {NULL};
  float before, after;
  calls_begin(&fixture, 1);
  esc_optimizer *const optimizer = calls_make(device, &fixture);
  calls_watch.failure = ESC_STATUS_BAD_ARGUMENT; /* a stream that is captured */
  calls_watch.fail_at = calls_watch.made + 1;
  cr_expect_eq(esc_optimizer_set(optimizer, 1, "lr", (esc_scalar)ESC_SCALAR(0.0), NULL),
               ESC_STATUS_BAD_ARGUMENT);
  calls_watch.fail_at = calls_watch.made + 1;
  cr_expect_eq(esc_optimizer_bind(optimizer, gradients, CALLS_PARAMETERS, NULL),
               ESC_STATUS_BAD_ARGUMENT);
  memcpy(&before, fixture.values[3], sizeof before);
  cr_assert_eq(esc_optimizer_set(optimizer, 1, "weight_decay", (esc_scalar)ESC_SCALAR(0.0), NULL),
               ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_step(optimizer, NULL), ESC_STATUS_OK);
  memcpy(&after, fixture.values[3], sizeof after);
  cr_expect_neq(before, after, "the step size 0 came with the next setting");
  esc_optimizer_free(optimizer);
}
