// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace sigmagrad::engine {

/// A T from this thread's store, whose memory is kept between uses. Uses may nest: each has a T of its own.
template <class T>
class Reused {
 public:
  Reused() {
    if (store().empty()) store().push_back(std::make_unique<T>());
    object_ = std::move(store().back());
    store().pop_back();
  }
  /// Gives it back, as empty as it was found. Without this call it is destroyed.
  void keep() { store().push_back(std::move(object_)); }

  T& operator*() const { return *object_; }
  T* operator->() const { return object_.get(); }

 private:
  static std::vector<std::unique_ptr<T>>& store() {
    static thread_local std::vector<std::unique_ptr<T>> objects;
    return objects;
  }
  std::unique_ptr<T> object_;
};

}  // namespace sigmagrad::engine
