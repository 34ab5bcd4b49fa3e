// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/stored_report.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/report/report.hpp>

namespace sigmagrad::lab {

namespace {

// Each experiment notes what is damaged of it; the first one, what belongs to none of them.
void note_damage(std::vector<Evaluation>& all, const std::vector<Damage>& damaged) {
  std::map<Evaluation*, std::vector<Damage>> shares;
  for (const Damage& one : damaged) {
    const auto own = std::ranges::find(all, one.experiment, [](const Evaluation& e) { return e.plan.experiment->id; });
    shares[own == all.end() ? &all.front() : &*own].push_back(one);
  }
  for (const auto& [evaluation, share] : shares) {
    evaluation->damaged = share.size();
    evaluation->notes.push_back(fmt::format("damaged and left out: {}; {}", to_text(share), to_mend));
  }
}

}  // namespace

std::vector<Evaluation> evaluate_all(std::vector<Stored> stored) {
  std::vector<Evaluation> all;
  for (auto& [plan, results] : stored) all.push_back(evaluate(plan, std::move(results)));
  return all;
}

std::vector<Evaluation> rebuild_report(const std::filesystem::path& directory, const std::vector<Damage>& elsewhere) {
  auto damaged = elsewhere;
  std::vector<Stored> stored;
  {
    const Store store = Store::open(directory);  // closed before anything is judged or drawn: a writer may wait
    damaged.insert(damaged.end(), store.damaged().begin(), store.damaged().end());
    stored = read_all(store);
  }
  if (stored.empty())
    engine::fail("{}: holds no results that could be reported{}", directory.string(),
                 damaged.empty() ? "" : fmt::format(": damaged: {}; {}", to_text(damaged), to_mend));
  auto all = evaluate_all(std::move(stored));
  note_damage(all, damaged);
  write_report(all, directory);
  return all;
}

}  // namespace sigmagrad::lab
