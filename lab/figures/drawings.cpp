// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/figures/drawings.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include <fmt/format.h>

namespace sigmagrad::lab {

namespace {

Drawn leave_out(const Figure& figure, const std::filesystem::path& folder) {
  write_undrawn(figure, folder);
  return {fmt::format("figure {}: left out, for gnuplot did not answer for another one; its data and script are in {}",
                      figure.name, folder.string())};
}

}  // namespace

// Each figure is a process of its own. Where gnuplot has not answered for one, what is not begun would wait for
// nothing.
std::vector<std::string> draw_all(const std::vector<const Figure*>& figures, const std::filesystem::path& folder,
                                  const DrawOptions& options) {
  std::vector<std::string> notes(figures.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> late = false;
  const auto work = [&] {
    for (auto i = next++; i < figures.size() && !options.interrupted(); i = next++) {
      const auto drawn = late ? leave_out(*figures[i], folder) : draw(*figures[i], folder, options);
      if (drawn.late) late = true;
      notes[i] = drawn.note;
    }
  };
  std::vector<std::future<void>> workers;
  const auto cores = std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
  for (std::size_t i = 0; i < std::min(cores, figures.size()); ++i)
    workers.push_back(std::async(std::launch::async, work));
  for (auto& worker : workers) worker.get();
  return notes;
}

}  // namespace sigmagrad::lab
