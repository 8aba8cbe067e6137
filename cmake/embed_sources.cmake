# The texts of FIRST and of all that it includes, as a C file: what composed kernels are compiled
# from at run time. A script for cmake -P; takes ROOT (of the tree), FIRST (a path from there),
# OUTPUT and DEPFILE.
cmake_minimum_required(VERSION 3.24)

set(folders "" include/ kernels/cuda/nvrtc/)
set(names ${FIRST})
set(files "")
set(texts "")
set(rows "")
set(count 0)

while(count LESS 1000)
  list(LENGTH names known)
  if(count EQUAL known)
    break()
  endif()
  list(GET names ${count} name)
  set(path "")
  foreach(folder IN LISTS folders)
    if(EXISTS ${ROOT}/${folder}${name})
      set(path ${ROOT}/${folder}${name})
      break()
    endif()
  endforeach()
  if(NOT path)
    message(FATAL_ERROR "${name}, which a composed kernel includes, is nowhere in the tree")
  endif()
  list(APPEND files ${path})

  file(READ ${path} text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n  \"" text "${text}")
  string(APPEND texts "static const char text_${count}[] =\n  \"${text}\";\n\n")
  string(APPEND rows "  {\"${name}\", text_${count}},\n")

  file(STRINGS ${path} includes REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^[^<\"]*[<\"]([^>\"]*).*" "\\1" included "${line}")
    if(NOT included IN_LIST names)
      list(APPEND names ${included})
    endif()
  endforeach()
  math(EXPR count "${count} + 1")
endwhile()

file(WRITE ${OUTPUT} "/* Made by cmake/embed_sources.cmake. */
#include \"host/cuda/kernel_sources.h\"

${texts}const esc_kernel_source esc_kernel_sources[] = {
${rows}};
const int esc_kernel_source_count = ${count};
")
list(JOIN files " \\\n  " files)
file(WRITE ${DEPFILE} "${OUTPUT}: \\\n  ${files}\n")
