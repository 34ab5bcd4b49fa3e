// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace sigmagrad::lab {

/// A line of a document that no experiment judges, and why none does.
struct Unjudged {
  std::string document = {};  // "paper 001"
  std::string place = {};     // "section 5.1"
  std::string says = {};
  std::string why = {};
};

/// Adds one: the page of reproduction lists them, so that what is left out is said.
class RegisterUnjudged {
 public:
  RegisterUnjudged(const std::string& document, const std::string& place, const std::string& says,
                   const std::string& why);
};

}  // namespace sigmagrad::lab
