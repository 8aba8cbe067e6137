/* escapement list: the catalogues, as a person reads them. */
#include "command.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "escapement/escapement.h"
#include "host/io/suggest.h"
#include "options.h"

/* A key that every entry of a shelf takes: those of the experiment file, not of a rule. */
typedef struct common_key {
  const char *name, *value, *kind, *meaning;
} common_key;

static const common_key optimizer_keys[] = {
    {"clip_update", ".inf", "a number above 0", "largest Euclidean norm of the whole update"},
    {"project", "-", "[lo, hi]", "the iterate is kept there after every step"},
    {"schedule", "constant", "{kind: ...}", "lr as a function of t"},
    {0}};

static const common_key landscape_keys[] = {{"scale", "1", "a number, not 0", "multiplies U"}, {0}};

static const common_key noise_keys[] = {
    {"scale", "1", "a number, or one a dimension", "multiplies xi"},
    {"variance", "-", "a number of at least 0", "instead of scale, where the law has one"},
    {"covariance", "-", "[[...], ...]", "of the gaussian law, instead of scale"},
    {"clip", ".inf", "a number above 0", "truncates each component, after centring"},
    {"sparse", "1", "a number in [1e-9, 1]", "xi is zero with probability 1 - sparse"},
    {"state_scale", "[1, 0]", "[c0, c2]", "multiplies by sqrt(c0 + c2 x^2)"},
    {"proportional_to", "none", "none|loss", "loss: multiplies by sqrt(2 U)"},
    {"anneal", "-", "{eta0, gamma}", "variance eta0/(1+t)^gamma, instead of scale"},
    {"on", "gradient", "gradient|parameter", "parameter: after the step, not multiplied by lr"},
    {0}};

static const common_key no_keys[] = {{0}};

typedef struct shelf {
  const char *name;
  esc_catalogue catalogue;
  const char *key; /* of an experiment file */
  const common_key *common;
} shelf;

static const shelf shelves[] = {
    {"optimizers", ESC_CATALOGUE_OPTIMIZERS, "optimizer: {name: ...}", optimizer_keys},
    {"landscapes", ESC_CATALOGUE_LANDSCAPES, "landscape: {name: ...}", landscape_keys},
    {"noises", ESC_CATALOGUE_NOISES, "noise: {law: ...}, or a list of them", noise_keys},
    {"schedules", ESC_CATALOGUE_SCHEDULES, "optimizer: {schedule: {kind: ...}}", no_keys},
    {"observers", ESC_CATALOGUE_OBSERVERS, "observe: {...}", no_keys},
};

enum { SHELVES = sizeof shelves / sizeof shelves[0] };

/* Word number `index` of "a|b|c". */
static void word_at(const char *words, int index, char *text, size_t size)
{
  for (; index > 0 && *words; index--) {
    words += strcspn(words, "|");
    words += *words == '|';
  }
  snprintf(text, size, "%.*s", (int)strcspn(words, "|"), words);
}

static void default_text(const esc_key *key, char *text, size_t size)
{
  if (key->kind == ESC_KEY_WORD && !isnan(key->value))
    word_at(key->choices, (int)key->value, text, size);
  else if (key->kind == ESC_KEY_SWITCH && !isnan(key->value))
    snprintf(text, size, "%s", key->value != 0.0 ? "true" : "false");
  else if (!isnan(key->value))
    snprintf(text, size, "%.10g", key->value);
  else
    snprintf(text, size, "%s", key->kind == ESC_KEY_LIST ? "-" : "needed");
}

static const char *kind_text(const esc_key *key)
{
  switch (key->kind) {
  case ESC_KEY_NUMBER:
    return esc_range_name(key->range);
  case ESC_KEY_WORD:
    return key->choices;
  case ESC_KEY_LIST:
    return "a list of numbers";
  case ESC_KEY_SWITCH:
    return "true|false";
  }
  return "";
}

static void print_row(const char *name, const char *value, const char *kind, const char *meaning)
{
  printf("      %-20s %-10s %-29s %s\n", name, value, kind, meaning);
}

/* Keys of the experiment file whose defaults are the rule's. */
static void print_rule_defaults(const esc_entry *entry)
{
  char lr[64], weight_decay[64];
  snprintf(lr, sizeof lr, "%.10g", entry->lr);
  snprintf(weight_decay, sizeof weight_decay, "%.10g", entry->weight_decay);
  print_row("lr", lr, esc_range_name(ESC_RANGE_POSITIVE), "step size");
  print_row("weight_decay", weight_decay, esc_range_name(ESC_RANGE_NOT_NEGATIVE), "wd");
  print_row("decay", entry->decoupled ? "decoupled" : "coupled", "coupled|decoupled",
            "beside the step, or into the gradient");
}

static void print_entry(const esc_entry *entry, esc_catalogue catalogue)
{
  printf("  %-22s %s\n", entry->name, entry->formula ? entry->formula : "");
  if (entry->source && entry->source[0])
    printf("      (%s)\n", entry->source);
  if (catalogue == ESC_CATALOGUE_OPTIMIZERS)
    print_rule_defaults(entry);
  for (int i = 0; i < entry->key_count; i++) {
    const esc_key *const key = &entry->keys[i];
    char value[64];
    default_text(key, value, sizeof value);
    print_row(key->name, value, kind_text(key), key->meaning);
  }
}

static void print_shelf(const shelf *which)
{
  int count = 0;
  const esc_entry *const entries = esc_catalogue_entries(which->catalogue, &count);
  printf("%s   %s\n", which->name, which->key);
  if (which->common->name)
    printf("  each of them           takes these keys besides its own\n");
  for (const common_key *key = which->common; key->name; key++)
    print_row(key->name, key->value, key->kind, key->meaning);
  for (int i = 0; i < count; i++)
    print_entry(&entries[i], which->catalogue);
}

static void print_backends(void)
{
  static const char *const backends[] = {"cpu", "cuda"};
  printf("backends   --backend ...\n");
  for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++) {
    const char *why = "";
    const int there = esc_backend_available(backends[i], &why);
    printf("  %-22s %s%s%s\n", backends[i], there ? "available" : "not available",
           why && *why ? ": " : "", why ? why : "");
  }
}

static int print_all(void)
{
  for (int i = 0; i < SHELVES; i++) {
    print_shelf(&shelves[i]);
    printf("\n");
  }
  print_backends();
  return ESC_EXIT_DONE;
}

/* A catalogue, or one entry of any of them by its name. */
static int print_one(const char *name)
{
  char nearest[128];
  esc_suggestion suggestion = {name, NULL, 0};
  int found = 0;
  for (int i = 0; i < SHELVES; i++) {
    if (strcmp(name, shelves[i].name) == 0) {
      print_shelf(&shelves[i]);
      return ESC_EXIT_DONE;
    }
    esc_suggest(&suggestion, shelves[i].name);
    int count = 0;
    const esc_entry *const entries = esc_catalogue_entries(shelves[i].catalogue, &count);
    for (int k = 0; k < count; k++) {
      esc_suggest(&suggestion, entries[k].name);
      if (strcmp(name, entries[k].name) == 0 && ++found)
        print_entry(&entries[k], shelves[i].catalogue);
    }
  }
  if (strcmp(name, "backends") == 0)
    print_backends();
  else if (!found) {
    esc_suggest(&suggestion, "backends");
    esc_suggestion_text(&suggestion, nearest, sizeof nearest);
    return esc_usage_error("list",
                           "expected optimizers, landscapes, noises, schedules, observers, "
                           "backends or one of their names, found \"%.40s\"%s",
                           name, nearest);
  }
  return ESC_EXIT_DONE;
}

int esc_command_list(int argc, char **argv)
{
  esc_options options;
  int status = esc_options_read(&options, argc, argv, ESC_FOR_OTHERS);
  if (!status && options.help)
    printf("escapement list [optimizers|landscapes|noises|schedules|observers|backends|NAME]\n\n"
           "What an experiment can name, with keys, defaults, ranges and formulas.\n");
  else if (!status && options.operand_count == 0)
    status = print_all();
  for (int i = 0; !status && !options.help && i < options.operand_count; i++)
    status = print_one(options.operands[i]);
  esc_options_free(&options);
  return status;
}
