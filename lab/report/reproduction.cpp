// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/reproduction.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/lab/model/judging.hpp>
#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/report/markdown.hpp>
#include <sigmagrad/lab/report/place.hpp>
#include <sigmagrad/lab/report/summary.hpp>
#include <sigmagrad/version.hpp>

namespace sigmagrad::lab {

namespace {

// A claim with its place in the document that it is listed under.
struct Entry {
  const Experiment* experiment = nullptr;
  const Plan* plan = nullptr;
  const JudgedClaim* claim = nullptr;
  Place place = {};
};

// The preset of most experiments: those that were not run would have been run in it.
Preset preset_of(const Reproduction& reproduction) {
  std::map<Preset, std::size_t> counts;
  for (const Evaluation* one : reproduction.evaluations) ++counts[one->plan.preset];
  const auto most = std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; });
  return most == counts.end() ? Preset::Quick : most->first;
}

Evaluation not_run(const Experiment& experiment, Preset preset) {
  Evaluation evaluation{.plan = {.experiment = &experiment, .preset = preset, .sweeps = {{}}}, .results = {}};
  const auto why = fmt::format("Not run: with preset {} it takes about {} on two cores.", to_text(preset),
                               short_duration(experiment.seconds[preset]));
  for (const Claim& claim : experiment.claims) evaluation.claims.push_back(untested(claim, why));
  return evaluation;
}

// Without results, which the page has no use for.
std::vector<Evaluation> all_claims(const Reproduction& reproduction) {
  std::vector<Evaluation> all;
  for (const Experiment* experiment : reproduction.experiments) {
    const auto& evaluations = reproduction.evaluations;
    const auto is_of = [&](const Evaluation* one) { return one->plan.experiment == experiment; };
    const auto found = std::ranges::find_if(evaluations, is_of);
    if (found != evaluations.end())
      all.push_back({.plan = (*found)->plan, .results = {}, .claims = (*found)->claims});
    else
      all.push_back(not_run(*experiment, preset_of(reproduction)));
  }
  return all;
}

std::string command_of(const Entry& entry, const std::string& program) {
  auto command = fmt::format("{} run {}", program, entry.experiment->id);
  const Plan& plan = *entry.plan;
  if (plan.preset != Preset::Quick) command += fmt::format(" --preset {}", to_text(plan.preset));
  if (const auto trials = plan.trials(); trials > 0 && trials != entry.experiment->trials[plan.preset])
    command += fmt::format(" --trials {}", trials);
  if (plan.seed != Wishes{}.seed) command += fmt::format(" --seed {}", plan.seed);
  if (plan.stream != Stream::Philox) command += fmt::format(" --stream {}", to_text(plan.stream));
  return command;
}

// At each "; " that is not within the brackets of an interval.
std::vector<std::string> items_of(const std::string& text) {
  std::vector<std::string> items{""};
  int brackets = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    brackets += (text[i] == '[' ? 1 : 0) - (text[i] == ']' ? 1 : 0);
    if (brackets == 0 && text.compare(i, 2, "; ") == 0)
      items.emplace_back(), ++i;
    else
      items.back() += text[i];
  }
  return items;
}

std::string detail_line(std::string_view name, const std::string& text) {
  return text.empty() ? std::string() : fmt::format("  - {}: {}\n", name, markdown_text(text));
}

// What is long has an item a line.
std::string detail_list(std::string_view name, const std::string& text) {
  constexpr std::size_t readable = 120;
  const auto items = items_of(text);
  if (items.size() == 1 || text.size() <= readable) return detail_line(name, text);
  auto list = fmt::format("  - {}:\n", name);
  for (const auto& item : items) list += fmt::format("    - {}\n", markdown_text(item));
  return list;
}

// "section 4.1" of "paper 001, section 4.1", which stands under that document.
std::string source_in(const std::string& document, const std::string& source) {
  const auto prefix = document + ", ";
  return source.starts_with(prefix) ? source.substr(prefix.size()) : source;
}

std::string entry_text(const Entry& entry, const std::string& program) {
  const JudgedClaim& claim = *entry.claim;
  return fmt::format("- **{}**: {}\n", to_text(claim.verdict), claim_line(claim, *entry.experiment)) +
         detail_list("printed", claim.printed) + detail_list("measured", claim.measured) +
         detail_line("why", claim.why) + fmt::format("  - `{}`\n", command_of(entry, program));
}

std::vector<Entry> entries_of(const Document& document) {
  std::vector<Entry> entries;
  for (const CitedClaim& cited : document.claims)
    entries.push_back({.experiment = cited.evaluation->plan.experiment,
                       .plan = &cited.evaluation->plan,
                       .claim = &cited.claim(),
                       .place = place_of(cited.claim().source, document.name)});
  std::ranges::stable_sort(entries, {}, &Entry::place);
  return entries;
}

bool is_document(const Document& document) { return document.name.starts_with("paper "); }

std::string section_of(const Entry& entry, const Document& document) {
  if (auto heading = heading_of(entry.place); !heading.empty()) return heading;
  return is_document(document) ? "Controls, and what goes beyond the document" : markdown_text(entry.experiment->title);
}

// "3 claims: 2 hold, 1 is undecided."
std::string count_text(const Tally& tally) {
  return fmt::format("{} {}: {}.", tally.total(), tally.total() == 1 ? "claim" : "claims", to_text(tally));
}

std::string counts_line(const std::vector<Entry>& entries) {
  Tally own, beside;
  for (const Entry& entry : entries) (entry.place.part == Place::Part::None ? beside : own).add(entry.claim->verdict);
  auto text = count_text(own);
  if (beside.total() > 0) text += fmt::format(" Of controls and of what goes beyond it {}.", to_text(beside));
  return text;
}

std::string title_line(const Document& document, const std::vector<Entry>& entries) {
  if (!is_document(document)) return count_text(document.tally);
  return (document.title.empty() ? "" : markdown_text(document.title) + ". ") + counts_line(entries);
}

std::string name_of(const Document& document) { return is_document(document) ? document.name : "beyond the documents"; }

std::string document_text(const Document& document, const std::string& program) {
  const auto entries = entries_of(document);
  auto text = fmt::format("## {}\n\n{}\n", name_of(document), title_line(document, entries));
  std::string section;
  for (const Entry& entry : entries) {
    if (auto own = section_of(entry, document); own != section) {
      section = std::move(own);
      text += fmt::format("\n### {}\n\n", section);
    }
    text += entry_text(entry, program);
  }
  return text + '\n';
}

std::string counts_table(const std::vector<Document>& all) {
  std::vector<std::vector<std::string>> rows{{"document"}};
  for (const Verdict verdict : all_verdicts) rows.front().emplace_back(to_text(verdict));
  rows.front().emplace_back("claims");
  Tally total;
  const auto add = [&](const std::string& name, const Tally& tally) {
    auto& row = rows.emplace_back(std::vector<std::string>{name});
    for (const Verdict verdict : all_verdicts) row.push_back(std::to_string(tally[verdict]));
    row.push_back(std::to_string(tally.total()));
  };
  for (const Document& document : all) {
    auto anchor = name_of(document);
    std::ranges::replace(anchor, ' ', '-');
    add(fmt::format("[{}](#{})", name_of(document), anchor), document.tally);
    for (const CitedClaim& cited : document.claims) total.add(cited.claim().verdict);
  }
  add("all", total);
  return markdown_table(rows);
}

// Each text once, in the order in which they come.
template <class Of>
std::string joined(const std::vector<RunRecord>& runs, const Of& of) {
  std::vector<std::string> texts;
  for (const RunRecord& run : runs)
    if (auto text = of(run); std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::string presets_text(const Reproduction& reproduction) {
  std::set<std::string> presets, seeds;
  for (const Evaluation* one : reproduction.evaluations) {
    presets.insert(std::string(to_text(one->plan.preset)));
    seeds.insert(std::to_string(one->plan.seed));
  }
  return fmt::format("preset {}, seed {}", fmt::join(presets, ", "), fmt::join(seeds, ", "));
}

std::string head(const Reproduction& reproduction) {
  const auto day = [](const RunRecord& run) { return run.started.substr(0, run.started.find('T')); };
  const auto& runs = reproduction.runs;
  return fmt::format(
      "# What the documents claim, and what was measured\n\n"
      "Written by `{} reproduce --claims FILE`; do not edit it.\n\n"
      "- trials: {}, {}\n- computer: {}\n- program: {} {}; judged by revision {}\n\n",
      reproduction.program, joined(runs, day), presets_text(reproduction),
      markdown_text(joined(runs, [](const auto& run) { return fmt::format("{}, {} cores", run.cpu, run.cores); })),
      reproduction.program,
      joined(runs, [](const auto& run) { return fmt::format("{}, revision {}", run.version, run.revision); }),
      revision());
}

constexpr std::string_view legend =
    R"(A claim **holds**; or **holds in shape**: what it says is there, with other numbers or under a condition that it
does not name; or **does not hold**. It is **undecided** where other trials could give another verdict, and **not
tested** where nothing was run that could test it.

- *printed*: the document's number, or a word of the sentence that is judged. Where the document has a formula it is
  its kind: an equation is *exact* or *=*, an inequality *a bound*, or one with *the least constant* if some case comes
  up to it. *-* is what no document says.
- *measured*: what the trials gave, with a 95% bootstrap interval in square brackets. Of several groups of trials it is
  the one that comes closest to the other answer, which round brackets name. *To be above 2* is what the claim asks of
  the number, or, behind *in shape*, what it asks to hold in shape.
- *fresh trials* have other seeds than those whose numbers are compared with the printed ones, and are more of them.
- *why*: the condition in words, the reason of the verdict, and which limits are ours. *Resamples* draw the trials
  anew, with replacement, a thousand times; a verdict is one that at least 97.5% of them agree with.
- A heading is the number of a section, or of a theorem, an equation or a table, as the document counts them. A claim
  that says *it* or *they* speaks of the one before. Controls are claims of our own that a verdict leans on.

)";

std::string unjudged_text(const Reproduction& reproduction) {
  if (reproduction.unjudged.empty()) return {};
  std::string text = "## What is not judged, and why\n\n";
  for (const Unjudged& one : reproduction.unjudged)
    text += fmt::format("- {}, {}: *{}* {}\n", one.document, markdown_text(one.place), markdown_text(one.says),
                        markdown_text(one.why));
  return text;
}

}  // namespace

std::string claim_line(const JudgedClaim& claim, const Experiment& experiment) {
  const auto source = source_in(document_of(claim, experiment), claim.source);
  return fmt::format("{} ({})", markdown_text(claim.claim), markdown_text(source));
}

std::string reproduction_page(const Reproduction& reproduction) {
  const auto evaluations = all_claims(reproduction);
  const auto all = documents(evaluations);
  auto page = head(reproduction) + std::string(legend) + counts_table(all) + '\n';
  for (const Document& document : all) page += document_text(document, reproduction.program);
  page += unjudged_text(reproduction);
  return page.substr(0, page.find_last_not_of('\n') + 1) + '\n';
}

}  // namespace sigmagrad::lab
