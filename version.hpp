// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad {

/// CMakeLists.txt reads the project's version from this line.
inline constexpr const char* version = "0.1.0";

/// The git revision the library was built from, with "-dirty" where files differed from it; "unknown" outside git.
const char* revision();

}  // namespace sigmagrad
