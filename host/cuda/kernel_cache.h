/* Compiled kernels on disk, by content: in the folder ESC_KERNEL_CACHE names, else in
 * $XDG_CACHE_HOME/escapement/kernels, else in ~/.cache/escapement/kernels; none where
 * ESC_KERNEL_CACHE is empty. Nothing that goes wrong here is an error: then there is no cache. */
#ifndef ESC_HOST_KERNEL_CACHE_H
#define ESC_HOST_KERNEL_CACHE_H

#include <stddef.h>

/* The folder's files together; the least recently used go first. */
#define ESC_KERNEL_CACHE_BYTES ((size_t)256 << 20)

/* Finds the image that was kept under a key: 1, and *image is to be freed; else 0. The key is the
 * whole content that the image was made from: it stands in the file and is compared. */
int esc_kernel_cache_read(const char *key, void **image, size_t *bytes);

/* Keeps an image. As many processes and threads as like may do so at once. */
void esc_kernel_cache_write(const char *key, const void *image, size_t bytes);

#endif
