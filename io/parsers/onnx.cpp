// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/parsers/onnx.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <protozero/pbf_reader.hpp>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/onnx_values.hpp>

// The messages and their fields: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
namespace sigmagrad::detail {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr std::array types{"undefined", "F32",  "U8",      "I8",      "U16",         "I16",     "I32",
                           "I64",       "text", "BOOL",    "F16",     "F64",         "U32",     "U64",
                           "C64",       "C128", "BF16",    "F8_E4M3", "F8_E4M3FNUZ", "F8_E5M2", "F8_E5M2FNUZ",
                           "U4",        "I4",   "F4_E2M1", "F8_E8M0"};

// TensorProto's fields, as far as they are of use.
struct TensorMessage {
  std::vector<std::int64_t> dims = {};
  std::size_t rank = 0;
  std::int32_t type = 0;
  std::string name = {};
  std::optional<Bytes> raw = {};
  bool in_segments = false, external = false;
  ExternalData data = {};
  bool has_length = false;
  std::string bad_number = {};  // an offset or length that is none
};

Bytes bytes_of(const protozero::data_view& view) { return std::as_bytes(std::span(view.data(), view.size())); }

bool is_bytes(const pbf_reader& reader) { return reader.wire_type() == pbf_wire_type::length_delimited; }
bool is_varint(const pbf_reader& reader) { return reader.wire_type() == pbf_wire_type::varint; }

class OnnxReader {
 public:
  OnnxReader(Bytes bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  std::vector<OnnxArray> read() {
    constexpr protozero::pbf_tag_type graph = 7;
    try {
      pbf_reader model(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
      bool found = false;
      while (model.next()) {
        if (model.tag() == graph && is_bytes(model)) {
          read_graph(model.get_message());
          found = true;
        } else {
          model.skip();
        }
      }
      if (!found) engine::fail("{}: is no ONNX model: it has no graph", file_);
    } catch (const protozero::exception& error) {
      engine::fail("{}: is no ONNX model, or is cut short, at its initialiser {}: {}", file_, arrays_.size(),
                   error.what());
    }
    return std::move(arrays_);
  }

 private:
  void read_graph(pbf_reader graph) {
    constexpr protozero::pbf_tag_type initializer = 5, sparse_initializer = 15;
    while (graph.next()) {
      if (arrays_.size() > most_arrays) engine::fail("{}: has more than {} initialisers", file_, most_arrays);
      if (graph.tag() == initializer && is_bytes(graph))
        arrays_.push_back(array_of(graph.get_view()));
      else if (graph.tag() == sparse_initializer && is_bytes(graph))
        arrays_.push_back(sparse(graph.get_message()));
      else
        graph.skip();
    }
  }

  static OnnxArray sparse(pbf_reader message) {
    constexpr protozero::pbf_tag_type values = 1;
    OnnxArray result;
    result.array.entry.problem = "a sparse initialiser is not read";
    while (message.next()) {
      if (message.tag() == values && is_bytes(message))
        result.array.entry.name = fields_of(message.get_message()).name;
      else
        message.skip();
    }
    return result;
  }

  static void read_dims(pbf_reader& message, TensorMessage& fields) {
    const auto add = [&](std::int64_t size) {
      if (fields.rank++ <= Shape::max_rank) fields.dims.push_back(size);  // one more shows that they are too many
    };
    if (is_varint(message)) return add(message.get_int64());
    for (const auto size : message.get_packed_int64()) add(size);
  }

  static void read_external(pbf_reader message, TensorMessage& fields) {
    std::string key, value;
    while (message.next()) {
      if (is_bytes(message) && (message.tag() == 1 || message.tag() == 2)) {
        auto& text = message.tag() == 1 ? key : value;  // the tag is gone once the field is read
        text = message.get_string();
      } else {
        message.skip();
      }
    }
    if (key == "location") fields.data.location = value;
    if (key != "offset" && key != "length") return;
    auto& number = key == "offset" ? fields.data.offset : fields.data.length;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size())
      fields.bad_number = fmt::format("{} \"{}\"", key, value);
    if (key == "length") fields.has_length = true;
  }

  static TensorMessage fields_of(pbf_reader message) {
    TensorMessage fields;
    while (message.next()) {
      const bool bytes = is_bytes(message), varint = is_varint(message);
      const auto tag = message.tag();
      if (tag == 1 && (bytes || varint))
        read_dims(message, fields);
      else if (tag == 2 && varint)
        fields.type = message.get_int32();
      else if (tag == 8 && bytes)
        fields.name = message.get_string();
      else if (tag == 9 && bytes)
        fields.raw = bytes_of(message.get_view());
      else if (tag == 13 && bytes)
        read_external(message.get_message(), fields);
      else if (tag == 14 && varint)
        fields.external = message.get_int32() == 1;
      else {
        fields.in_segments = fields.in_segments || tag == 3;
        message.skip();
      }
    }
    return fields;
  }

  static std::string problem_of(const TensorMessage& fields, const std::string& dtype) {
    if (!encoding_named(dtype)) return fmt::format("dtype {} is not read", dtype);
    if (fields.rank > Shape::max_rank) return fmt::format("{} axes, at most {} are read", fields.rank, Shape::max_rank);
    if (fields.in_segments) return "an initialiser in segments is not read";
    if (fields.external && fields.data.location.empty()) return "its data lie in another file, which it does not say";
    if (fields.external && !fields.bad_number.empty())
      return fmt::format("its external data have the {}, expected a number of bytes", fields.bad_number);
    return {};
  }

  OnnxArray array_of(const protozero::data_view& message) const {
    auto fields = fields_of(pbf_reader(message));
    const auto type = static_cast<std::size_t>(fields.type);
    const auto dtype = type < types.size() ? std::string(types[type]) : fmt::format("ONNX {}", fields.type);
    OnnxArray result{.array = {.entry = {.name = fields.name, .shape = fields.dims, .dtype = dtype}}};
    auto& array = result.array;
    array.entry.problem = problem_of(fields, dtype);
    if (!array.entry.problem.empty()) return result;
    array.encoding = *encoding_named(dtype);
    const auto place = fmt::format("{}: \"{}\"", file_, fields.name);
    const Shape shape = make_shape(place, fields.dims);
    const auto needed = static_cast<std::uint64_t>(byte_count(place, shape, array.encoding));
    if (fields.external) {
      result.external = std::move(fields.data);
      if (!fields.has_length) result.external->length = needed;
      if (result.external->length != needed)
        engine::fail("{}: {} of {} needs {} bytes, its external data have {}", place, shape.str(), dtype, needed,
                     result.external->length);
    } else if (fields.raw) {
      if (fields.raw->size() != needed)
        engine::fail("{}: {} of {} needs {} bytes, raw_data has {}", place, shape.str(), dtype, needed,
                     fields.raw->size());
      array.bytes = *fields.raw;
    } else {
      take_values(array, bytes_of(message), shape.numel(), place);
    }
    return result;
  }

  Bytes bytes_;
  const std::string& file_;
  std::vector<OnnxArray> arrays_;
};

}  // namespace

std::vector<OnnxArray> parse_onnx(Bytes bytes, const std::string& file) { return OnnxReader(bytes, file).read(); }

}  // namespace sigmagrad::detail
