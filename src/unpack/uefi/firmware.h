// The parts of firmware images, each one a function that claims its bytes and hands on what it
// holds. One Walk serves one read of one artifact.
#pragma once

#include <map>
#include <string>

#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/uefi/volume.h"

namespace unpack::uefi_format {

struct Walk {
  Walk(const evidence::View& v, evidence::Sink& s) : view(v), sink(s), ledger(v, s) {}

  const evidence::View& view;
  evidence::Sink& sink;
  Ledger ledger;
  std::map<std::string, unsigned> used;  ///< how often a member's name was given
  int nesting = 0;                       ///< of volumes within variable stores' spare blocks

  base::Bytes bytes() const { return view.bytes; }
  /// States a trouble; the range is cut to the artifact.
  void trouble(std::string_view word, std::string value, base::Range range = {});
  /// "DxeCore.efi", the next time "DxeCore-2.efi".
  std::string name(const std::string& stem, std::string_view end);
  /// Hands on a piece of the artifact as it stands; constant pieces are padding and no member.
  base::Result<> give(base::Range range, std::string name, artifact::Origin origin = artifact::Origin::member, std::string kind = {});
};

/// Firmware volumes wherever they stand in [from, end). What stands between is left to close().
base::Result<> volumes(Walk& walk, std::uint64_t from, std::uint64_t end);
/// True if a volume with a sound header stands in [from, end).
bool holds_volume(base::Bytes bytes, std::uint64_t from, std::uint64_t end);

/// Sections one behind the other (volume 3, 2.1.4); `stem` names what they hold, unless one of them does.
base::Result<> sections(Walk& walk, base::Range range, std::string stem, int depth = 0);
/// A section whose content is compressed: its content as a child.
base::Result<> compressed_section(Walk& walk, const Section& section, const std::string& stem);
/// A GUID-defined section. True if its body is sections again, which the caller reads.
base::Result<bool> guided_section(Walk& walk, const Section& section, const std::string& stem);

/// Stores of UEFI variables in [from, end).
base::Result<> variable_stores(Walk& walk, base::Range range, const std::string& stem);
/// One store of the two older makers' forms, "$VSS" and "NVAR". False if none starts here.
base::Result<bool> other_store(Walk& walk, base::Range range, const std::string& stem);

base::Result<> capsule(Walk& walk);           ///< UEFI 2.10, 8.5.3 and 23.3
base::Result<> signature_lists(Walk& walk);   ///< UEFI 2.10, 32.4.1
base::Result<> intel_flash(Walk& walk);
base::Result<> intel_engine(Walk& walk);

}  // namespace unpack::uefi_format
