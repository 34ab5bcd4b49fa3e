// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/data_loader.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {
namespace {

constexpr std::uint64_t purpose_of_orders = 0x6461746100000000;  // far from those that users number from 0

}  // namespace

Epochs::Epochs(std::int64_t rows, const DataLoaderOptions& options) : rows_(rows), options_(options), key_{} {
  if (options.batch < 1) engine::fail("DataLoader: batch must be >= 1 (got {})", options.batch);
  if (options.drop_last && options.batch > rows)
    engine::fail("DataLoader: drop_last leaves no batch of {} from {} rows", options.batch, rows);
  if (options.seed && options.generator) engine::fail("DataLoader: takes a seed or a generator (got both)");
  const auto thread = default_generator().state();
  key_ = options.seed ? std::array<std::uint64_t, 2>{*options.seed, 0} : std::array{thread[0], thread[1]};
}

std::int64_t Epochs::batches() const {
  return options_.drop_last ? rows_ / options_.batch : (rows_ + options_.batch - 1) / options_.batch;
}

std::vector<std::int64_t> Epochs::next() {
  engine::refuse_in_capture("DataLoader", "copy each batch into tensors that the step reads");
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows_));
  const auto epoch = static_cast<std::uint64_t>(epoch_++);
  if (!options_.shuffle)
    std::iota(order.begin(), order.end(), std::int64_t{0});
  else if (options_.generator)
    options_.generator->permutation(order);
  else
    Generator(key_[0], key_[1], purpose_of_orders + epoch).permutation(order);
  return order;
}

std::span<const std::int64_t> Epochs::batch(std::span<const std::int64_t> order, std::int64_t number) const {
  engine::refuse_in_capture("DataLoader", "copy each batch into tensors that the step reads");
  const std::int64_t from = number * options_.batch;
  return order.subspan(static_cast<std::size_t>(from),
                       static_cast<std::size_t>(std::min(options_.batch, rows_ - from)));
}

namespace {

constexpr double half_word = 0x1p32;

}  // namespace

// The key in halves of words, which f64 holds.
NamedTensors Epochs::state_dict() const {
  std::vector<double> key;
  for (const auto word : key_)
    for (const auto half : {word >> 32, word & 0xffffffff}) key.push_back(static_cast<double>(half));
  return {{"epoch", tensor(static_cast<double>(epoch_))}, {"key", tensor(key)}};
}

void Epochs::load_state_dict(const NamedTensors& state) {
  Tensor epoch = zeros({}), key = zeros({4});
  copy_values("DataLoader", {{"epoch", epoch}, {"key", key}}, state);
  const double number = epoch.item();
  if (!(number >= 0.0 && number < 0x1p53 && number == std::floor(number)))
    engine::fail("DataLoader: \"epoch\" must be a whole number >= 0 (got {})", number);
  const auto halves = key.to_vector();
  for (const double half : halves)
    if (!(half >= 0.0 && half < half_word && half == std::floor(half)))
      engine::fail("DataLoader: \"key\" must hold whole numbers below 2^32 (got {})", half);
  epoch_ = static_cast<std::int64_t>(number);
  for (std::size_t i = 0; i < key_.size(); ++i)
    key_[i] = static_cast<std::uint64_t>(halves[2 * i]) << 32 | static_cast<std::uint64_t>(halves[2 * i + 1]);
}

}  // namespace sigmagrad::detail
