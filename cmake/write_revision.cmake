# SPDX-License-Identifier: BSD-3-Clause
# cmake -DSOURCE_DIR=... -DOUTPUT=... -P write_revision.cmake

set(revision "")
# A copy without its own .git inside somebody else's repository has no revision of its own.
if(EXISTS "${SOURCE_DIR}/.git")
  execute_process(COMMAND git describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY "${SOURCE_DIR}" OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  # What git does not track yet is compiled all the same: sources are found by their place.
  execute_process(COMMAND git status --porcelain --untracked-files=all -- "*.cpp" "*.hpp"
    WORKING_DIRECTORY "${SOURCE_DIR}" OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(changes AND NOT revision MATCHES "-dirty$")
    string(APPEND revision "-dirty")
  endif()
endif()
if(NOT revision)
  set(revision unknown)
endif()

file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT [[
// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/version.hpp>

namespace sigmagrad {

const char* revision() { return "@revision@"; }

}  // namespace sigmagrad
]] @ONLY)
