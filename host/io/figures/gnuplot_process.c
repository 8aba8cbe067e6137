/* posix_spawnp: no shell sees a title or a path, and no memory is copied for the child, however
 * much of it the run took. */
#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np */
#include "gnuplot_process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/io/io_error.h"

extern char **environ;

/* Where the C library cannot tell that there is no program before the child is there. */
enum { CHILD_NOT_FOUND = 127 };

/* The child's folder, and where it reads and writes; an errno. */
static int direct(posix_spawn_file_actions_t *actions, const char *folder)
{
  int wrong = posix_spawn_file_actions_addchdir_np(actions, folder);
  if (!wrong)
    wrong = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!wrong)
    wrong = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, ESC_GNUPLOT_LOG,
                                             O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (!wrong)
    wrong = posix_spawn_file_actions_adddup2(actions, STDOUT_FILENO, STDERR_FILENO);
  return wrong;
}

static int start(pid_t *child, const char *folder, char *const arguments[])
{
  posix_spawn_file_actions_t actions;
  int wrong = posix_spawn_file_actions_init(&actions);
  if (wrong)
    return wrong;
  wrong = direct(&actions, folder);
  if (!wrong)
    wrong = posix_spawnp(child, arguments[0], &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return wrong;
}

static int wait_for(pid_t child)
{
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

esc_status esc_gnuplot_run(const char *folder, const char *script, bool *missing)
{
  char program[] = "gnuplot";
  char option[] = "-e";
  char setting[] = "part = '.part'";
  char *name = strdup(script);
  pid_t child = -1;
  if (!name)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  char *const arguments[] = {program, option, setting, name, NULL};
  const int wrong = start(&child, folder, arguments);
  free(name);
  *missing = wrong == ENOENT;
  if (*missing)
    return ESC_STATUS_OK;
  if (wrong)
    return esc_io_fail(ESC_STATUS_IO, "gnuplot could not be started: %s", strerror(wrong));
  const int status = wait_for(child);
  *missing = status == CHILD_NOT_FOUND;
  if (status == 0 || *missing)
    return ESC_STATUS_OK;
  return esc_io_fail(ESC_STATUS_IO, "gnuplot failed; what it said is in %s/%s", folder,
                     ESC_GNUPLOT_LOG);
}
