// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/model_files.hpp>

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/tensor_file.hpp>

namespace sigmagrad::inspection {

namespace {

namespace fs = std::filesystem;

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Takes the first number, or the first character, off `text`; a number without the zeros before it.
std::string_view next_piece(std::string_view& text) {
  std::size_t end = 1;
  if (is_digit(text.front())) end = std::min(text.find_first_not_of("0123456789"), text.size());
  auto piece = text.substr(0, end);
  text.remove_prefix(end);
  while (piece.size() > 1 && piece.front() == '0') piece.remove_prefix(1);
  return piece;
}

bool is_index(const fs::path& path) { return path.filename().string().ends_with(".index.json"); }

// The shards that an index names; none where it is no such file, which is said when its tensors are read.
std::set<fs::path> shards_of(const fs::path& index) {
  try {
    const auto files = open_tensors(index).files();
    return {files.begin(), files.end()};
  } catch (const Error&) {
    return {};
  }
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && may_hold_tensors(entry.path())) files.push_back(entry.path());
  std::set<fs::path> shards;
  for (const auto& file : files)
    if (is_index(file)) shards.merge(shards_of(file));
  std::erase_if(files, [&](const fs::path& file) { return !is_index(file) && shards.contains(file); });
  std::ranges::sort(files, [](const fs::path& a, const fs::path& b) { return natural_less(a.string(), b.string()); });
  return files;
}

void find(const std::string& input, FoundFiles& found) {
  if (!fs::exists(input)) {
    found.failures.push_back(fmt::format("{}: there is no such file or folder", input));
  } else if (!fs::is_directory(input)) {
    found.files.emplace_back(input);
  } else if (auto files = files_in(input); files.empty()) {
    found.failures.push_back(fmt::format("{}: the folder holds no file of tensors", input));
  } else {
    found.files.insert(found.files.end(), files.begin(), files.end());
  }
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  auto left = a, right = b;
  while (!left.empty() && !right.empty()) {
    const auto p = next_piece(left), q = next_piece(right);
    if (is_digit(p.front()) && is_digit(q.front()) && p.size() != q.size()) return p.size() < q.size();
    if (p != q) return p < q;
  }
  return left.empty() != right.empty() ? left.empty() : a < b;
}

FoundFiles find_model_files(const std::vector<std::string>& inputs) {
  FoundFiles found;
  for (const auto& input : inputs) try {
      find(input, found);
    } catch (const std::exception& error) {  // a folder that may not be read
      found.failures.push_back(fmt::format("{}: {}", input, error.what()));
    }
  return found;
}

}  // namespace sigmagrad::inspection
