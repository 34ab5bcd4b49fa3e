// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// The values in row-major order; their number must fill the shape.
Tensor tensor(const std::vector<double>& values, const Shape& shape, Dtype dtype = f64);
/// A vector, a matrix of rows of one length, and a single number as a tensor without axes. Templates, so that `{}`
/// after the values is a shape, and `{0.5}` a vector.
Tensor tensor(const std::vector<double>& values);
Tensor tensor(std::initializer_list<std::initializer_list<double>> rows);
template <std::same_as<Dtype> D>
Tensor tensor(const std::vector<double>& values, D dtype) {
  return tensor(values, Shape{static_cast<std::int64_t>(values.size())}, dtype);
}
template <std::same_as<Dtype> D>
Tensor tensor(std::initializer_list<std::initializer_list<double>> rows, D dtype) {
  return tensor(rows).to(dtype);
}
template <class T>
requires std::is_arithmetic_v<T> Tensor tensor(T value, Dtype dtype = f64) {
  return tensor({static_cast<double>(value)}, Shape{}, dtype);
}
/// Entries not set to anything in particular.
Tensor empty(const Shape& shape, Dtype dtype = f64);
Tensor zeros(const Shape& shape, Dtype dtype = f64);
Tensor ones(const Shape& shape, Dtype dtype = f64);
Tensor full(const Shape& shape, Scalar value, Dtype dtype = f64);
/// The identity matrix [n, n].
Tensor eye(std::int64_t n, Dtype dtype = f64);
/// start, start + step, ... below stop (above it for a negative step), as a vector. A fractional step that leads to the
/// stop up to rounding ends before it: arange(1, 1.6, 0.1) has 6 entries. Whole numbers that the dtype would round, as
/// f32 does beyond 2^24 and f64 beyond 2^53, are an Error, here as in `randint` and `randperm`.
Tensor arange(double stop, Dtype dtype = f64);
Tensor arange(double start, double stop, double step = 1.0, Dtype dtype = f64);
/// n numbers at equal distances, from start to stop, both included; `start` alone if n is 1. Error unless both are
/// finite.
Tensor linspace(double start, double stop, std::int64_t n, Dtype dtype = f64);
/// base^linspace(start, stop, n). Error unless the base is positive and finite.
Tensor logspace(double start, double stop, std::int64_t n, double base = 10.0, Dtype dtype = f64);

// Random tensors draw from the calling thread's generator, or from the one given.

/// Normal with mean 0 and variance 1.
Tensor randn(const Shape& shape, Dtype dtype = f64);
Tensor randn(const Shape& shape, Generator& generator, Dtype dtype = f64);
/// Uniform on [0, 1).
Tensor rand(const Shape& shape, Dtype dtype = f64);
Tensor rand(const Shape& shape, Generator& generator, Dtype dtype = f64);
/// Whole numbers low <= v < high.
Tensor randint(std::int64_t low, std::int64_t high, const Shape& shape, Dtype dtype = f64);
Tensor randint(std::int64_t low, std::int64_t high, const Shape& shape, Generator& generator, Dtype dtype = f64);
/// 0, ..., n - 1 in random order.
Tensor randperm(std::int64_t n, Dtype dtype = f64);
Tensor randperm(std::int64_t n, Generator& generator, Dtype dtype = f64);
/// 1 with the probability that stands at the entry, else 0. No gradient.
Tensor bernoulli(const Tensor& probabilities);
Tensor bernoulli(const Tensor& probabilities, Generator& generator);
/// n positions on the last axis, drawn in proportion to the weights that stand there, which need not sum to 1:
/// [..., k] -> [..., n], as f64. Without replacement, those drawn are out of the further draws. A draw takes one
/// uniform number. No gradient. Error where a weight is negative, infinite or NaN, or too few of a row's are positive.
Tensor multinomial(const Tensor& probabilities, std::int64_t n, bool replacement = false);
Tensor multinomial(const Tensor& probabilities, std::int64_t n, bool replacement, Generator& generator);

Tensor empty_like(const Tensor& x);
Tensor zeros_like(const Tensor& x);
Tensor ones_like(const Tensor& x);
Tensor full_like(const Tensor& x, Scalar value);
Tensor rand_like(const Tensor& x);
Tensor randn_like(const Tensor& x);

}  // namespace sigmagrad
