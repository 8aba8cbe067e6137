/* The source of a trajectory kernel for a plan: what is fixed for it, and the template that reads
 * that. Numbers stay data, so that experiments that differ in numbers alone share a kernel. */
#ifndef ESC_HOST_COMPOSE_KERNEL_H
#define ESC_HOST_COMPOSE_KERNEL_H

#include <stddef.h>

#include "kernels/backend.h"

#define ESC_COMPOSED_BYTES 8192 /* enough for any plan */

/* Writes the source. The same plan gives the same text, by which kernels are kept and found. */
void esc_compose_kernel(const esc_plan *plan, char source[ESC_COMPOSED_BYTES]);

#endif
