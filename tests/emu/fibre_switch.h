/* From one stack to another: a few instructions where we know them, else ucontext, which calls the
 * system each time. */
#ifndef ESC_EMU_FIBRE_SWITCH_H
#define ESC_EMU_FIBRE_SWITCH_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)

typedef struct esc_emu_context {
  void *stack_pointer;
} esc_emu_context;

/* Keeps what a call must keep (rounding modes are the same everywhere) on the stack it leaves. */
void esc_emu_switch(esc_emu_context *from, const esc_emu_context *to);
__asm__(".text\n"
        ".type esc_emu_switch, @function\n"
        "esc_emu_switch:\n"
        "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq (%rsi), %rsp\n"
        "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
        "  ret\n"
        ".size esc_emu_switch, . - esc_emu_switch\n");

/* Six registers, the entry, and a return address that nobody uses: 8 past a multiple of 16, as
 * after a call. */
static inline void esc_emu_prepare(esc_emu_context *context, char *stack, size_t bytes,
                                   void (*entry)(void))
{
  uintptr_t *top = (uintptr_t *)(((uintptr_t)stack + bytes) & ~(uintptr_t)15);
  *--top = 0;
  *--top = (uintptr_t)entry;
  for (int k = 0; k < 6; k++)
    *--top = 0;
  context->stack_pointer = top;
}

#else
#include <ucontext.h>

typedef struct esc_emu_context {
  ucontext_t place;
} esc_emu_context;

static inline void esc_emu_switch(esc_emu_context *from, const esc_emu_context *to)
{
  swapcontext(&from->place, &to->place);
}

static inline void esc_emu_prepare(esc_emu_context *context, char *stack, size_t bytes,
                                   void (*entry)(void))
{
  getcontext(&context->place);
  context->place.uc_stack.ss_sp = stack;
  context->place.uc_stack.ss_size = bytes;
  context->place.uc_link = NULL;
  makecontext(&context->place, entry, 0);
}
#endif

#endif
