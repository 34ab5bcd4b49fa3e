# SPDX-License-Identifier: BSD-3-Clause
# Installs what a user's program can reach: sigmagrad.hpp, xtensor.hpp, version.hpp, lab.hpp if the laboratory is built,
# and what they include, inner headers that public templates need among them.

set(queue ${SIGMAGRAD_INSTALL_HEADERS})
set(reached "")
while(queue)
  list(POP_FRONT queue header)
  if(header IN_LIST reached OR NOT EXISTS "${SIGMAGRAD_INCLUDE_DIR}/${header}")
    continue()
  endif()
  list(APPEND reached "${header}")
  cmake_path(GET header PARENT_PATH folder)
  file(REAL_PATH "${SIGMAGRAD_INCLUDE_DIR}/${header}" source)
  file(INSTALL "${source}" DESTINATION "${CMAKE_INSTALL_PREFIX}/${SIGMAGRAD_INSTALL_DIR}/${folder}")
  file(STRINGS "${SIGMAGRAD_INCLUDE_DIR}/${header}" includes REGEX "^#include <sigmagrad/")
  list(TRANSFORM includes REPLACE "^#include <([^>]+)>.*" "\\1")
  list(APPEND queue ${includes})
endwhile()
