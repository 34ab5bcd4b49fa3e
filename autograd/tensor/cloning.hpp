// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::engine {

/// While one lives, a copy of a handle to one of `originals` is a handle to that tensor's clone. An object made of
/// handles is then copied deeply by its own copy constructor, whatever its type and whatever holds it.
class Cloning {
 public:
  explicit Cloning(const std::vector<Tensor>& originals);
  /// With these, one for each, in the place of clones.
  Cloning(const std::vector<Tensor>& originals, const std::vector<Tensor>& replacements);
  ~Cloning();
  Cloning(const Cloning&) = delete;
  Cloning& operator=(const Cloning&) = delete;

  const Ref<TensorImpl>& counterpart(const Ref<TensorImpl>& original) const;
  /// The counterpart of another shared object, which copies itself: null until the first request has filled it.
  std::shared_ptr<void>& counterpart(const void* original) { return objects_[original]; }

 private:
  Cloning* const previous_ = cloning;
  std::map<const TensorImpl*, Ref<TensorImpl>> tensors_;
  std::map<const void*, std::shared_ptr<void>> objects_;
};

/// A T that copies share, and of which a clone has its own.
template <class T>
class Shared {
 public:
  Shared() : value_(std::make_shared<T>()) {}
  Shared(const Shared& other) : value_(other.value_) {
    if (!cloning) return;
    auto& counterpart = cloning->counterpart(other.value_.get());
    if (!counterpart) counterpart = std::make_shared<T>(*other.value_);
    value_ = std::static_pointer_cast<T>(counterpart);
  }
  Shared(Shared&&) noexcept = default;
  Shared& operator=(const Shared&) = default;
  Shared& operator=(Shared&&) noexcept = default;
  ~Shared() = default;

  T& operator*() const { return *value_; }
  T* operator->() const { return value_.get(); }

 private:
  std::shared_ptr<T> value_;
};

}  // namespace sigmagrad::engine
