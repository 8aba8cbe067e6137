/* What the scheduler tells the sanitizers: nothing, or, with ESC_EMU_ADDRESS or ESC_EMU_THREAD (it
 * is itself compiled without them, so it cannot ask the compiler), which stack and which thread is
 * running and what is ordered before what. */
#ifndef ESC_EMU_SANITIZERS_H
#define ESC_EMU_SANITIZERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* --- stacks --------------------------------------------------------------------------------------
 */

#ifdef ESC_EMU_ADDRESS
#define ESC_EMU_STACK ((size_t)512 << 10)
void __sanitizer_start_switch_fiber(void **fake, const void *bottom, size_t bytes);
void __sanitizer_finish_switch_fiber(void *fake, const void **bottom, size_t *bytes);
#define esc_emu_start_switch  __sanitizer_start_switch_fiber
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

/* --- threads -------------------------------------------------------------------------------------
 */

#ifdef ESC_EMU_THREAD
#define ESC_EMU_FIBRE_PER_THREAD 1
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned int flags);
void __tsan_switch_to_fiber(void *fiber, unsigned int flags);
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define esc_emu_this_thread __tsan_get_current_fiber
#define esc_emu_acquire     __tsan_acquire
#define esc_emu_release     __tsan_release

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

/* --- shared memory -------------------------------------------------------------------------------
 */

/* What a block finds in shared memory is rubbish; but under sanitizers, of which one guards only
 * variables in no section of their own, what the block before it left. */
#ifdef ESC_EMU_SHARED_SECTION
extern char __start_esc_emu_shared[] __attribute__((weak));
extern char __stop_esc_emu_shared[] __attribute__((weak));
#endif

static inline void esc_emu_renew_shared(int content)
{
#ifdef ESC_EMU_SHARED_SECTION
  if (__start_esc_emu_shared)
    memset(__start_esc_emu_shared, content,
           (size_t)(__stop_esc_emu_shared - __start_esc_emu_shared));
#else
  (void)content;
#endif
}

#endif
