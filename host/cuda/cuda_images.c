/* The fatbins that cmake/cuda_kernels.cmake made, word for word in read-only memory.
 * ESC_IMAGE_FOLDER, a string, is where they lie. */
#include "host/cuda/cuda_images.h"

#define ESC_IMAGE(name)                                                                            \
  __asm__(".section .rodata\n"                                                                     \
          ".balign 64\n"                                                                           \
          ".globl esc_image_" #name "\n"                                                           \
          ".hidden esc_image_" #name "\n"                                                          \
          ".type esc_image_" #name ", %object\n"                                                   \
          "esc_image_" #name ":\n"                                                                 \
          ".incbin \"" ESC_IMAGE_FOLDER "/" #name ".fatbin\"\n"                                    \
          ".size esc_image_" #name ", . - esc_image_" #name "\n"                                   \
          ".previous\n");

ESC_IMAGE(prepare_kernel)
ESC_IMAGE(norm_kernel)
ESC_IMAGE(start_kernel)
ESC_IMAGE(update_kernels)
