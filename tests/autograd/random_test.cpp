// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <numbers>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/random/detail/philox.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>

namespace sigmagrad {
namespace {

constexpr std::size_t many = 1'000'000;

std::vector<double> normals(Generator generator, std::size_t n) {
  std::vector<double> values(n);
  generator.normal(values);
  return values;
}

std::vector<double> uniforms(Generator generator, std::size_t n) {
  std::vector<double> values(n);
  generator.uniform(values);
  return values;
}

double raw_moment(const std::vector<double>& x, int power) {
  return std::accumulate(x.begin(), x.end(), 0.0, [&](double sum, double v) { return sum + std::pow(v, power); }) /
         static_cast<double>(x.size());
}

// Kolmogorov's distance between the empirical distribution and `cdf`, times sqrt(n): below 1.95 but for one sample in
// a thousand.
template <class Cdf>
double kolmogorov(std::vector<double> x, const Cdf& cdf) {
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = cdf(x[i]);
    distance = std::max({distance, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return distance * std::sqrt(n);
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0) / static_cast<double>(x.size());
}

// The known answers published with Philox, counter and key of all zeros, all ones, and the digits of pi.
TEST(Philox, KnownAnswers) {
  using Counter = r123::Philox4x64::ctr_type;
  using Key = r123::Philox4x64::key_type;
  constexpr auto ones = std::numeric_limits<std::uint64_t>::max();
  const r123::Philox4x64 philox;
  EXPECT_EQ(philox(Counter{}, Key{}),
            (Counter{{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}}));
  EXPECT_EQ(philox(Counter{{ones, ones, ones, ones}}, Key{{ones, ones}}),
            (Counter{{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}}));
  EXPECT_EQ(philox(Counter{{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}},
                   Key{{0x452821e638d01377, 0xbe5466cf34e90c6c}}),
            (Counter{{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}}));
}

nlohmann::json golden_streams() {
  return nlohmann::json::parse(std::ifstream(SIGMAGRAD_TEST_DATA "/random.json"))["philox"];
}

// numpy.random.Philox with the same key and counter.
TEST(Philox, WordsAreThoseOfTheKeyAndTheCounter) {
  const auto streams = golden_streams();
  for (const auto& stream : streams) {
    SCOPED_TRACE(stream.dump());
    const auto expected = stream["words"].get<std::vector<std::uint64_t>>();
    std::vector<std::uint64_t> words(expected.size());
    engine::PhiloxWords(stream["seed"], stream["trial"], stream["purpose"], 0).fill(words);
    EXPECT_EQ(words, expected);
    for (std::uint64_t at = 0; at < words.size(); ++at)
      EXPECT_EQ(engine::PhiloxWords(stream["seed"], stream["trial"], stream["purpose"], at).next(), expected[at]);
    const auto u = uniforms(Generator(stream["seed"], stream["trial"], stream["purpose"]), words.size());
    for (std::size_t i = 0; i < u.size(); ++i) EXPECT_EQ(u[i], std::ldexp(static_cast<double>(words[i] >> 11), -53));
  }
}

TEST(Generator, NormalsHaveTheSameBitsEverywhere) {
  const auto stream = golden_streams()[2];
  const auto expected = stream["normals"].get<std::vector<double>>();
  EXPECT_EQ(normals(Generator(stream["seed"], stream["trial"], stream["purpose"]), expected.size()), expected);
}

TEST(Generator, NormalsAreNormal) {
  const auto z = normals(Generator(42), many);  // the bands are 4 standard errors
  EXPECT_NEAR(raw_moment(z, 1), 0.0, 0.004);
  EXPECT_NEAR(raw_moment(z, 2), 1.0, 4 * std::sqrt(2.0) * 1e-3);
  EXPECT_NEAR(raw_moment(z, 3), 0.0, 4 * std::sqrt(15.0) * 1e-3);
  EXPECT_NEAR(raw_moment(z, 4), 3.0, 4 * std::sqrt(96.0) * 1e-3);
  EXPECT_LT(kolmogorov(z, normal_cdf), 1.95);
  const auto beyond = std::count_if(z.begin(), z.end(), [](double v) { return std::abs(v) > 4.0; });
  EXPECT_NEAR(static_cast<double>(beyond), 63.3, 4 * 8.0);
}

// Box-Muller on the generator's own words, with the C library's functions.
TEST(Generator, NormalsHaveTheRadiusOfTheirWords) {
  std::vector<std::uint64_t> words(20000);
  engine::PhiloxWords(5, 0, 0, 0).fill(words);
  const auto z = normals(Generator(5), words.size());
  for (std::size_t i = 0; i < z.size(); i += 2) {
    const double u = 1.0 - std::ldexp(static_cast<double>(words[i] << 12 >> 12), -52);
    EXPECT_NEAR(std::hypot(z[i], z[i + 1]), std::sqrt(-2.0 * std::log(u)), 2e-15) << i;
  }
}

TEST(Generator, AnglesOfPairsAreUniform) {
  const auto z = normals(Generator(6), many);
  std::vector<double> angles;
  for (std::size_t i = 0; i < z.size(); i += 2) angles.push_back(std::atan2(z[i], z[i + 1]) / (2 * std::numbers::pi));
  EXPECT_LT(kolmogorov(angles, [](double turns) { return turns + 0.5; }), 1.95);
}

TEST(Generator, UniformsAreUniform) {
  const auto u = uniforms(Generator(42), many);
  EXPECT_GE(*std::min_element(u.begin(), u.end()), 0.0);
  EXPECT_LT(*std::max_element(u.begin(), u.end()), 1.0);
  EXPECT_NEAR(raw_moment(u, 1), 0.5, 4 * std::sqrt(1.0 / 12) * 1e-3);
  EXPECT_NEAR(raw_moment(u, 2), 1.0 / 3, 4 * std::sqrt(4.0 / 45) * 1e-3);
  EXPECT_LT(kolmogorov(u, [](double v) { return v; }), 1.95);
}

TEST(Generator, StreamsAreUncorrelated) {
  const std::vector<Generator> generators{Generator(1),       Generator(2),       Generator(1, 1), Generator(2, 1),
                                          Generator(1, 0, 1), Generator(1, 1, 1), Generator(0, 1), Generator(0, 0, 1)};
  std::vector<std::vector<double>> streams;
  for (const auto& generator : generators) streams.push_back(normals(generator, 100'000));
  for (std::size_t i = 0; i < streams.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_LT(std::abs(correlation(streams[i], streams[k])), 4.5 / std::sqrt(1e5)) << i << ' ' << k;
}

TEST(Generator, NeighboursAreUncorrelated) {
  const auto z = normals(Generator(9), many + 4);
  for (std::ptrdiff_t lag = 1; lag <= 4; ++lag)
    EXPECT_LT(std::abs(correlation({z.begin(), z.end() - lag}, {z.begin() + lag, z.end()})), 4.5e-3) << lag;
}

TEST(Generator, FillsOfEvenLengthJoin) {
  Generator split(3);
  std::vector<double> joined(4001);
  for (std::size_t at = 0, length = 0; at < joined.size(); at += length, length += 2) {
    length = std::min(length, joined.size() - at);
    split.normal(std::span(joined).subspan(at, length));
  }
  EXPECT_EQ(joined, normals(Generator(3), joined.size()));
}

TEST(Generator, AnOddFillDropsTheSecondOfItsLastPair) {
  Generator generator(3);
  std::vector<double> five(5), next(2);
  generator.normal(five);
  generator.normal(next);
  const auto whole = normals(Generator(3), 8);
  EXPECT_TRUE(std::equal(five.begin(), five.end(), whole.begin()));
  EXPECT_TRUE(std::equal(next.begin(), next.end(), whole.begin() + 6));
}

TEST(Generator, FloatsComeFromTheSameWords) {
  Generator generator(3);
  std::vector<float> z(999), u(999);
  generator.normal(z);
  generator.uniform(u);
  std::vector<double> doubles = normals(Generator(3), z.size());
  for (std::size_t i = 0; i < z.size(); ++i) EXPECT_EQ(z[i], static_cast<float>(doubles[i]));
  doubles = uniforms(Generator(3), 1000 + u.size());
  for (std::size_t i = 0; i < u.size(); ++i)
    EXPECT_EQ(u[i], static_cast<float>(std::floor(std::ldexp(doubles[1000 + i], 24)) * 0x1p-24));
}

TEST(Generator, IntegersAreUniformOverTheirRange) {
  Generator generator(4);
  std::vector<std::int64_t> values(70'000);
  generator.integers(-3, 4, values);
  for (std::int64_t v = -3; v < 4; ++v)
    EXPECT_NEAR(static_cast<double>(std::count(values.begin(), values.end(), v)), 1e4, 4 * std::sqrt(1e4)) << v;
  generator.integers(5, 6, values);
  EXPECT_EQ(values, std::vector<std::int64_t>(values.size(), 5));
}

// A range of 3/4 of all words: without rejection a third of the values would come twice as often as the others.
TEST(Generator, IntegersAreUnbiasedOverHugeRanges) {
  constexpr auto low = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t high = std::int64_t{1} << 62;
  Generator generator(4);
  std::vector<std::int64_t> values(90'000);
  generator.integers(low, high, values);
  EXPECT_TRUE(std::all_of(values.begin(), values.end(), [](auto v) { return v < high; }));
  const auto negative = std::count_if(values.begin(), values.end(), [](auto v) { return v < 0; });
  const auto odd = std::count_if(values.begin(), values.end(), [](auto v) { return v & 1; });
  EXPECT_NEAR(static_cast<double>(negative), 60'000.0, 4 * 142.0);
  EXPECT_NEAR(static_cast<double>(odd), 45'000.0, 4 * 150.0);
}

TEST(Generator, PermutationsArePermutations) {
  Generator generator(4);
  for (const std::size_t n : {0, 1, 2, 10, 1000}) {
    std::vector<std::int64_t> order(n), expected(n);
    std::iota(expected.begin(), expected.end(), 0);
    generator.permutation(order);
    EXPECT_TRUE(n <= 2 || order != expected) << n;
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, expected);
  }
}

TEST(Generator, EveryPermutationIsEquallyLikely) {
  Generator generator(8);
  std::vector<std::int64_t> order(3);
  std::vector<int> counts(27);
  for (int i = 0; i < 60'000; ++i) {
    generator.permutation(order);
    ++counts[static_cast<std::size_t>(9 * order[0] + 3 * order[1] + order[2])];
  }
  EXPECT_EQ(std::count(counts.begin(), counts.end(), 0), 21);
  for (const int count : counts) EXPECT_TRUE(count == 0 || std::abs(count - 10'000) < 4 * 92) << count;
}

TEST(Generator, StateIsEverythingTheNextNumbersDependOn) {
  Generator generator(7, 8, 9);
  std::vector<double> skipped(333);
  generator.uniform(skipped);
  Generator other(1), copy = generator;
  other.set_state(generator.state());
  EXPECT_EQ(normals(other, 10), normals(generator, 10));
  EXPECT_EQ(normals(copy, 10), normals(generator, 10));
  generator.seed(7, 8, 9);
  EXPECT_EQ(generator.state(), Generator(7, 8, 9).state());
}

TEST(Generator, RefusesBadInputAndChangesNothing) {
  Generator generator(7);
  const auto before = generator.state();
  std::vector<std::int64_t> values(3);
  EXPECT_THROW(generator.integers(5, 5, values), Error);
  EXPECT_THROW(generator.set_state(std::vector<std::uint64_t>(3)), Error);
  try {
    generator.integers(5, 4, values);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "integers: low must be below high (got low 5, high 4)");
  }
  EXPECT_EQ(generator.state(), before);
}

TEST(DefaultGenerator, IsSeededInTheCallingThreadOnly) {
  manual_seed(5);
  EXPECT_EQ(default_generator().state(), Generator(5).state());
  std::vector<std::uint64_t> unseeded, seeded;
  std::thread([&] {
    unseeded = default_generator().state();
    manual_seed(6);
    seeded = default_generator().state();
  }).join();
  EXPECT_NE(unseeded[2], 0u);  // a stream of its own
  EXPECT_EQ(seeded, Generator(6).state());
  EXPECT_EQ(default_generator().state(), Generator(5).state());
}

}  // namespace
}  // namespace sigmagrad
