// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/random/random.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/random/detail/bounded.hpp>
#include <sigmagrad/autograd/random/detail/box_muller.hpp>
#include <sigmagrad/autograd/random/detail/philox.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {
namespace {

constexpr std::size_t at_once = 256;  // words at a time: 2 KiB on the stack

// Calls body(part) for consecutive parts of at most `at_once` entries.
template <class T, class Body>
void in_chunks(std::span<T> out, const Body& body) {
  for (std::size_t i = 0; i < out.size(); i += at_once) body(out.subspan(i, std::min(at_once, out.size() - i)));
}

template <class T>
void fill_normal(std::span<T> out, engine::PhiloxWords& stream) {
  std::array<std::uint64_t, at_once> words;
  std::array<double, at_once> normals;
  in_chunks(out, [&](std::span<T> part) {
    const std::size_t pairs = (part.size() + 1) / 2;
    stream.fill(std::span(words).first(2 * pairs));
    engine::box_muller(words.data(), normals.data(), pairs);
    std::transform(normals.begin(), normals.begin() + static_cast<std::ptrdiff_t>(part.size()), part.begin(),
                   [](double z) { return static_cast<T>(z); });
  });
}

// The upper bits of each word, as many as the mantissa of T holds, as a fraction.
template <class T>
void fill_uniform(std::span<T> out, engine::PhiloxWords& stream) {
  constexpr int bits = std::numeric_limits<T>::digits;
  constexpr T unit = T{1} / static_cast<T>(std::int64_t{1} << bits);
  std::array<std::uint64_t, at_once> words;
  in_chunks(out, [&](std::span<T> part) {
    stream.fill(std::span(words).first(part.size()));
    for (std::size_t i = 0; i < part.size(); ++i)
      part[i] = static_cast<T>(static_cast<std::int64_t>(words[i] >> (64 - bits))) * unit;
  });
}

// Uniform in 0, ..., largest without a division but for one in range / 2^64 calls (Lemire 2019): the upper word of
// word * range, where the lower word falls in no incomplete run.
std::uint64_t bounded(std::uint64_t largest, engine::PhiloxWords& stream) {
  const std::uint64_t range = largest + 1;
  if (range == 0) return stream.next();
  std::uint64_t upper = 0;
  std::uint64_t lower = mulhilo64(range, stream.next(), &upper);
  if (lower < range) {
    const std::uint64_t incomplete = (0 - range) % range;  // 2^64 mod range
    while (lower < incomplete) lower = mulhilo64(range, stream.next(), &upper);
  }
  return upper;
}

}  // namespace

Generator::Generator(std::uint64_t seed, std::uint64_t trial, std::uint64_t purpose)
    : seed_(seed), trial_(trial), purpose_(purpose) {}

Generator::~Generator() {
  if (engine::capturing) engine::replay_loses_generator();
}

engine::PhiloxWords Generator::stream() const { return {seed_, trial_, purpose_, position_}; }

void Generator::normal(std::span<double> out) {
  auto words = stream();
  fill_normal(out, words);
  position_ = words.position();
}

void Generator::normal(std::span<float> out) {
  auto words = stream();
  fill_normal(out, words);
  position_ = words.position();
}

void Generator::uniform(std::span<double> out) {
  auto words = stream();
  fill_uniform(out, words);
  position_ = words.position();
}

void Generator::uniform(std::span<float> out) {
  auto words = stream();
  fill_uniform(out, words);
  position_ = words.position();
}

void Generator::integers(std::int64_t low, std::int64_t high, std::span<std::int64_t> out) {
  const std::uint64_t largest = engine::largest_offset(low, high);
  auto words = stream();
  for (auto& value : out) value = engine::with_offset(low, bounded(largest, words));
  position_ = words.position();
}

void Generator::permutation(std::span<std::int64_t> out) {
  auto words = stream();
  engine::fill_permutation(out, [&](std::uint64_t largest) { return bounded(largest, words); });
  position_ = words.position();
}

void Generator::seed(std::uint64_t seed, std::uint64_t trial, std::uint64_t purpose) {
  engine::refuse_in_capture("Generator", "seed it before the call");
  seed_ = seed;
  trial_ = trial;
  purpose_ = purpose;
  position_ = 0;
}

std::vector<std::uint64_t> Generator::state() const { return {seed_, trial_, purpose_, position_}; }

void Generator::set_state(std::span<const std::uint64_t> state) {
  if (state.size() != 4) engine::fail("Generator: a state has 4 words (got {})", state.size());
  seed(state[0], state[1], state[2]);
  position_ = state[3];
}

Generator& default_generator() {
  static std::atomic<std::uint64_t> threads = 0;
  thread_local Generator generator(0, 0, threads++);
  return generator;
}

void manual_seed(std::uint64_t seed) { default_generator().seed(seed); }

}  // namespace sigmagrad
