/* The libraries behind the file formats, as `escapement info` shows them. */
#ifndef ESC_LIBRARY_VERSIONS_H
#define ESC_LIBRARY_VERSIONS_H

#include <stddef.h>

typedef struct esc_library_version {
  const char *name;
  const char *use;
  char version[64];
} esc_library_version;

enum { ESC_LIBRARIES = 4 };

/* Fills all ESC_LIBRARIES entries; gnuplot's is where it was found, or "not found". */
void esc_library_versions(esc_library_version libraries[ESC_LIBRARIES]);

#endif
