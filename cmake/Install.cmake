# SPDX-License-Identifier: BSD-3-Clause
# cmake --install, for find_package(sigmagrad CONFIG).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/sigmagrad")
install(TARGETS sigmagrad ${SIGMAGRAD_LAYER_TARGETS} EXPORT sigmagrad)
install(EXPORT sigmagrad NAMESPACE sigmagrad:: FILE sigmagradTargets.cmake DESTINATION "${package_dir}")
set(headers sigmagrad/sigmagrad.hpp sigmagrad/xtensor.hpp sigmagrad/version.hpp)
if(SIGMAGRAD_BUILD_LAB)
  # Targets of its own: without the component `lab`, nothing of it is looked for.
  install(TARGETS sigmagrad_lab EXPORT sigmagrad_lab)
  install(EXPORT sigmagrad_lab NAMESPACE sigmagrad:: FILE sigmagradLabTargets.cmake DESTINATION "${package_dir}")
  list(APPEND headers sigmagrad/lab.hpp)
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/sigmagradConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/sigmagradConfig.cmake" INSTALL_DESTINATION "${package_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/sigmagradConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/sigmagradConfig.cmake" "${PROJECT_BINARY_DIR}/sigmagradConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/FindOpenBLAS.cmake" "${PROJECT_SOURCE_DIR}/cmake/FindLibZip.cmake"
        DESTINATION "${package_dir}")

install(CODE "set(SIGMAGRAD_INCLUDE_DIR \"${SIGMAGRAD_INCLUDE_DIR}\")
set(SIGMAGRAD_INSTALL_DIR \"${CMAKE_INSTALL_INCLUDEDIR}\")
set(SIGMAGRAD_INSTALL_HEADERS \"${headers}\")")
install(SCRIPT "${PROJECT_SOURCE_DIR}/cmake/install_headers.cmake")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

if(TARGET sigmagrad_app)
  install(TARGETS sigmagrad_app)
endif()
