/* A device as the host sees it: a backend's table and what it opened; and the CPU, which does what
 * no GPU does. */
#ifndef ESC_HOST_DEVICE_H
#define ESC_HOST_DEVICE_H

#include "kernels/backend.h"

struct esc_device {
  const esc_backend *backend;
  void *opened;
  void *cpu;     /* opened by esc_cpu_backend */
  int automatic; /* the caller left the choice of the backend to the library */
  int threads;
};

#endif
