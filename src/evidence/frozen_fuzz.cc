// What thaws is sound, and freezes to a file that thaws to the same digest. Bodies are given bare as well,
// under a head that fits, so that a fuzzer gets past the digest.
#include <cstdlib>

#include "evidence/frozen.h"
#include "evidence/coverage.h"

namespace {

void look(base::Bytes file) {
  const auto thawed = evidence::thaw(file, 4u << 20);
  if (!thawed) return;
  const auto again = evidence::freeze(thawed->frozen);
  if (!again) std::abort();
  const auto twice = evidence::thaw(*again);
  if (!twice || twice->digest != thawed->digest) std::abort();
  for (std::size_t i = 0; i < thawed->frozen.tree.nodes.size(); ++i) (void)thawed->frozen.tree.place_text(static_cast<artifact::NodeId>(i));
}

/// A zlib stream of stored blocks (RFC 1951, section 3.2.4).
std::string stored(base::Bytes body) {
  std::string out = "\x78\x01";
  std::uint32_t a = 1, b = 0;
  for (const auto byte : body) a = (a + byte) % 65521, b = (b + a) % 65521;
  do {
    const auto n = std::min<std::size_t>(body.size(), 65535);
    out += static_cast<char>(n == body.size());
    for (const auto v : {n, n ^ 0xffff}) out += static_cast<char>(v & 0xff), out += static_cast<char>(v >> 8 & 0xff);
    out += base::text_of(body.first(n));
    body = body.subspan(n);
  } while (!body.empty());
  for (const auto v : {b, a}) out += static_cast<char>(v >> 8), out += static_cast<char>(v & 0xff);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes{data, size};
  look(bytes);
  const auto file = "assay evidence 1\n" + base::sha256(bytes).hex() + "\n" + std::to_string(size) + "\n" + stored(bytes);
  look(base::bytes_of(file));
  return 0;
}
