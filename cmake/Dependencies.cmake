# SPDX-License-Identifier: BSD-3-Clause
# Everything the build needs, looked for at once, so that one message names all that is missing.

include(CheckCXXSourceCompiles)
include(CheckCXXSourceRuns)

set(sigmagrad_missing "")

macro(sigmagrad_need_package package apt)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    string(APPEND sigmagrad_missing "\n  ${package} (Debian: ${apt})")
  endif()
endmacro()

macro(sigmagrad_need_header header apt)
  string(MAKE_C_IDENTIFIER "SIGMAGRAD_INCLUDE_${header}" variable)
  find_path(${variable} NAMES ${header})
  mark_as_advanced(${variable})
  if(${variable})
    target_include_directories(sigmagrad_private SYSTEM INTERFACE "${${variable}}")
  else()
    string(APPEND sigmagrad_missing "\n  <${header}> (Debian: ${apt})")
  endif()
endmacro()

sigmagrad_need_header(xtl/xsequence.hpp xtl-dev)
sigmagrad_need_header(xsimd/xsimd.hpp libxsimd-dev)
sigmagrad_need_header(xtensor/xtensor.hpp libxtensor-dev)
sigmagrad_need_header(xtensor-blas/xblas.hpp libxtensor-blas-dev)
sigmagrad_need_header(Random123/philox.h librandom123-dev)
sigmagrad_need_header(protozero/pbf_reader.hpp libprotozero-dev)
sigmagrad_need_package(fmt libfmt-dev CONFIG)
sigmagrad_need_package(OpenBLAS libopenblas-pthread-dev MODULE)
sigmagrad_need_package(nlohmann_json nlohmann-json3-dev CONFIG)
sigmagrad_need_package(LibZip libzip-dev MODULE)
sigmagrad_need_package(ZLIB zlib1g-dev MODULE)
if(SIGMAGRAD_BUILD_LAB)
  sigmagrad_need_package(Threads libc6-dev)
  sigmagrad_need_package(SQLite3 libsqlite3-dev)
  sigmagrad_need_header(xxhash.h libxxhash-dev)
  sigmagrad_need_package(tomlplusplus libtomlplusplus-dev CONFIG)
  sigmagrad_need_package(CLI11 libcli11-dev CONFIG)
endif()
# `mpirun`, where there is one; without it programs are built all the same, and say so when they are started by one.
if(SIGMAGRAD_BUILD_LAB)
  set(MPI_CXX_SKIP_MPICXX TRUE)  # the C interface alone
  find_package(MPI QUIET COMPONENTS CXX)
  if(NOT MPI_CXX_FOUND)
    message(STATUS "sigmagrad: no MPI (Debian: libopenmpi-dev); runs stay on one machine")
  endif()
endif()
if(SIGMAGRAD_BUILD_TESTS)
  sigmagrad_need_package(GTest libgtest-dev)
  sigmagrad_need_package(Python3 python3 COMPONENTS Interpreter)
endif()
if(SIGMAGRAD_BUILD_BENCH)
  sigmagrad_need_package(benchmark libbenchmark-dev CONFIG)
endif()

if(sigmagrad_missing)
  message(FATAL_ERROR "sigmagrad: missing on this machine:${sigmagrad_missing}\n"
                      "Run tools/install-deps, which installs all of them.")
endif()

# The checks below see exactly what the library links.
get_target_property(CMAKE_REQUIRED_INCLUDES sigmagrad_private INTERFACE_INCLUDE_DIRECTORIES)
set(CMAKE_REQUIRED_LIBRARIES OpenBLAS::OpenBLAS)
set(CMAKE_REQUIRED_DEFINITIONS -DHAVE_CBLAS=1 -DXTENSOR_USE_XSIMD)
set(CMAKE_REQUIRED_FLAGS -std=c++20)
check_cxx_source_compiles("
  #include <xtensor-blas/xblas.hpp>
  #ifndef HAVE_CBLAS
  #error HAVE_CBLAS is not defined
  #endif
  int main() {
    const xt::xtensor<double, 2> a = xt::ones<double>({2, 2});
    xt::xtensor<double, 2> c = xt::zeros<double>({2, 2});
    xt::blas::gemm(a, a, c);
  }" SIGMAGRAD_XTENSOR_BLAS_WORKS)
# The serial build of OpenBLAS takes no lock: called from two threads, its products are wrong.
check_cxx_source_runs("
  #include <cblas.h>
  #include <cstring>
  extern \"C\" char* openblas_get_config(void);
  int main() {
    const double a[4] = {1, 2, 3, 4};
    double c[4] = {};
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 2, 2, 2, 1.0, a, 2, a, 2, 0.0, c, 2);
    const char* config = openblas_get_config();
    const bool threads = !std::strstr(config, \"SINGLE_THREADED\") || std::strstr(config, \"USE_LOCKING\");
    return std::strstr(config, \"OpenBLAS\") && threads && c[0] == 7 && c[3] == 22 ? 0 : 1;
  }" SIGMAGRAD_OPENBLAS_WORKS)
unset(CMAKE_REQUIRED_INCLUDES)
unset(CMAKE_REQUIRED_LIBRARIES)
unset(CMAKE_REQUIRED_DEFINITIONS)
unset(CMAKE_REQUIRED_FLAGS)

if(NOT SIGMAGRAD_XTENSOR_BLAS_WORKS)
  message(FATAL_ERROR "sigmagrad: xtensor-blas does not compile with HAVE_CBLAS and ${OpenBLAS_LIBRARY}.\n"
                      "Run tools/install-deps, then configure again in an empty build directory.")
endif()
if(NOT SIGMAGRAD_OPENBLAS_WORKS)
  message(FATAL_ERROR "sigmagrad: ${OpenBLAS_LIBRARY} is not an OpenBLAS that two threads may call (Debian: the "
                      "pthread build, libopenblas0-pthread), or its cblas_dgemm is wrong.\n"
                      "Run tools/install-deps, then configure again in an empty build directory.")
endif()
