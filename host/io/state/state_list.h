/* What a state file of an optimizer holds: a list of named tensors, in the order in which they lie
 * in the file when we write it. */
#ifndef ESC_STATE_LIST_H
#define ESC_STATE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "escapement/state_file.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "state files are little-endian, and nothing here turns bytes around"
#endif

#define ESC_STATE_FORMAT  "escapement.state"
#define ESC_STATE_VERSION "1"

/* As the reference implementation of safetensors has it. */
#define ESC_STATE_HEADER_MOST 100000000

/* Numbers of items that are no state. */
enum { ESC_ITEM_STEPS = -1, ESC_ITEM_PRODUCT = -2 };

typedef struct esc_state_item {
  char *name;
  const char *type; /* "F32" */
  int64_t count;    /* -1: one number without dimensions */
  size_t begin, bytes;
  int64_t parameter;
  int k; /* its state, or ESC_ITEM_... */
} esc_state_item;

typedef struct esc_state_list {
  esc_state_item *items;
  int64_t count;
  size_t bytes;   /* of all */
  size_t largest; /* of one */
} esc_state_list;

/* Lists what a file holds. Sentences in esc_io_error(). The caller clears the list in any case. */
esc_status esc_state_list_make(esc_optimizer *optimizer, esc_state_list *list);
void esc_state_list_clear(esc_state_list *list);

/* The key of a parameter's rule in the metadata: to be freed; NULL if there is no memory. */
char *esc_state_rule_key(const esc_optimizer *optimizer, int64_t parameter);

/* What the core said of a call that failed. */
esc_status esc_state_core_failed(esc_status status);

#endif
