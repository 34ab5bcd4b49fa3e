# SPDX-License-Identifier: BSD-3-Clause
# The git revision is in one source of its own, so that a commit rebuilds that file alone.

set(SIGMAGRAD_REVISION_CPP "${PROJECT_BINARY_DIR}/revision.cpp")
add_custom_target(sigmagrad_revision
  COMMAND "${CMAKE_COMMAND}" "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}" "-DOUTPUT=${SIGMAGRAD_REVISION_CPP}"
          -P "${PROJECT_SOURCE_DIR}/cmake/write_revision.cmake"
  BYPRODUCTS "${SIGMAGRAD_REVISION_CPP}" COMMENT "Git revision" VERBATIM)
