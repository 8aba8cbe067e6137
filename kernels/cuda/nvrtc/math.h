/* What the rules need of <math.h> besides the functions, which NVRTC knows by itself. */
#ifndef ESC_NVRTC_MATH_H
#define ESC_NVRTC_MATH_H

#define INFINITY __int_as_float(0x7f800000)
#define NAN      __int_as_float(0x7fffffff)

#endif
