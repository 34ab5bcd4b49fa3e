// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/manifest.hpp>

#include <sigmagrad/experiments/harness/detail/json.hpp>
#include <sigmagrad/experiments/harness/machine.hpp>

#include <sigmagrad/io/detail/file.hpp>
#include <sigmagrad/version.hpp>

namespace sigmagrad::experiments {

using detail::Json;
using sigmagrad::detail::write_file;

void write_manifest(const Manifest& manifest, const std::filesystem::path& directory) {
  const Machine machine = this_machine();
  Json experiments = Json::array();
  for (const Settings& settings : manifest.settings) experiments.push_back(detail::to_json(settings));
  const Json json{{"program", "sigmagrad"},
                  {"version", version},
                  {"revision", revision()},
                  {"command", manifest.command},
                  {"started", manifest.started},
                  {"finished", manifest.finished.empty() ? Json() : Json(manifest.finished)},
                  {"jobs", manifest.jobs},
                  {"shard", manifest.shard},
                  {"host", machine.host},
                  {"cpu", machine.cpu},
                  {"cores", machine.cores},
                  {"blas", machine.blas},
                  {"blas_kernel", machine.blas_kernel},
                  {"compiler", machine.compiler},
                  {"experiments", experiments}};
  write_file(directory / "manifest.json", json.dump(2) + '\n');
}

}  // namespace sigmagrad::experiments
