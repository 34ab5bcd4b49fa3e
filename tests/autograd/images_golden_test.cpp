// SPDX-License-Identifier: BSD-3-Clause
// Convolutions, pools and normalisation against PyTorch's numbers (tests/golden/images.py).
#include <functional>
#include <map>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad {
namespace {

using nlohmann::json;
using Tensors = std::vector<Tensor>;

Shape shape_of(const json& sizes) {
  const auto list = sizes.get<std::vector<std::int64_t>>();
  return Shape(std::span(list));
}

Tensor unpacked(const json& value) {
  return tensor(value["data"].get<std::vector<double>>(), shape_of(value["shape"]));
}

// The inputs of the script.
Tensor waves(const Shape& shape, double number, double levels, Dtype dtype) {
  const Tensor x = cos(arange(shape.numel()) * (0.37 + 0.11 * number) + number);
  return (levels == 0.0 ? x : floor(levels * x)).reshape(shape).to(dtype);
}

Pair pair_of(const json& options, const char* name, std::int64_t otherwise) {
  return options.contains(name) ? Pair(options[name][0], options[name][1]) : Pair(otherwise);
}

using Operation = Tensor (*)(const Tensors& x, const json& options);

const std::map<std::string, Operation> operations{
    {"conv2d",
     [](const Tensors& x, const json& o) {
       return conv2d(x[0], x[1], x.size() > 2 ? x[2] : Tensor(),
                     {.stride = pair_of(o, "stride", 1),
                      .padding = pair_of(o, "padding", 0),
                      .dilation = pair_of(o, "dilation", 1),
                      .groups = o.value("groups", 1)});
     }},
    {"max_pool2d",
     [](const Tensors& x, const json& o) {
       return max_pool2d(x[0], pair_of(o, "window", 0),
                         {.stride = pair_of(o, "stride", 0),
                          .padding = pair_of(o, "padding", 0),
                          .dilation = pair_of(o, "dilation", 1)});
     }},
    {"avg_pool2d",
     [](const Tensors& x, const json& o) {
       return avg_pool2d(x[0], pair_of(o, "window", 0),
                         {.stride = pair_of(o, "stride", 0),
                          .padding = pair_of(o, "padding", 0),
                          .count_include_pad = o["count_include_pad"]});
     }},
    {"adaptive_avg_pool2d",
     [](const Tensors& x, const json& o) { return adaptive_avg_pool2d(x[0], pair_of(o, "window", 0)); }},
    {"batch_norm",
     [](const Tensors& x, const json& o) {
       return batch_norm(x[0], x[3], x[4], x[1], x[2],
                         {.training = o["training"], .momentum = o["momentum"], .eps = o["eps"]});
     }},
    {"layer_norm",
     [](const Tensors& x, const json& o) { return layer_norm(x[0], x[1].shape(), x[1], x[2], {.eps = o["eps"]}); }},
};

void expect_row(const json& row, Dtype dtype, double tolerance) {
  const std::string context =
      row["op"].get<std::string>() + " of " + row["shapes"].dump() + ", " + row["options"].dump();
  Tensors inputs;
  for (const auto& sizes : row["shapes"]) {
    const auto number = static_cast<double>(inputs.size());
    inputs.push_back(waves(shape_of(sizes), number, row["levels"], dtype).requires_grad_());
  }
  Tensors given = inputs;
  const bool running = row.contains("running");
  for (const double start : {0.1, 1.5})
    if (running) given.push_back(full(inputs[1].shape(), start, dtype));
  const Tensor value = operations.at(row["op"])(given, row["options"]);
  EXPECT_EQ(value.dtype(), dtype) << context;
  EXPECT_TRUE(testing::close(value.detach(), unpacked(row["value"]), tolerance)) << context;
  const Tensor along = cos(arange(value.numel())).reshape(value.shape()).to(dtype);
  const auto gradients = grad((along * value).sum(), inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    EXPECT_TRUE(testing::close(gradients[i], unpacked(row["gradients"][i]), tolerance)) << context << ", input " << i;
  for (std::size_t i = 0; running && i < 2; ++i)
    EXPECT_TRUE(testing::close(given[3 + i], unpacked(row["running"][i]), tolerance)) << context;
}

TEST(ImagesGolden, ValuesAndGradients) {
  const json data = testing::golden("images.json");
  for (const auto& row : data["rows"]) {
    expect_row(row, f64, 1e-12);
    expect_row(row, f32, 1e-5);
  }
}

}  // namespace
}  // namespace sigmagrad
