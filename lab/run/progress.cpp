// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/progress.hpp>

#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab {

namespace {

std::string bar(std::size_t done, std::size_t total) {
  constexpr std::size_t width = 30;
  const std::size_t filled = width * done / total;
  return '[' + std::string(filled, '#') + std::string(width - filled, '.') + ']';
}

}  // namespace

Progress::Progress(std::size_t total, std::FILE* stream, std::string pieces)
    : total_(total), stream_(stream), pieces_(std::move(pieces)), is_terminal_(isatty(fileno(stream)) == 1) {}

Progress::~Progress() {
  if (is_terminal_ && done_ > 0) std::fputc('\n', stream_);
}

std::string Progress::line() const {
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = static_cast<double>(done_) / elapsed;
  const auto left = static_cast<double>(total_ - done_);
  const auto text = fmt::format("{}/{} {}  {}/s", done_, total_, pieces_, short_number(rate));
  return done_ < total_ ? text + "  ETA " + short_duration(left / rate) : text + "  in " + short_duration(elapsed);
}

void Progress::advance(std::size_t finished) {
  if (finished == 0) return;
  done_ += finished;
  if (is_terminal_) {
    fmt::print(stream_, "\r\x1b[2K{} {}", bar(done_, total_), line());
  } else if (const auto tenths = 10 * done_ / total_; tenths > printed_tenths_) {
    printed_tenths_ = tenths;
    fmt::print(stream_, "{}\n", line());
  }
  std::fflush(stream_);
}

}  // namespace sigmagrad::lab
