// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sigmagrad/io/dataset.hpp>
#include <sigmagrad/io/named_tensors.hpp>

namespace sigmagrad {

struct DataLoaderOptions {
  std::int64_t batch = 1;
  bool shuffle = false;
  bool drop_last = false;               // leaves out a last batch that is smaller
  std::optional<std::uint64_t> seed{};  // of the orders; that of the thread's generator unless given
  Generator* generator = nullptr;       // draws the orders instead, and must outlive the loader
};

namespace detail {

/// The orders of a loader, one an epoch.
class Epochs {
 public:
  Epochs(std::int64_t rows, const DataLoaderOptions& options);

  std::int64_t batches() const;
  /// The rows of the next epoch, all of them.
  std::vector<std::int64_t> next();
  /// The rows of one batch.
  std::span<const std::int64_t> batch(std::span<const std::int64_t> order, std::int64_t number) const;

  NamedTensors state_dict() const;
  void load_state_dict(const NamedTensors& state);

 private:
  std::int64_t rows_;
  DataLoaderOptions options_;
  std::array<std::uint64_t, 2> key_;  // of the generators: seed, trial
  std::int64_t epoch_ = 0;
};

}  // namespace detail

/// A data set in batches: `for (auto [x, y] : DataLoader(x, y, {.batch = 64, .shuffle = true}))`. A loader that is kept
/// has a new order each time it is iterated. Epoch e's order is drawn from Philox with the loader's seed, e and a
/// purpose of its own: what else is drawn does not move it, and two loaders of one seed and size go in the same order.
/// Batches are copies, made one at a time; a captured step takes them by `copy_`, which needs `drop_last` or sizes that
/// divide.
template <std::size_t N>
class DataLoader {
 public:
  using Options = DataLoaderOptions;
  using Batch = std::array<Tensor, N>;
  class Iterator;

  /// Error for a batch below 1, and for one that `drop_last` would leave out though there is no other.
  explicit DataLoader(TensorDataset<N> data, DataLoaderOptions options = {})
      : data_(std::move(data)), epochs_(data_.size(), options) {}
  DataLoader(const Tensor& x, DataLoaderOptions options = {}) requires(N == 1)
      : DataLoader(TensorDataset<1>(x), options) {}
  DataLoader(const Tensor& x, const Tensor& y, DataLoaderOptions options = {}) requires(N == 2)
      : DataLoader(TensorDataset<2>(x, y), options) {}

  /// Number of batches.
  std::int64_t size() const { return epochs_.batches(); }
  const TensorDataset<N>& dataset() const { return data_; }

  /// Begins an epoch.
  Iterator begin() { return Iterator(*this, epochs_.next()); }
  std::default_sentinel_t end() const { return {}; }

  /// The number of epochs begun, and the key of their orders: `save_checkpoint(path, model, optimizer, loader)` between
  /// two of them, and the run that goes on meets the orders that this one would have. A `.generator` of one's own is to
  /// be saved beside it.
  NamedTensors state_dict() const { return epochs_.state_dict(); }
  void load_state_dict(const NamedTensors& state) { epochs_.load_state_dict(state); }

 private:
  TensorDataset<N> data_;
  detail::Epochs epochs_;
};

/// Goes over one epoch. The loader must outlive it.
template <std::size_t N>
class DataLoader<N>::Iterator {
 public:
  using value_type = Batch;
  using difference_type = std::ptrdiff_t;

  Batch operator*() const { return loader_->data_.rows(loader_->epochs_.batch(order_, number_)); }
  Iterator& operator++() {
    ++number_;
    return *this;
  }
  void operator++(int) { ++number_; }
  bool operator==(std::default_sentinel_t) const { return number_ == loader_->size(); }

 private:
  friend class DataLoader;
  Iterator(const DataLoader& loader, std::vector<std::int64_t> order) : loader_(&loader), order_(std::move(order)) {}

  const DataLoader* loader_;
  std::vector<std::int64_t> order_;
  std::int64_t number_ = 0;
};

DataLoader(const Tensor&, DataLoaderOptions = {})->DataLoader<1>;
DataLoader(const Tensor&, const Tensor&, DataLoaderOptions = {})->DataLoader<2>;
template <std::size_t N>
DataLoader(TensorDataset<N>, DataLoaderOptions = {}) -> DataLoader<N>;

}  // namespace sigmagrad
