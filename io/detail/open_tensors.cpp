// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/detail/open_tensors.hpp>

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/csv.hpp>
#include <sigmagrad/io/parsers/npy.hpp>
#include <sigmagrad/io/parsers/npz.hpp>
#include <sigmagrad/io/parsers/onnx.hpp>
#include <sigmagrad/io/parsers/safetensors.hpp>
#include <sigmagrad/io/parsers/shard_index.hpp>
#include <sigmagrad/io/parsers/torch.hpp>

namespace sigmagrad::detail {
namespace {

namespace fs = std::filesystem;

using File = std::shared_ptr<const MappedFile>;
using Files = std::vector<fs::path>;

// A file that another one names, within its folder; nothing for a name that leads out of it. Links are followed: the
// caches of downloaded models are made of them.
std::optional<fs::path> beside(const fs::path& path, const fs::path& name) {
  const auto way = name.lexically_normal();
  const bool leads_out = name.is_absolute() || (!way.empty() && *way.begin() == "..");
  if (leads_out || !way.has_filename() || way == "." || name.string().find('\0') != std::string::npos)
    return std::nullopt;
  return path.parent_path() / way;
}

std::vector<StoredArray> only(StoredArray array) {
  array.entry.name = "array";
  std::vector<StoredArray> arrays;
  arrays.push_back(std::move(array));
  return arrays;
}

// The numbers are read once for the shape, and again when they are asked for.
StoredArray csv_array(Bytes bytes, const std::string& file) {
  const auto numbers = [bytes](const std::string& place) {
    return parse_csv_numbers(text_of(bytes), {.missing = std::numeric_limits<double>::quiet_NaN()}, place);
  };
  const Shape shape = numbers(file).shape();
  return {.entry = {.shape = {shape.begin(), shape.end()}, .dtype = "F64"},
          .encoding = Encoding::F64,
          .unpack = [numbers](const std::string& place) {
            const Tensor values = numbers(place);
            const auto entries = bytes_of(values);
            return std::vector<std::byte>(entries.begin(), entries.end());
          }};
}

// What reads the data of an external initialiser, or the initialiser's problem.
File open_external(OnnxArray& entry, const File& model, std::map<std::string, File>& opened, Files& files) {
  const auto& [location, offset, length] = *entry.external;
  auto& problem = entry.array.entry.problem;
  const auto path = beside(model->path(), location);
  if (!path) {
    problem = fmt::format("its data lie in the file \"{}\", which is not within the model's folder", location);
    return model;
  }
  auto& file = opened[location];
  try {
    if (!file) {
      file = std::make_shared<const MappedFile>(*path);
      files.push_back(*path);
    }
  } catch (const Error& error) {
    problem = fmt::format("its data lie in another file: {}", error.what());
    return model;
  }
  const auto size = file->bytes().size();
  if (offset > size || length > size - offset)
    problem = fmt::format("its {} bytes from byte {} on do not fit the file \"{}\" of {} bytes", length, offset,
                          location, size);
  else
    entry.array.bytes = file->bytes().subspan(offset, length);
  return file;
}

std::vector<OpenArray> onnx_arrays(const File& file, Files& files) {
  std::map<std::string, File> opened;
  std::vector<OpenArray> arrays;
  for (auto& entry : parse_onnx(file->bytes(), file->path().string())) {
    auto holder = entry.external ? open_external(entry, file, opened, files) : file;
    arrays.push_back({std::move(entry.array), std::move(holder)});
  }
  return arrays;
}

std::vector<StoredArray> plain_arrays(Bytes bytes, const std::string& suffix, const std::string& file) {
  if (suffix == ".csv") return only(csv_array(bytes, file));
  if (suffix == ".safetensors") return safetensors_arrays(bytes, file).arrays;
  if (text_of(bytes).starts_with("\x93NUMPY")) return only(npy_array(bytes, file));
  if (is_zip(bytes)) {
    const auto entries = parse_zip(bytes, file);
    return is_torch_archive(entries) ? torch_arrays(bytes, entries, file) : npz_arrays(entries);
  }
  if (bytes.size() > 8 && bytes[8] == std::byte{'{'}) return safetensors_arrays(bytes, file).arrays;
  if (const auto form = other_torch_form(bytes)) engine::fail("{}: {}", file, *form);
  engine::fail(
      "{}: is no file of arrays that is read here: .safetensors, *.index.json (its shards), .npz, .npy, .csv, "
      "PyTorch's .pt .pth .bin, .onnx",
      file);
}

std::vector<OpenArray> open_file(const fs::path& path, Files& files) {
  const auto file = std::make_shared<const MappedFile>(path);
  files.push_back(path);
  const auto suffix = lower_suffix(path);
  if (suffix == ".onnx") return onnx_arrays(file, files);
  std::vector<OpenArray> arrays;
  for (auto& array : plain_arrays(file->bytes(), suffix, path.string())) arrays.push_back({std::move(array), file});
  return arrays;
}

std::vector<OpenArray> open_shards(const fs::path& path, Files& files) {
  const auto place = path.string();
  const MappedFile index(path);
  std::map<std::string, std::set<std::string>> shards;
  for (const auto& [name, shard] : parse_shard_index(index.bytes(), place)) shards[shard].insert(name);
  std::vector<OpenArray> all;
  for (auto& [shard, names] : shards) {
    const auto file = beside(path, shard);
    if (!file)
      engine::fail("{}: \"{}\" lies in the file \"{}\", which is not within the index's folder", place, *names.begin(),
                   shard);
    for (auto& array : open_file(*file, files)) {
      names.erase(array.array.entry.name);
      all.push_back(std::move(array));
    }
    if (!names.empty()) engine::fail("{}: \"{}\" is not in its shard {}", place, *names.begin(), file->string());
  }
  return all;
}

// How many bytes a control character takes, where UTF-8 begins with one: of ASCII, U+0080 to U+009F, or one that ends
// a line or changes the direction of writing (U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069). Else 0.
std::size_t control_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  if ((byte(0) == 0xC2 && byte(1) < 0xA0) || text.starts_with("\xD8\x9C")) return 2;
  const auto third = byte(2);
  if (text.starts_with("\xE2\x80") && (third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE))) return 3;
  return text.starts_with("\xE2\x81") && third >= 0xA6 && third <= 0xA9 ? 3 : 0;
}

// What a file calls its arrays is shown on terminals, in reports and in JSON: what is no UTF-8 is replaced, and so are
// control characters.
std::string readable(const std::string& text) {
  using Json = nlohmann::json;
  const auto valid = Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
  std::string result;
  for (std::size_t i = 0; i < valid.size();) {
    const auto length = control_length(std::string_view(valid).substr(i));
    result += length > 0 ? '?' : valid[i];
    i += std::max<std::size_t>(length, 1);
  }
  return result;
}

// Whoever lists the entries may count those of an array that cannot be read, too: no sizes are shown whose product does
// not fit.
void check_shape(TensorEntry& entry, const std::string& file) {
  try {
    make_shape(fmt::format("{}: \"{}\"", file, entry.name), entry.shape);
  } catch (const Error&) {
    if (entry.problem.empty()) throw;
    entry.shape.clear();
  }
}

std::vector<OpenArray> open_all(const fs::path& path, Files& files) {
  constexpr std::size_t longest_message = 1000;
  try {
    return is_shard_index(path) ? open_shards(path, files) : open_file(path, files);
  } catch (const Error& error) {
    throw Error(readable(std::string(error.what()).substr(0, longest_message)));
  }
}

}  // namespace

OpenTensors open_arrays(const fs::path& path) {
  OpenTensors open{.path = path};
  open.arrays = open_all(path, open.files);
  constexpr std::size_t longest_name = 4096;
  std::set<std::string> names;
  for (auto& [array, file] : open.arrays) {
    auto& entry = array.entry;
    if (entry.name.size() > longest_name)
      engine::fail("{}: a name is longer than {} bytes", file->path().string(), longest_name);
    entry.name = readable(entry.name);
    entry.dtype = readable(entry.dtype);
    entry.problem = readable(entry.problem);
    check_shape(entry, file->path().string());
    if (!names.insert(entry.name).second) engine::fail("{}: \"{}\" comes twice", file->path().string(), entry.name);
    open.entries.push_back(entry);
  }
  return open;
}

bool is_shard_index(const fs::path& path) { return path.filename().string().ends_with(".index.json"); }

std::string lower_suffix(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](unsigned char c) { return std::tolower(c); });
  return suffix;
}

}  // namespace sigmagrad::detail
