// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <filesystem>
#include <functional>
#include <type_traits>
#include <vector>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/io/named_tensors.hpp>

namespace sigmagrad {

/// What a checkpoint can keep: a model, an optimiser, a schedule. `load_state_dict` throws an Error for what does not
/// fit. A Generator can be kept as well.
template <class T>
concept Stateful = requires(T& part, const T& constant, const NamedTensors& state) {
  { constant.state_dict() } -> std::convertible_to<NamedTensors>;
  part.load_state_dict(state);
};

namespace detail {

struct PartAccess {
  std::function<NamedTensors()> state;
  std::function<void(const NamedTensors&)> load;
};

NamedTensors generator_state(const Generator& generator);
void load_generator_state(Generator& generator, const NamedTensors& state);

/// The part is only read where it is const.
template <class Part>
PartAccess checkpoint_part(Part& part) {
  PartAccess result;
  if constexpr (std::derived_from<Part, Generator>) {
    result.state = [&part] { return generator_state(part); };
    if constexpr (!std::is_const_v<Part>)
      result.load = [&part](const NamedTensors& state) { load_generator_state(part, state); };
  } else {
    result.state = [&part] { return part.state_dict(); };
    if constexpr (!std::is_const_v<Part>)
      result.load = [&part](const NamedTensors& state) { part.load_state_dict(state); };
  }
  return result;
}

void save_checkpoint_parts(const std::filesystem::path& path, const std::vector<PartAccess>& parts);
void load_checkpoint_parts(const std::filesystem::path& path, const std::vector<PartAccess>& parts);

}  // namespace detail

template <class T>
concept CheckpointPart = Stateful<T> || std::derived_from<T, Generator>;

/// Keeps the parts and the thread's default generator, so that a run that goes on from there has the same bits as one
/// that was not interrupted. The file is a safetensors file. An existing one is replaced in one step.
template <CheckpointPart... Parts>
void save_checkpoint(const std::filesystem::path& path, const Parts&... parts) {
  detail::save_checkpoint_parts(path, {detail::checkpoint_part(parts)...});
}

/// Gives the parts, named in the order of saving, and the thread's default generator the state that they had. Where one
/// of them refuses, an Error, and every part is as it was.
template <CheckpointPart... Parts>
void load_checkpoint(const std::filesystem::path& path, Parts&... parts) {
  detail::load_checkpoint_parts(path, {detail::checkpoint_part(parts)...});
}

}  // namespace sigmagrad
