// A rule as the judge holds it: capa's statements (https://github.com/mandiant/capa-rules/blob/master/doc/format.md)
// over atoms. An atom is one question about one fact; equal atoms of all rules are kept once and
// asked once per fact, so that the cost of many rules is the cost of their different questions.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "evidence/item.h"
#include "report/report.h"

namespace judge {

/// How far a rule looks, narrow to wide. `none`: a dynamic or unsupported scope, never evaluated.
enum class Reach { instruction, basic_block, function, file, step, package, product, none };
std::string_view name_of(Reach);
std::optional<Reach> reach_from(std::string_view name);

/// What kind of fact an atom asks for: a facet of evidence, or one of capa's own.
enum class Kind : std::uint8_t {
  // the first 24 are evidence::Facet in order
  first_own = 64,
  api = first_own, bytes, number, offset, mnemonic, operand_number, operand_offset, characteristic, basic_blocks,
  klass, name_space, dotnet_property, com,
  os, arch, format, match,
};
inline Kind kind_of(evidence::Facet facet) { return static_cast<Kind>(facet); }
inline bool is_facet(Kind kind) { return kind < Kind::first_own; }
/// True for features that need disassembled or decompiled code, which nobody extracts yet.
inline bool needs_code(Kind kind) { return kind >= Kind::api && kind <= Kind::com; }
std::string name_of(Kind kind);

enum class Form { any, exact, substring, regex, prefix };

using AtomId = std::uint32_t;

struct Atom {
  Kind kind = Kind::match;
  std::string word;                 ///< must equal the fact's word, unless ""
  Form form = Form::any;
  std::string text;                 ///< what the form compares with; a regex's source
  bool caseless = false, dot_all = false;
  std::shared_ptr<const re2::RE2> pattern;
  evidence::Confidence least = evidence::Confidence::low;  ///< weaker facts do not count
  std::map<std::string, std::string> attributes;           ///< each must be there with this value; "" = any value
  std::map<std::string, std::shared_ptr<const re2::RE2>> attribute_patterns;  ///< of those written as /regex/
  std::map<std::string, std::string> without;              ///< none may be there with this value; "" = any value
  std::map<std::string, std::shared_ptr<const re2::RE2>> without_patterns;
  std::string origin;               ///< of the artifact, "" = any
  std::string key() const;          ///< equal for equal atoms
};

struct Statement {
  enum class Type { all, any, none, optional, some, count, atom };
  Type type = Type::atom;
  std::vector<Statement> children;
  AtomId atom = 0;                             ///< of atom and count
  std::uint64_t least = 0, most = UINT64_MAX;  ///< of some (least) and count
};


struct Rule {
  std::string name, name_space, description, klass, why, settle, declare;
  std::vector<std::string> authors, references;
  report::Severity severity = report::Severity::info;
  evidence::Confidence confidence = evidence::Confidence::high;
  bool declarable = true;
  bool together = false;  ///< weak facts that are rare together: as sure as the rule says, not as its weakest fact
  bool lib = false;       ///< matched for other rules, never reported
  bool of_user = false;   ///< not written for Assay: no class
  Reach reach = Reach::file;
  Statement top;
  std::string file;       ///< path below the rules' folder
  int line = 0;
};

}  // namespace judge
