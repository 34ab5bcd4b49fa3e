// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/parsers/zip.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_set>

#include <sigmagrad/autograd/tensor/fail.hpp>

// The layout of an archive: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3 and 4.5.
namespace sigmagrad::detail {
namespace {

constexpr std::size_t end_size = 22, locator_size = 20, end64_size = 56, central_size = 46, local_size = 30;
constexpr std::uint16_t deflated = 8;

template <class T>
T number_at(Bytes bytes, std::size_t position) {
  T value = 0;
  std::memcpy(&value, bytes.data() + position, sizeof value);
  return value;
}

// Where the central directory is, and how many entries it has.
struct Directory {
  std::uint64_t begin, size, count;
};

class ZipReader {
 public:
  ZipReader(Bytes bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  std::vector<ZipEntry> read() {
    const auto directory = find_directory();
    if (directory.begin > bytes_.size() || directory.size > bytes_.size() - directory.begin)
      wrong("its directory does not lie within it");
    if (directory.count > directory.size / central_size) wrong("its directory is too short for its entries");
    contents_ = bytes_.first(directory.begin);
    rest_ = bytes_.subspan(directory.begin, directory.size);
    std::vector<ZipEntry> entries;
    for (std::uint64_t i = 0; i < directory.count; ++i) entries.push_back(next_entry());
    if (!rest_.empty()) wrong("its directory has more entries than it says");
    check_overlaps();
    return entries;
  }

 private:
  [[noreturn]] void wrong(std::string_view what) const { engine::fail("{}: is no zip archive: {}", file_, what); }
  [[noreturn]] void wrong(std::string_view name, std::string_view what) const {
    engine::fail("{}: \"{}\": {}", file_, name, what);
  }

  // The end record closes the file, with a comment of at most 65535 bytes.
  std::size_t find_end() const {
    constexpr std::size_t longest_comment = std::numeric_limits<std::uint16_t>::max();
    if (bytes_.size() < end_size) wrong("it has no end record, as when it is cut short");
    const auto last = bytes_.size() - end_size;
    for (std::size_t back = 0; back <= std::min(last, longest_comment); ++back)
      if (text_of(bytes_.subspan(last - back)).starts_with("PK\5\6") &&
          number_at<std::uint16_t>(bytes_, last - back + 20) == back)
        return last - back;
    wrong("it has no end record, as when it is cut short");
  }

  Directory find_directory() const {
    const auto end = find_end();
    if (const auto large = find_directory64(end)) return *large;
    const auto record = bytes_.subspan(end);
    if (number_at<std::uint16_t>(record, 4) != 0 || number_at<std::uint16_t>(record, 6) != 0)
      wrong("it is a part of several");
    return {number_at<std::uint32_t>(record, 16), number_at<std::uint32_t>(record, 12),
            number_at<std::uint16_t>(record, 10)};
  }

  // Archives of more than 4 GiB or 65535 entries have a second end record, and before the first one where it is.
  std::optional<Directory> find_directory64(std::size_t end) const {
    if (end < locator_size || !text_of(bytes_.subspan(end - locator_size)).starts_with("PK\6\7")) return std::nullopt;
    const auto at = number_at<std::uint64_t>(bytes_, end - locator_size + 8);
    if (at > end - locator_size || end - locator_size - at < end64_size ||
        !text_of(bytes_.subspan(at)).starts_with("PK\6\6"))
      wrong("its zip64 record is not where it should be");
    const auto record = bytes_.subspan(at);
    return Directory{number_at<std::uint64_t>(record, 48), number_at<std::uint64_t>(record, 40),
                     number_at<std::uint64_t>(record, 32)};
  }

  ZipEntry next_entry() {
    if (rest_.size() < central_size || !text_of(rest_).starts_with("PK\1\2")) wrong("its directory is cut short");
    const auto record = rest_;
    const std::size_t name = number_at<std::uint16_t>(record, 28), extra = number_at<std::uint16_t>(record, 30),
                      comment = number_at<std::uint16_t>(record, 32);
    if (central_size + name + extra + comment > record.size()) wrong("its directory is cut short");
    rest_ = rest_.subspan(central_size + name + extra + comment);
    ZipEntry entry{.name = std::string(text_of(record.subspan(central_size, name))),
                   .size = number_at<std::uint32_t>(record, 24),
                   .checksum = number_at<std::uint32_t>(record, 16),
                   .method = number_at<std::uint16_t>(record, 10),
                   .encrypted = (number_at<std::uint16_t>(record, 8) & 1) != 0};
    std::uint64_t packed = number_at<std::uint32_t>(record, 20), begin = number_at<std::uint32_t>(record, 42);
    widen(record.subspan(central_size + name, extra), entry, packed, begin);
    if (!names_.insert(entry.name).second) wrong(entry.name, "comes twice");
    entry.stored = find_stored(entry, begin, packed);
    return entry;
  }

  // Numbers that do not fit 32 bits are all ones there, and stand in the extra field of kind 1, in this order.
  void widen(Bytes extra, ZipEntry& entry, std::uint64_t& packed, std::uint64_t& begin) {
    while (extra.size() >= 4) {
      const auto kind = number_at<std::uint16_t>(extra, 0);
      const std::size_t length = number_at<std::uint16_t>(extra, 2);
      if (length > extra.size() - 4) wrong(entry.name, "an extra field is cut short");
      auto field = extra.subspan(4, length);
      extra = extra.subspan(4 + length);
      if (kind != 1) continue;
      for (auto* const number : {&entry.size, &packed, &begin}) {
        if (*number != std::numeric_limits<std::uint32_t>::max()) continue;
        if (field.size() < sizeof *number) wrong(entry.name, "its zip64 field is cut short");
        *number = number_at<std::uint64_t>(field, 0);
        field = field.subspan(sizeof *number);
      }
    }
  }

  // An entry begins with a header of its own, whose extra field may be another.
  Bytes find_stored(const ZipEntry& entry, std::uint64_t begin, std::uint64_t packed) {
    if (begin > contents_.size() || contents_.size() - begin < local_size ||
        !text_of(contents_.subspan(begin)).starts_with("PK\3\4"))
      wrong(entry.name, "is not where the directory says");
    const auto record = contents_.subspan(begin);
    const std::size_t name = number_at<std::uint16_t>(record, 26), extra = number_at<std::uint16_t>(record, 28);
    const auto before = local_size + name + extra;
    if (before > record.size() || packed > record.size() - before)
      wrong(entry.name, fmt::format("its {} bytes do not fit the archive", packed));
    if (text_of(record.subspan(local_size, name)) != entry.name || number_at<std::uint16_t>(record, 8) != entry.method)
      wrong(entry.name, "its header is not what the directory says");
    ranges_.push_back({begin, begin + before + packed, entry.name});
    return record.subspan(before, packed);
  }

  void check_overlaps() {
    std::sort(ranges_.begin(), ranges_.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < ranges_.size(); ++i)
      if (ranges_[i].begin < ranges_[i - 1].end)
        wrong(ranges_[i].name, fmt::format("overlaps \"{}\"", ranges_[i - 1].name));
  }

  struct Range {
    std::uint64_t begin, end;
    std::string name;
  };

  Bytes bytes_, contents_, rest_;  // rest_: of the directory
  const std::string& file_;
  std::unordered_set<std::string> names_;
  std::vector<Range> ranges_;
};

}  // namespace

std::vector<ZipEntry> parse_zip(Bytes bytes, const std::string& file) { return ZipReader(bytes, file).read(); }

std::string zip_problem(const ZipEntry& entry) {
  constexpr std::uint64_t deflate_ratio = 1032;  // deflate makes nothing smaller than by this factor
  if (entry.encrypted) return "is encrypted";
  if (!entry.is_stored() && entry.method != deflated)
    return fmt::format("compression method {}, expected 0 (stored) or 8 (deflated)", entry.method);
  const bool possible =
      entry.is_stored() ? entry.size == entry.stored.size() : entry.size / deflate_ratio <= entry.stored.size();
  return possible ? "" : fmt::format("{} bytes cannot come from {}", entry.size, entry.stored.size());
}

bool is_zip(Bytes bytes) { return text_of(bytes).starts_with("PK\3\4") || text_of(bytes).starts_with("PK\5\6"); }

}  // namespace sigmagrad::detail
