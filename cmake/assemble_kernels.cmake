# PTX to machine code of one architecture, keeping what ptxas says of each kernel in CUBIN.log. With
# WERROR a spill or a use of local memory is an error: another ptxas may need a register more, which
# is no reason not to build. A script for cmake -P; takes NVCC, ARCHITECTURE, PTX, CUBIN and WERROR.
set(strict "")
if(WERROR)
  set(strict ,-Werror)
endif()
execute_process(
  COMMAND ${NVCC} -cubin -arch=sm_${ARCHITECTURE} -O3
          -Xptxas -v,-warn-spills,-warn-lmem-usage${strict} -o ${CUBIN} ${PTX}
  RESULT_VARIABLE result
  OUTPUT_VARIABLE said
  ERROR_VARIABLE said)
file(WRITE ${CUBIN}.log "${said}")
if(NOT result EQUAL 0)
  file(REMOVE ${CUBIN})
  message(FATAL_ERROR "${PTX} for sm_${ARCHITECTURE}:\n${said}")
endif()
