/* A device as the host sees it: a backend's table and what it opened. */
#ifndef ESC_HOST_DEVICE_H
#define ESC_HOST_DEVICE_H

#include "kernels/backend.h"

struct esc_device {
  const esc_backend *backend;
  void *opened;
  int threads;
};

#endif
