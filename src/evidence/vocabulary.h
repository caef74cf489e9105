// The vocabulary of evidence: facets and their words. A closed facet takes only the words listed
// in vocabulary.cc; an open facet's word is a subtype (documented there) and its value is free.
// A new word is a deliberate change of vocabulary.cc, and of docs/glossary.md with it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace evidence {

enum class Facet {
  // closed
  private_, outside, command, power, concealment, trust,
  // open: what is there
  endpoint, key, account, step, reference, permission, capability, flow, yara,
  // open: properties of code and files, named as in capa
  import, export_, section, string, function_name, property, hardening, identity,
  // closed: what could not be read
  trouble,
};

/// "private", "outside", ... as rules and reports write it.
std::string_view name_of(Facet facet);
std::optional<Facet> facet_from(std::string_view name);
std::span<const Facet> all_facets();

/// The words of a facet: for a closed one all that may be stated, for an open one the subtypes.
std::span<const std::string_view> words_of(Facet facet);
bool is_closed(Facet facet);
bool is_word(Facet facet, std::string_view word);
/// One line of meaning for the glossary and the reference.
std::string_view meaning_of(Facet facet);

enum class Confidence { low, medium, high };
std::string_view name_of(Confidence confidence);
std::optional<Confidence> confidence_from(std::string_view name);

}  // namespace evidence
