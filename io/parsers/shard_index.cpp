// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/parsers/shard_index.hpp>

#include <unordered_set>

#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_index = 100'000'000;
constexpr int deepest = 64;

}  // namespace

std::map<std::string, std::string> parse_shard_index(Bytes bytes, const std::string& file) {
  if (bytes.size() > longest_index)
    engine::fail("{}: has {} bytes, an index at most {}", file, bytes.size(), longest_index);
  std::unordered_set<std::string> names;
  // A document hides keys that come twice. Those of weight_map are at depth 2.
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > deepest) engine::fail("{}: is nested more than {} deep", file, deepest);
    if (event == Json::parse_event_t::key && depth == 1) names.clear();
    if (event == Json::parse_event_t::key && depth == 2 && !names.insert(parsed.get<std::string>()).second)
      engine::fail("{}: \"{}\" comes twice", file, parsed.get<std::string>());
    return true;
  };
  Json index;
  try {
    index = Json::parse(text_of(bytes), watch);
  } catch (const Json::parse_error& error) {
    engine::fail("{}: is not JSON at its byte {}", file, error.byte);
  }
  if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object())
    engine::fail("{}: is no index of shards: it has no object \"weight_map\"", file);
  std::map<std::string, std::string> map;
  for (const auto& [name, shard] : index["weight_map"].items()) {
    if (!shard.is_string()) engine::fail("{}: \"{}\": expected the name of a file", file, name);
    map.emplace(name, shard.get<std::string>());
  }
  return map;
}

}  // namespace sigmagrad::detail
