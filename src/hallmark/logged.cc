#include "hallmark/logged.h"

namespace hallmark {

base::Result<Envelope> logged_statement(const LeafFacts& leaf, std::string_view text) {
  auto out = TRY(Envelope::from_json(text));
  if (out.payload_digest() != leaf.payload) return base::fail(base::Trouble::malformed, "it is another statement than the log's entry names");
  out.signatures.assign(1, {leaf.key.id().hex(), leaf.signature});
  if (!out.check(leaf.key)) return base::fail(base::Trouble::malformed, "the signature in the log's entry is not one of its statement");
  return out;
}

}  // namespace hallmark
