// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad::engine {

/// Fills the memory in the thread's free lists with NaN, so that a kernel which reads what it has not written shows it.
void poison_free_memory() noexcept;

}  // namespace sigmagrad::engine
