/* Memory that is taken piece by piece and given back all at once. */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

typedef struct esc_arena_block {
  struct esc_arena_block *next;
  size_t used, size;
  alignas(max_align_t) unsigned char bytes[];
} esc_arena_block;

static size_t rounded(size_t size)
{
  const size_t unit = alignof(max_align_t);
  return (size + unit - 1) / unit * unit;
}

static esc_arena_block *add_block(esc_arena *arena, size_t size)
{
  const size_t bytes = size > BLOCK_BYTES ? size : BLOCK_BYTES;
  if (bytes > SIZE_MAX - sizeof(esc_arena_block))
    return NULL;
  esc_arena_block *const block = calloc(1, sizeof *block + bytes);
  if (!block)
    return NULL;
  block->size = bytes;
  block->next = arena->blocks;
  arena->blocks = block;
  return block;
}

void *esc_arena_take(esc_arena *arena, size_t size)
{
  if (size > SIZE_MAX / 2)
    return NULL;
  const size_t bytes = rounded(size ? size : 1);
  esc_arena_block *block = arena->blocks;
  if (!block || block->size - block->used < bytes)
    block = add_block(arena, bytes);
  if (!block)
    return NULL;
  void *const piece = block->bytes + block->used;
  block->used += bytes;
  return piece;
}

void *esc_arena_take_array(esc_arena *arena, size_t count, size_t size)
{
  if (size && count > SIZE_MAX / size)
    return NULL;
  return esc_arena_take(arena, count * size);
}

char *esc_arena_copy(esc_arena *arena, const char *text, size_t length)
{
  char *const copy = esc_arena_take(arena, length + 1);
  if (copy)
    memcpy(copy, text, length);
  return copy;
}

void esc_arena_release(esc_arena *arena)
{
  while (arena->blocks) {
    esc_arena_block *const block = arena->blocks;
    arena->blocks = block->next;
    free(block);
  }
}
