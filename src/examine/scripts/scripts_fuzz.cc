#include "examine/scripts/scripts.h"

#include <array>

#include "evidence/recorder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static constexpr std::array kinds = {"script/shell", "script/python", "script/javascript", "script/php", "script/ruby", "script/perl", "script/powershell"};
  if (size < 2) return 0;
  (void)evidence::read_alone(examine::scripts(), {bytes + 1, size - 1}, kinds[bytes[0] % kinds.size()]);
  return 0;
}
