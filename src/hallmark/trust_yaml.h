// Whose word counts, as people write it (docs/hallmark.md):
//
//   trust:
//     offices:
//       - name: north
//         uri: https://office.example/north
//         keys:
//           - file: north-2026.pub.pem          # beside this file; or pem: |
//             not-before: 2026-01-01            # rotation: each key has its time, and they may overlap
//             not-after: 2027-01-31
//     logs:
//       - key: log.example/north+1f5b8c31+AQ... # the log's verifier key; its name is the origin
//         witnesses: [witness.example/w1+...]
//         quorum: 1                             # all of them when left out
//     need-log: true
//     policies: [<sha256>]                      # any when left out
//     engines: [<sha256>]
//     most-age: 90d
//   quorum:                                     # of `assay verify`
//     need: 2
//     of: [north, south, west]
#pragma once

#include "hallmark/verify.h"
#include "report/strict_yaml.h"

namespace hallmark {

/// The map under `trust:`. Keys are strict. Files are looked for from `folder`. Error: usage: file, line, what.
base::Result<Trust> read_trust(const report::YamlNode& node, const std::string& source_name, const std::string& folder);

struct TrustFile {
  Trust trust;
  std::set<std::string> quorum_of;   ///< names of offices; empty = any of them
  unsigned quorum = 1;
};
base::Result<TrustFile> parse_trust_file(std::string_view text, const std::string& source_name, const std::string& folder);
base::Result<TrustFile> load_trust_file(const std::string& file);

/// "90s", "15m", "24h", "30d", "8w", "1y" (365 days) in seconds, more than none, less than 100 years. Error: usage.
base::Result<Time> parse_span(std::string_view text);

}  // namespace hallmark
