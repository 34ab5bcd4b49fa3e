# SPDX-License-Identifier: BSD-3-Clause
# The build type, the launcher, and the flags every target of this tree is compiled with.

# Within another project too: without a build type of that project's, this folder's targets alone are optimised.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()
if(PROJECT_IS_TOP_LEVEL)
  find_program(SIGMAGRAD_CCACHE ccache)
  if(SIGMAGRAD_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${SIGMAGRAD_CCACHE}")
  endif()
  if(NOT DEFINED CMAKE_COMPILE_WARNING_AS_ERROR)
    set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
  endif()
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
endif()

if(SIGMAGRAD_SANITIZE)
  add_compile_options("-fsanitize=${SIGMAGRAD_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options("-fsanitize=${SIGMAGRAD_SANITIZE}")
endif()

if(SIGMAGRAD_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_compile_definitions(__SANITIZE_ADDRESS__)  # as g++ says it: the pool then leaves memory to the sanitizer
endif()

# Linked as $<BUILD_INTERFACE:sigmagrad_private>, so that none of it reaches an installed target.
add_library(sigmagrad_private INTERFACE)
target_compile_definitions(sigmagrad_private INTERFACE HAVE_CBLAS=1)
# Contraction would make a result depend on the compiler's choice of a fused multiply-add. Without errno, sqrt is one
# instruction and loops with it vectorise; nobody reads errno after it.
target_compile_options(sigmagrad_private INTERFACE -Wall -Wextra -Wpedantic -Wshadow -ffp-contract=off -fno-math-errno)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns about overlapping copies inside std::string's own operator+ (GCC bug 105651).
  target_compile_options(sigmagrad_private INTERFACE -Wno-restrict)
endif()

function(sigmagrad_settings target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:sigmagrad_private>)
endfunction()

# Sources of a folder: new files are found without an edit here.
function(sigmagrad_sources variable)
  list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/")
  file(GLOB files CONFIGURE_DEPENDS ${ARGN})
  set(${variable} ${files} PARENT_SCOPE)
endfunction()

# The optimisation of targets whose own code is not the hot one: trials spend their time in the library. It saves a
# third of the time to compile them.
function(sigmagrad_optimise target level)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:${level}>)
endfunction()

# Sources compiled together, `size` at a time: what they include is read once for all of them, which is most of the time
# that a short file takes. Names of unnamed namespaces must then differ within a target. Subcommands, which all declare
# the same names, and kernels, which take long by themselves, stay alone.
function(sigmagrad_group target size)
  set_target_properties(${target} PROPERTIES UNITY_BUILD "${SIGMAGRAD_GROUP_SOURCES}" UNITY_BUILD_BATCH_SIZE ${size})
  get_target_property(alone ${target} SOURCES)
  list(FILTER alone INCLUDE REGEX "/kernels/|_command\\.cpp$")
  set_source_files_properties(${alone} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
