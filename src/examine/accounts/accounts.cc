// Accounts, rights to log in, and services that start by themselves, read from the files in which a
// system keeps them: by place and form, in a package, an image or an unpacked root.
// Commands that add users or services at install time are the scripts examiner's to see.
#include "evidence/reader.h"
#include "examine/accounts/part.h"

namespace examine {
namespace {

using evidence::Facet;

class Accounts final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "accounts",
        .finds = "accounts, passwords that are empty, rights to log in, and services that start by themselves",
        .kinds = {"*"},
        .states = {Facet::account, Facet::trust, Facet::private_, Facet::power, Facet::reference},
        .blind_spots = {"files that a script writes when it runs", "places other than the usual ones", "Windows services inside MSI tables", "binary property lists",
                        "PAM modules themselves: only their configuration is read"},
        .version = 1,
        .references = "passwd(5), shadow(5), sudoers(5), sshd(8), pam.conf(5), systemd.unit(5), crontab(5), inetd.conf(5), udev(7), autostart-spec, launchd.plist(5)",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    if (view.kind == "elf" || view.bytes.size() > (16u << 20)) return {};
    CHECK_OK(sink.spend(256));
    CHECK_OK(account_parts::read_user_files(view, sink));
    CHECK_OK(account_parts::read_pam(view, sink));
    CHECK_OK(account_parts::read_services(view, sink));
    CHECK_OK(account_parts::read_schedules(view, sink));
    return account_parts::read_foreign_services(view, sink);
  }
};

}  // namespace

const evidence::Reader& accounts() {
  static const Accounts reader;
  return reader;
}

}  // namespace examine
