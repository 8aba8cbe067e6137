/* The functions that stand in for the C library's; support_faults.h says what they are for. */
#include "tests/support_faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static faults_plan plan; /* set while nothing else runs */
static atomic_int armed;
static atomic_int_fast64_t calls, refused, held;

void faults_begin(faults_plan wanted)
{
  plan = wanted;
  calls = 0;
  refused = 0;
  armed = 1;
}

int64_t faults_end(void)
{
  armed = 0;
  return refused;
}

int64_t faults_held(void)
{
  return held;
}

/* Counts a call; nonzero if it is to be refused. */
static int refuse(faults_kind kind)
{
  if (!armed || plan.kind != kind)
    return 0;
  const int64_t call = calls++;
  if (plan.first < 0 || call < plan.first || (call > plan.first && !plan.lasting))
    return 0;
  refused++;
  errno = kind == FAULTS_MEMORY ? ENOMEM : ENOSPC;
  return 1;
}

static void *hold(void *memory)
{
  if (memory)
    held++;
  return memory;
}

/* --- memory --- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
ssize_t __real_getline(char **line, size_t *size, FILE *stream);
void __real_free(void *memory);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
ssize_t __wrap_getline(char **line, size_t *size, FILE *stream);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size)
{
  return refuse(FAULTS_MEMORY) ? NULL : hold(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
  return refuse(FAULTS_MEMORY) ? NULL : hold(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
  if (refuse(FAULTS_MEMORY))
    return NULL;
  void *const moved = __real_realloc(memory, size);
  return memory ? moved : hold(moved);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
  return refuse(FAULTS_MEMORY) ? NULL : hold(__real_aligned_alloc(alignment, size));
}

char *__wrap_strdup(const char *text)
{
  return refuse(FAULTS_MEMORY) ? NULL : hold(__real_strdup(text));
}

ssize_t __wrap_getline(char **line, size_t *size, FILE *stream)
{
  const char *const before = *line;
  if (refuse(FAULTS_MEMORY))
    return -1;
  const ssize_t length = __real_getline(line, size, stream);
  if (!before)
    hold(*line);
  return length;
}

void __wrap_free(void *memory)
{
  if (memory)
    held--;
  __real_free(memory);
}

/* --- files --- */

FILE *__real_fopen(const char *path, const char *mode);
FILE *__real_open_memstream(char **text, size_t *size);
DIR *__real_opendir(const char *path);
int __real_fflush(FILE *stream);
int __real_fclose(FILE *stream);
int __real_closedir(DIR *folder);

FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_open_memstream(char **text, size_t *size);
DIR *__wrap_opendir(const char *path);
int __wrap_fflush(FILE *stream);
int __wrap_fclose(FILE *stream);
int __wrap_closedir(DIR *folder);

FILE *__wrap_fopen(const char *path, const char *mode)
{
  return refuse(FAULTS_MEMORY) ? NULL : hold(__real_fopen(path, mode));
}

/* The stream, and the text that it leaves to be freed. */
FILE *__wrap_open_memstream(char **text, size_t *size)
{
  FILE *const stream = refuse(FAULTS_MEMORY) ? NULL : hold(__real_open_memstream(text, size));
  return hold(stream);
}

DIR *__wrap_opendir(const char *path)
{
  return refuse(FAULTS_MEMORY) ? NULL : hold(__real_opendir(path));
}

/* Nothing of what was written reaches the disk: the file is empty, and the stream writes to a
 * device that is full. */
static int lose(FILE *stream)
{
  if (!stream || !__fwritable(stream) || fileno(stream) <= STDERR_FILENO || !refuse(FAULTS_DISK))
    return 0;
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  const int kept = ftruncate(fileno(stream), 0) && errno != EINVAL; /* it is the device already */
  if (kept || full < 0 || dup2(full, fileno(stream)) < 0)
    abort();
  close(full);
  return 1;
}

int __wrap_fflush(FILE *stream)
{
  const int lost = lose(stream);
  const int answer = __real_fflush(stream);
  if (!lost)
    return answer;
  errno = ENOSPC;
  return EOF;
}

int __wrap_fclose(FILE *stream)
{
  const int lost = lose(stream);
  const int answer = __real_fclose(stream);
  held--;
  if (!lost)
    return answer;
  errno = ENOSPC;
  return EOF;
}

int __wrap_closedir(DIR *folder)
{
  held--;
  return __real_closedir(folder);
}
