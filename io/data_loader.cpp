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

// Another purpose for each row in each epoch, beyond those of the orders.
std::uint64_t purpose_of_row(std::int64_t epoch, std::int64_t row) {
  return std::uint64_t{1} << 63 | static_cast<std::uint64_t>(epoch) << 32 | static_cast<std::uint64_t>(row);
}

void refuse_capture() { engine::refuse_in_capture("DataLoader", "copy each batch into tensors that the step reads"); }

void check(std::span<const Tensor> data, const DataLoaderOptions& options) {
  const std::int64_t rows = data.front().size(0);
  if (options.batch < 1) engine::fail("DataLoader: batch must be >= 1 (got {})", options.batch);
  if (options.drop_last && options.batch > rows)
    engine::fail("DataLoader: drop_last leaves no batch of {} from {} rows", options.batch, rows);
  if (options.seed && options.generator) engine::fail("DataLoader: takes a seed or a generator (got both)");
  if (options.workers < 0) engine::fail("DataLoader: workers must be >= 0 (got {})", options.workers);
  if (std::ranges::any_of(options.transforms, [](const Transform& transform) { return !transform; }))
    engine::fail("DataLoader: a transform is empty");
  if (options.workers > 0 && std::ranges::any_of(data, [](const Tensor& tensor) { return tensor.requires_grad(); }))
    engine::fail("DataLoader: workers compute no gradients of the data; detach it");
}

std::int64_t batches_of(std::int64_t rows, const DataLoaderOptions& options) {
  return options.drop_last ? rows / options.batch : (rows + options.batch - 1) / options.batch;
}

}  // namespace

std::int64_t Epoch::batches() const { return batches_of(std::ssize(order_), options_); }

std::span<const std::int64_t> Epoch::rows(std::int64_t batch) const {
  refuse_capture();
  if (batch >= batches()) engine::fail("DataLoader: the epoch has {} batches, and all were given", batches());
  const std::int64_t from = batch * options_.batch, size = std::min(options_.batch, std::ssize(order_) - from);
  return std::span(order_).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(size));
}

Tensor Epoch::transformed(Tensor x, std::span<const std::int64_t> rows) const {
  if (options_.transforms.empty()) return x;
  std::vector<Generator> draws;
  draws.reserve(rows.size());
  for (const std::int64_t row : rows) draws.emplace_back(key_[0], key_[1], purpose_of_row(number_, row));
  for (const Transform& transform : options_.transforms) {
    x = transform(x, draws);
    if (!x.defined() || x.dim() == 0 || x.size(0) != std::ssize(rows))
      engine::fail("DataLoader: a transform must keep the {} rows of a batch, and gave {}", rows.size(),
                   x.defined() ? x.shape().str() : "no tensor");
  }
  return x;
}

Epochs::Epochs(std::span<const Tensor> data, const DataLoaderOptions& options)
    : rows_(data.front().size(0)), options_(options), key_{} {
  check(data, options);
  const auto thread = default_generator().state();
  key_ = options.seed ? std::array<std::uint64_t, 2>{*options.seed, 0} : std::array{thread[0], thread[1]};
}

std::int64_t Epochs::batches() const { return batches_of(rows_, options_); }

std::shared_ptr<const Epoch> Epochs::next() {
  refuse_capture();
  auto epoch = std::make_shared<Epoch>();
  epoch->options_ = options_;
  epoch->key_ = key_;
  epoch->number_ = epoch_++;
  auto& order = epoch->order_;
  order.resize(static_cast<std::size_t>(rows_));
  if (!options_.shuffle)
    std::iota(order.begin(), order.end(), std::int64_t{0});
  else if (options_.generator)
    options_.generator->permutation(order);
  else
    Generator(key_[0], key_[1], purpose_of_orders + static_cast<std::uint64_t>(epoch->number_)).permutation(order);
  return epoch;
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
