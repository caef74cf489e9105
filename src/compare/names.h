// Names and values with what a version bump normally changes taken out: version numbers, years, hashes
// of contents in names. Inside this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "artifact/tree.h"
#include "compare/compare.h"

namespace compare {

/// "libz.so.1.2.13" -> "libz.so.#", "main.3fa94c1b.js" -> "main.#.js", "(c) 2024" -> "(c) #". Addresses of four
/// numbers stay.
std::string without_versions(std::string_view text);

/// Where each artifact stands below the product, by node: without the name that the product was handed in
/// under, and without the compression of layers, so that data.tar.xz and data.tar.zst are one place.
std::vector<std::string> place_keys(const artifact::Tree& tree);

/// fact_key (compare/compare.h), and everything else that a reader of the evidence would see change.
std::string whole_key(const evidence::Item& item);

/// False for facts that say nothing of what a product does: digests of likeness, the wording of a kind.
bool is_compared(const evidence::Item& item);

}  // namespace compare
