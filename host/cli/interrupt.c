/* Ctrl-C. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t asked;

static void note(int signal_number)
{
  (void)signal_number;
  asked = 1;
}

/* A shell that starts a job in the background may have it ignore Ctrl-C: that stays so. */
static void watch(int signal_number)
{
  struct sigaction before;
  struct sigaction action = {0};
  action.sa_handler = note;
  /* Back to the default after the first; and no write to the terminal may fail because of it. */
  action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
    sigaction(signal_number, &action, NULL);
}

void esc_interrupt_watch(void)
{
  watch(SIGINT);
  watch(SIGTERM);
}

int esc_interrupted(void *context)
{
  (void)context;
  return asked;
}
