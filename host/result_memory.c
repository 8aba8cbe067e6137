/* The memory of a result, and its end. */
#include <stdlib.h>

#include "host/held_result.h"

typedef struct esc_block {
  struct esc_block *next;
} esc_block;

void *esc_result_own(esc_result *result, int64_t count, size_t size)
{
  const size_t head = 64; /* keeps what follows aligned */
  char *const memory = calloc(1, head + (size_t)(count > 0 ? count : 1) * size);
  if (!memory)
    return NULL;
  esc_block *const block = (esc_block *)(void *)memory;
  block->next = result->blocks;
  result->blocks = block;
  return memory + head;
}

void esc_result_free(esc_result *result)
{
  if (!result)
    return;
  while (result->blocks) {
    esc_block *const block = result->blocks;
    result->blocks = block->next;
    free(block);
  }
  free(result->finals);
  esc_plan_free(result->planned);
  free(result);
}

const esc_report *esc_result_report(const esc_result *result)
{
  return result ? &result->report : NULL;
}
