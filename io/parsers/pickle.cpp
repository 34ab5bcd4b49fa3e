// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/parsers/pickle.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/torch_names.hpp>

namespace sigmagrad::detail {
namespace {

using Kind = PickleValue::Kind;
using Number = std::uint32_t;

// A pickle of a few bytes must not make much memory: far more than any checkpoint has.
constexpr std::size_t most_values = std::size_t{1} << 22, most_on_stack = std::size_t{1} << 20;

class Machine {
 public:
  Machine(Bytes bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  Pickle run();

  [[noreturn]] void wrong(std::string_view what) const {
    engine::fail("{}: bad pickle at its byte {}: {}", file_, start_, what);
  }

  // Reading.
  Bytes take(std::size_t count) {
    if (count > bytes_.size() - position_) wrong("it is cut short");
    const auto part = bytes_.subspan(position_, count);
    position_ += count;
    return part;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view text(std::size_t length) {
    const auto part = take(length);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }
  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_, bytes_.size() - position_);
    const auto end = rest.find('\n');
    if (end == rest.npos) wrong("it is cut short");
    position_ += end + 1;
    return rest.substr(0, end);
  }

  // The stack.
  void push_number(Number value) {
    if (stack_.size() == most_on_stack) wrong("too many values are on its stack");
    stack_.push_back(value);
  }
  void push(PickleValue value) {
    if (pickle_.values.size() == most_values) wrong("it has too many values");
    pickle_.values.push_back(std::move(value));
    push_number(static_cast<Number>(pickle_.values.size() - 1));
  }
  Number pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) wrong("its stack is empty");
    const auto value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Number top() {
    const auto value = pop();
    stack_.push_back(value);
    return value;
  }
  void mark() {
    if (marks_.size() == most_on_stack) wrong("it has too many marks");
    marks_.push_back(stack_.size());
  }
  std::vector<Number> pop_to_mark() {
    if (marks_.empty()) wrong("a mark is missing");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Number> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }
  std::vector<Number> pop_some(std::size_t count) {
    std::vector<Number> items(count);
    for (auto i = count; i-- > 0;) items[i] = pop();
    return items;
  }
  PickleValue& at(Number value) { return pickle_.values[value]; }
  PickleValue& expect(Number value, Kind kind, std::string_view what) {
    if (at(value).kind != kind) wrong(fmt::format("expected {}", what));
    return at(value);
  }

  // The codes that need more than a line.
  void integer(std::size_t length);
  void extend(Number target, Kind kind, const std::vector<Number>& items);
  void memo(std::uint64_t key) {
    if (memo_.size() == most_values) wrong("its memo is too long");
    memo_[key] = top();
  }
  void recall(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) wrong(fmt::format("its memo has no {}", key));
    push_number(found->second);
  }
  void memoize() { memo(memo_.size()); }
  void global(std::string_view module, std::string_view name);
  void stack_global();
  void storage();
  void reduce();
  void build();

 private:
  void tensor(const std::vector<Number>& arguments, bool has_dtype);

  Bytes bytes_;
  const std::string& file_;
  std::size_t position_ = 0, start_ = 0;
  Pickle pickle_;
  std::vector<Number> stack_;
  std::vector<std::size_t> marks_;  // lengths of the stack
  std::unordered_map<std::uint64_t, Number> memo_;
};

// A whole number of any length, lowest byte first; of a longer one, such as a seed, nothing is asked.
void Machine::integer(std::size_t length) {
  const auto part = take(length);
  if (length > sizeof(std::int64_t)) return push({.kind = Kind::Real});
  std::uint64_t value = length > 0 && (part.back() & std::byte{128}) != std::byte{0} ? ~std::uint64_t{0} : 0;
  for (auto i = length; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(part[i]);
  push({.kind = Kind::Integer, .integer = static_cast<std::int64_t>(value)});
}

void Machine::extend(Number target, Kind kind, const std::vector<Number>& items) {
  auto& all = expect(target, kind, kind == Kind::List ? "a list" : "a dictionary").items;
  if (kind == Kind::Dict && items.size() % 2 != 0) wrong("a key has no value");
  all.insert(all.end(), items.begin(), items.end());
}

void Machine::global(std::string_view module, std::string_view name) {
  const auto known = torch_global(fmt::format("{}.{}", module, name));
  if (known.empty())
    engine::fail(
        "{}: refuses to run {}.{}, which its pickle asks for: tensors in dictionaries and lists are read, as "
        "torch.save(model.state_dict(), ...) writes them",
        file_, module, name);
  push({.kind = Kind::Global, .text = known});
}

void Machine::stack_global() {
  const auto name = expect(pop(), Kind::Text, "a name").text;
  const auto module = expect(pop(), Kind::Text, "a module").text;
  global(module, name);
}

// ("storage", type, key, device, number of entries)
void Machine::storage() {
  const auto items = expect(pop(), Kind::Tuple, "a tuple for a storage").items;
  if (items.size() != 5 || at(items[0]).kind != Kind::Text || at(items[0]).text != "storage")
    wrong("expected a storage");
  if (!storage_type(expect(items[1], Kind::Global, "a storage's type").text)) wrong("expected a storage's type");
  expect(items[2], Kind::Text, "a storage's key");
  expect(items[4], Kind::Integer, "a storage's length");
  push({.kind = Kind::Storage, .items = {items[1], items[2], items[4]}});
}

// (storage, offset, sizes, strides, requires_grad, hooks), then the dtype where it is not the storage's.
void Machine::tensor(const std::vector<Number>& arguments, bool has_dtype) {
  if (arguments.size() < (has_dtype ? 7U : 6U)) wrong("a tensor has too few arguments");
  expect(arguments[0], Kind::Storage, "a tensor's storage");
  expect(arguments[1], Kind::Integer, "a tensor's offset");
  for (const auto axes : {arguments[2], arguments[3]})
    for (const auto size : expect(axes, Kind::Tuple, "a tensor's sizes and strides").items)
      expect(size, Kind::Integer, "whole numbers as a tensor's sizes and strides");
  PickleValue value{.kind = Kind::Tensor, .items = {arguments.begin(), arguments.begin() + 4}};
  if (has_dtype) {
    if (!dtype_named(expect(arguments[6], Kind::Global, "a tensor's dtype").text)) wrong("expected a tensor's dtype");
    value.items.push_back(arguments[6]);
  }
  push(std::move(value));
}

void Machine::reduce() {
  const auto arguments = expect(pop(), Kind::Tuple, "a tuple of arguments").items;
  const auto called = expect(pop(), Kind::Global, "something that can be called").text;
  if (called == ordered_dict) {
    if (!arguments.empty()) wrong("expected an empty OrderedDict");
    push({.kind = Kind::Dict});
  } else if (called == rebuild_tensor_v2 || called == rebuild_tensor_v3) {
    tensor(arguments, called == rebuild_tensor_v3);
  } else if (called == rebuild_parameter) {
    if (arguments.empty()) wrong("a parameter has no tensor");
    expect(arguments[0], Kind::Tensor, "a parameter's tensor");
    push_number(arguments[0]);
  } else {
    engine::fail("{}: refuses to run {}, which its pickle asks for", file_, called);
  }
}

// Attributes of an ordered dictionary, such as the versions in a state_dict, are left out.
void Machine::build() {
  pop();
  expect(top(), Kind::Dict, "a dictionary whose attributes are set");
}

struct Code {
  unsigned char code;
  void (*run)(Machine&);
};

PickleValue real() { return {.kind = Kind::Real}; }
PickleValue truth(bool value) { return {.kind = Kind::Bool, .integer = value}; }
PickleValue whole(std::int64_t value) { return {.kind = Kind::Integer, .integer = value}; }
PickleValue text(std::string_view value) { return {.kind = Kind::Text, .text = value}; }
PickleValue with(Kind kind, std::vector<Number> items = {}) { return {.kind = kind, .items = std::move(items)}; }

// Those that pickle writes for the values we know, from protocol 1 on. 0x80, '.': see run.
constexpr std::array codes{
    Code{0x95, [](Machine& m) { m.number<std::uint64_t>(); }},  // a frame's length
    Code{'N', [](Machine& m) { m.push({}); }},
    Code{0x88, [](Machine& m) { m.push(truth(true)); }},
    Code{0x89, [](Machine& m) { m.push(truth(false)); }},
    Code{'K', [](Machine& m) { m.push(whole(m.number<std::uint8_t>())); }},
    Code{'M', [](Machine& m) { m.push(whole(m.number<std::uint16_t>())); }},
    Code{'J', [](Machine& m) { m.push(whole(m.number<std::int32_t>())); }},
    Code{0x8A, [](Machine& m) { m.integer(m.number<std::uint8_t>()); }},
    Code{0x8B, [](Machine& m) { m.integer(m.number<std::uint32_t>()); }},
    Code{'G', [](Machine& m) { m.take(8), m.push(real()); }},
    Code{'U', [](Machine& m) { m.push(text(m.text(m.number<std::uint8_t>()))); }},
    Code{'T', [](Machine& m) { m.push(text(m.text(m.number<std::uint32_t>()))); }},
    Code{'C', [](Machine& m) { m.push(text(m.text(m.number<std::uint8_t>()))); }},
    Code{'B', [](Machine& m) { m.push(text(m.text(m.number<std::uint32_t>()))); }},
    Code{0x8E, [](Machine& m) { m.push(text(m.text(m.number<std::uint64_t>()))); }},
    Code{0x8C, [](Machine& m) { m.push(text(m.text(m.number<std::uint8_t>()))); }},
    Code{'X', [](Machine& m) { m.push(text(m.text(m.number<std::uint32_t>()))); }},
    Code{0x8D, [](Machine& m) { m.push(text(m.text(m.number<std::uint64_t>()))); }},
    Code{'(', [](Machine& m) { m.mark(); }},
    Code{'0', [](Machine& m) { m.pop(); }},
    Code{'1', [](Machine& m) { m.pop_to_mark(); }},
    Code{'2', [](Machine& m) { m.push_number(m.top()); }},
    Code{')', [](Machine& m) { m.push(with(Kind::Tuple)); }},
    Code{0x85, [](Machine& m) { m.push(with(Kind::Tuple, m.pop_some(1))); }},
    Code{0x86, [](Machine& m) { m.push(with(Kind::Tuple, m.pop_some(2))); }},
    Code{0x87, [](Machine& m) { m.push(with(Kind::Tuple, m.pop_some(3))); }},
    Code{'t', [](Machine& m) { m.push(with(Kind::Tuple, m.pop_to_mark())); }},
    Code{']', [](Machine& m) { m.push(with(Kind::List)); }},
    Code{'l', [](Machine& m) { m.push(with(Kind::List, m.pop_to_mark())); }},
    Code{'}', [](Machine& m) { m.push(with(Kind::Dict)); }},
    Code{'a',
         [](Machine& m) {
           const auto items = m.pop_some(1);
           m.extend(m.top(), Kind::List, items);
         }},
    Code{'e',
         [](Machine& m) {
           const auto items = m.pop_to_mark();
           m.extend(m.top(), Kind::List, items);
         }},
    Code{'s',
         [](Machine& m) {
           const auto items = m.pop_some(2);
           m.extend(m.top(), Kind::Dict, items);
         }},
    Code{'u',
         [](Machine& m) {
           const auto items = m.pop_to_mark();
           m.extend(m.top(), Kind::Dict, items);
         }},
    Code{'d',
         [](Machine& m) {
           const auto items = m.pop_to_mark();
           m.push(with(Kind::Dict));
           m.extend(m.top(), Kind::Dict, items);
         }},
    Code{'q', [](Machine& m) { m.memo(m.number<std::uint8_t>()); }},
    Code{'r', [](Machine& m) { m.memo(m.number<std::uint32_t>()); }},
    Code{0x94, [](Machine& m) { m.memoize(); }},
    Code{'h', [](Machine& m) { m.recall(m.number<std::uint8_t>()); }},
    Code{'j', [](Machine& m) { m.recall(m.number<std::uint32_t>()); }},
    Code{'c',
         [](Machine& m) {
           const auto module = m.line();
           m.global(module, m.line());
         }},
    Code{0x93, [](Machine& m) { m.stack_global(); }},
    Code{'Q', [](Machine& m) { m.storage(); }},
    Code{'R', [](Machine& m) { m.reduce(); }},
    Code{'b', [](Machine& m) { m.build(); }},
};

Pickle Machine::run() {
  constexpr unsigned char protocol = 0x80, stop = '.';
  constexpr std::uint8_t newest = 5;
  if (number<std::uint8_t>() != protocol) wrong("it does not begin with its protocol");
  if (number<std::uint8_t>() > newest) wrong(fmt::format("expected a protocol up to {}", newest));
  while (true) {
    start_ = position_;
    const auto code = number<std::uint8_t>();
    if (code == stop) break;
    const auto known = std::find_if(codes.begin(), codes.end(), [&](const Code& row) { return row.code == code; });
    if (known == codes.end())
      wrong(fmt::format("code 0x{:02X} makes no tensor, dictionary, list, number or text", code));
    known->run(*this);
  }
  pickle_.root = pop();
  return std::move(pickle_);
}

}  // namespace

Pickle parse_pickle(Bytes bytes, const std::string& file) { return Machine(bytes, file).run(); }

}  // namespace sigmagrad::detail
