// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Compiles a function for several instruction sets; the loader takes the best the CPU has. Without contraction every
/// version gives the same bits. Sanitizers are not ready yet when the loader asks, so they get the baseline only; so
/// does clang 14, which has no such clones of templates.
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SIGMAGRAD_MULTIVERSION [[gnu::target_clones("avx512f", "avx2", "default")]]
#else
#define SIGMAGRAD_MULTIVERSION
#endif
