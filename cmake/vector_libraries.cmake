# BLAS for benchmarks and examples: OpenBLAS where pkg-config knows it (Debian: libopenblas-dev), and
# cuBLAS where the CUDA backend is built. The library itself needs neither. Included by the folders
# that use it: imported targets belong to a folder.
option(ESC_CBLAS "Use OpenBLAS, where it is found, in benchmarks and examples" ON)
if(ESC_CBLAS AND PkgConfig_FOUND AND NOT TARGET PkgConfig::OPENBLAS)
  pkg_check_modules(OPENBLAS QUIET IMPORTED_TARGET openblas)
endif()
set(ESC_HAVE_CBLAS 0)
if(TARGET PkgConfig::OPENBLAS)
  set(ESC_HAVE_CBLAS 1)
endif()
set(ESC_HAVE_CUBLAS 0)
if(ESC_HAVE_CUDA AND TARGET CUDA::cublas AND TARGET CUDA::cudart_static)
  set(ESC_HAVE_CUBLAS 1)
endif()

# esc_nvcc_object(VARIABLE FILE.cu HEADER ...): the object nvcc makes of a file that is no part of
# the library, paths from the root; to be linked into a C program.
function(esc_nvcc_object variable source)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE headers)
  cmake_path(GET source STEM name)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CUDAToolkit_NVCC_EXECUTABLE} -std=c++17 -O3 -c -arch=all-major
            -Xcompiler -fPIC,-fno-exceptions,-fno-rtti,-fno-threadsafe-statics
            -I${PROJECT_SOURCE_DIR} -I${PROJECT_SOURCE_DIR}/include -o ${object} ${PROJECT_SOURCE_DIR}/${source}
    DEPENDS ${PROJECT_SOURCE_DIR}/${source} ${headers}
    COMMENT "Compiling ${source}"
    VERBATIM)
  set(${variable} ${object} PARENT_SCOPE)
endfunction()
