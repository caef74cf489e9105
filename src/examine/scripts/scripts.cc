// Reads scripts as code: what they read that is private, what they send and fetch, what takes
// effect, and which value goes where inside one file. tree-sitter tells comments and strings from
// code. Doesn't run anything, doesn't follow values across files, and doesn't know what a value
// is at run time when the text doesn't say it.
#include "examine/scripts/scripts.h"

#include <fmt/format.h>

#include "examine/scripts/evaluator.h"
#include "examine/scripts/hidden_names.h"

namespace examine {
namespace {

using evidence::Facet;

class Scripts final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "scripts",
        .finds = "in scripts: private reads, sends, fetches, what takes effect, and the flows between them in one file",
        .kinds = {"script/shell", "script/python", "script/javascript", "script/php", "script/perl", "script/ruby", "script/powershell"},
        .states = {Facet::private_, Facet::outside, Facet::command, Facet::power, Facet::concealment, Facet::trust, Facet::account, Facet::reference, Facet::flow,
                   Facet::trouble},
        .blind_spots = {"values are not followed from one file into another", "values that pass through objects, databases or files of computed names are lost",
                        "code that a script builds from parts only known at run time is not read",
                        "a loop is read once: what a later turn would see of an earlier one can be missed"},
        .references = "https://tree-sitter.github.io/tree-sitter/",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    const auto language = code::syntax::language_of(view.kind);
    if (!language || view.bytes.empty()) return {};
    const auto text = base::text_of(view.bytes);
    const auto tree = TRY(code::syntax::parse(text, *language));
    CHECK_OK(sink.spend(tree.steps));
    label(tree, view.bytes.size(), sink);
    script::Findings findings;
    script::Evaluator evaluator(tree, text, findings, 4'000'000 + 60 * view.bytes.size());
    const auto whole = evaluator.run();
    if (*language == code::syntax::Language::javascript || *language == code::syntax::Language::php) script::state_hidden_names(tree, text, findings);
    CHECK_OK(sink.spend(evaluator.steps()));
    for (const auto& item : findings.items()) sink.state(item);
    for (const auto& [range, code] : findings.children()) CHECK_OK(hand_on(code, sink));
    CHECK_OK(whole);
    if (findings.full()) return base::fail(base::Trouble::limit, "the script gives more evidence than is kept");
    if (tree.too_deep) return base::fail(base::Trouble::limit, "the script nests deeper than {} levels", code::syntax::most_depth);
    return {};
  }

 private:
  /// What the grammar could not read stays merely scanned.
  static void label(const code::syntax::Tree& tree, std::uint64_t size, evidence::Sink& sink) {
    std::uint64_t at = 0;
    for (const auto& error : tree.errors) {
      if (error.offset > at) sink.label({at, error.offset - at}, evidence::Label::examined, "scripts");
      at = std::max(at, error.end());
    }
    if (at < size) sink.label({at, size - at}, evidence::Label::examined, "scripts");
  }

  static base::Result<> hand_on(const script::Nested& code, evidence::Sink& sink) {
    artifact::Entry entry;
    entry.name = code.name;
    entry.origin = artifact::Origin::decoded;
    entry.kind = code.kind;
    return sink.child(entry, base::bytes_of(code.text));
  }
};

}  // namespace

const evidence::Reader& scripts() {
  static const Scripts reader;
  return reader;
}

}  // namespace examine
