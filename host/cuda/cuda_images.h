/* The compiled kernels, a fatbin for each file of kernels/cuda: cuda_images.c puts them here. */
#ifndef ESC_CUDA_IMAGES_H
#define ESC_CUDA_IMAGES_H

extern const unsigned char esc_image_prepare_kernel[];
extern const unsigned char esc_image_norm_kernel[];
extern const unsigned char esc_image_start_kernel[];
extern const unsigned char esc_image_update_kernels[];

#endif
