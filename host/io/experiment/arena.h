/* Memory that is taken piece by piece and given back all at once: everything an experiment file
 * owns. Pieces are zeroed and aligned for any type. */
#ifndef ESC_ARENA_H
#define ESC_ARENA_H

#include <stddef.h>

typedef struct esc_arena {
  struct esc_arena_block *blocks;
} esc_arena;

/* A zeroed piece, or NULL (out of memory). */
void *esc_arena_take(esc_arena *arena, size_t size);

/* count zeroed pieces of `size` bytes in a row, or NULL (out of memory, also by overflow). */
void *esc_arena_take_array(esc_arena *arena, size_t count, size_t size);

/* A copy of `length` bytes with a closing NUL, or NULL. */
char *esc_arena_copy(esc_arena *arena, const char *text, size_t length);

/* Gives everything back; the arena is empty again. */
void esc_arena_release(esc_arena *arena);

#endif
