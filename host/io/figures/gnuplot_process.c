/* fork and execvp: no shell sees a title or a path. What gnuplot says goes to gnuplot.log, which
 * stays only where it failed. */
#include "gnuplot_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/io/io_error.h"

/* Exit statuses of the child before gnuplot is there: as a shell's, and one of our own. */
enum { CHILD_NOT_FOUND = 127, CHILD_NOT_READY = 126 };

static const char log_name[] = "gnuplot.log";

/* Only calls that are safe between fork and exec in a process with threads. */
static void become_gnuplot(const char *folder, char *const arguments[])
{
  if (chdir(folder))
    _exit(CHILD_NOT_READY);
  const int log = open(log_name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int nothing = open("/dev/null", O_RDONLY);
  if (log < 0 || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
      dup2(log, STDERR_FILENO) < 0)
    _exit(CHILD_NOT_READY);
  execvp(arguments[0], arguments);
  _exit(errno == ENOENT ? CHILD_NOT_FOUND : CHILD_NOT_READY);
}

static void remove_log(const char *folder)
{
  const size_t size = strlen(folder) + sizeof log_name + 1;
  char *path = malloc(size);
  if (!path)
    return;
  snprintf(path, size, "%s/%s", folder, log_name);
  unlink(path);
  free(path);
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
  char *name = strdup(script);
  if (!name)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
  char *const arguments[] = {program, name, NULL};
  const pid_t child = fork();
  if (child == 0)
    become_gnuplot(folder, arguments);
  free(name);
  if (child < 0)
    return esc_io_fail(ESC_STATUS_IO, "gnuplot could not be started: %s", strerror(errno));
  const int status = wait_for(child);
  *missing = status == CHILD_NOT_FOUND;
  if (status == 0 || *missing) {
    remove_log(folder);
    return ESC_STATUS_OK;
  }
  return esc_io_fail(ESC_STATUS_IO, "%s/%s: gnuplot failed; what it said is in %s/%s", folder,
                     script, folder, log_name);
}
