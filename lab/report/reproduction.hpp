// SPDX-License-Identifier: BSD-3-Clause
// Every claim of the documents with what was found, as a page that is kept beside the sources.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/report/evaluation.hpp>
#include <sigmagrad/lab/run/manifest.hpp>

namespace sigmagrad::lab {

/// What the page is made of.
struct Reproduction {
  std::vector<const Evaluation*> evaluations = {};
  std::vector<RunRecord> runs = {};                                // that made their trials
  std::vector<const Experiment*> experiments = all_experiments();  // claims of those without an evaluation: not tested
  std::vector<Unjudged> unjudged = all_unjudged();
  std::string program = "sigmagrad";
};

/// Markdown: what was run, claims counted by document, every claim in the order of its document, and what is not
/// judged. The page has the same bytes for the same results.
std::string reproduction_page(const Reproduction& reproduction);

/// How the page names a claim of the experiment, with its source: what is declared can be looked for in a page that was
/// written before.
std::string claim_line(const JudgedClaim& claim, const Experiment& experiment);

}  // namespace sigmagrad::lab
