// Inside examine/binary: what the steps of the examiner share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "code/machine/image.h"
#include "evidence/reader.h"

namespace examine::binary_part {

/// A function that a program links, in the terms that all formats share.
struct Linked {
  std::string name;      ///< plain: without Mach-O's underscore
  std::string library;   ///< "libc.so.6", "kernel32"; "" where the format does not say
};

/// A program in the terms that all formats share: what the format-neutral steps work on.
struct Program {
  std::vector<Linked> imports;
  std::vector<std::string> exports;
  std::vector<std::string> own_functions;  ///< defined in the file (symbol table), for programs that link nothing
  std::vector<base::Range> data;           ///< loaded, not executable: constants and variables
  std::vector<base::Range> code;           ///< loaded and executable
  std::uint64_t extent = 0;                ///< where headers stop accounting for bytes
  base::Range after_extent_known;          ///< a known run behind the extent (a signature), left out of the overlay
  bool shared = false;                     ///< a library
  bool linked = true;                      ///< false for object files
};

evidence::Item fact(evidence::Facet facet, std::string_view word, std::string_view value, base::Range range = {},
                    evidence::Confidence confidence = evidence::Confidence::high);

/// A label and where it comes from, checked against the artifact's size.
void claim(const evidence::View& view, evidence::Sink& sink, base::Range range, evidence::Label label, std::string_view why);

// One per format: states what the format says, labels its structure, answers the shared terms.
base::Result<Program> examine_elf(const evidence::View& view, evidence::Sink& sink);
base::Result<Program> examine_pe(const evidence::View& view, evidence::Sink& sink);
base::Result<Program> examine_macho(const evidence::View& view, evidence::Sink& sink);
base::Result<Program> examine_coff(const evidence::View& view, evidence::Sink& sink);
base::Result<> examine_fat(const evidence::View& view, evidence::Sink& sink);

/// The program as it stands in memory; nothing for processors that are not read.
std::optional<code::machine::Image> image_of(const evidence::View& view);

// Format-neutral steps.
base::Result<> state_links(const Program& program, evidence::Sink& sink);
base::Result<> state_strings(const evidence::View& view, const Program& program, evidence::Sink& sink);
void state_hooks(const Program& program, evidence::Sink& sink);
base::Result<> state_overlay(const evidence::View& view, const Program& program, evidence::Sink& sink);
base::Result<> state_embedded(const evidence::View& view, const Program& program, evidence::Sink& sink);
base::Result<> state_password_checks(const evidence::View& view, const Program& program, evidence::Sink& sink);
base::Result<> state_flows(const evidence::View& view, const Program& program, evidence::Sink& sink);
base::Result<> state_keyed_texts(const evidence::View& view, const Program& program, evidence::Sink& sink);
void state_packing(const evidence::View& view, const Program& program, evidence::Sink& sink);

}  // namespace examine::binary_part
