// Tiles, entry bundles and their names, and statements: from a log that may be anybody's.
#include <cstdlib>

#include "tlog/statement.h"
#include "tlog/tiles.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const unsigned width = data[0] + 1U;
  const base::Bytes rest(data + 1, size - 1);
  if (const auto name = tlog::TileName::parse(base::text_of(rest))) {
    if (name->path() != base::text_of(rest)) std::abort();
    static_cast<void>(name->least_size());
  }
  if (const auto entries = tlog::parse_bundle(rest, width)) {
    std::string again;
    for (const auto& entry : *entries) tlog::add_to_bundle(again, entry);
    if (entries->size() != width || again != base::text_of(rest)) std::abort();
  }
  if (const auto tile = tlog::parse_tile(rest, width); tile && tlog::print_tile(*tile) != base::text_of(rest)) std::abort();
  static_cast<void>(tlog::payload_of(base::text_of(rest)));
  return 0;
}
