// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <sigmagrad/autograd/random/mersenne_twister.hpp>

namespace sigmagrad {

namespace engine {
class PhiloxWords;
}

/// Random numbers from Philox4x64-10 (Salmon et al. 2011), a counter-based generator.
///
/// The stream is a sequence of 64-bit words: word i is the (i mod 4)-th output of the block with key (seed, trial) and
/// counter (i / 4, 0, purpose, 0), so distinct triples (seed, trial, purpose) give distinct, independent streams.
///
/// A fill takes words from the current position on: n uniforms take n words, n normals 2 ceil(n / 2) (a pair of
/// normals takes two words; the second of an odd last pair is dropped), an integer one and another for each rejection.
/// Hence a fill of normals gives the same numbers in one call as in several whose lengths, but for the last, are even.
/// Float and double fills take the same words: a float normal is the double rounded to nearest, a float uniform the
/// double truncated to 24 bits. Uniforms, integers and permutations have the same bits on every machine; so have
/// normals, whose logarithm, sine and cosine are made of IEEE operations alone.
class Generator {
 public:
  explicit Generator(std::uint64_t seed, std::uint64_t trial = 0, std::uint64_t purpose = 0);
  virtual ~Generator();
  Generator(const Generator&) = default;
  Generator& operator=(const Generator&) = default;

  /// Mean 0, variance 1.
  virtual void normal(std::span<double> out);
  virtual void normal(std::span<float> out);
  /// 0 <= value < 1.
  virtual void uniform(std::span<double> out);
  virtual void uniform(std::span<float> out);
  /// low <= value < high, without bias.
  virtual void integers(std::int64_t low, std::int64_t high, std::span<std::int64_t> out);
  /// 0, ..., n - 1 in random order.
  virtual void permutation(std::span<std::int64_t> out);

  virtual void seed(std::uint64_t seed, std::uint64_t trial = 0, std::uint64_t purpose = 0);
  /// Everything the coming numbers depend on; `set_state` takes it back, from a generator of the same kind.
  virtual std::vector<std::uint64_t> state() const;
  virtual void set_state(std::span<const std::uint64_t> state);

 private:
  engine::PhiloxWords stream() const;

  std::uint64_t seed_, trial_, purpose_;
  std::uint64_t position_ = 0;
};

/// The numbers of NumPy's RandomState(seed), bit for bit where log is the C library's that NumPy calls:
/// `uniform` is random_sample and rand, `normal` randn, `integers` randint, `permutation` permutation(n).
/// RandomState has no single precision: a float is the double rounded to nearest, but below 1 where it is a uniform.
class NumpyGenerator : public Generator {
 public:
  explicit NumpyGenerator(std::uint32_t seed);

  void normal(std::span<double> out) override;
  void normal(std::span<float> out) override;
  void uniform(std::span<double> out) override;
  void uniform(std::span<float> out) override;
  void integers(std::int64_t low, std::int64_t high, std::span<std::int64_t> out) override;
  void permutation(std::span<std::int64_t> out) override;

  /// RandomState knows 32-bit seeds only, and neither trial nor purpose: those must be 0.
  void seed(std::uint64_t seed, std::uint64_t trial = 0, std::uint64_t purpose = 0) override;
  std::vector<std::uint64_t> state() const override;
  void set_state(std::span<const std::uint64_t> state) override;

 private:
  std::uint64_t bounded(std::uint64_t largest);

  MersenneTwister twister_;
  std::optional<double> second_normal_;  // the polar method makes two at a time
};

/// The calling thread's own generator. Until it is seeded it is Generator(0, 0, n) in the n-th thread of the process
/// that asked for one (n = 0, 1, ...), hence Generator(0) where there is a single thread.
Generator& default_generator();

/// Makes the calling thread's default generator Generator(seed), in whichever thread; the others stay as they are.
void manual_seed(std::uint64_t seed);

}  // namespace sigmagrad
