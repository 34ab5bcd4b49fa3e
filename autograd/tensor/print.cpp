// SPDX-License-Identifier: BSD-3-Clause
#include <ostream>
#include <string>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/tensor/detail/number_format.hpp>

namespace sigmagrad {
namespace {

// NumPy's defaults.
constexpr std::size_t line_width = 75;        // longer rows are wrapped
constexpr std::int64_t summary_above = 1000;  // entries; of larger tensors only the ends of the axes are shown
constexpr std::int64_t edge = 3;              // entries at each end

// Positions shown along an axis of n; -1 stands for the dots.
std::vector<std::int64_t> shown_along(std::int64_t n, bool summary) {
  if (summary && n > 2 * edge) return {0, 1, 2, -1, n - 3, n - 2, n - 1};
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < n; ++i) all.push_back(i);
  return all;
}

template <class Word>
std::string format_row(const Shape& shape, std::int64_t offset, bool summary, const Word& word) {
  const auto indent = static_cast<std::size_t>(shape.rank());
  std::string text, line;
  for (const auto i : shown_along(shape[-1], summary)) {
    const std::string next = i < 0 ? "..." : word(offset * shape[-1] + i);
    // Room for as many brackets is left on both sides.
    if (!line.empty() && line.size() + next.size() > line_width - 2 * indent) {
      line.erase(line.find_last_not_of(' ') + 1);
      text += fmt::format("{}\n{:{}}", line, "", indent);
      line.clear();
    }
    line += next + ' ';
  }
  line.pop_back();
  return fmt::format("[{}{}]", text, line);
}

template <class Word>
std::string format_axes(const Shape& shape, int axis, std::int64_t offset, bool summary, const Word& word) {
  if (axis == shape.rank() - 1) return format_row(shape, offset, summary, word);
  const auto between = fmt::format("{:\n>{}}{:{}}", "", shape.rank() - 1 - axis, "", axis + 1);
  std::string text;
  for (const auto i : shown_along(shape[axis], summary)) {
    if (!text.empty()) text += between;
    text += i < 0 ? "..." : format_axes(shape, axis + 1, offset * shape[axis] + i, summary, word);
  }
  return fmt::format("[{}]", text);
}

template <class T>
std::string format(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  const T* entries = engine::read<T>(tensor);
  if (shape.rank() == 0) return engine::format_scalar(*entries);
  if (shape.numel() == 0) return "[]";
  const bool summary = shape.numel() > summary_above;
  std::vector<T> shown;  // what decides the notation: a first pass with empty words
  format_axes(shape, 0, 0, summary, [&](std::int64_t i) { return shown.push_back(entries[i]), std::string(); });
  const engine::Notation<T> notation(shown);
  return format_axes(shape, 0, 0, summary, [&](std::int64_t i) { return notation(entries[i]); });
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  engine::refuse_in_capture("operator<<", "return the tensor from the body, and print output()");
  if (!tensor.defined()) return out << "undefined";
  if (!tensor.defined()) return out << "undefined";
  return out << engine::dispatch(tensor.dtype(), [&]<class T>(T) { return format<T>(tensor); });
}

}  // namespace sigmagrad
