// SPDX-License-Identifier: BSD-3-Clause
#include <map>

#include <gtest/gtest.h>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

// What PyTorch makes of the same inputs: tests/golden/products.py.
namespace sigmagrad {
namespace {

using Tensors = std::vector<Tensor>;
using Json = nlohmann::json;
using Operation = std::function<Tensor(const Tensors&, const Json&)>;

Shape shape_of(const Json& sizes) {
  const auto list = sizes.get<std::vector<std::int64_t>>();
  return Shape(std::span<const std::int64_t>(list));
}

Tensor entries(const Shape& shape, int i) {
  std::vector<double> values;
  for (std::int64_t k = 0; k < shape.numel(); ++k)
    values.push_back((static_cast<double>((37 * k + 11 * i) % 64) - 31.5) / 16.0);
  return tensor(values, shape);
}

void expect_golden(const Json& row, const Operation& f, double tolerance) {
  Tensors x;
  for (const auto& sizes : row["shapes"])
    x.push_back(entries(shape_of(sizes), static_cast<int>(x.size())).requires_grad_());
  const Tensor result = f(x, row);
  ASSERT_EQ(result.shape(), shape_of(row["shape"])) << row;
  EXPECT_TRUE(testing::close(result, tensor(row["value"].get<std::vector<double>>(), result.shape()), tolerance))
      << row;
  const auto loss = (result * entries(result.shape(), 9)).sum();
  if (!loss.requires_grad()) return;
  const auto gradients = grad(loss, x, {.allow_unused = true});
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Tensor expected = tensor(row["gradients"][i].get<std::vector<double>>(), x[i].shape());
    EXPECT_TRUE(testing::close(gradients[i].defined() ? gradients[i] : zeros_like(x[i]), expected, tolerance))
        << row << "\ngradient " << i << " is\n"
        << gradients[i];
  }
}

const Json& golden() {
  static const Json table = testing::golden("products.json");
  return table;
}

TEST(GoldenProducts, Einsum) {
  for (const auto& row : golden()["einsum"])
    expect_golden(
        row, [](const Tensors& x, const Json& p) { return einsum(p["name"].get<std::string>(), x); }, 1e-13);
}

Tensor at(const Json& p, const Tensor& x) {
  return slice(x, 0, p["start"].get<std::int64_t>(), p["stop"].get<std::int64_t>(), p["step"].get<std::int64_t>());
}

TEST(GoldenProducts, Arrangements) {
  static const std::vector<std::int64_t> indices{2, 0, 2};
  const std::map<std::string, Operation> operations{
      {"roll", [](const Tensors& x, const Json&) { return roll(x[0], -2, 1); }},
      {"flip",
       [](const Tensors& x, const Json&) {
         return flip(x[0], {0, 2});
       }},
      {"repeat",
       [](const Tensors& x, const Json&) {
         return repeat(x[0], {2, 1, 3});
       }},
      {"tril", [](const Tensors& x, const Json&) { return tril(x[0], -1); }},
      {"triu", [](const Tensors& x, const Json&) { return triu(x[0], 1); }},
      {"diag_embed", [](const Tensors& x, const Json&) { return diag_embed(x[0]); }},
      {"index_add", [](const Tensors& x, const Json&) { return index_add(x[0], 0, indices, x[1]); }},
      {"scatter_add",
       [](const Tensors& x, const Json&) {
         return scatter_add(x[0], 0, tensor({{2, 2}, {0, 0}, {2, 2}}), x[1]);
       }},
      {"slice", [](const Tensors& x, const Json& p) { return at(p, x[0]); }}};
  for (const auto& row : golden()["arrangements"]) expect_golden(row, operations.at(row["name"]), 1e-15);
}

TEST(GoldenProducts, Matrices) {
  using namespace linalg;
  const auto power = [](const Tensors& x, const Json& p) {
    return matrix_power(x[0] + 3.0 * eye(3), p["n"].get<std::int64_t>());
  };
  const std::map<std::string, Operation> operations{
      {"kron", [](const Tensors& x, const Json&) { return kron(x[0], x[1]); }},
      {"tensordot_1", [](const Tensors& x, const Json&) { return tensordot(x[0], x[1], 1); }},
      {"tensordot_axes",
       [](const Tensors& x, const Json&) {
         return tensordot(x[0], x[1], {2, 0}, {0, 1});
       }},
      {"det", [](const Tensors& x, const Json&) { return det(x[0]); }},
      {"lstsq", [](const Tensors& x, const Json&) { return lstsq(x[0], x[1]); }},
      {"pinv_times", [](const Tensors& x, const Json&) { return lstsq(x[0], x[1]); }},
      {"lu_p", [](const Tensors& x, const Json&) { return lu(x[0]).P; }},
      {"lu_l", [](const Tensors& x, const Json&) { return lu(x[0]).L; }},
      {"lu_u", [](const Tensors& x, const Json&) { return lu(x[0]).U; }},
      {"matrix_power", power},
      {"multi_dot", [](const Tensors& x, const Json&) { return multi_dot(x); }}};
  for (const auto& row : golden()["matrices"]) expect_golden(row, operations.at(row["name"]), 1e-11);
}

TEST(GoldenProducts, LengthsOfPieces) {
  for (const auto& row : golden()["pieces"]) {
    const auto name = row["name"].get<std::string>();
    const auto count = std::stoll(name.substr(6));
    const Tensor x = zeros({row["n"].get<std::int64_t>()});
    std::vector<std::int64_t> lengths;
    for (const auto& piece : name[0] == 's' ? split(x, count) : chunk(x, count)) lengths.push_back(piece.size(0));
    EXPECT_EQ(lengths, row["lengths"].get<std::vector<std::int64_t>>()) << row;
  }
}

}  // namespace
}  // namespace sigmagrad
