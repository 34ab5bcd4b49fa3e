// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/parsers/torch.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {
namespace {

constexpr std::uint64_t longest_pickle = 100'000'000;

// All entries are in one folder, whose name depends on the writer.
const ZipEntry* find_pickle(const std::vector<ZipEntry>& entries) {
  const auto found = std::find_if(entries.begin(), entries.end(), [](const ZipEntry& entry) {
    const auto slash = entry.name.find('/');
    return slash != entry.name.npos && entry.name.substr(slash) == "/data.pkl";
  });
  return found == entries.end() ? nullptr : &*found;
}

// Entries of an archive that are read as they lie there.
class Archive {
 public:
  explicit Archive(const std::vector<ZipEntry>& entries) {
    for (const auto& entry : entries) entries_.emplace(entry.name, &entry);
  }

  bool contains(const std::string& name) const { return entries_.contains(name); }
  Bytes operator()(const std::string& name, const std::string& place) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) engine::fail("{}: \"{}\" is missing in the archive", place, name);
    const auto problem = zip_problem(*found->second);
    if (!problem.empty()) engine::fail("{}: \"{}\": {}", place, name, problem);
    if (!found->second->is_stored()) engine::fail("{}: \"{}\" is compressed, which torch.save never does", place, name);
    return found->second->stored;
  }

 private:
  std::map<std::string_view, const ZipEntry*> entries_;
};

StoredArray array_of(const TorchTensor& tensor, Bytes storage, std::size_t file_size) {
  StoredArray array{.entry = {.name = tensor.name, .shape = tensor.sizes, .dtype = std::string(tensor.dtype->name)}};
  auto& problem = array.entry.problem;
  const auto encoding = encoding_named(tensor.dtype->name);
  if (!encoding)
    problem = fmt::format("{} ({}) is not read", tensor.dtype->name, tensor.dtype->torch);
  else if (tensor.rank > Shape::max_rank)
    problem = fmt::format("{} axes, at most {} are read", tensor.rank, Shape::max_rank);
  if (!problem.empty()) return array;
  array.encoding = *encoding;
  const bool empty = std::find(tensor.sizes.begin(), tensor.sizes.end(), 0) != tensor.sizes.end();
  std::int64_t numel = empty ? 0 : 1, last = 0;
  bool fits = true;
  for (std::size_t i = 0; i < tensor.sizes.size() && !empty; ++i) {
    fits = fits && !__builtin_mul_overflow(numel, tensor.sizes[i], &numel);
    last += (tensor.sizes[i] - 1) * tensor.strides[i];
  }
  // A stride of 0 repeats entries; a few bytes must not become much memory.
  if (!fits || numel > static_cast<std::int64_t>(file_size)) {
    problem = "repeats few entries into more than the file has bytes";
    return array;
  }
  const auto item = static_cast<std::size_t>(tensor.dtype->item);
  array.strides = tensor.strides;
  if (!empty)
    array.bytes =
        storage.subspan(static_cast<std::size_t>(tensor.offset) * item, static_cast<std::size_t>(last + 1) * item);
  return array;
}

}  // namespace

bool is_torch_archive(const std::vector<ZipEntry>& entries) { return find_pickle(entries) != nullptr; }

std::vector<StoredArray> torch_arrays(Bytes bytes, const std::vector<ZipEntry>& entries, const std::string& file) {
  const auto* const pickle = find_pickle(entries);
  const auto folder = pickle->name.substr(0, pickle->name.find('/') + 1);
  const Archive archive(entries);
  const auto code = archive(pickle->name, file);
  if (code.size() > longest_pickle)
    engine::fail("{}: its pickle has {} bytes, expected at most {}", file, code.size(), longest_pickle);
  const auto order = folder + "byteorder";
  const bool swapped = archive.contains(order) && text_of(archive(order, file)) == "big";
  std::vector<StoredArray> arrays;
  for (const auto& tensor : parse_torch_pickle(code, file)) {
    const auto place = fmt::format("{}: \"{}\"", file, tensor.name);
    const auto storage = archive(folder + "data/" + tensor.storage, place);
    if (storage.size() != static_cast<std::uint64_t>(tensor.storage_bytes))
      engine::fail("{}: its storage \"{}\" should have {} bytes and has {}", place, tensor.storage,
                   tensor.storage_bytes, storage.size());
    arrays.push_back(array_of(tensor, storage, bytes.size()));
    arrays.back().swapped = swapped;
  }
  return arrays;
}

std::optional<std::string> other_torch_form(Bytes bytes) {
  constexpr std::string_view legacy =
      "\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19";  // a number that it begins with
  const auto text = text_of(bytes);
  if (bytes.size() < 2 || bytes[0] != std::byte{0x80} || bytes[1] > std::byte{5}) return std::nullopt;
  if (text.substr(2).starts_with(legacy))
    return "is of PyTorch's form before 1.6, which is not read; to convert it, in Python: "
           "torch.save(torch.load(path, map_location=\"cpu\"), path)";
  return "is a pickle by itself, which is not read; PyTorch's .pt .pth .bin are, as torch.save writes them";
}

}  // namespace sigmagrad::detail
