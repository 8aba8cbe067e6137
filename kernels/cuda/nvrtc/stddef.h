/* What the kernels need of <stddef.h>, for NVRTC, which has none. */
#ifndef ESC_NVRTC_STDDEF_H
#define ESC_NVRTC_STDDEF_H

typedef decltype(sizeof 0) size_t;
typedef long ptrdiff_t;
#define NULL 0

#endif
