// SPDX-License-Identifier: BSD-3-Clause
// Convolutions of many sizes beside plain loops. The entries are whole numbers, so that every sum is exact.
#include <vector>

#include <sigmagrad/autograd/kernels/convolution.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using engine::Convolution;

// One of a few thousand combinations, with a result that may be empty.
Convolution drawn(Generator& generator) {
  const auto between = [&](std::int64_t low, std::int64_t high) {
    return static_cast<std::int64_t>(randint(low, high + 1, {}, generator).item());
  };
  const auto pair = [&](std::int64_t low, std::int64_t high) { return Pair(between(low, high), between(low, high)); };
  const bool large = between(0, 5) == 0;
  Convolution c{.models = between(1, 2),
                .samples = between(0, large ? 3 : 50),
                .groups = between(1, 2),
                .in = between(1, 3),
                .out = between(1, 3),
                .image = pair(1, large ? 40 : 8),
                .kernel = pair(1, 3),
                .result = 0,
                .stride = pair(1, 3),
                .padding = pair(0, 4),
                .dilation = pair(1, 3)};
  const auto places = [](std::int64_t image, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                         std::int64_t dilation) {
    const std::int64_t room = image + 2 * padding - (kernel - 1) * dilation - 1;
    return room < 0 ? 0 : room / stride + 1;
  };
  c.result = {places(c.image.h, c.kernel.h, c.stride.h, c.padding.h, c.dilation.h),
              places(c.image.w, c.kernel.w, c.stride.w, c.padding.w, c.dilation.w)};
  return c;
}

// f(entry of x, of w, of y) for every product of one image, model and group.
template <class F>
void for_each_product(const Convolution& c, F f) {
  std::int64_t y = 0;
  for (std::int64_t o = 0; o < c.out; ++o)
    for (std::int64_t i = 0; i < c.result.h; ++i)
      for (std::int64_t j = 0; j < c.result.w; ++j, ++y)
        for (std::int64_t term = 0; term < c.terms(); ++term) {
          const std::int64_t channel = term / c.taps(), k = term % c.taps() / c.kernel.w, l = term % c.kernel.w;
          const std::int64_t row = i * c.stride.h + k * c.dilation.h - c.padding.h;
          const std::int64_t column = j * c.stride.w + l * c.dilation.w - c.padding.w;
          if (row >= 0 && row < c.image.h && column >= 0 && column < c.image.w)
            f((channel * c.image.h + row) * c.image.w + column, o * c.terms() + term, y);
        }
}

using Entries = std::vector<float>;

template <class List>
auto& at(List& list, std::int64_t i) {
  return list[static_cast<std::size_t>(i)];
}

// y = w * x + bias and the gradients of <w * x, g>, in plain loops.
struct Plain {
  Entries y, dx, dw;
  Plain(const Convolution& c, const Entries& x, const Entries& w, const Entries& bias, const Entries& g)
      : y(g.size()), dx(x.size()), dw(w.size()) {
    const std::int64_t parts = c.models * c.samples * c.groups, positions = c.positions();
    for (std::int64_t part = 0; part < parts; ++part) {
      const std::int64_t group = part / (c.samples * c.groups) * c.groups + part % c.groups;
      const std::int64_t at_x = part * c.in * c.pixels(), at_w = group * c.out * c.terms(),
                         at_y = part * c.out * positions;
      for (std::int64_t i = 0; i < c.out * positions; ++i) at(y, at_y + i) = at(bias, group * c.out + i / positions);
      for_each_product(c, [&](std::int64_t i, std::int64_t j, std::int64_t k) {
        at(y, at_y + k) += at(x, at_x + i) * at(w, at_w + j);
        at(dx, at_x + i) += at(w, at_w + j) * at(g, at_y + k);
        at(dw, at_w + j) += at(x, at_x + i) * at(g, at_y + k);
      });
    }
  }
};

Entries whole_numbers(std::int64_t count, Generator& generator) {
  const Tensor x = randint(-4, 5, {count}, generator).to(f32);
  return Entries(x.data<float>().begin(), x.data<float>().end());
}

TEST(ConvolutionSizes, AgreeExactlyWithPlainLoops) {
  Generator generator(21);
  int compared = 0;
  for (int i = 0; i < 600; ++i) {
    const Convolution c = drawn(generator);
    if (c.positions() == 0) continue;
    ++compared;
    const std::int64_t parts = c.models * c.samples * c.groups;
    const auto x = whole_numbers(parts * c.in * c.pixels(), generator);
    const auto w = whole_numbers(c.models * c.groups * c.out * c.terms(), generator);
    const auto bias = whole_numbers(c.models * c.groups * c.out, generator);
    const auto g = whole_numbers(parts * c.out * c.positions(), generator);
    Entries y(g.size()), dx(x.size()), dw(w.size());
    c.apply(x.data(), w.data(), bias.data(), y.data());
    c.input_gradient(g.data(), w.data(), dx.data());
    c.weight_gradient(x.data(), g.data(), dw.data());
    const Plain plain(c, x, w, bias, g);
    ASSERT_EQ(y, plain.y) << i;
    ASSERT_EQ(dx, plain.dx) << i;
    ASSERT_EQ(dw, plain.dw) << i;
  }
  EXPECT_GT(compared, 400);
}

}  // namespace
}  // namespace sigmagrad
