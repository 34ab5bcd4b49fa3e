// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/graph/function.hpp>

#include <algorithm>

#include <sigmagrad/autograd/graph/anomaly.hpp>
#include <sigmagrad/autograd/graph/node.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/autograd/tensor/type_name.hpp>

namespace sigmagrad {
namespace engine {

class FunctionNode final : public Node {
 public:
  FunctionNode(const char* name_, const Context& context, const std::vector<Tensor>& inputs, const Tensor& output,
               FunctionBackward function)
      : Node(name_), function_(function) {
    for (const auto& input : inputs) {
      edges_.push_back({input.impl().node, input.impl().output, input.impl().leaf});
      come_after(edges_.back());
      shapes_.push_back(input.shape());
    }
    set_edges(edges_);
    for (const auto& tensor : context.saved_)
      saved_.push_back(tensor.is(output) ? SavedTensor::output(tensor) : SavedTensor::input(tensor));
    kept_ = context.kept_;
  }

  void backward(const Gradients& outputs, std::uint64_t wanted, std::span<Tensor> inputs) override {
    Context context;
    context.node_ = this;
    auto gradients = function_(context, outputs[0]);
    if (gradients.size() != inputs.size())
      fail("{}: backward returned {} gradients for {} tensor arguments", name, gradients.size(), inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!gradients[i].defined()) continue;
      if (gradients[i].shape() != shapes_[i])
        fail("{}: backward returned a gradient {} for argument {} of shape {}", name, gradients[i].shape().str(), i,
             shapes_[i].str());
      if (gradients[i].dtype() != outputs[0].dtype())
        fail("{}: backward returned a gradient in {} for argument {}, expected {}", name, name_of(gradients[i].dtype()),
             i, name_of(outputs[0].dtype()));
      if (wanted >> std::min<std::size_t>(i, 63) & 1) inputs[i] = std::move(gradients[i]);
    }
  }

  const std::vector<std::any>& kept() const { return kept_; }

  Tensor saved(std::size_t i) const {
    if (i >= saved_.size()) fail("{}: saved({}) of {} saved tensors", name, i, saved_.size());
    return saved_[i].unpack(*this);
  }

 private:
  void forget_saved() override {
    for (auto& saved : saved_) saved.clear();
  }

  std::vector<Edge> edges_;
  std::vector<Shape> shapes_;
  std::vector<SavedTensor> saved_;
  std::vector<std::any> kept_;
  FunctionBackward function_;
};

std::string function_name(const std::type_info& type) { return type_name(type); }

Tensor make_function_node(const char* name, const Context& context, const std::vector<Tensor>& inputs, Tensor output,
                          FunctionBackward backward) {
  if (watched) [[unlikely]]
    check_result(name, output);
  // forward may return an argument, or another tensor that has its place in the graph: the result is a value beside it.
  const auto is_output = [&](const Tensor& input) { return output.is(input); };
  if (output.requires_grad() || std::any_of(inputs.begin(), inputs.end(), is_output))
    output = Tensor(TensorImpl::snapshot_of(output.impl(), output.shape(), false));
  const auto needs = [](const Tensor& input) { return input.requires_grad(); };
  if (!grad_enabled() || std::none_of(inputs.begin(), inputs.end(), needs)) return output;
  const NodeRef node(new_node<FunctionNode>(name, context, inputs, output, backward));
  output.impl().node = node;
  return output;
}

}  // namespace engine

Tensor Context::saved(std::size_t i) const {
  if (node_) return node_->saved(i);
  if (i >= saved_.size()) engine::fail("Function: saved({}) of {} saved tensors", i, saved_.size());
  return saved_[i];
}

const std::any* Context::find_kept(std::size_t i) const {
  const auto& values = node_ ? node_->kept() : kept_;
  return i < values.size() ? &values[i] : nullptr;
}

void Context::throw_kept(std::size_t i) const {
  const auto* value = find_kept(i);
  engine::fail("{}: kept({}) {}", node_ ? node_->name : "Function", i,
               value ? "was kept as " + engine::type_name(value->type()) : std::string("does not exist"));
}

}  // namespace sigmagrad
