/* What the rest of the host knows of the CUDA side: its table, and opening a GPU by its number. */
#ifndef ESC_CUDA_BACKEND_H
#define ESC_CUDA_BACKEND_H

#include "escapement/device.h"
#include "kernels/backend.h"

/* Its `open` takes GPU 0; esc_cuda_open any. */
extern const esc_backend esc_cuda_backend;

/* Whether a GPU that these kernels run on answers; *why gets a sentence that lives for ever. */
int esc_cuda_available(const char **why);

/* Opens GPU `number`, -1 being the caller's current one; `gpus`, itself included, share
 * trajectories, 0 being all that are able to. */
esc_status esc_cuda_open(int number, int gpus, void **device);

/* Fills name, memory and multiprocessors. */
void esc_cuda_describe(const void *device, esc_device_info *info);

#endif
