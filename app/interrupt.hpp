// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad::app {

/// From now on the first SIGINT or SIGTERM is only noted; the second ends the program as usual.
void note_interrupts();
bool interrupted();

}  // namespace sigmagrad::app
