// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad {

namespace detail {
inline constinit thread_local bool grad_flag = true;
}

/// True where operations on this thread are recorded for `backward`.
inline bool grad_enabled() { return detail::grad_flag; }

/// While one lives, operations on this thread are (not) recorded. Guards nest.
class GradMode {
 public:
  explicit GradMode(bool enabled) : previous_(detail::grad_flag) { detail::grad_flag = enabled; }
  ~GradMode() { detail::grad_flag = previous_; }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};

class NoGrad : GradMode {
 public:
  NoGrad() : GradMode(false) {}
};

}  // namespace sigmagrad
