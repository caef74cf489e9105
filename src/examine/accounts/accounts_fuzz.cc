// Fuzz target: the first byte chooses the place, the rest is the file.
#include <array>

#include "evidence/recorder.h"

namespace examine {
const evidence::Reader& accounts();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array places = {"etc/passwd", "etc/shadow", "etc/sudoers", "root/.ssh/authorized_keys", "etc/pam.d/sshd", "lib/systemd/system/a.service", "etc/cron.d/a", "etc/inetd.conf",
                                        "etc/xinetd.d/a", "etc/inittab", "etc/apt/apt.conf.d/a", "lib/udev/rules.d/a.rules", "Library/LaunchDaemons/a.plist", "a.reg", "a.inf", "etc/ld.so.preload", "etc/a.conf"};
  if (!size) return 0;
  (void)evidence::read_alone(examine::accounts(), {data + 1, size - 1}, "text", places[data[0] % places.size()]);
  return 0;
}
