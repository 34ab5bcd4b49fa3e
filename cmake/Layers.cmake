# SPDX-License-Identifier: BSD-3-Clause
# One static library a folder, linked downwards only.

# sigmagrad_layer(folder below...): the library of one folder, on top of the libraries named.
function(sigmagrad_layer folder)
  sigmagrad_sources(sources "${folder}/*.cpp" "${folder}/*/*.cpp" "${folder}/*/*/*.cpp")
  if(folder STREQUAL "autograd")
    list(APPEND sources "${SIGMAGRAD_REVISION_CPP}")
  endif()
  set(target sigmagrad_${folder})
  if(sources)
    add_library(${target} STATIC ${sources})
    sigmagrad_settings(${target})
    sigmagrad_group(${target} 6)
    target_link_libraries(${target} PRIVATE OpenBLAS::OpenBLAS fmt::fmt)
    set(visibility PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(visibility INTERFACE)
  endif()
  target_include_directories(${target} ${visibility}
    $<BUILD_INTERFACE:${SIGMAGRAD_INCLUDE_DIR}> $<INSTALL_INTERFACE:include>)
  # One definition everywhere: xtensor's inline functions must be the same in every object file of a program.
  target_compile_definitions(${target} ${visibility} XTENSOR_USE_XSIMD)
  list(TRANSFORM ARGN PREPEND sigmagrad_)
  target_link_libraries(${target} ${visibility} ${ARGN})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${folder})
  add_library(sigmagrad::${folder} ALIAS ${target})
  if(folder STREQUAL "autograd")
    add_dependencies(${target} sigmagrad_revision)
  endif()
endfunction()

# A file named after an instruction set is compiled for it; it is entered only where the CPU has the set.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties("${PROJECT_SOURCE_DIR}/autograd/kernels/detail/gemm_avx2.cpp"
    PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma")
  set_source_files_properties("${PROJECT_SOURCE_DIR}/autograd/kernels/detail/gemm_avx512.cpp"
    PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma;-mavx512f;-mavx512vl;-mavx512dq;-mavx512bw")
endif()

# sigmagrad_umbrella(folder...): the target `sigmagrad::sigmagrad`, all layers in one.
function(sigmagrad_umbrella)
  add_library(sigmagrad INTERFACE)
  add_library(sigmagrad::sigmagrad ALIAS sigmagrad)
  list(TRANSFORM ARGN PREPEND sigmagrad_)
  target_link_libraries(sigmagrad INTERFACE ${ARGN})
  set(SIGMAGRAD_LAYER_TARGETS ${ARGN} PARENT_SCOPE)
endfunction()
