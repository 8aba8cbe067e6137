/* Threads of a block as fibres of one thread of the system: each runs until it must wait for
 * others, blocks in turn. Threads that never wait run one after another on one stack, without a
 * switch. This file is compiled without sanitizers and tells them what happens: the address
 * sanitizer which stack is in use; the thread sanitizer that each thread of a block is one of its
 * own, and that barriers order them (and a shuffle does not). Blocks are ordered as they run: races
 * between them, and fences that are missing, are not found. Blocks have one dimension. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/emu/emulator.h"
#include "tests/emu/fibre_switch.h"
#include "tests/emu/kernel_list.h"
#include "tests/emu/sanitizers.h"

#define WARP    32
#define NOTHING 0xa5 /* what shared memory holds before a block begins */

typedef struct fibre {
  esc_emu_context context; /* where it goes on */
  char *stack;
  size_t bytes;
  void *fake;   /* the address sanitizer's */
  void *thread; /* the thread sanitizer's */
  struct fibre *next;
} fibre;

typedef struct thread {
  unsigned int index;
  unsigned int turn; /* collectives of its warp so far */
  fibre *fibre;
  struct thread *next;
} thread;

typedef struct warp {
  uint32_t arrived, lanes;
  uint64_t value[2][WARP]; /* a lane is at most one collective ahead */
  thread *waiting;
  void *sync;
} warp;

/* The block that runs. */
static struct {
  const esc_emu_grid *grid;
  unsigned int count, begun, live, at_barrier;
  unsigned int order[ESC_EMU_THREADS_MAX];
  thread threads[ESC_EMU_THREADS_MAX];
  warp warps[ESC_EMU_THREADS_MAX / WARP];
  thread *ready, *last_ready, *waiting;
  thread *current;
  void *sync; /* of the barrier under way */
  void *begins, *ends;
} block;

static fibre *running, *free_fibres, *retired;
static fibre outside; /* whoever runs the grid */

typedef struct index {
  unsigned int x, y, z;
} index3;
index3 threadIdx, blockIdx, blockDim, gridDim;

static void die(const char *why)
{
  fprintf(stderr, "emulator: %s, block %u, thread %u: %s\n", block.grid->kernel->name, blockIdx.x,
          threadIdx.x, why);
  abort();
}

/* --- switching -----------------------------------------------------------------------------------
 */

static void arrived_on_stack(fibre *from)
{
  const void *bottom = NULL;
  size_t bytes = 0;
  esc_emu_finish_switch(running->fake, &bottom, &bytes);
  if (from == &outside) {
    outside.stack = (char *)(uintptr_t)bottom;
    outside.bytes = bytes;
  }
}

static fibre *came_from;

static void switch_to(fibre *to)
{
  fibre *const from = running;
  if (to == from)
    return;
  running = to;
  came_from = from;
  esc_emu_start_switch(&from->fake, to->stack, to->bytes);
  esc_emu_switch_thread(to->thread);
  esc_emu_switch(&from->context, &to->context);
  arrived_on_stack(came_from);
}

static void live_on_fibre(void);

static void first_steps(void)
{
  arrived_on_stack(came_from);
  live_on_fibre();
}

static fibre *new_fibre(void)
{
  fibre *const made = calloc(1, sizeof *made);
  const size_t guard = (size_t)sysconf(_SC_PAGESIZE);
  const size_t bytes = ESC_EMU_STACK;
  char *const stack = mmap(NULL, guard + bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (!made || stack == MAP_FAILED || mprotect(stack, guard, PROT_NONE))
    die("no memory for a stack");
  made->stack = stack + guard;
  made->bytes = bytes;
  made->thread = esc_emu_new_thread();
  esc_emu_prepare(&made->context, made->stack, bytes, first_steps);
  return made;
}

/* The thread sanitizer holds a thread to come after what its maker did before. */
static void make_all_fibres(unsigned int count)
{
  static unsigned int made;
  while (made < count) {
    fibre *const f = new_fibre();
    f->next = free_fibres;
    free_fibres = f;
    made++;
  }
}

static fibre *free_fibre(void)
{
  fibre *const taken = free_fibres;
  if (!taken)
    return new_fibre();
  free_fibres = taken->next;
  return taken;
}

/* --- who is next ---------------------------------------------------------------------------------
 */

static void make_ready(thread *t)
{
  t->next = NULL;
  if (block.ready)
    block.last_ready->next = t;
  else
    block.ready = t;
  block.last_ready = t;
}

static void make_all_ready(thread **list)
{
  while (*list) {
    thread *const t = *list;
    *list = t->next;
    make_ready(t);
  }
}

/* The fibre to go on with: that of a thread that need not wait any more, else a fresh one, which
 * begins the next thread. */
static fibre *next_fibre(void)
{
  if (block.ready) {
    thread *const t = block.ready;
    block.ready = t->next;
    return t->fibre;
  }
  if (block.begun < block.count)
    return free_fibre();
  if (block.live == 0)
    return &outside;
  die(block.at_barrier ? "some threads wait at a barrier that the others never reach"
                       : "some lanes wait for others that never come");
  return NULL;
}

static void enter(thread *t)
{
  block.current = t;
  threadIdx.x = t->index;
}

static void wait_for_others(void)
{
  thread *const me = block.current;
  switch_to(next_fibre());
  enter(me);
}

void esc_emu_yield(void)
{
  thread *const me = block.current;
  make_ready(me);
  switch_to(block.begun < block.count ? free_fibre() : next_fibre());
  enter(me);
}

static void run_next_thread(void)
{
  thread *const t = &block.threads[block.order[block.begun++]];
  t->fibre = running;
  enter(t);
  esc_emu_acquire(block.begins);
  block.grid->kernel->run(block.grid->args);
  esc_emu_release(block.ends);
  block.live--;
}

/* A fibre runs threads as long as none is waiting to go on. Under the thread sanitizer it runs one
 * of a block: two would be ordered. */
static void live_on_fibre(void)
{
  for (;;) {
    run_next_thread();
    if (block.ready || block.begun == block.count || ESC_EMU_FIBRE_PER_THREAD) {
      fibre **const list = ESC_EMU_FIBRE_PER_THREAD ? &retired : &free_fibres;
      running->next = *list;
      *list = running;
      switch_to(next_fibre());
    }
  }
}

/* --- barriers ------------------------------------------------------------------------------------
 */

void __syncthreads(void);
void __syncthreads(void)
{
  thread *const me = block.current;
  if (block.at_barrier++ == 0)
    block.sync = esc_emu_fresh_sync();
  void *const sync = block.sync;
  esc_emu_release(sync);
  if (block.at_barrier == block.count) {
    block.at_barrier = 0;
    make_all_ready(&block.waiting);
  } else {
    me->next = block.waiting;
    block.waiting = me;
    wait_for_others();
  }
  esc_emu_acquire(sync);
}

static warp *my_warp(void)
{
  return &block.warps[block.current->index / WARP];
}

/* Waits until all lanes of the warp are here. */
static void meet(uint32_t mask)
{
  thread *const me = block.current;
  warp *const w = my_warp();
  const uint32_t bit = UINT32_C(1) << me->index % WARP;
  if (!(mask & bit) || (mask & w->lanes) != w->lanes)
    die("a warp's collective for some of its lanes (only whole warps are emulated)");
  w->arrived |= bit;
  if (w->arrived == w->lanes) {
    w->arrived = 0;
    make_all_ready(&w->waiting);
    return;
  }
  me->next = w->waiting;
  w->waiting = me;
  wait_for_others();
}

const uint64_t *esc_emu_gather(unsigned int mask, uint64_t value);
const uint64_t *esc_emu_gather(unsigned int mask, uint64_t value)
{
  warp *const w = my_warp();
  uint64_t *const values = w->value[block.current->turn++ % 2];
  values[block.current->index % WARP] = value;
  meet(mask);
  return values;
}

/* Orders memory as a barrier does, which the other collectives do not. */
void __syncwarp(unsigned int mask);
void __syncwarp(unsigned int mask)
{
  warp *const w = my_warp();
  if (!w->arrived)
    w->sync = esc_emu_fresh_sync();
  void *const sync = w->sync;
  esc_emu_release(sync);
  meet(mask);
  esc_emu_acquire(sync);
}

/* Blocks run in turn, so that there is nothing to hold back. */
void __threadfence(void);
void __threadfence(void)
{
}

/* --- grids ---------------------------------------------------------------------------------------
 */

static uint64_t scrambled(uint64_t x)
{
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

static void put_in_order(const esc_emu_grid *grid, uint64_t salt, unsigned int count,
                         unsigned int *order)
{
  for (unsigned int k = 0; k < count; k++)
    order[k] = grid->order == ESC_EMU_BACKWARD ? count - 1 - k : k;
  if (grid->order != ESC_EMU_SHUFFLED)
    return;
  uint64_t random = scrambled(grid->seed ^ salt << 32);
  for (unsigned int k = count; k > 1; k--) {
    random = scrambled(random);
    const unsigned int other = (unsigned int)(random % k), kept = order[k - 1];
    order[k - 1] = order[other];
    order[other] = kept;
  }
}

static void begin_block(const esc_emu_grid *grid, unsigned int number)
{
  const unsigned int count = grid->threads[0];
  block.grid = grid;
  block.count = block.live = count;
  block.begun = block.at_barrier = 0;
  block.ready = block.waiting = NULL;
  block.begins = esc_emu_fresh_sync();
  block.ends = esc_emu_fresh_sync();
  blockIdx.x = number;
  put_in_order(grid, number + 1, count, block.order);
  /* One by one: the thread sanitizer sees a memset of values that kernels read (esc_emu_gather). */
  for (unsigned int i = 0; i < count; i++) {
    warp *const w = &block.warps[i / WARP];
    block.threads[i] = (thread){.index = i};
    w->lanes = (i % WARP ? w->lanes : 0) | UINT32_C(1) << i % WARP;
    w->arrived = 0;
    w->waiting = NULL;
  }
  esc_emu_renew_shared(NOTHING);
}

/* Fibres of a block serve the next. */
static void collect_fibres(void)
{
  while (retired) {
    fibre *const f = retired;
    retired = f->next;
    f->next = free_fibres;
    free_fibres = f;
  }
}

static void run_block(const esc_emu_grid *grid, unsigned int number)
{
  begin_block(grid, number);
  esc_emu_release(block.begins);
  running = &outside;
  switch_to(next_fibre());
  esc_emu_acquire(block.ends);
  collect_fibres();
}

void esc_emu_run_grid(const esc_emu_grid *grid)
{
  const unsigned int count = grid->blocks[0];
  unsigned int *const order = malloc(count * sizeof *order);
  block.grid = grid;
  if (!order)
    die("no memory");
  put_in_order(grid, 0, count, order);
  gridDim = (index3){count, 1, 1};
  blockDim = (index3){grid->threads[0], 1, 1};
  blockIdx = threadIdx = (index3){0, 0, 0};
  outside.thread = esc_emu_this_thread();
  if (ESC_EMU_FIBRE_PER_THREAD)
    make_all_fibres(grid->threads[0]);
  for (unsigned int k = 0; k < count; k++)
    run_block(grid, order[k]);
  free(order);
}
