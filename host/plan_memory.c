/* The memory that a plan owns. */
#include <stdlib.h>
#include <string.h>

#include "host/error.h"
#include "host/plan.h"

void *esc_plan_own(esc_planned *planned, size_t count, size_t size)
{
  const int full = planned->owned_count == (int)(sizeof planned->owned / sizeof *planned->owned);
  void *const memory = full ? NULL : calloc(count ? count : 1, size);
  if (!memory)
    esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory: %zu elements of %zu bytes for the plan",
             count, size);
  else
    planned->owned[planned->owned_count++] = memory;
  return memory;
}

char *esc_plan_own_text(esc_planned *planned, const char *text)
{
  const size_t size = strlen(text) + 1;
  char *const copy = esc_plan_own(planned, size, 1);
  return copy ? memcpy(copy, text, size) : NULL;
}

void esc_plan_release(esc_planned *planned)
{
  while (planned->owned_count > 0)
    free(planned->owned[--planned->owned_count]);
}

void esc_plan_free(esc_planned *planned)
{
  if (planned)
    esc_plan_release(planned);
  free(planned);
}
