// What the maker says the product does (assay.declaration.yaml; docs/declaration.md).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/vocabulary.h"

namespace report {

enum class LineState { confirmed, contradicted, unobserved };
std::string_view name_of(LineState);

/// One line of a declaration, strong (the maker's, at the root or submitted) or weak (metadata of
/// the ecosystem: manifest permissions, package description).
struct DeclarationLine {
  std::string section;   ///< endpoints, private, powers, keys, updates, remote-administration, accounts, steps
  std::string value;     ///< "telemetry.example.org", "location", "listen tcp/8080"
  std::string purpose;
  std::string recipient; ///< private data: who gets it
  bool weak = false;
  bool is_void = false;  ///< wildcard or otherwise without effect; `note` says why
  std::string note;
  LineState state = LineState::unobserved;
  std::string source;    ///< "assay.declaration.yaml:12" or "Android manifest"
};

struct Declaration {
  std::string digest;    ///< hex of the file's bytes; "" when none was given
  std::vector<DeclarationLine> lines;
};

}  // namespace report
