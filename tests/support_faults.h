/* Memory that runs out and disks that are full, on request. A test that is linked with these
 * options of the linker (see ESC_FAULTS in CMakeLists.txt) has every call of malloc and its
 * relatives, of fopen and fclose, in its own objects and in those of the static libraries come
 * through here; what the shared libraries (OpenMP, libyaml, HDF5, the C library) take for
 * themselves does not. Calls are counted from any number of threads. No test is in here. */
#ifndef TESTS_SUPPORT_FAULTS_H
#define TESTS_SUPPORT_FAULTS_H

#include <stdint.h>

typedef enum faults_kind {
  FAULTS_MEMORY = 0, /* an allocation, or fopen for want of memory, is refused with ENOMEM */
  FAULTS_DISK = 1    /* a stream that was written cannot be flushed or closed: ENOSPC, file empty */
} faults_kind;

typedef struct faults_plan {
  faults_kind kind;
  int64_t first; /* which call of that kind is refused, from 0; below 0: none */
  int lasting;   /* nonzero: so are all after it */
} faults_plan;

/* From now on calls are counted and refused. */
void faults_begin(faults_plan plan);

/* No more are refused; how many were. */
int64_t faults_end(void);

/* Blocks and streams that are held now: what a call leaks is the difference. */
int64_t faults_held(void);

#endif
