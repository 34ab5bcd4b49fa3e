// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/run/damage.hpp>

namespace sigmagrad::lab {

struct ExportOptions {
  std::vector<std::string> ids = {};  // none: every experiment
  bool seconds = false;               // a column of what each trial took, which differs from run to run
};

/// The trials stored in `directory` as CSV with a header, one row each: experiments by name, groups in the order of the
/// grid, then by trial. Numbers are the shortest texts that read back as the same bits, so that equal results are
/// equal files. A column that an experiment does not have is empty; so are the metrics of a trial that failed. All of
/// it at once, so that a reader who takes his time does not keep a running experiment from writing. Damaged rows are
/// left out, and named in `damaged`.
std::string export_csv(const std::filesystem::path& directory, const ExportOptions& options,
                       std::vector<Damage>& damaged);
/// An Error where a row is damaged.
std::string export_csv(const std::filesystem::path& directory, const ExportOptions& options);

}  // namespace sigmagrad::lab
