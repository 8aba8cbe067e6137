/* What the tests of optimizer calls share: a small optimizer of every kind of parameter, whose
 * description a test spoils before it is made; and a device that is a CPU but refuses, fails or
 * counts what a test asks of it. No test is in here. */
#ifndef TESTS_SUPPORT_CALLS_H
#define TESTS_SUPPORT_CALLS_H

#include "escapement/optimizer.h"
#include "host/opened_device.h"

enum { CALLS_GROUPS = 3, CALLS_PARAMETERS = 6, CALLS_ROOM = 4096 };

/* Group 0 is adam with an average, 1 sgd, 2 rmsprop. Parameters: 0 float, 1 bfloat16 with a master
 * and stochastic rounding, 2 empty, 3 float of group 1, 4 without a gradient, 5 float of group 2.
 */
typedef struct calls_case {
  esc_hyper hypers[3];
  esc_group groups[CALLS_GROUPS];
  esc_parameter parameters[CALLS_PARAMETERS];
  esc_optimizer_options options;
  _Alignas(256) unsigned char values[CALLS_PARAMETERS][CALLS_ROOM];
  _Alignas(256) unsigned char gradients[CALLS_PARAMETERS][CALLS_ROOM];
  _Alignas(256) unsigned char masters[CALLS_PARAMETERS][CALLS_ROOM];
  _Alignas(256) unsigned char state[16 * CALLS_ROOM];
  double scalar; /* for those in device memory */
} calls_case;

/* The same numbers for the same seed. The case must stay where it is. */
void calls_begin(calls_case *c, uint64_t seed);

/* Makes it; the test fails if that fails. */
esc_optimizer *calls_make(esc_device *device, calls_case *c);

/* New gradients, from a seed. */
void calls_draw_gradients(calls_case *c, uint64_t seed);

/* A device over the CPU. */
typedef struct calls_device {
  const void *foreign; /* memory that the device does not own */
  int capturing;       /* uploads and copies are refused */
  int fail_at;         /* call number that fails, from 1 on; 0: none */
  esc_status failure;  /* with this */
  int made;            /* calls that could fail so far */
  int allocated;       /* pieces of memory that are out */
  int norms, updates, starts, uploads;
} calls_device;

extern calls_device calls_watch;

/* The last error says this. */
void calls_expect_sentence(const char *expected, int line);

#define EXPECT_BAD(call, sentence)                                                                 \
  do {                                                                                             \
    cr_expect_eq((call), ESC_STATUS_BAD_ARGUMENT, "line %d: not refused", __LINE__);               \
    calls_expect_sentence((sentence), __LINE__);                                                   \
  } while (0)

/* The device; one at a time, its counters at 0. Not to be closed. */
esc_device *calls_device_open(void);

#endif
