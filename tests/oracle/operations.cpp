// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/oracle/operations.hpp>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::oracle {
namespace {

using Table = std::map<std::string, Operation>;

// An operation without parameters.
template <class F>
Operation plain(F f) {
  return [f](const Args& x, const Parameters&) -> Tensor {
    if constexpr (std::is_invocable_v<F, Tensor, Tensor, Tensor>)
      return f(x.at(0), x.at(1), x.at(2));
    else if constexpr (std::is_invocable_v<F, Tensor, Tensor>)
      return f(x.at(0), x.at(1));
    else
      return f(x.at(0));
  };
}

#define ONE(function) plain([](const Tensor& x) { return function(x); })
#define TWO(expression) plain([](const Tensor& a, const Tensor& b) { return expression; })

// An operation that looks at its parameters `p`.
#define WITH(expression) [](const Args& x, [[maybe_unused]] const Parameters& p) -> Tensor { return expression; }

double number(const Parameters& p, const char* name) { return std::stod(p.at(name).get<std::string>()); }
int axis(const Parameters& p) { return p.at("axis").get<int>(); }

std::vector<std::int64_t> whole_numbers(const Parameters& p, const char* name) {
  return p.at(name).get<std::vector<std::int64_t>>();
}

// A reduction over an axis, or over everything.
#define REDUCTION(function) \
  WITH(p.contains("axis") ? function(x[0], axis(p), p.at("keepdim").get<bool>()) : function(x[0]))

Reduction reduction(const Parameters& p) {
  static const std::map<std::string, Reduction> names{
      {"mean", Reduction::Mean}, {"sum", Reduction::Sum}, {"half_sum", Reduction::HalfSum}};
  return names.at(p.at("reduction"));
}

linalg::NormKind norm_kind(const Parameters& p) {
  static const std::map<std::string, linalg::NormKind> names{
      {"one", 1},          {"two", 2}, {"inf", linalg::Inf}, {"fro", linalg::Fro}, {"nuclear", linalg::Nuclear},
      {"max", linalg::Max}};
  return names.at(p.at("kind"));
}

void add_elementwise(Table& table) {
  table.insert(
      {{"neg", plain([](const Tensor& x) { return -x; })},
       {"exp", ONE(exp)},
       {"log", ONE(log)},
       {"expm1", ONE(expm1)},
       {"log2", ONE(log2)},
       {"log1p", ONE(log1p)},
       {"rsqrt", ONE(rsqrt)},
       {"sqrt", ONE(sqrt)},
       {"square", ONE(square)},
       {"abs", ONE(abs)},
       {"sin", ONE(sin)},
       {"cos", ONE(cos)},
       {"tan", ONE(tan)},
       {"sinh", ONE(sinh)},
       {"cosh", ONE(cosh)},
       {"tanh", ONE(tanh)},
       {"erf", ONE(erf)},
       {"gelu", ONE(gelu)},
       {"silu", ONE(silu)},
       {"elu", ONE(elu)},
       {"softplus", WITH(softplus(x[0], number(p, "value")))},
       {"sigmoid", ONE(sigmoid)},
       {"relu", ONE(relu)},
       {"leaky_relu", ONE(leaky_relu)},
       {"clamp", WITH(clamp(x[0], number(p, "low"), number(p, "high")))},
       {"pow_scalar", WITH(pow(x[0], number(p, "value")))},
       {"pow", TWO(pow(a, b))},
       {"add_scalar", WITH(x[0] + number(p, "value"))},
       {"mul_scalar", WITH(x[0] * number(p, "value"))},
       {"div_scalar", WITH(x[0] / number(p, "value"))},
       {"rsub_scalar", WITH(number(p, "value") - x[0])},
       {"rdiv_scalar", WITH(number(p, "value") / x[0])},
       {"maximum_scalar", WITH(maximum(x[0], number(p, "value")))},
       {"add", TWO(a + b)},
       {"sub", TWO(a - b)},
       {"mul", TWO(a * b)},
       {"div", TWO(a / b)},
       {"atan2", TWO(atan2(a, b))},
       {"lerp", WITH(lerp(x[0], x[1], number(p, "value")))},
       {"maximum", TWO(maximum(a, b))},
       {"minimum", TWO(minimum(a, b))},
       {"where", plain([](const Tensor& c, const Tensor& a, const Tensor& b) { return where(c > 0.0, a, b); })}});
}

void add_reductions(Table& table) {
  table.insert({{"sum", REDUCTION(sum)},
                {"mean", REDUCTION(mean)},
                {"max", REDUCTION(max)},
                {"min", REDUCTION(min)},
                {"logsumexp", REDUCTION(logsumexp)},
                {"prod", REDUCTION(prod)},
                {"median", REDUCTION(median)},
                {"quantile", WITH(quantile(x[0], number(p, "q"), axis(p), p.at("keepdim").get<bool>()))},
                {"cumprod", WITH(cumprod(x[0], axis(p)))},
                {"sort", WITH(sort(x[0], axis(p), p.at("descending").get<bool>()).values)},
                {"var", WITH(var(x[0], axis(p), p.at("keepdim").get<bool>(), p.at("correction").get<int>()))},
                {"std", WITH(std(x[0], axis(p), p.at("keepdim").get<bool>(), p.at("correction").get<int>()))},
                {"cumsum", WITH(cumsum(x[0], axis(p)))},
                {"softmax", WITH(softmax(x[0], axis(p)))},
                {"log_softmax", WITH(log_softmax(x[0], axis(p)))}});
}

void add_shapes(Table& table) {
  table.insert(
      {{"t", WITH(x[0].t())},
       {"reshape", WITH(x[0].reshape(Shape(std::span<const std::int64_t>(whole_numbers(p, "shape")))))},
       {"select", WITH(x[0].select(axis(p), p.at("index").get<std::int64_t>()))},
       {"narrow", WITH(x[0].narrow(axis(p), p.at("start").get<std::int64_t>(), p.at("length").get<std::int64_t>()))},
       {"index_select", WITH(index_select(x[0], axis(p), whole_numbers(p, "indices")))},
       {"cat", WITH(cat(x, axis(p)))},
       {"stack", WITH(stack(x, axis(p)))},
       {"diag", ONE(diag)},
       {"trace", ONE(trace)},
       {"tril", WITH(tril(x[0], p.at("k").get<std::int64_t>()))},
       {"triu", WITH(triu(x[0], p.at("k").get<std::int64_t>()))},
       {"flip", WITH(flip(x[0], axis(p)))},
       {"roll", WITH(roll(x[0], p.at("k").get<std::int64_t>(), axis(p)))},
       {"kron", TWO(kron(a, b))},
       {"matmul", TWO(matmul(a, b))}});
}

void add_linalg(Table& table) {
  using namespace linalg;
  table.insert({{"solve", TWO(solve(a, b))},
                {"lstsq", TWO(lstsq(a, b))},
                {"det", ONE(det)},
                {"lu_l", WITH(lu(x[0]).L)},
                {"lu_u", WITH(lu(x[0]).U)},
                {"matrix_power", WITH(matrix_power(x[0], p.at("k").get<std::int64_t>()))},
                {"inv", ONE(inv)},
                {"logabsdet", WITH(slogdet(x[0]).logabsdet)},
                {"svdvals", ONE(svdvals)},
                {"svd_u_squared", WITH(square(svd(x[0]).U))},
                {"svd_vt_squared", WITH(square(svd(x[0]).Vt))},
                {"eigenvalues", WITH(eigh(x[0]).eigenvalues)},
                {"eigenvectors_squared", WITH(square(eigh(x[0]).eigenvectors))},
                {"cholesky", ONE(cholesky)},
                {"qr_r", WITH(abs(qr(x[0]).R))},
                {"qr_q", WITH(abs(qr(x[0]).Q))},
                {"pinv", ONE(pinv)},
                {"polar_factor", ONE(polar_factor)},
                {"expm", ONE(expm)},
                {"norm", WITH(norm(x[0], norm_kind(p)))},
                {"row_norms", ONE(row_norms)},
                {"col_norms", ONE(col_norms)},
                {"vector_norm", WITH(vector_norm(x[0], number(p, "p")))},
                {"schatten_norm", WITH(schatten_norm(x[0], number(p, "p")))},
                {"ky_fan_norm", WITH(ky_fan_norm(x[0], p.at("k").get<std::int64_t>()))},
                {"norm_1_to_2", ONE(norm_1_to_2)},
                {"norm_2_to_1", ONE(norm_2_to_1)},
                {"norm_2_1", ONE(norm_2_1)},
                {"cond", WITH(cond(x[0], norm_kind(p)))},
                {"log_cond", ONE(log_cond)},
                {"stable_rank", ONE(stable_rank)},
                {"effective_rank", ONE(effective_rank)},
                {"effective_rank_squares", WITH(effective_rank(x[0], EntropyOf::Squares))},
                {"spectral_gap", ONE(spectral_gap)},
                {"prox_nuclear", WITH(prox_nuclear(x[0], number(p, "tau")))},
                {"low_rank_approximation", WITH(low_rank_approximation(x[0], p.at("k").get<std::int64_t>()))}});
}

void add_losses(Table& table) {
  table.insert({{"mse_loss", WITH(mse_loss(x[0], x[1], reduction(p)))},
                {"masked_mse_loss", WITH(masked_mse_loss(x[0], x[1], x[2] > 0.0))},
                {"bce_with_logits", WITH(bce_with_logits(x[0], x[1] > 0.0, reduction(p)))},
                {"cross_entropy", WITH(cross_entropy(x[0], whole_numbers(p, "labels"), reduction(p)))}});
}

}  // namespace

const Table& operations() {
  static const Table table = [] {
    Table result;
    add_elementwise(result);
    add_reductions(result);
    add_shapes(result);
    add_linalg(result);
    add_losses(result);
    return result;
  }();
  return table;
}

}  // namespace sigmagrad::oracle
