// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/checkpoint.hpp>

#include <charconv>
#include <utility>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/safetensors.hpp>

namespace sigmagrad::detail {
namespace {

constexpr const char* format_name = "sigmagrad checkpoint";
constexpr const char* format_version = "1";
constexpr std::uint64_t low_half = 0xFFFFFFFF;

using Parts = std::vector<PartAccess>;
using States = std::vector<NamedTensors>;

// The given parts, then the thread's generator.
Parts with_generator(Parts parts) {
  parts.push_back(checkpoint_part(default_generator()));
  return parts;
}

// The prefix of part i; the last part is the generator.
std::string prefix(std::size_t part, std::size_t parts) {
  return part + 1 == parts ? "generator." : fmt::format("{}.", part);
}

NamedTensors copied(const NamedTensors& state) {
  const NoGrad guard;
  NamedTensors copy;
  for (const auto& [name, tensor] : state) copy.emplace_back(name, tensor.detach().clone());
  return copy;
}

const std::string& text_of(const Metadata& metadata, const std::string& key, const std::string& file) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) engine::fail("{}: is no checkpoint: its metadata has no \"{}\"", file, key);
  return found->second;
}

void check_metadata(const Metadata& metadata, std::size_t parts, const std::string& file) {
  if (const auto& format = text_of(metadata, "format", file); format != format_name)
    engine::fail("{}: is no checkpoint: its format is \"{}\", expected \"{}\"", file, format, format_name);
  if (const auto& version = text_of(metadata, "version", file); version != format_version)
    engine::fail("{}: checkpoint version {} is unknown, expected {}", file, version, format_version);
  if (const auto& count = text_of(metadata, "parts", file); count != std::to_string(parts))
    engine::fail("{}: holds {} parts, {} are to be loaded", file, count, parts);
}

// The part whose prefix a name has.
std::size_t part_of(const std::string& name, std::size_t parts, const std::string& file) {
  std::size_t part = 0;
  if (std::from_chars(name.data(), name.data() + name.size(), part).ec != std::errc()) part = parts - 1;
  if (part >= parts || !name.starts_with(prefix(part, parts)))
    engine::fail("{}: \"{}\" belongs to none of the {} parts", file, name, parts - 1);
  return part;
}

// The state of each part, under its own names.
States split(const NamedTensors& tensors, std::size_t parts, const std::string& file) {
  States states(parts);
  for (const auto& [name, tensor] : tensors) {
    const auto part = part_of(name, parts, file);
    states[part].emplace_back(name.substr(prefix(part, parts).size()), tensor);
  }
  return states;
}

}  // namespace

NamedTensors generator_state(const Generator& generator) {
  std::vector<double> halves;
  for (const auto word : generator.state()) {
    halves.push_back(static_cast<double>(word >> 32));
    halves.push_back(static_cast<double>(word & low_half));
  }
  return {{"words", tensor(halves, {std::ssize(halves) / 2, 2})}};
}

void load_generator_state(Generator& generator, const NamedTensors& state) {
  const Tensor& words = state["words"];
  if (state.size() != 1 || words.dim() != 2 || words.size(1) != 2 || words.dtype() != f64)
    engine::fail("Generator: expected words of the shape [n, 2] in f64 alone, got {} {} among {}", words.shape().str(),
                 name_of(words.dtype()), state.size());
  std::vector<std::uint64_t> bits;
  const auto halves = words.data<double>();
  for (const double half : halves)
    if (!(half >= 0 && half <= static_cast<double>(low_half)) ||
        half != static_cast<double>(static_cast<std::uint64_t>(half)))
      engine::fail("Generator: half a word is {}, expected a whole number below 2^32", half);
  for (std::size_t i = 0; i < halves.size(); i += 2)
    bits.push_back(static_cast<std::uint64_t>(halves[i]) << 32 | static_cast<std::uint64_t>(halves[i + 1]));
  generator.set_state(bits);
}

void save_checkpoint_parts(const std::filesystem::path& path, const Parts& given) {
  const Parts parts = with_generator(given);
  NamedTensors tensors;
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (auto& [name, tensor] : parts[i].state()) tensors.emplace_back(prefix(i, parts.size()) + name, tensor);
  save(tensors, path, {{"format", format_name}, {"version", format_version}, {"parts", std::to_string(given.size())}});
}

void load_checkpoint_parts(const std::filesystem::path& path, const Parts& given) {
  const auto file = path.string();
  const auto content = parse_safetensors(read_bytes(path), file);
  check_metadata(content.metadata, given.size(), file);
  const Parts parts = with_generator(given);
  const States states = split(content.tensors, parts.size(), file);
  States before;
  for (const auto& part : parts) before.push_back(copied(part.state()));
  std::size_t part = 0;
  try {
    for (; part < parts.size(); ++part) parts[part].load(states[part]);
  } catch (...) {
    for (std::size_t i = 0; i <= part; ++i) parts[i].load(before[i]);
    try {
      throw;
    } catch (const Error& error) {
      const auto name = part + 1 == parts.size() ? "the generator" : fmt::format("part {}", part);
      engine::fail("{}: {}: {}", file, name, error.what());
    }
  }
}

}  // namespace sigmagrad::detail
