/* Lists of tensor sizes that updates are measured on: the parameters of two real networks, and the
 * shapes that are hard on a step: very many, very small, very uneven. */
#ifndef ESC_TENSOR_LISTS_H
#define ESC_TENSOR_LISTS_H

#include <stdint.h>

typedef struct tensor_list {
  int64_t tensor_count, element_count;
  int64_t *counts; /* of each tensor; to be freed */
} tensor_list;

/* A list by its name (list_names), or one tensor of so many elements: "1K", "256M", "1000003".
 * 0 if there is no such list, or no memory. */
int tensor_list_make(const char *name, tensor_list *list);

void tensor_list_free(tensor_list *list);

/* The names, NULL after the last. */
extern const char *const list_names[];

#endif
