/* The table of cases: every rule at four sizes; adam at every size; every list; types; clipping. */
#include "bench/update_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/tensor_lists.h"
#include "bench/unfused_rules.h"

enum { MOST_CASES = 160 };

typedef struct kind_of_case {
  const char *suffix;
  esc_type parameter, state;
  int master, clip, stochastic;
} kind_of_case;

/* "f32" all in float; "bf16" parameter and gradient in bfloat16, states in float. */
static const kind_of_case f32 = {"f32", ESC_TYPE_F32, ESC_TYPE_F32, 0, 0, 0};
static const kind_of_case bf16 = {"bf16", ESC_TYPE_BF16, ESC_TYPE_F32, 0, 0, 0};
static const kind_of_case f32_clipped = {"f32, clipped", ESC_TYPE_F32, ESC_TYPE_F32, 0, 1, 0};
static const kind_of_case further[] = {
    {"bf16, clipped", ESC_TYPE_BF16, ESC_TYPE_F32, 0, 1, 0},
    {"bf16, stochastic", ESC_TYPE_BF16, ESC_TYPE_F32, 0, 0, 1},
    {"bf16, master f32", ESC_TYPE_BF16, ESC_TYPE_F32, 1, 0, 0},
    {"bf16, states bf16", ESC_TYPE_BF16, ESC_TYPE_BF16, 0, 0, 0},
    {"bf16, states bf16, stochastic", ESC_TYPE_BF16, ESC_TYPE_BF16, 0, 0, 1},
};

static const char *const every_rule[] = {"1K", "32K", "1M", "16M"};
static const char *const every_size[] = {"1K", "4K", "16K", "64K", "256K",
                                         "1M", "4M", "16M", "64M", "256M"};

/* Appends a case that is not there yet. */
static void append(update_case *cases, int *count, const char *rule, const char *list,
                   kind_of_case k)
{
  update_case c = {"",      rule,     list,   k.parameter, k.parameter,
                   k.state, k.master, k.clip, k.stochastic};
  snprintf(c.name, sizeof c.name, "%s %s %s", rule, list, k.suffix);
  for (int i = 0; i < *count; i++)
    if (strcmp(cases[i].name, c.name) == 0)
      return;
  if (*count < MOST_CASES)
    cases[(*count)++] = c;
}

update_case *update_cases_make(int *count)
{
  update_case *const cases = malloc(MOST_CASES * sizeof *cases);
  *count = 0;
  if (!cases)
    return NULL;
  for (size_t size = 0; size < sizeof every_size / sizeof *every_size; size++) {
    append(cases, count, "adam", every_size[size], f32);
    append(cases, count, "adam", every_size[size], bf16);
  }
  for (int k = 0; list_names[k]; k++) {
    append(cases, count, "adam", list_names[k], f32);
    append(cases, count, "adam", list_names[k], bf16);
    append(cases, count, "sgd", list_names[k], f32);
    append(cases, count, "adam", list_names[k], f32_clipped);
  }
  append(cases, count, "adam", "16M", f32_clipped);
  for (size_t k = 0; k < sizeof further / sizeof *further; k++)
    append(cases, count, "adam", "16M", further[k]);
  for (int rule = 0; unfused_rule_names[rule]; rule++)
    for (size_t size = 0; size < sizeof every_rule / sizeof *every_rule; size++)
      append(cases, count, unfused_rule_names[rule], every_rule[size], f32);
  return cases;
}

size_t update_type_bytes(esc_type type)
{
  return type == ESC_TYPE_F32 ? 4 : 2;
}

double update_case_bytes(const update_case *c, int states)
{
  const size_t value = update_type_bytes(c->value), gradient = update_type_bytes(c->gradient);
  const size_t parameter = c->master ? value + 2 * sizeof(float) : 2 * value;
  const size_t state = 2 * (size_t)states * update_type_bytes(c->state);
  return (double)(parameter + gradient + state + (c->clip ? gradient : 0));
}
