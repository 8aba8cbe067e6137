# PTX to machine code of one architecture, keeping what ptxas says of each kernel in CUBIN.log. A
# spill or a use of local memory is an error. A script for cmake -P; takes NVCC, ARCHITECTURE, PTX
# and CUBIN.
execute_process(
  COMMAND ${NVCC} -cubin -arch=sm_${ARCHITECTURE} -O3
          -Xptxas -v,-warn-spills,-warn-lmem-usage,-Werror -o ${CUBIN} ${PTX}
  RESULT_VARIABLE result
  OUTPUT_VARIABLE said
  ERROR_VARIABLE said)
file(WRITE ${CUBIN}.log "${said}")
if(NOT result EQUAL 0)
  file(REMOVE ${CUBIN})
  message(FATAL_ERROR "${PTX} for sm_${ARCHITECTURE}:\n${said}")
endif()
