// SPDX-License-Identifier: BSD-3-Clause
// The claims of many experiments, counted by document.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <sigmagrad/lab/report/evaluation.hpp>

namespace sigmagrad::lab {

inline constexpr std::array all_verdicts{Verdict::Holds, Verdict::HoldsInShape, Verdict::DoesNotHold,
                                         Verdict::Undecided, Verdict::NotTested};

/// How many claims have each verdict.
struct Tally {
  std::array<std::size_t, all_verdicts.size()> counts = {};

  void add(Verdict verdict) { ++counts[static_cast<std::size_t>(verdict)]; }
  std::size_t operator[](Verdict verdict) const { return counts[static_cast<std::size_t>(verdict)]; }
  std::size_t total() const;
};

Tally tally(const std::vector<JudgedClaim>& claims);
/// "3 hold, 1 holds in shape"; "no claims"
std::string to_text(const Tally& tally);

struct CitedClaim {
  const Evaluation* evaluation = nullptr;
  std::size_t index = 0;  // among its claims
  const JudgedClaim& claim() const { return evaluation->claims[index]; }
};

struct Document {
  std::string name = {};   // "paper 001"
  std::string title = {};  // empty if none is registered
  std::vector<CitedClaim> claims = {};
  Tally tally = {};
};

/// The document that a claim's source names, else the one that its experiment repeats: "paper 001" of "paper 001,
/// section 4.1"; "other sources" where both name none.
std::string document_of(const JudgedClaim& claim, const Experiment& experiment);

/// Every document that has a claim, sorted by name. The evaluations must outlive them.
std::vector<Document> documents(const std::vector<Evaluation>& evaluations);

/// A line an experiment and a count a document, for a terminal.
std::string summary_text(const std::vector<Evaluation>& evaluations);

}  // namespace sigmagrad::lab
