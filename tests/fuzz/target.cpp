// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/tests/fuzz/parsers.hpp>

// libFuzzer's entry. SIGMAGRAD_PARSER names the parser that this program tries.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sigmagrad;
  static constexpr auto parser = std::find_if(testing::parsers.begin(), testing::parsers.end(),
                                              [](const auto& entry) { return entry.name == SIGMAGRAD_PARSER; });
  static_assert(parser != testing::parsers.end(), "a folder of tests/fuzz/corpus without a row in parsers.hpp");
  try {
    parser->parse(std::as_bytes(std::span(data, size)));
  } catch (const Error&) {  // what a bad file is answered with
  }
  return 0;
}
