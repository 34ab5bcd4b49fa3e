// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/trial.hpp>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::lab {

bool is_fresh(const Params& params) {
  return params.has(trial_source.name) && params[trial_source] == trial_source.quick.back();
}

std::string_view to_text(Stream stream) { return stream == Stream::Numpy ? "numpy" : "philox"; }

std::unique_ptr<Generator> Trial::generator(std::uint64_t offset) const {
  const auto k = static_cast<std::uint64_t>(key_.index) + (is_fresh(key_.params) ? beyond_the_printed : 0);
  if (key_.stream == Stream::Philox) return std::make_unique<Generator>(key_.seed, k, offset);
  const std::uint64_t numpy_seed = key_.seed + 100 * k + offset;
  if (numpy_seed > 0xffffffffU) engine::fail("trial: NumPy's seeds have 32 bits (got {})", numpy_seed);
  return std::make_unique<NumpyGenerator>(static_cast<std::uint32_t>(numpy_seed));
}

std::filesystem::path Trial::checkpoint() const {
  auto path = checkpoint_ ? checkpoint_() : std::filesystem::path();
  if (!path.empty()) std::filesystem::create_directories(path.parent_path());
  return path;
}

}  // namespace sigmagrad::lab
