/* How a rule declares its keys. Beside its formula each rule NAME has
 *
 *   #define ESC_KEYS_NAME(KEY) KEY(name, kind, range, default, choices, "meaning") ...
 *
 * with kind one of NUMBER, WORD, LIST, SWITCH and range one of those of escapement/catalogue.h.
 * ESC_DECLARE_KEYS(NAME) makes the struct esc_NAME_keys of doubles that set-up functions read; a
 * word is there by its place among the choices, a list by its length. */
#ifndef ESC_KEY_H
#define ESC_KEY_H

#define ESC_KEY_MEMBER(name, kind, range, value, choices, meaning) double name;
#define ESC_DECLARE_KEYS(rule)                                                                     \
  typedef struct esc_##rule##_keys {                                                               \
    ESC_KEYS_##rule(ESC_KEY_MEMBER) double end_of_keys;                                            \
  } esc_##rule##_keys;

#define ESC_REQUIRED ((double)NAN) /* a key without a default */
#define ESC_INFINITE ((double)NAN) /* a variance that is not finite */

#endif
