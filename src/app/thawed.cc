#include "app/thawed.h"

#include "app/file_text.h"

namespace app {

using base::Trouble;

base::Result<evidence::Frozen> thaw_file(const std::string& file, const std::string& digest) {
  auto thawed = [&]() -> base::Result<evidence::Thawed> {
    const auto text = TRY(file_text(file, "the evidence", evidence::most_frozen_file));
    return evidence::thaw(base::bytes_of(text));
  }();
  if (!thawed) return base::fail(Trouble::usage, "{}: {}", base::printable(file), thawed.error().what);
  if (!digest.empty() && thawed->digest.hex() != digest)
    return base::fail(Trouble::usage, "{} is other evidence: its SHA-256 is {}, not {}", base::printable(file), thawed->digest.hex(), base::printable(digest));
  return std::move(thawed->frozen);
}

ThawedVetting vetting_of(evidence::Frozen frozen) {
  ThawedVetting out;
  out.vetting = std::make_unique<Vetting>();
  if (frozen.has_declaration) out.vetting->declaration = declaration_in_product(frozen.declaration, frozen.declaration_source);
  out.vetting->tree = std::move(frozen.tree);
  out.vetting->dossiers = std::move(frozen.dossiers);
  for (const auto id : out.vetting->tree.nodes[0].children) {
    const auto& node = out.vetting->tree.nodes[id];
    out.product.pieces.push_back({node.entry, {-1, node.digest, node.size}});
  }
  out.product.files = std::move(frozen.files);
  intake::complete(out.product);
  return out;
}

}  // namespace app
