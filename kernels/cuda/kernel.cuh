/* How a kernel is declared: by ESC_KERNEL(name, args_type), with one struct of arguments by value,
 * `args`, so that a launch needs no signature. Two blocks of 256 threads at least
 * share a multiprocessor, or one of 1024, which leaves a thread 128 registers, or 64. */
#ifndef ESC_CUDA_KERNEL_CUH
#define ESC_CUDA_KERNEL_CUH

#ifndef ESC_KERNEL /* tests/emu brings its own */
#define ESC_KERNEL(name, args_type, threads)                                                       \
  extern "C" __global__ void __launch_bounds__(threads, (threads) > 512 ? 1 : 2)                   \
      name(const args_type args)
#endif

#define ESC_WARP      32
#define ESC_FULL_WARP 0xffffffffu /* all lanes of it */

#endif
