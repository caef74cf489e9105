// Accepts a product: a file, a folder, several files, standard input ("-"), an OCI image layout
// (a folder with `oci-layout`, taken in as one tar). Everything is frozen by SHA-256 before
// anything reads it; links are noted, never followed; nothing of a folder's order or times counts.
// Errors: usage, one sentence naming the file. Threads: may start one of its own for an OCI layout.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "artifact/tree.h"
#include "base/digest.h"
#include "base/result.h"
#include "evidence/dossier.h"
#include "report/report.h"

namespace intake {

struct FrozenFile {
  int file = -1;  ///< open for reading; the caller of take() owns it
  base::Digest digest;
  std::uint64_t size = 0;
};

/// Copies an open descriptor to where it can't change any more.
using Freeze = std::function<base::Result<FrozenFile>(int descriptor)>;

struct Piece {
  artifact::Entry entry;
  FrozenFile frozen;
};

struct Product {
  std::vector<Piece> pieces;   ///< sorted by name
  base::Digest digest;         ///< of the one file, or of the manifest of several (digest, size, name by line)
  std::uint64_t size = 0;
  std::vector<std::string> files;  ///< as handed in, without folders
};

/// Sorts the pieces and fills digest and size from them.
void complete(Product& product);

base::Result<Product> take(const std::vector<std::string>& paths, const Freeze& freeze);

/// Name, version, maker, ecosystem and purl, as the product's own outermost package says; what it
/// doesn't say is taken from the file name.
report::ProductIdentity identity_of(const Product& product, const artifact::Tree& tree, const std::vector<evidence::Dossier>& dossiers);

}  // namespace intake
