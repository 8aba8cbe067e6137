# Kernels for GPUs, compiled ahead of time: each kernels/cuda/*.cu becomes PTX once, machine code of
# every architecture from that PTX, and one fatbin of all of them, which host/cuda/cuda_images.c puts
# into the library. What ptxas says of registers and spills stays beside, for tools/gpu_static.
# Sets ESC_HAVE_CUDA: whether the cuda backend is built.

set(ESC_HAVE_CUDA 0)
if(NOT CUDAToolkit_FOUND)
  return()
endif()

# A toolkit may lack parts, or a host compiler that nvcc takes: then AUTO does without.
find_program(ESC_FATBINARY fatbinary HINTS ${CUDAToolkit_BIN_DIR} NO_DEFAULT_PATH)
mark_as_advanced(ESC_FATBINARY)
if(NOT DEFINED ESC_NVCC_WORKS)
  set(probe ${PROJECT_BINARY_DIR}/CMakeFiles/nvcc_probe.cu)
  file(WRITE ${probe} "extern \"C\" __global__ void probe(float *x) { *x = sqrtf(*x); }\n")
  execute_process(COMMAND ${CUDAToolkit_NVCC_EXECUTABLE} -ptx -arch=compute_80 -o ${probe}.ptx ${probe}
    RESULT_VARIABLE probed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(probed EQUAL 0)
    set(ESC_NVCC_WORKS 1 CACHE INTERNAL "nvcc compiles a kernel")
  endif()
endif()
if(ESC_NVCC_WORKS AND ESC_FATBINARY AND TARGET CUDA::cudart_static)
  set(ESC_HAVE_CUDA 1)
  message(STATUS "CUDA toolkit ${CUDAToolkit_VERSION}: with the cuda backend")
elseif(ESC_CUDA STREQUAL "AUTO")
  message(STATUS "CUDA toolkit ${CUDAToolkit_VERSION}: without the cuda backend, for nvcc, "
    "fatbinary or cudart_static does not work:\n${said}")
  return()
else()
  message(FATAL_ERROR "ESC_CUDA=ON, but nvcc, fatbinary or cudart_static does not work:\n${said}")
endif()

set(ESC_CUDA_ARCHITECTURES 80 86 89 90 100 120 CACHE STRING
  "GPU architectures to make machine code for; PTX from 80 on always goes with it")
set(ESC_CUDA_IMAGES ${PROJECT_BINARY_DIR}/kernels/cuda)

# Exact mode (docs/numerics.md): no contraction, correctly rounded division and square root, no
# flushing; these are stated, though the last three are nvcc's defaults.
set(esc_nvcc_flags -std=c++17 -O3 --fmad=false --prec-div=true --prec-sqrt=true --ftz=false
  -DESC_REAL_BITS=32 -I${PROJECT_SOURCE_DIR} -I${PROJECT_SOURCE_DIR}/include
  --Werror all-warnings)

# esc_cuda_images(fatbins FILE.cu ...): the rules that make them; the list of fatbins goes to the
# variable.
function(esc_cuda_images fatbins)
  set(made "")
  file(MAKE_DIRECTORY ${ESC_CUDA_IMAGES})
  foreach(source IN LISTS ARGN)
    cmake_path(GET source STEM name)
    set(image ${ESC_CUDA_IMAGES}/${name})
    add_custom_command(OUTPUT ${image}.ptx
      COMMAND ${CUDAToolkit_NVCC_EXECUTABLE} -ptx -arch=compute_80 ${esc_nvcc_flags}
              -MD -MF ${image}.d -MT ${image}.ptx -o ${image}.ptx ${PROJECT_SOURCE_DIR}/${source}
      DEPENDS ${PROJECT_SOURCE_DIR}/${source}
      DEPFILE ${image}.d
      COMMENT "Compiling ${source}"
      VERBATIM)
    set(cubins "")
    set(parts --image3=kind=ptx,sm=80,file=${image}.ptx)
    foreach(architecture IN LISTS ESC_CUDA_ARCHITECTURES)
      set(cubin ${image}.sm_${architecture}.cubin)
      add_custom_command(OUTPUT ${cubin} ${cubin}.log
        COMMAND ${CMAKE_COMMAND} -DNVCC=${CUDAToolkit_NVCC_EXECUTABLE} -DARCHITECTURE=${architecture}
                -DPTX=${image}.ptx -DCUBIN=${cubin} -DWERROR=${ESC_WERROR}
                -P ${PROJECT_SOURCE_DIR}/cmake/assemble_kernels.cmake
        DEPENDS ${image}.ptx ${PROJECT_SOURCE_DIR}/cmake/assemble_kernels.cmake
        COMMENT "Assembling ${name} for sm_${architecture}"
        VERBATIM)
      list(APPEND cubins ${cubin})
      list(APPEND parts --image3=kind=elf,sm=${architecture},file=${cubin})
    endforeach()
    add_custom_command(OUTPUT ${image}.fatbin
      COMMAND ${ESC_FATBINARY} -64 --compress-all --create=${image}.fatbin ${parts}
      DEPENDS ${image}.ptx ${cubins}
      COMMENT "Packing ${name}.fatbin"
      VERBATIM)
    list(APPEND made ${image}.fatbin)
  endforeach()
  set(${fatbins} ${made} PARENT_SCOPE)
endfunction()
