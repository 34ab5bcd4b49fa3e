// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sigmagrad/io/dataset.hpp>
#include <sigmagrad/io/named_tensors.hpp>
#include <sigmagrad/io/transforms.hpp>

namespace sigmagrad {

struct DataLoaderOptions {
  std::int64_t batch = 1;
  bool shuffle = false;
  bool drop_last = false;               // leaves out a last batch that is smaller
  std::optional<std::uint64_t> seed{};  // of the orders; that of the thread's generator unless given
  Generator* generator = nullptr;       // draws the orders instead, and must outlive the loader
  int workers = 0;                      // threads that make the next batches meanwhile, two ahead each
  std::vector<Transform> transforms{};  // of the first tensor of a batch, one after the other
};

namespace detail {

/// What the batches of one epoch are made by. Threads share it.
class Epoch {
 public:
  std::int64_t batches() const;
  /// The rows of one batch.
  std::span<const std::int64_t> rows(std::int64_t batch) const;
  /// The first tensor of a batch after the transforms. Row r of the data draws from a generator that depends on the
  /// loader's key, the number of the epoch and r alone.
  Tensor transformed(Tensor x, std::span<const std::int64_t> rows) const;

 private:
  friend class Epochs;
  DataLoaderOptions options_;
  std::array<std::uint64_t, 2> key_{};
  std::int64_t number_ = 0;
  std::vector<std::int64_t> order_;  // all rows
};

/// Threads that make batches of an epoch ahead of time, until this is gone.
class Prefetch;
using MakeBatch = std::function<std::vector<Tensor>(std::int64_t batch)>;
std::shared_ptr<Prefetch> prefetch(int workers, std::int64_t batches, MakeBatch make);
/// The batch, as `make` has it; what that threw is thrown here.
std::vector<Tensor> take(Prefetch& prefetch, std::int64_t batch);

/// The orders of a loader, one an epoch.
class Epochs {
 public:
  Epochs(std::span<const Tensor> data, const DataLoaderOptions& options);

  std::int64_t batches() const;
  int workers() const { return options_.workers; }
  std::shared_ptr<const Epoch> next();

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
/// Batches are copies, made one at a time, or ahead of time by `workers` threads of their own, and have the same bits
/// for any number of these; a captured step takes them by `copy_`, which needs `drop_last` or sizes that divide.
/// `transforms` draw from a generator for each row, which the seed, the epoch and the row's number in the data decide.
/// What a thread throws is thrown where its batch is asked for. Leaving the loop ends the threads.
template <std::size_t N>
class DataLoader {
 public:
  using Options = DataLoaderOptions;
  using Batch = std::array<Tensor, N>;
  class Iterator;

  /// Error for a batch below 1, and for one that `drop_last` would leave out though there is no other.
  explicit DataLoader(TensorDataset<N> data, DataLoaderOptions options = {})
      : data_(std::move(data)), epochs_(data_.tensors(), options) {}
  DataLoader(const Tensor& x, DataLoaderOptions options = {}) requires(N == 1)
      : DataLoader(TensorDataset<1>(x), std::move(options)) {}
  DataLoader(const Tensor& x, const Tensor& y, DataLoaderOptions options = {}) requires(N == 2)
      : DataLoader(TensorDataset<2>(x, y), std::move(options)) {}

  /// Number of batches.
  std::int64_t size() const { return epochs_.batches(); }
  const TensorDataset<N>& dataset() const { return data_; }

  /// Begins an epoch.
  Iterator begin() { return Iterator(data_, epochs_.next(), epochs_.workers()); }
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

/// Goes over one epoch. Copies of it share its threads.
template <std::size_t N>
class DataLoader<N>::Iterator {
 public:
  using value_type = Batch;
  using difference_type = std::ptrdiff_t;

  Batch operator*() const {
    if (!prefetch_) return batch(data_, *epoch_, number_);
    auto list = detail::take(*prefetch_, number_);
    Batch result;
    std::move(list.begin(), list.end(), result.begin());
    return result;
  }
  Iterator& operator++() {
    ++number_;
    return *this;
  }
  void operator++(int) { ++number_; }
  bool operator==(std::default_sentinel_t) const { return number_ == epoch_->batches(); }

 private:
  friend class DataLoader;
  Iterator(const TensorDataset<N>& data, std::shared_ptr<const detail::Epoch> epoch, int workers)
      : data_(data), epoch_(std::move(epoch)) {
    if (workers == 0) return;
    prefetch_ = detail::prefetch(workers, epoch_->batches(), [data, of = epoch_](std::int64_t number) {
      const Batch made = batch(data, *of, number);
      return std::vector<Tensor>(made.begin(), made.end());
    });
  }

  static Batch batch(const TensorDataset<N>& data, const detail::Epoch& epoch, std::int64_t number) {
    const auto rows = epoch.rows(number);
    Batch result = data.rows(rows);
    result[0] = epoch.transformed(std::move(result[0]), rows);
    return result;
  }

  TensorDataset<N> data_;
  std::shared_ptr<const detail::Epoch> epoch_;
  std::shared_ptr<detail::Prefetch> prefetch_;  // none without workers
  std::int64_t number_ = 0;
};

DataLoader(const Tensor&, DataLoaderOptions = {})->DataLoader<1>;
DataLoader(const Tensor&, const Tensor&, DataLoaderOptions = {})->DataLoader<2>;
template <std::size_t N>
DataLoader(TensorDataset<N>, DataLoaderOptions = {}) -> DataLoader<N>;

}  // namespace sigmagrad
