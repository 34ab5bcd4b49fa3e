// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/place.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

namespace sigmagrad::lab {

namespace {

constexpr std::array numbered{"section",    "appendix", "theorem",    "lemma",    "proposition", "corollary",
                              "assumption", "table",    "definition", "equation", "algorithm"};

// "Theorems" and "theorem" alike.
bool is_numbered(std::string word) {
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word.ends_with('s')) word.pop_back();
  return std::ranges::find(numbered, word) != numbered.end();
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words{""};
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '.')
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  return words;
}

// "4.1", "C.2" or "C2", "5"; of anything else no place.
Place parse(std::string_view word) {
  Place place{.part = Place::Part::Section};
  if (!word.empty() && std::isupper(static_cast<unsigned char>(word.front()))) {
    place = {.part = Place::Part::Appendix, .numbers = {word.front() - 'A' + 1}};
    word.remove_prefix(1);
  }
  bool starts = true;
  for (const char c : word) {
    if (c == '.') {
      starts = true;
      continue;
    }
    if (!std::isdigit(static_cast<unsigned char>(c))) return {};
    if (std::exchange(starts, false)) place.numbers.push_back(0);
    place.numbers.back() = 10 * place.numbers.back() + (c - '0');
  }
  return place.numbers.empty() ? Place{} : place;
}

}  // namespace

Place place_of(std::string_view source, std::string_view document) {
  const auto at = source.find(document);
  if (at == std::string_view::npos) return {};
  const auto own = source.substr(at + document.size());
  const auto words = words_of(own.substr(0, own.find(';')));
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (is_numbered(words[i]))
      if (Place place = parse(words[i + 1]); place.part != Place::Part::None) return place;
  return {};
}

std::string heading_of(const Place& place) {
  if (place.part == Place::Part::None) return {};
  const bool lettered = place.part == Place::Part::Appendix;
  auto text =
      lettered ? std::string(1, static_cast<char>('A' + place.numbers[0] - 1)) : std::to_string(place.numbers[0]);
  if (place.numbers.size() > 1) text += fmt::format(".{}", place.numbers[1]);
  return text;
}

}  // namespace sigmagrad::lab
