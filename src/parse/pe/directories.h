// Inside parse/pe: the readers of the data directories.
#pragma once

#include "base/cursor.h"
#include "parse/pe/pe.h"

namespace parse::pe {

struct Directory {
  std::uint32_t address = 0, size = 0;
};

void read_imports(base::Bytes bytes, Directory at, Image& image);
void read_delayed_imports(base::Bytes bytes, Directory at, Image& image);
void read_exports(base::Bytes bytes, Directory at, Image& image);
void read_resources(base::Bytes bytes, Directory at, Image& image);
void read_debug(base::Bytes bytes, Directory at, Image& image);
void read_tls(base::Bytes bytes, Directory at, Image& image);
void read_load_config(base::Bytes bytes, Directory at, Image& image);
void read_dotnet(base::Bytes bytes, Directory at, Image& image);

/// Bytes at a relative address, to the end of their section.
inline base::Bytes at_rva(base::Bytes bytes, const Image& image, std::uint64_t rva, std::uint64_t size = UINT64_MAX) {
  if (rva > UINT32_MAX) return {};
  const auto offset = image.offset_of(static_cast<std::uint32_t>(rva));
  if (!offset) return {};
  const auto* s = image.section_at(static_cast<std::uint32_t>(rva));
  const auto end = s ? s->range.end() : image.size;
  return *offset < end ? base::slice(bytes, *offset, std::min(size, end - *offset)) : base::Bytes{};
}

inline std::string_view text_at(base::Bytes bytes, const Image& image, std::uint64_t rva) {
  base::Cursor in(at_rva(bytes, image, rva, 4096));
  return in.c_string(4096);
}

inline void note_part(Image& image, base::Range range, std::string_view what) {
  if (range.size) image.parts.push_back({range, what});
}
/// The part of the file that a run found by at_rva stands in.
inline void note_part(Image& image, base::Bytes whole, base::Bytes run, std::string_view what) {
  if (!run.empty()) image.parts.push_back({{static_cast<std::uint64_t>(run.data() - whole.data()), run.size()}, what});
}

template <class... Args>
void odd(Image& image, fmt::format_string<Args...> text, Args&&... args) {
  if (image.anomalies.size() < 100) image.anomalies.push_back(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace parse::pe
