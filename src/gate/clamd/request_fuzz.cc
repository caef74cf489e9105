// Requests and chunks from hostile bytes: never stuck, never more content than was sent.
#include <cstdlib>

#include "gate/clamd/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gate::clamd;
  std::string bytes(base::text_of({data, size}));
  for (Request request; !bytes.empty();) {
    const auto before = bytes.size();
    const auto parsed = take_request(bytes, request, true);
    if (parsed != Parsed::request) break;
    if (bytes.size() >= before) std::abort();
    if (request.argument.find('\0') != std::string::npos && request.verb != Verb::unknown) std::abort();
  }
  Chunks chunks(1 << 16);
  std::uint64_t total = 0;
  for (base::Bytes rest(data, size);;) {
    std::size_t taken = 0;
    base::Bytes part;
    const auto state = chunks.take(rest, taken, part);
    if (taken > rest.size() || (total += part.size()) > (1 << 16)) std::abort();
    rest = rest.subspan(taken);
    if (state != Chunks::State::more || taken == 0) break;
  }
  return 0;
}
