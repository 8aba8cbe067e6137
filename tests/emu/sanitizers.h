/* What the scheduler tells the sanitizers: nothing, or, with ESC_EMU_ADDRESS or ESC_EMU_THREAD (it
 * is itself compiled without them, so it cannot ask the compiler), which stack and which thread is
 * running and what is ordered before what. */
#ifndef ESC_EMU_SANITIZERS_H
#define ESC_EMU_SANITIZERS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* --- stacks -------------------------------------------------------------------------------------- */

#ifdef ESC_EMU_ADDRESS
#define ESC_EMU_STACK ((size_t)512 << 10)
void __sanitizer_start_switch_fiber(void **fake, const void *bottom, size_t bytes);
void __sanitizer_finish_switch_fiber(void *fake, const void **bottom, size_t *bytes);
#define esc_emu_start_switch __sanitizer_start_switch_fiber
#define esc_emu_finish_switch __sanitizer_finish_switch_fiber
#else
#define ESC_EMU_STACK ((size_t)128 << 10)
static inline void esc_emu_start_switch(void **fake, const void *bottom, size_t bytes)
{
  (void)fake, (void)bottom, (void)bytes;
}
static inline void esc_emu_finish_switch(void *fake, const void **bottom, size_t *bytes)
{
  (void)fake, (void)bottom, (void)bytes;
}
#endif

/* --- threads ------------------------------------------------------------------------------------- */

#ifdef ESC_EMU_THREAD
#define ESC_EMU_FIBRE_PER_THREAD 1
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned int flags);
void __tsan_switch_to_fiber(void *fiber, unsigned int flags);
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define esc_emu_this_thread __tsan_get_current_fiber
#define esc_emu_acquire __tsan_acquire
#define esc_emu_release __tsan_release

static inline void *esc_emu_new_thread(void)
{
  return __tsan_create_fiber(0);
}

static inline void esc_emu_switch_thread(void *thread)
{
  __tsan_switch_to_fiber(thread, 1); /* the switch itself orders nothing */
}

/* A place that stands for a barrier: another for each, or a thread that is through early would
 * hand its later work to those that are late. */
static inline void *esc_emu_fresh_sync(void)
{
  static uint64_t place[4096];
  static unsigned int next;
  return &place[next++ % 4096];
}
#else
#define ESC_EMU_FIBRE_PER_THREAD 0
static inline void *esc_emu_this_thread(void)
{
  return NULL;
}
static inline void esc_emu_acquire(void *address)
{
  (void)address;
}
static inline void esc_emu_release(void *address)
{
  (void)address;
}
static inline void *esc_emu_new_thread(void)
{
  return NULL;
}
static inline void esc_emu_switch_thread(void *thread)
{
  (void)thread;
}
static inline void *esc_emu_fresh_sync(void)
{
  return NULL;
}
#endif

/* A grid begins after what the host did before it, and ends before what the host does next. The
 * host knows nothing of its blocks in between, so beginning a block orders none after another. */
static char esc_emu_grid_begins[8], esc_emu_grid_ends[8];

static inline void esc_emu_begin_block(void)
{
  esc_emu_release(esc_emu_grid_begins);
}

static inline void esc_emu_end_grid(void)
{
  esc_emu_acquire(esc_emu_grid_ends);
}

static inline void esc_emu_begin_thread(void)
{
  esc_emu_acquire(esc_emu_grid_begins);
}

static inline void esc_emu_end_thread(void)
{
  esc_emu_release(esc_emu_grid_ends);
}

/* --- shared memory ------------------------------------------------------------------------------- */

/* Every block has shared memory of its own: one after another in the same place. Under the address
 * sanitizer it stays as it was, for that only guards variables in no section of their own. */
#ifdef ESC_EMU_SHARED_SECTION
extern char esc_emu_shared_filler[];
extern char __start_esc_emu_shared[] __attribute__((weak));
extern char __stop_esc_emu_shared[] __attribute__((weak));
#endif

static inline void esc_emu_renew_shared(int content)
{
#ifdef ESC_EMU_SHARED_SECTION
  const size_t bytes = (size_t)(__stop_esc_emu_shared - __start_esc_emu_shared);
#ifdef ESC_EMU_THREAD
  /* Fresh pages, so that nobody has touched them yet: accesses of one block are not held against
   * those of another. The last page is a filler's (shared_filler.c). */
  if (__stop_esc_emu_shared != esc_emu_shared_filler + ESC_EMU_SHARED_ALIGN ||
      mmap(__start_esc_emu_shared, bytes, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
    abort();
#endif
  if (bytes)
    memset(__start_esc_emu_shared, content, bytes);
#else
  (void)content;
#endif
}

#endif
