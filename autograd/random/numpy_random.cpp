// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/random/detail/bounded.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {
namespace {

constexpr std::size_t block = 128;

struct Points {
  std::array<double, block> x1, x2, r2;
};

// Uniforms u (2 n) -> points (x1, x2) of the square [-1, 1)^2, those inside the disc moved to the front; their number.
std::size_t points_in_disc(const double* u, std::size_t n, Points& p) {
  for (std::size_t i = 0; i < n; ++i) {
    p.x1[i] = 2.0 * u[2 * i] - 1.0;
    p.x2[i] = 2.0 * u[2 * i + 1] - 1.0;
    p.r2[i] = p.x1[i] * p.x1[i] + p.x2[i] * p.x2[i];
  }
  std::size_t inside = 0;
  for (std::size_t i = 0; i < n; ++i) {
    p.x1[inside] = p.x1[i];
    p.x2[inside] = p.x2[i];
    p.r2[inside] = p.r2[i];
    inside += p.r2[i] < 1.0 && p.r2[i] != 0.0;
  }
  return inside;
}

// The polar method's two normals of each point, x2's first. Pass by pass: all but the logarithm runs in vectors.
void write_normals(Points& p, std::size_t n, double* out) {
  std::array<double, block> log;
  for (std::size_t i = 0; i < n; ++i) log[i] = std::log(p.r2[i]);
  for (std::size_t i = 0; i < n; ++i) {
    const double f = std::sqrt(-2.0 * log[i] / p.r2[i]);
    out[2 * i] = f * p.x2[i];
    out[2 * i + 1] = f * p.x1[i];
  }
}

// Calls fill(part) on doubles and stores convert(double), part by part.
template <class Fill, class Convert>
void through_doubles(std::span<float> out, const Fill& fill, const Convert& convert) {
  std::array<double, 2 * block> buffer;
  for (std::size_t i = 0; i < out.size(); i += buffer.size()) {
    const auto part = std::span(buffer).first(std::min(buffer.size(), out.size() - i));
    fill(part);
    std::transform(part.begin(), part.end(), &out[i], convert);
  }
}

}  // namespace

NumpyGenerator::NumpyGenerator(std::uint32_t seed) : Generator(seed), twister_(seed) {}

void NumpyGenerator::uniform(std::span<double> out) {
  std::array<std::uint32_t, 2 * block> words;
  for (std::size_t i = 0; i < out.size(); i += block) {
    const auto part = out.subspan(i, std::min(block, out.size() - i));
    twister_.fill(std::span(words).first(2 * part.size()));
    for (std::size_t k = 0; k < part.size(); ++k) {
      const auto upper = static_cast<std::int32_t>(words[2 * k] >> 5);      // 27 bits
      const auto lower = static_cast<std::int32_t>(words[2 * k + 1] >> 6);  // 26 bits
      part[k] = (upper * 0x1p26 + lower) / 0x1p53;
    }
  }
}

void NumpyGenerator::uniform(std::span<float> out) {
  through_doubles(
      out, [&](std::span<double> part) { uniform(part); },
      [](double u) { return std::min(static_cast<float>(u), 1.0f - 0x1p-24f); });
}

// As many points are tried as there are pairs missing, never more: every uniform drawn is one RandomState draws.
void NumpyGenerator::normal(std::span<double> out) {
  if (!out.empty() && second_normal_) {
    out[0] = *second_normal_;
    second_normal_.reset();
    out = out.subspan(1);
  }
  std::array<double, 2 * block> u;
  Points points;
  while (out.size() >= 2) {
    const std::size_t tries = std::min(block, out.size() / 2);
    uniform(std::span(u).first(2 * tries));
    const std::size_t inside = points_in_disc(u.data(), tries, points);
    write_normals(points, inside, out.data());
    out = out.subspan(2 * inside);
  }
  if (!out.empty()) {
    std::array<double, 2> pair;
    normal(pair);
    out[0] = pair[0];
    second_normal_ = pair[1];
  }
}

void NumpyGenerator::normal(std::span<float> out) {
  through_doubles(
      out, [&](std::span<double> part) { normal(part); }, [](double z) { return static_cast<float>(z); });
}

// Uniform in 0, ..., largest, by rejection of the values above in the fewest bits that hold it.
std::uint64_t NumpyGenerator::bounded(std::uint64_t largest) {
  if (largest == 0) return 0;
  const std::uint64_t mask = ~std::uint64_t{0} >> std::countl_zero(largest);
  const bool one_word = largest <= std::numeric_limits<std::uint32_t>::max();
  std::uint64_t value = 0;
  do {
    value = twister_.next();
    if (!one_word) value = value << 32 | twister_.next();
    value &= mask;
  } while (value > largest);
  return value;
}

void NumpyGenerator::integers(std::int64_t low, std::int64_t high, std::span<std::int64_t> out) {
  const std::uint64_t largest = engine::largest_offset(low, high);
  for (auto& value : out) value = engine::with_offset(low, bounded(largest));
}

void NumpyGenerator::permutation(std::span<std::int64_t> out) {
  engine::fill_permutation(out, [&](std::uint64_t largest) { return bounded(largest); });
}

void NumpyGenerator::seed(std::uint64_t seed, std::uint64_t trial, std::uint64_t purpose) {
  if (seed > std::numeric_limits<std::uint32_t>::max() || trial != 0 || purpose != 0)
    engine::fail("NumpyGenerator: the seed must be below 2^32, trial and purpose 0 (got {}, {}, {})", seed, trial,
                 purpose);
  engine::refuse_in_capture("NumpyGenerator", "seed it before the call");
  twister_ = MersenneTwister(static_cast<std::uint32_t>(seed));
  second_normal_.reset();
}

// The 624 words of the key, the position, 1 or 0 for a second normal kept or not, its bits.
std::vector<std::uint64_t> NumpyGenerator::state() const {
  std::vector<std::uint64_t> state(twister_.key().begin(), twister_.key().end());
  state.push_back(twister_.position());
  state.push_back(second_normal_.has_value());
  state.push_back(std::bit_cast<std::uint64_t>(second_normal_.value_or(0.0)));
  return state;
}

void NumpyGenerator::set_state(std::span<const std::uint64_t> state) {
  engine::refuse_in_capture("NumpyGenerator", "set its state before the call");
  constexpr std::size_t size = MersenneTwister::size;
  if (state.size() != size + 3) engine::fail("NumpyGenerator: a state has {} words (got {})", size + 3, state.size());
  MersenneTwister::Key key;
  std::transform(state.begin(), state.begin() + size, key.begin(),
                 [](auto w) { return static_cast<std::uint32_t>(w); });
  twister_ = MersenneTwister(key, state[size]);
  second_normal_.reset();
  if (state[size + 1] != 0) second_normal_ = std::bit_cast<double>(state[size + 2]);
}

}  // namespace sigmagrad
