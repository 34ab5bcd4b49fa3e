// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/networks/training.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::networks {

namespace {

constexpr std::int64_t batch_size = 128, test_batch = 250;

std::unique_ptr<optim::Optimizer> optimizer_of(const std::string& name, const TensorList& parameters) {
  if (name == "sgd")
    return std::make_unique<optim::SGD>(
        parameters, optim::SGDOptions{.lr = 0.1, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true});
  if (name == "adam")
    return std::make_unique<optim::Adam>(parameters,
                                         optim::AdamOptions{.lr = 1e-3, .betas = {0.9, 0.99}, .weight_decay = 1e-5});
  if (name == "rmsprop")
    return std::make_unique<optim::RMSprop>(parameters,
                                            optim::RMSpropOptions{.lr = 1e-3, .weight_decay = 1e-5, .momentum = 0.9});
  engine::fail("networks: unknown optimizer '{}' (sgd, adam or rmsprop)", name);
}

void record_ranks(History& history, std::int64_t epoch, const nn::Sequential& net) {
  std::vector<Tensor> weights;
  for (const auto& [name, weight] : net.named_weights())
    if (weight.dim() >= 2) weights.push_back(weight);
  if (weights.size() < 2) engine::fail("networks: ranks are those of all layers but the last: there must be two");
  weights.pop_back();
  const auto n = static_cast<double>(weights.size());
  const auto record = [&](const std::string& name, linalg::KernelView view) {
    double values = 0, squares = 0;
    for (const Tensor& weight : weights) {
      const auto summary = inspect(weight.dim() > 2 ? linalg::kernel_matrix(weight.detach(), view) : weight.detach());
      values += summary.effective_rank / n;
      squares += summary.effective_rank_squares / n;
    }
    history.record(static_cast<double>(epoch), {{name, values}, {name + "_squares", squares}});
  };
  record("effective_rank", linalg::KernelView::Channels);
  record("effective_rank_rows", linalg::KernelView::Rows);
}

void warn(const std::string& text) { fmt::print(stderr, "{}\n", text); }

class Training {
 public:
  Training(const nn::Sequential& net, const Images& images, const TrainingOptions& options)
      : net_(net),
        images_(images),
        options_(options),
        batches_(images.train, {.batch = std::min(batch_size, images.train.size()),
                                .shuffle = true,
                                .transforms = {random_crop(4), random_horizontal_flip(), images.normalize}}),
        optimizer_(optimizer_of(options.optimizer, net.parameters())),
        schedule_(*optimizer_, {.T_max = options.epochs * batches_.size()}) {
    const auto shape = images.train.tensors()[0].shape();
    const auto size = std::min(batch_size, images.train.size());
    x_ = empty({size, shape[1], shape[2], shape[3]}, f32);
    y_ = empty({size}, f32);
    step_ = std::make_unique<CapturedStep>(capture([this] { step(x_, y_); }));
  }
  Training(const Training&) = delete;  // the step refers to this object
  Training& operator=(const Training&) = delete;

  History run() {
    if (!resume()) record_ranks(history_, 0, net_);
    for (auto epoch = epochs_done() + 1; epoch <= options_.epochs; ++epoch) {
      const double right = one_epoch();
      const auto test = accuracy(net_, images_.test, images_.normalize);
      history_.record(static_cast<double>(epoch), {{"train_accuracy", right}, {"test_accuracy", test}});
      record_ranks(history_, epoch, net_);
      keep();
    }
    return history_;
  }

 private:
  void step(const Tensor& images, const Tensor& labels) {
    const auto logits = net_(images);
    const auto loss = cross_entropy(logits, labels);
    optimizer_->zero_grad();
    loss.backward();
    optimizer_->step();
    right_.add_((argmax(logits.detach(), -1) == labels.to(f64)).sum());
  }

  double one_epoch() {
    net_.train();
    right_.zero_();
    for (const auto& [images, labels] : batches_) {
      if (images.size(0) == x_.size(0)) {
        x_.copy_(images);
        y_.copy_(labels);
        (*step_)();
      } else {
        step(images, labels);  // the last of an epoch may be smaller than those that the captured step reads
      }
      schedule_.step();
    }
    return right_.item() / static_cast<double>(images_.train.size());
  }

  std::int64_t epochs_done() const {
    return history_.contains("test_accuracy") ? static_cast<std::int64_t>(history_["test_accuracy"].steps.back()) : 0;
  }

  bool resume() {
    const auto& file = options_.checkpoint;
    if (file.empty() || !std::filesystem::exists(file)) return false;
    try {
      load_checkpoint(file, net_, *optimizer_, schedule_, batches_, history_);
      warn(fmt::format("{}: a training goes on after epoch {} of {}", file.filename().string(), epochs_done(),
                       options_.epochs));
      return true;
    } catch (const Error& error) {
      auto aside = file;
      aside += ".unfit";
      std::error_code failed;
      std::filesystem::rename(file, aside, failed);
      const auto where =
          failed ? "cannot be set aside (" + failed.message() + ')' : "is set aside as " + aside.filename().string();
      warn(fmt::format("{}; it {}, and this training starts anew", error.what(), where));
      return false;
    }
  }

  // A training that cannot keep its file is not stopped for that.
  void keep() {
    if (options_.checkpoint.empty()) return;
    try {
      save_checkpoint(options_.checkpoint, net_, *optimizer_, schedule_, batches_, history_);
    } catch (const Error& error) {
      warn(fmt::format("{}; this training goes on without a checkpoint of this epoch", error.what()));
    }
  }

  nn::Sequential net_;
  const Images& images_;
  const TrainingOptions& options_;
  DataLoader<2> batches_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  optim::CosineAnnealingLR schedule_;
  History history_;
  Tensor x_, y_;
  Tensor right_ = zeros({});
  std::unique_ptr<CapturedStep> step_;
};

}  // namespace

double accuracy(const nn::Sequential& net, const TensorDataset<2>& data, const Transform& normalize) {
  const NoGrad guard;
  net.eval();
  double right = 0.0;
  for (const auto& [images, labels] : DataLoader(data, {.batch = test_batch, .transforms = {normalize}}))
    right += (argmax(net(images), -1) == labels.to(f64)).sum().item();
  return right / static_cast<double>(data.size());
}

History train(const nn::Sequential& net, const Images& images, const TrainingOptions& options) {
  return Training(net, images, options).run();
}

}  // namespace sigmagrad::experiments::networks
