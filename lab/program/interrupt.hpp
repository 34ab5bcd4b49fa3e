// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad::lab {

/// From now on the first SIGINT or SIGTERM is only noted; the second ends the program as usual.
void note_interrupts();
bool interrupted();

}  // namespace sigmagrad::lab
