// SPDX-License-Identifier: BSD-3-Clause
#include <cstring>
#include <limits>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/safetensors.hpp>

namespace sigmagrad::detail {
namespace {

using Json = nlohmann::json;

// Follows the parser through {"name": {"dtype": text, "shape": [...], "data_offsets": [begin, end]}, ...,
// "__metadata__": {text: text}}. A document object would hide keys that come twice.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(const std::string& file) : file_(file) {}

  SafetensorsHeader take() { return std::move(header_); }

  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("true or false"); }
  bool number_float(double, const std::string& text) override { unexpected(text); }
  bool number_integer(std::int64_t value) override { unexpected(std::to_string(value)); }
  bool binary(Json::binary_t&) override { unexpected("binary"); }

  bool number_unsigned(std::uint64_t value) override {
    if (place_ == Place::Shape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) ||
          entry().shape.size() == Shape::max_rank)
        engine::fail("{}: shape must have at most {} sizes below 2^63", where(), Shape::max_rank);
      entry().shape.push_back(static_cast<std::int64_t>(value));
    } else if (place_ == Place::Offsets && entry().offsets.size() < 2) {
      entry().offsets.push_back(value);
    } else {
      unexpected(std::to_string(value));
    }
    return true;
  }

  bool string(std::string& text) override {
    if (place_ == Place::Metadata)
      header_.metadata.at(key_) = text;
    else if (place_ == Place::Entry && key_ == "dtype")
      entry().dtype = text;
    else
      unexpected('"' + text + '"');
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::Outside) {
      place_ = Place::Header;
    } else if (place_ == Place::Header && key_ == "__metadata__") {
      place_ = Place::Metadata;
    } else if (place_ == Place::Header) {
      header_.entries.push_back({.name = key_});
      place_ = Place::Entry;
    } else {
      unexpected("an object");
    }
    return true;
  }

  bool key(std::string& text) override {
    bool fresh = true;
    if (place_ == Place::Header) {
      fresh = names_.insert(text).second;
    } else if (place_ == Place::Metadata) {
      fresh = header_.metadata.try_emplace(text).second;
    } else if (text == "dtype") {
      fresh = entry().dtype.empty();
    } else if (text == "shape") {
      fresh = !std::exchange(entry().has_shape, true);
    } else if (text == "data_offsets") {
      fresh = entry().offsets.empty();
    } else {
      engine::fail("{}: \"{}\" is unknown, expected dtype, shape and data_offsets", where(), text);
    }
    if (!fresh) engine::fail("{}: \"{}\" comes twice in the header", place_ == Place::Entry ? where() : file_, text);
    key_ = std::move(text);
    return true;
  }

  bool end_object() override {
    if (place_ == Place::Entry && (entry().dtype.empty() || !entry().has_shape || entry().offsets.size() != 2))
      engine::fail("{}: expected dtype, shape and data_offsets", where());
    place_ = place_ == Place::Header ? Place::Outside : Place::Header;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::Entry || (key_ != "shape" && key_ != "data_offsets")) unexpected("an array");
    place_ = key_ == "shape" ? Place::Shape : Place::Offsets;
    return true;
  }

  bool end_array() override {
    if (place_ == Place::Offsets && entry().offsets.size() != 2)
      engine::fail("{}: data_offsets must be two numbers (got {})", where(), entry().offsets.size());
    place_ = Place::Entry;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    engine::fail("{}: the header is not JSON at its byte {}", file_, position);
  }

 private:
  enum class Place { Outside, Header, Entry, Shape, Offsets, Metadata };

  SafetensorsEntry& entry() { return header_.entries.back(); }
  std::string where() { return fmt::format("{}: \"{}\"", file_, entry().name); }

  [[noreturn]] void unexpected(std::string_view what) {
    switch (place_) {
      case Place::Header:
        engine::fail("{}: \"{}\" is {}, expected an object", file_, key_, what);
      case Place::Metadata:
        engine::fail("{}: __metadata__ \"{}\" is {}, expected a text", file_, key_, what);
      default:
        engine::fail("{}: {} has {}, expected {}", where(), key_, what, expected());
    }
  }
  const char* expected() const {
    if (key_ == "dtype") return "a text";
    return key_ == "shape" ? "an array of sizes" : "an array of two offsets";
  }

  const std::string& file_;
  SafetensorsHeader header_;
  std::unordered_set<std::string> names_;
  std::string key_;
  Place place_ = Place::Outside;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& file) {
  if (!json.starts_with('{')) engine::fail("{}: the header is no JSON object", file);
  // The parser would take a zero byte for the end of the text.
  if (json.find('\0') != std::string_view::npos) engine::fail("{}: the header holds a zero byte", file);
  HeaderReader reader(file);
  Json::sax_parse(json, &reader);
  return reader.take();
}

std::string safetensors_header(const NamedTensors& tensors, const Metadata& metadata, const std::string& file) {
  const auto quoted = [&](const std::string& text) {
    try {
      return Json(text).dump();
    } catch (const Json::exception&) {
      engine::fail("{}: a name or text is not UTF-8", file);
    }
  };
  std::string json;
  for (const auto& [key, text] : metadata)
    json += fmt::format("{}{}:{}", json.empty() ? "{\"__metadata__\":{" : ",", quoted(key), quoted(text));
  json += metadata.empty() ? "{" : "}";
  std::unordered_set<std::string_view> names;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.defined()) engine::fail("{}: \"{}\" is an undefined tensor", file, name);
    if (name == "__metadata__") engine::fail("{}: a tensor cannot be named \"__metadata__\"", file);
    if (!names.insert(name).second) engine::fail("{}: \"{}\" is given twice", file, name);
    const auto end = offset + static_cast<std::size_t>(tensor.numel()) * item_size(tensor.dtype());
    json += fmt::format("{}{}:{{\"dtype\":\"{}\",\"shape\":{},\"data_offsets\":[{},{}]}}", json == "{" ? "" : ",",
                        quoted(name), tensor.dtype() == f64 ? "F64" : "F32", tensor.shape().str(), offset, end);
    offset = end;
  }
  json += "}";
  json.resize((json.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = json.size();
  std::string result(sizeof length, '\0');
  std::memcpy(result.data(), &length, sizeof length);
  return result + json;
}

}  // namespace sigmagrad::detail
