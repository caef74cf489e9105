#include "gate/init/policy_text.h"

#include <fmt/format.h>

namespace gate::init {
namespace {

constexpr std::string_view head = R"(# The policy of an Assay gate; every key is explained in docs/gates.md. Made by `assay-gate init {0}`.
# Closed by default: what carries no hallmark that holds is not let in.
gate:
  name: {0}      # stands in the decision log and in openings by hand

  # Whose word counts. Get an office's public key from the office itself.
  trust:
    offices:
      - name: north
        # uri: https://office.example/north    # then its hallmarks must name it
        keys:
          - file: {1}
            # not-after: 2027-01-31             # when the office changes its key, name both for a while
{2}    # policies: [<sha256>]                    # only verdicts by these policies; any when left out
    # most-age: 90d                           # older hallmarks don't count, whatever they say themselves

  # Files *.hallmark and *.revocation, up to three folders deep. Read again every minute.
  hallmarks: /var/lib/assay/hallmarks
  refresh: 60s

  # With several offices: how many must say pass. One refusal outweighs passes unless veto is false.
  # quorum: {{need: 2, of: [north, south, west], veto: true}}

  # A conditional verdict is refused unless each of its findings is listed here, or waived by one of
  # these offices in a log that is followed.
  # conditions-met: [0123456789abcdef]
  # waivers-by: [north]

  # New versions: their hallmarks must say that they were vetted against a version that this gate knows
  # (`assay hallmark --baseline`). `first: deny` refuses products without such a version, but those in `known`.
  # updates: {{baseline: required, first: allow, known: [<sha256>]}}

{3}  # Who may open this gate by hand, and for how long at most (`assay-gate break-glass`).
  # break-glass: {{keys: [break-glass.pub.pem], at-most: 8h}}

  # What a refusal links to: this, and the hallmark's digest.
  # links: https://office.example/hallmarks/
)";

constexpr std::string_view with_log = R"(    logs:
      - key: {0}
        # witnesses: [witness.example/w1+...]   # each has seen the log; quorum: how many must have
        # quorum: 1
    need-log: true
)";

constexpr std::string_view without_log = R"(    # Better: trust a log, so that no office can say one thing here and another there.
    # logs: [{key: 'log.example/north+1f5b8c31+AQ...'}]
    need-log: false
)";

constexpr std::string_view vetting = R"(  # What is not known: deny, or wait (have it vetted; the program gets the file and its SHA-256).
  unknown: deny
  # vet:
  #   command: [/usr/bin/assay, hallmark, '{file}', --key, /etc/assay/office.pem, --office, 'https://office.example/north', -o, '/var/lib/assay/hallmarks/{digest}.hallmark']
  #   at-most: 10m
  #   parallel: 1

)";

}  // namespace

std::string policy_text(std::string_view market, const Filling& filling) {
  const auto log = filling.log_key.empty() ? std::string(without_log) : fmt::format(with_log, filling.log_key);
  auto out = fmt::format(head, market, filling.key, log, vetting);
  if (!filling.log_address.empty())
    out += fmt::format("\n  # Followed for revocations and newer verdicts; too old a reading closes the gate.\n  follow:\n    - origin: {}\n      address: {}\n      most-age: 24h\n",
                       filling.log_key.substr(0, filling.log_key.find('+')), filling.log_address);
  return out;
}

}  // namespace gate::init
