// What the unpackers of firmware images share: the parts of a layout handed on, its sums compared.
#pragma once

#include "parse/firmware/layout.h"
#include "unpack/ledger.h"

namespace unpack {

/// States property:format with attributes.
void state_format(evidence::Sink& sink, std::string value, std::map<std::string, std::string> attributes = {}, base::Range range = {});

/// Hands on a part that stands as it is.
base::Result<> give_part(Ledger& ledger, std::string name, base::Range range, artifact::Origin origin = artifact::Origin::member, std::string kind = {});

/// Computes a sum and states a mismatch when it differs. A part that is cut off is not compared:
/// that is stated where the part is given.
base::Result<> compare_sum(const evidence::View& view, evidence::Sink& sink, const parse::firmware::Check& check);

/// States the layout's facts, compares its sums and hands its parts on. The caller closes the ledger.
base::Result<> read_parts(const evidence::View& view, evidence::Sink& sink, Ledger& ledger, const parse::firmware::Layout& layout);

/// The whole of it: the parts, the gaps between them, and what follows the image's end.
base::Result<> read_layout(const evidence::View& view, evidence::Sink& sink, const parse::firmware::Layout& layout);

}  // namespace unpack
