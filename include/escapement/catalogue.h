/* The catalogues: every optimizer, noise law, landscape and observer this build knows, with its
 * keys, their defaults and ranges, and its formula. `escapement list` prints these tables, the
 * reader of experiment files checks keys with them. */
#ifndef ESCAPEMENT_CATALOGUE_H
#define ESCAPEMENT_CATALOGUE_H

#include <stdint.h>

#include "escapement/status.h"

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

typedef enum esc_catalogue {
  ESC_CATALOGUE_OPTIMIZERS = 0,
  ESC_CATALOGUE_LANDSCAPES = 1,
  ESC_CATALOGUE_NOISES = 2,
  ESC_CATALOGUE_OBSERVERS = 3,
  ESC_CATALOGUE_SCHEDULES = 4
} esc_catalogue;

typedef enum esc_key_kind {
  ESC_KEY_NUMBER = 0, /* a finite number in the key's range */
  ESC_KEY_WORD = 1,   /* one of the words of `choices`, counted from 0 */
  ESC_KEY_LIST = 2,   /* a list of numbers */
  ESC_KEY_SWITCH = 3  /* true or false */
} esc_key_kind;

/* The range a number must lie in. */
typedef enum esc_range {
  ESC_RANGE_ANY = 0,          /* any finite number */
  ESC_RANGE_POSITIVE = 1,     /* x > 0 */
  ESC_RANGE_NOT_NEGATIVE = 2, /* x >= 0 */
  ESC_RANGE_FRACTION = 3,     /* 0 <= x < 1 */
  ESC_RANGE_SHARE = 4,        /* 0 <= x <= 1 */
  ESC_RANGE_STABLE = 5,       /* 0 < x <= 2 */
  ESC_RANGE_SKEW = 6,         /* -1 <= x <= 1 */
  ESC_RANGE_COUNT = 7,        /* a whole number >= 1 */
  ESC_RANGE_AT_LEAST_ONE = 8  /* x >= 1 */
} esc_range;

typedef struct esc_key {
  const char *name;
  esc_key_kind kind;
  esc_range range;      /* of a number, or of each number of a list */
  double value;         /* the default; NaN: it must be given (a list: it may be left out) */
  const char *choices;  /* for a word: "left|right|zero"; else NULL */
  const char *meaning;  /* a few words */
} esc_key;

typedef struct esc_entry {
  const char *name;
  const char *formula;  /* one line, plain text */
  const char *source;   /* where it is from */
  const esc_key *keys;
  int key_count;
  double lr;            /* of optimizers: the default step size, */
  double weight_decay;  /* the default decay, */
  int decoupled;        /* and whether it is decoupled by default */
} esc_entry;

/* The entries of a catalogue; *count gets their number. NULL and 0 for an unknown catalogue.
 * The tables live as long as the library. */
const esc_entry *esc_catalogue_entries(esc_catalogue catalogue, int *count);

/* A range in words: "a number above 0". Lives as long as the library. */
const char *esc_range_name(esc_range range);

#ifdef __cplusplus
}
#endif
#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
