# Options, flags and the function that compiles a part of the core; what to build stands in the
# CMakeLists.txt files.

option(BUILD_SHARED_LIBS "Build libescapement as a shared library" ON)
option(ESC_WERROR "Warnings are errors" OFF)
option(ESC_COMMAND "Build the escapement command (needs libyaml, jansson, HDF5)" ON)
option(ESC_STATE_FILES "Build escapement_state, the state files of optimizers (needs jansson)" ON)
option(ESC_EXAMPLES "Build the example programs" ON)
option(ESC_BENCH "Build the benchmarks" ON)
option(ESC_FUZZ "Build the libFuzzer programs (needs clang)" OFF)
set(ESC_TESTS AUTO CACHE STRING
  "Build the tests: AUTO (where Criterion is found), ON, OFF, or RACES (the race check alone)")
set(ESC_CUDA AUTO CACHE STRING "Use the CUDA toolkit: AUTO (where it is found), ON or OFF")
set(ESC_SANITIZE "" CACHE STRING "Sanitizers for everything, as -fsanitize takes them")
set_property(CACHE ESC_TESTS PROPERTY STRINGS AUTO ON OFF RACES)
set_property(CACHE ESC_CUDA PROPERTY STRINGS AUTO ON OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Type of build" FORCE)
endif()
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON) # __int128 in the long accumulators
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
# The installed command finds its library wherever the prefix is moved to.
set(CMAKE_INSTALL_RPATH $ORIGIN/../${CMAKE_INSTALL_LIBDIR})

if(ESC_SANITIZE)
  add_compile_options(-fsanitize=${ESC_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ESC_SANITIZE})
endif()

# --- flags -----------------------------------------------------------------------------------------

# The arithmetic of exact mode (docs/numerics.md): no contraction, so that every compiler and
# instruction set gives the same bits. The other two give up what nobody reads (errno, traps) and
# let loops vectorise. Never -ffast-math.
set(ESC_EXACT_FLAGS -ffp-contract=off -fno-math-errno -fno-trapping-math)
set(ESC_WARNINGS -Wall -Wextra -Wshadow)
if(ESC_WERROR)
  list(APPEND ESC_WARNINGS -Werror)
endif()
# Criterion's macros trip -Wconversion, so tests do without these two.
set(ESC_STRICT_WARNINGS ${ESC_WARNINGS} -Wconversion -Wdouble-promotion)

# --- instruction sets ------------------------------------------------------------------------------

set(ESC_FLAGS_baseline "")
set(ESC_FLAGS_avx2 -mavx2 -mfma -mf16c -mbmi2)
set(ESC_FLAGS_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx512cd -mavx2 -mfma -mbmi2
  -mprefer-vector-width=512)
set(every_isa "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(every_isa avx2 avx512)
endif()
set(ESC_ISAS "${every_isa}" CACHE STRING
  "Instruction sets to build beside the baseline (avx512 only with avx2)")
set(ESC_CPU_ISAS baseline ${ESC_ISAS})
set(ESC_HAVE_AVX2 0)
set(ESC_HAVE_AVX512 0)
if("avx2" IN_LIST ESC_ISAS)
  set(ESC_HAVE_AVX2 1)
endif()
if("avx512" IN_LIST ESC_ISAS)
  set(ESC_HAVE_AVX512 1)
endif()

# esc_core_objects(NAME SOURCES ... [ISA isa] [REAL_BITS 32|64]): a part of the core as an object
# library. With ISA it is loops over the rules: compiled for that instruction set, ESC_ISA being the
# suffix of its names, and at -O3 whatever the rest is compiled at.
function(esc_core_objects name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ISA;REAL_BITS" "SOURCES")
  add_library(${name} OBJECT ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${ESC_EXACT_FLAGS} ${ESC_STRICT_WARNINGS})
  target_link_libraries(${name} PRIVATE OpenMP::OpenMP_C)
  if(arg_ISA)
    target_compile_definitions(${name} PRIVATE ESC_ISA=${arg_ISA})
    target_compile_options(${name} PRIVATE ${ESC_FLAGS_${arg_ISA}} $<$<CONFIG:RelWithDebInfo>:-O3>)
  endif()
  if(arg_REAL_BITS)
    target_compile_definitions(${name} PRIVATE ESC_REAL_BITS=${arg_REAL_BITS})
  endif()
endfunction()

# --- what the machine has --------------------------------------------------------------------------

find_package(PkgConfig QUIET)

if(NOT ESC_CUDA STREQUAL "OFF")
  if(ESC_CUDA STREQUAL "AUTO")
    find_package(CUDAToolkit 12.8 QUIET)
  else()
    find_package(CUDAToolkit 12.8 REQUIRED)
  endif()
endif()
if(NOT CUDAToolkit_FOUND)
  message(STATUS "No CUDA toolkit: built without what needs it")
endif()

if(ESC_TESTS STREQUAL "AUTO" OR ESC_TESTS STREQUAL "ON")
  if(PkgConfig_FOUND)
    pkg_check_modules(CRITERION QUIET IMPORTED_TARGET criterion>=2.4.1)
  endif()
  if(NOT CRITERION_FOUND)
    if(ESC_TESTS STREQUAL "ON")
      message(FATAL_ERROR "The tests need Criterion 2.4.1 (Debian: libcriterion-dev)")
    endif()
    message(STATUS "No Criterion: built without tests")
    set(ESC_TESTS OFF)
  endif()
endif()
