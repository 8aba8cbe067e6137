/* Which updates bench_updates measures: a rule, a list of tensors, element types, clipping. */
#ifndef ESC_UPDATE_CASES_H
#define ESC_UPDATE_CASES_H

#include "escapement/escapement.h"

typedef struct update_case {
  char name[64];
  const char *rule, *list;
  esc_type value, gradient, state; /* ESC_TYPE_F32 or ESC_TYPE_BF16 */
  int master, clip, stochastic;
} update_case;

/* All of them; NULL if there is no memory. To be freed. */
update_case *update_cases_make(int *count);

/* Bytes that a step of it must read and write for each parameter, with so many states. */
double update_case_bytes(const update_case *c, int states);

size_t update_type_bytes(esc_type type);

#endif
