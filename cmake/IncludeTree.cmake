# SPDX-License-Identifier: BSD-3-Clause
# <sigmagrad/folder/file.hpp> is folder/file.hpp here, and include/sigmagrad/folder/file.hpp once installed.

set(SIGMAGRAD_INCLUDE_DIR "${PROJECT_BINARY_DIR}/include")
file(MAKE_DIRECTORY "${SIGMAGRAD_INCLUDE_DIR}/sigmagrad")
foreach(name autograd linalg io nn optim theory lab impute experiments app bench tests
        sigmagrad.hpp lab.hpp xtensor.hpp)
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${name}" "${SIGMAGRAD_INCLUDE_DIR}/sigmagrad/${name}" SYMBOLIC)
endforeach()
