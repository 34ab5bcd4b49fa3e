// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad {

namespace engine {
inline constinit thread_local bool grad_flag = true;
}

/// True if operations on this thread make nodes, for `backward`.
inline bool grad_enabled() { return engine::grad_flag; }

/// While one lives, operations on this thread make nodes, or none. Guards nest.
class [[nodiscard]] GradMode {
 public:
  explicit GradMode(bool enabled) : previous_(engine::grad_flag) { engine::grad_flag = enabled; }
  ~GradMode() { engine::grad_flag = previous_; }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};

class [[nodiscard]] NoGrad : GradMode {
 public:
  NoGrad() : GradMode(false) {}
};

}  // namespace sigmagrad
