# What `cmake --install` puts where: library, headers, command, manual page, and the two ways other
# projects find them (find_package(escapement), pkg-config escapement).
include(CMakePackageConfigHelpers)

install(TARGETS escapement EXPORT escapement_targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${ESC_PUBLIC_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/escapement)
if(ESC_COMMAND)
  install(TARGETS escapement_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES docs/escapement.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/escapement)
configure_package_config_file(cmake/escapement-config.cmake.in
  ${PROJECT_BINARY_DIR}/escapement-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/escapement-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(EXPORT escapement_targets FILE escapement-targets.cmake NAMESPACE escapement::
  DESTINATION ${package_dir})
install(FILES ${PROJECT_BINARY_DIR}/escapement-config.cmake
  ${PROJECT_BINARY_DIR}/escapement-config-version.cmake DESTINATION ${package_dir})

# A static libescapement leaves OpenMP, libm and the static CUDA runtime to whoever links it.
set(private_libs "${OpenMP_C_FLAGS} -lm")
if(ESC_HAVE_CUDA)
  string(APPEND private_libs " -L${CUDAToolkit_LIBRARY_DIR} -lcudart_static -ldl -lrt -lpthread")
endif()
if(BUILD_SHARED_LIBS)
  set(pc_libs "")
  set(pc_libs_private "${private_libs}")
else()
  set(pc_libs " ${private_libs}")
  set(pc_libs_private "")
endif()
# The prefix is found from where the file lies (here: LIBDIR/pkgconfig), so a tree can be moved.
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/escapement.pc.in ${PROJECT_BINARY_DIR}/escapement.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/escapement.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(ESC_STATE_FILES)
  # So does a static libescapement_state with jansson.
  if(BUILD_SHARED_LIBS)
    set(pc_state_requires "")
  else()
    set(pc_state_requires ", jansson")
  endif()
  configure_file(cmake/escapement_state.pc.in ${PROJECT_BINARY_DIR}/escapement_state.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/escapement_state.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
