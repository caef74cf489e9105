// Takes keys, tokens, passwords, personal mail addresses and phone numbers out of everything that a
// report says, and puts fingerprints in their place (docs/report.md, "What is redacted").
//
// A secret is known by an item that states it (`secret`, or a personal mail address or a phone
// number). Its bytes are hidden where their range is shown, whoever shows it, and where their text
// is met again. Not hidden: a secret that no examiner stated, an encoding of one, and a repeat of a
// secret of fewer than 8 bytes, or of fewer than 16 letters and nothing else, outside its range.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/tree.h"
#include "base/digest.h"
#include "evidence/dossier.h"
#include "report/report.h"

namespace report {

/// Knows the secrets of a product. First learn() all dossiers, then exhibits() of each, then judge, then
/// apply() to the report, whose sentences may repeat a value. Const use is thread-safe.
class Redactor {
 public:
  void learn(const evidence::Dossier& dossier);

  /// The text with every known secret and every personal mail address replaced.
  std::string text(std::string_view raw) const;

  /// The items of one artifact as the report shows them. Ids are those of the unredacted items.
  std::vector<Exhibit> exhibits(artifact::NodeId node, const base::Digest& artifact, const evidence::Dossier& dossier) const;

  /// Names, places, sentences and declaration lines of a whole report, exhibits included.
  void apply(Report& report) const;

 private:
  void apply(ProductIdentity& product) const;
  void apply(Exhibit& exhibit) const;
  void apply(Baseline& baseline) const;
  void learn_text(std::string_view secret);
  std::map<std::string, std::vector<std::string>, std::less<>> by_start_;  ///< first 8 bytes -> secrets, longest first
  std::vector<bool> starts_;  ///< filter before by_start_
};

/// One artifact by itself: learns its dossier and gives its exhibits.
std::vector<Exhibit> exhibits(artifact::NodeId node, const base::Digest& artifact, const evidence::Dossier& dossier);

/// "[redacted fingerprint 1f2e3d4c]"
std::string redaction_of(std::string_view secret);

/// True for an item whose value and excerpt no output shows.
bool is_secret(const evidence::Item& item);

/// False for addresses of a role (info@, security@, ...), which are nobody's own.
bool is_personal_mail(std::string_view address);

}  // namespace report
