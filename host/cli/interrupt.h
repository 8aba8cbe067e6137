/* Ctrl-C: the first asks the run to end and keep what it has, the second ends the process. */
#ifndef ESC_INTERRUPT_H
#define ESC_INTERRUPT_H

void esc_interrupt_watch(void);

/* Nonzero once SIGINT or SIGTERM has come. A cancel callback; the context is not used. */
int esc_interrupted(void *context);

#endif
