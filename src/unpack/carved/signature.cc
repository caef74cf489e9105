#include "unpack/carved/signature.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <memory>
#include <string_view>
#include <vector>

#include "base/checked.h"

namespace unpack::carved_parts {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view magic;
  std::uint32_t at = 0;     ///< where in the form the magic stands
  std::uint32_t align = 1;  ///< forms of file systems begin at sectors
};

// Two-byte magics stand here only where their recogniser checks more than that.
constexpr std::array signatures = {
    // compressed streams
    Signature{"\x1f\x8b\x08"sv}, Signature{"\xfd" "7zXZ\0"sv}, Signature{"BZh"sv}, Signature{"\x28\xb5\x2f\xfd"sv}, Signature{"\x04\x22\x4d\x18"sv},
    Signature{"\x02\x21\x4c\x18"sv}, Signature{"LZIP"sv}, Signature{"\x5d\0\0"sv}, Signature{"\x6d\0\0"sv}, Signature{"\x89LZO"sv}, Signature{"pbzx"sv},
    Signature{"\x78\x01"sv}, Signature{"\x78\x5e"sv}, Signature{"\x78\x9c"sv}, Signature{"\x78\xda"sv},
    // archives and packages
    Signature{"PK\x03\x04"sv}, Signature{"7z\xbc\xaf\x27\x1c"sv}, Signature{"Rar!\x1a\x07"sv}, Signature{"MSCF\0\0\0\0"sv}, Signature{"!<arch>\n"sv},
    Signature{"\xed\xab\xee\xdb"sv}, Signature{"070701"sv}, Signature{"070702"sv}, Signature{"070707"sv}, Signature{"xar!"sv}, Signature{"ustar"sv, 257},
    Signature{"\x60\xea"sv}, Signature{"\xdc\xa7\xc4\xfd"sv, 20}, Signature{"-lh"sv, 2}, Signature{"SZDD\x88\xf0\x27\x33"sv},
    Signature{"ISc("sv}, Signature{"ITSF"sv}, Signature{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv}, Signature{"%PDF-"sv},
    // programs
    Signature{"\x7f" "ELF"sv}, Signature{"MZ"sv}, Signature{"dex\n0"sv}, Signature{"\xca\xfe\xba\xbe\0\0\0"sv}, Signature{"\0asm\1\0\0\0"sv},
    Signature{"\xcf\xfa\xed\xfe"sv}, Signature{"\xce\xfa\xed\xfe"sv}, Signature{"VZ"sv},
    // flash and disc file systems
    Signature{"hsqs"sv}, Signature{"sqsh"sv}, Signature{"shsq"sv}, Signature{"qshs"sv}, Signature{"tqsh"sv}, Signature{"hsqt"sv}, Signature{"sqlz"sv},
    Signature{"UBI#"sv}, Signature{"UBI!"sv}, Signature{"\x31\x18\x10\x06"sv}, Signature{"\x85\x19"sv, 0, 4}, Signature{"\x19\x85"sv, 0, 4},
    Signature{"\x45\x3d\xcd\x28"sv}, Signature{"\x28\xcd\x3d\x45"sv}, Signature{"-rom1fs-"sv},
    Signature{"\x53\xef"sv, 0x438, 512}, Signature{"NTFS    "sv, 3, 512}, Signature{"EXFAT   "sv, 3, 512}, Signature{"FAT"sv, 54, 512}, Signature{"FAT32"sv, 82, 512},
    Signature{"EFI PART"sv, 512, 512}, Signature{"CD001"sv, 0x8001, 512}, Signature{"_BHRfS_M"sv, 0x10040, 512}, Signature{"NXSB"sv, 32, 512},
    Signature{"H+"sv, 0x400, 512}, Signature{"BD"sv, 0x400, 512}, Signature{"LUKS\xba\xbe"sv}, Signature{"\xe2\xe1\xf5\xe0"sv, 1024, 512},
    // boot images and firmware
    Signature{"\x27\x05\x19\x56"sv}, Signature{"\xd0\x0d\xfe\xed"sv}, Signature{"ANDROID!"sv}, Signature{"VNDRBOOT"sv}, Signature{"\x3a\xff\x26\xed"sv},
    Signature{"CrAU"sv}, Signature{"AVB0"sv}, Signature{"HDR0"sv}, Signature{"HDR1"sv}, Signature{"HdrS"sv, 0x202}, Signature{"_FVH"sv, 40}, Signature{"ARM\x64"sv, 56},
    Signature{"\x18\x28\x6f\x01"sv, 36}, Signature{"\x5e\xa3\xa4\x17"sv}, Signature{"QFI\xfb"sv}, Signature{"KDMV"sv}, Signature{"vhdxfile"sv},
};

// Which signatures begin with these two bytes: the sieve that nearly every offset fails.
struct Sieve {
  std::bitset<65536> first;
  std::array<std::vector<const Signature*>, 256> by_byte;
  Sieve() {
    for (const auto& s : signatures) {
      const auto a = static_cast<std::uint8_t>(s.magic[0]), b = static_cast<std::uint8_t>(s.magic[1]);
      first.set(static_cast<std::size_t>(a) << 8 | b);
      by_byte[a].push_back(&s);
    }
  }
};

}  // namespace

void each_candidate(base::Bytes bytes, const std::function<std::uint64_t(std::uint64_t)>& see) {
  static const Sieve sieve;
  std::uint64_t next = 1;  // the least offset that may still be told
  for (std::uint64_t i = 0; i + 1 < bytes.size(); ++i) {
    if (!sieve.first.test(static_cast<std::size_t>(bytes[i]) << 8 | bytes[i + 1])) continue;
    std::uint64_t best = UINT64_MAX;
    for (const auto* s : sieve.by_byte[bytes[i]]) {
      if (i < s->at || i - s->at < next || (i - s->at) % s->align != 0 || i - s->at >= best) continue;
      if (base::text_of(bytes.subspan(i)).starts_with(s->magic)) best = i - s->at;
    }
    if (best == UINT64_MAX) continue;
    const auto go_on = see(best);
    if (go_on == 0) return;
    next = std::max(best + 1, go_on);
    if (next > i + 1) i = next - 1;  // what lies inside a found form is its reader's
  }
}

}  // namespace unpack::carved_parts
