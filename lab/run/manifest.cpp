// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/manifest.hpp>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/model/json.hpp>
#include <sigmagrad/lab/run/machine.hpp>
#include <sigmagrad/version.hpp>

namespace sigmagrad::lab {

using detail::Json;
using sigmagrad::detail::read_file;
using sigmagrad::detail::write_file;

namespace {

std::vector<std::string> split_manifest(Json manifest) {
  std::vector<std::string> all;
  if (manifest.contains("earlier"))
    for (const Json& earlier : manifest.at("earlier")) all.push_back(earlier.dump());
  manifest.erase("earlier");
  manifest.erase("experiments");
  all.push_back(manifest.dump());
  return all;
}

}  // namespace

std::vector<std::string> earlier_manifests(const std::filesystem::path& directory) {
  const auto file = directory / "manifest.json";
  if (!std::filesystem::exists(file)) return {};
  const detail::Source source{file.string(), "move it away, and what it said of earlier runs is left out"};
  return detail::read_json(read_file(file), source, split_manifest);
}

std::vector<RunRecord> runs_in(const std::filesystem::path& directory) {
  std::vector<RunRecord> runs;
  for (const auto& text : earlier_manifests(directory)) {
    const Json run = Json::parse(text);
    runs.push_back({.started = run.value("started", ""),
                    .version = run.value("version", ""),
                    .revision = run.value("revision", ""),
                    .cpu = run.value("cpu", ""),
                    .cores = run.value("cores", 0U)});
  }
  return runs;
}

void write_manifest(const Manifest& manifest, const std::filesystem::path& directory) {
  const Machine machine = this_machine();
  Json experiments = Json::array();
  for (const Plan& plan : manifest.plans) experiments.push_back(detail::to_json(plan));
  Json earlier = Json::array();
  for (const auto& one : manifest.earlier) earlier.push_back(Json::parse(one));
  const Json json{{"program", "sigmagrad"},
                  {"version", version},
                  {"revision", revision()},
                  {"command", manifest.command},
                  {"started", manifest.started},
                  {"finished", manifest.finished.empty() ? Json() : Json(manifest.finished)},
                  {"jobs", manifest.jobs},
                  {"shard", manifest.shard},
                  {"processes", manifest.processes},
                  {"host", machine.host},
                  {"cpu", machine.cpu},
                  {"cores", machine.cores},
                  {"blas", machine.blas},
                  {"blas_kernel", machine.blas_kernel},
                  {"compiler", machine.compiler},
                  {"experiments", experiments},
                  {"earlier", earlier}};
  write_file(directory / "manifest.json", json.dump(2) + '\n');
}

}  // namespace sigmagrad::lab
