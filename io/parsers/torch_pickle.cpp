// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/torch.hpp>

namespace sigmagrad::detail {
namespace {

using Kind = PickleValue::Kind;

// Bounds for dictionaries that hold each other, or themselves: how deep, and how many items are seen again.
constexpr int deepest = 64;
constexpr std::size_t most_again = std::size_t{1} << 22;
constexpr std::size_t longest_name = 4096, most_letters = std::size_t{1} << 26;

// Walks through dictionaries, lists and tuples, and names the tensors in them.
class Walk {
 public:
  Walk(const Pickle& pickle, const std::string& file) : pickle_(pickle), file_(file), most_visits_(1 + most_again) {
    for (const auto& value : pickle.values) most_visits_ += value.items.size();
  }

  std::vector<TorchTensor> run() {
    visit(pickle_.root, "", 0);
    return std::move(tensors_);
  }

 private:
  void visit(std::uint32_t number, const std::string& name, int depth) {
    const auto& value = pickle_[number];
    const auto start = std::string_view(name).substr(0, 100);
    if (depth > deepest)
      engine::fail("{}: is nested more than {} deep, or holds itself, at \"{}\"", file_, deepest, start);
    if (value.kind == Kind::Tensor) add(value, name.empty() ? "array" : name);
    const auto& items = value.items;
    const std::size_t step = value.kind == Kind::Dict ? 2 : 1;
    if (step == 1 && value.kind != Kind::List && value.kind != Kind::Tuple) return;
    for (std::size_t i = 0; i < items.size(); i += step) {
      if (++visits_ > most_visits_)
        engine::fail("{}: repeats more than {} items of its lists and dictionaries, at \"{}\"", file_, most_again,
                     start);
      const auto item = items[i + step - 1];
      if (!may_hold_tensors(item)) continue;
      visit(item, joined(name, step == 2 ? key(items[i], i / 2) : std::to_string(i)), depth + 1);
    }
  }

  bool may_hold_tensors(std::uint32_t number) const {
    const auto kind = pickle_[number].kind;
    return kind == Kind::Tensor || kind == Kind::List || kind == Kind::Tuple || kind == Kind::Dict;
  }

  std::string key(std::uint32_t number, std::size_t position) const {
    const auto& value = pickle_[number];
    if (value.kind == Kind::Text) return std::string(value.text.substr(0, longest_name + 1));
    return value.kind == Kind::Integer ? std::to_string(value.integer) : fmt::format("[{}]", position);
  }

  std::string joined(const std::string& name, const std::string& last) const {
    auto text = name.empty() ? last : name + "." + last;
    if (text.size() > longest_name) engine::fail("{}: a name is longer than {} bytes", file_, longest_name);
    return text;
  }

  std::vector<std::int64_t> integers(std::uint32_t tuple) const {
    std::vector<std::int64_t> values;
    for (const auto item : pickle_[tuple].items) values.push_back(pickle_[item].integer);
    return values;
  }

  void add(const PickleValue& value, const std::string& name) {
    if (tensors_.size() == most_arrays) engine::fail("{}: has more than {} tensors", file_, most_arrays);
    letters_ += name.size();
    if (letters_ > most_letters) engine::fail("{}: its names are longer than {} bytes", file_, most_letters);
    const auto& storage = pickle_[value.items[0]].items;
    const auto* const type = storage_type(pickle_[storage[0]].text);
    TorchTensor tensor{.name = name,
                       .storage = std::string(pickle_[storage[1]].text),
                       .dtype = value.items.size() > 4 ? dtype_named(pickle_[value.items[4]].text) : type,
                       .offset = pickle_[value.items[1]].integer,
                       .rank = pickle_[value.items[2]].items.size(),
                       .sizes = integers(value.items[2]),
                       .strides = integers(value.items[3])};
    const auto place = fmt::format("{}: \"{}\"", file_, name);
    const auto count = pickle_[storage[2]].integer;
    if (count < 0 || __builtin_mul_overflow(count, type->item, &tensor.storage_bytes))
      engine::fail("{}: its storage \"{}\" has {} entries", place, tensor.storage, count);
    check_view(tensor, place);
    if (tensor.rank > Shape::max_rank)
      for (auto* const numbers : {&tensor.sizes, &tensor.strides}) *numbers = std::vector<std::int64_t>();
    tensors_.push_back(std::move(tensor));
  }

  // Every entry lies within the storage.
  static void check_view(const TorchTensor& tensor, const std::string& place) {
    const auto &sizes = tensor.sizes, &strides = tensor.strides;
    const auto negative = [](std::int64_t number) { return number < 0; };
    if (sizes.size() != strides.size() || tensor.offset < 0 || std::any_of(sizes.begin(), sizes.end(), negative) ||
        std::any_of(strides.begin(), strides.end(), negative))
      engine::fail("{}: has {} sizes and {} strides, expected as many, and no negative number", place, sizes.size(),
                   strides.size());
    if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end()) return;
    std::int64_t last = tensor.offset, step = 0;
    bool fits = true;
    for (std::size_t i = 0; i < sizes.size(); ++i)
      fits = fits && !__builtin_mul_overflow(sizes[i] - 1, strides[i], &step) &&
             !__builtin_add_overflow(last, step, &last);
    const auto count = tensor.storage_bytes / tensor.dtype->item;
    if (!fits || last >= count)
      engine::fail("{}: reaches beyond its storage \"{}\", which has {} entries", place, tensor.storage, count);
  }

  const Pickle& pickle_;
  const std::string& file_;
  std::vector<TorchTensor> tensors_;
  std::size_t most_visits_, visits_ = 0, letters_ = 0;
};

}  // namespace

std::vector<TorchTensor> parse_torch_pickle(Bytes bytes, const std::string& file) {
  return Walk(parse_pickle(bytes, file), file).run();
}

}  // namespace sigmagrad::detail
