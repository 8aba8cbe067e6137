/* The headers that composed kernels include, by the names they are included by: the C file is made
 * from the tree by cmake/embed_sources.cmake. */
#ifndef ESC_HOST_KERNEL_SOURCES_H
#define ESC_HOST_KERNEL_SOURCES_H

typedef struct esc_kernel_source {
  const char *name, *text;
} esc_kernel_source;

extern const esc_kernel_source esc_kernel_sources[];
extern const int esc_kernel_source_count;

#endif
