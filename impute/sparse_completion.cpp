// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/impute/sparse_completion.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <span>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::impute {

namespace {

// Entries that are gathered at a time: their slices of both factors, [chunk, rank], fit into a CPU's second or third
// cache, and bound what a step needs beyond the factors themselves.
constexpr std::size_t chunk = std::size_t{1} << 15;

template <class F>
void each_chunk(const Observations& entries, F f) {
  for (std::size_t begin = 0; begin < entries.size(); begin += chunk) {
    const std::size_t count = std::min(chunk, entries.size() - begin);
    f(std::span(entries.rows).subspan(begin, count), std::span(entries.columns).subspan(begin, count),
      std::span(entries.values).subspan(begin, count));
  }
}

// The standard deviation of the factors' entries at which that of their product's is `scale`.
double factor_scale(const FactorizationOptions& o) {
  const double sums = std::pow(static_cast<double>(o.rank), (o.depth - 1) / 2.0);
  return std::pow(o.scale / sums, 1.0 / o.depth);
}

// b_i + c_j + <(F_1 ... F_{L-1})_i, (F_L)_j>: F_1 is [rows, rank], F_L [columns, rank], those between square.
class Model : public nn::Module {
 public:
  Model(const Prediction& start, double unit, const FactorizationOptions& o, Generator& generator) {
    const auto rows = std::ssize(start.row_bias), columns = std::ssize(start.column_bias);
    for (int l = 0; l < o.depth; ++l) {
      const auto size = l == 0 ? rows : l + 1 == o.depth ? columns : o.rank;
      factors_.push_back(
          register_parameter("factor" + std::to_string(l + 1), factor_scale(o) * randn({size, o.rank}, generator)));
    }
    if (!o.bias) return;
    row_bias_ = register_parameter("row_bias", tensor(start.row_bias) / unit);
    column_bias_ = register_parameter("column_bias", tensor(start.column_bias) / unit);
  }

  Tensor operator()(std::span<const std::int64_t> rows, std::span<const std::int64_t> columns) const {
    auto product = (index_select(left(), 0, rows) * index_select(factors_.back(), 0, columns)).sum(-1);
    if (!row_bias_.defined()) return product;
    return product + index_select(row_bias_, 0, rows) + index_select(column_bias_, 0, columns);
  }

  // In the values' own units, with `start` where nothing was trained.
  Prediction prediction(Prediction start, double unit) const {
    const NoGrad guard;
    const auto scaled = [&](const Tensor& bias) {
      const auto values = unit * bias;
      return std::vector<double>(values.data<double>().begin(), values.data<double>().end());
    };
    start.left = unit * left();
    start.right = factors_.back().clone();
    if (row_bias_.defined()) start.row_bias = scaled(row_bias_);
    if (row_bias_.defined()) start.column_bias = scaled(column_bias_);
    return start;
  }

 private:
  Tensor left() const {
    Tensor product = factors_.front();
    for (std::size_t l = 1; l + 1 < factors_.size(); ++l) product = matmul(product, factors_[l]);
    return product;
  }

  std::vector<Tensor> factors_;
  Tensor row_bias_, column_bias_;
};

Tensor charge(Loss loss, const Tensor& residual) {
  if (loss == Loss::Square) return square(residual).sum();
  const auto size = abs(residual);
  if (loss == Loss::Absolute) return size.sum();
  const auto near = minimum(size, ones_like(size));
  return (near * (size - near / 2.0)).sum();
}

// Gradients of the mean loss over all entries, and its value.
double accumulate_gradients(const Model& model, const Observations& entries, Loss kind) {
  double total = 0.0;
  each_chunk(entries, [&](auto rows, auto columns, auto values) {
    const auto target = tensor({values.begin(), values.end()});
    const auto loss = charge(kind, model(rows, columns) - target) / static_cast<double>(entries.size());
    loss.backward();
    total += loss.item();
  });
  return total;
}

double rmse_of(const Model& model, const Observations& entries) {
  const NoGrad guard;
  double total = 0.0;
  each_chunk(entries, [&](auto rows, auto columns, auto values) {
    total += square(model(rows, columns) - tensor({values.begin(), values.end()})).sum().item();
  });
  return std::sqrt(total / static_cast<double>(entries.size()));
}

// Small starts grow along few directions at a time, which is what makes the result nearly of low rank (paper 002), as
// long as a step keeps the gradient's direction: GroupRMSprop does, at a rate that also leaves the saddle at zero fast.
// Validation RMSE on 1000 x 800 of rank 4, a tenth observed, noise 0.1, at depth 2; 3 (rank 20, scale 0.001, the best
// of three rates): GroupRMSprop 0.111; 0.107, SGD with momentum 0.119; 0.109, Adam, whose steps are as large along
// every direction, 0.119; 0.108 in minibatches and 0.146; 0.112 with all entries a step.
//
// The rate is a length, of the step of all parameters together. At the end depth * (norm of the product)^(2 / depth)
// is about their squared norm, and one step is a fiftieth of it.
double learning_rate(const Observations& entries, const FactorizationOptions& o) {
  const double product = std::sqrt(static_cast<double>(entries.row_count) * static_cast<double>(entries.column_count));
  return 0.02 * std::sqrt(o.depth) * std::pow(product, 1.0 / o.depth);
}

Observations standardized(Observations entries, double mean, double unit) {
  for (double& value : entries.values) value = (value - mean) / unit;
  return entries;
}

// What the product is to fit has this size. Where means leave nothing but rounding, the product is to be next to
// nothing.
double unit_of(const Prediction& start, const Observations& training) {
  const double values = rmse(zero_prediction(training), training);
  return std::max(rmse(start, training), 1e-9 * (values > 0.0 ? values : 1.0));
}

// Once training got off the saddle at zero, waits `patience` epochs for a better one; then goes back to the best with
// a smaller rate, and ends when that has happened often enough.
class Training {
 public:
  Training(Model& model, double rate, const FactorizationOptions& options)
      : model_(model), rate_(rate), options_(options) {
    restart();
  }

  bool epoch(const Observations& training, const Observations& validation, double unit,
             const std::function<bool(const Epoch&)>& go_on) {
    optimizer_->zero_grad();
    const double loss = accumulate_gradients(model_, training, options_.loss);
    optimizer_->step();
    const double now = unit * rmse_of(model_, validation);
    ++epochs_;
    if (epochs_ == 1) first_loss_ = loss;
    moved_ = moved_ || loss < 0.98 * first_loss_;
    if (now < best_rmse_) {
      best_rmse_ = now;
      best_epoch_ = since_ = epochs_;
      best_ = model_.state_dict();
    }
    if (!moved_) since_ = epochs_;
    return go_on({.number = epochs_, .rmse = now, .best = best_rmse_}) && epochs_ < options_.max_epochs && continues();
  }

  FittedFactorization result(const Prediction& start, double unit) const {
    model_.load_state_dict(best_);
    return {.prediction = model_.prediction(start, unit),
            .validation_rmse = best_rmse_,
            .epochs = epochs_,
            .best_epoch = best_epoch_};
  }

 private:
  bool continues() {
    if (epochs_ - since_ < options_.patience) return true;
    if (restarts_ == most_restarts) return false;
    ++restarts_;
    rate_ /= 5.0;
    model_.load_state_dict(best_);
    restart();
    return true;
  }
  void restart() {
    optimizer_ = std::make_unique<optim::GroupRMSprop>(model_.parameters(), optim::GroupRMSpropOptions{.lr = rate_});
    since_ = epochs_;
  }

  static constexpr int most_restarts = 1;
  Model& model_;
  double rate_;
  const FactorizationOptions& options_;
  std::unique_ptr<optim::GroupRMSprop> optimizer_;
  NamedTensors best_;
  double best_rmse_ = std::numeric_limits<double>::infinity(), first_loss_ = 0.0;
  std::int64_t epochs_ = 0, best_epoch_ = 0, since_ = 0;
  int restarts_ = 0;
  bool moved_ = false;
};

}  // namespace

FittedFactorization factorize(const Observations& training, const Observations& validation,
                              const FactorizationOptions& options, Generator& generator,
                              const std::function<bool(const Epoch&)>& go_on) {
  const Prediction start = options.bias ? row_and_column_means(training) : zero_prediction(training);
  const double unit = unit_of(start, training);
  Model model(start, unit, options, generator);
  const auto training_set = standardized(training, start.mean, unit);
  const auto validation_set = standardized(validation, start.mean, unit);
  Training run(model, learning_rate(training, options), options);
  while (run.epoch(training_set, validation_set, unit, go_on)) continue;
  return run.result(start, unit);
}

}  // namespace sigmagrad::impute
