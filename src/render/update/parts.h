// The parts of the page of an update, in the order in which update_html.cc joins them. Each gives whole markup.
#pragma once

#include <string>
#include <string_view>

#include "render/outline.h"
#include "render/update/update.h"
#include "report/report.h"

namespace render::page {

inline constexpr std::size_t most_update_changes = 1'500;  ///< facts, by weight
inline constexpr std::size_t most_update_spots = 6;        ///< places of one fact
inline constexpr std::size_t most_update_artifacts = 500;  ///< rows
inline constexpr std::size_t most_update_findings = 100;   ///< cards

std::string_view update_style();
std::string_view update_script();

std::string update_header(const report::Report& report);
/// Findings as cards and changes as lines that lead to their place below.
std::string foremost_section(const report::Report& report, const Outline& outline, const UpdateOutline& update);
/// Every change with its places side by side, by topic.
std::string changes_section(const report::Report& report, const UpdateOutline& update);
std::string artifact_changes_section(const report::Report& report);
std::string coverage_change_section(const report::Report& report);
/// Findings that are gone, new ones that are only disclosed, and what was not compared.
std::string past_section(const report::Report& report, const UpdateOutline& update);

/// For the page of a single version that has a baseline: counts and the lines that matter, without their places.
std::string changes_since_section(const report::Report& report);

/// "2.4.0", or "before" where there is no version; escaped.
std::string version_of(const report::ProductIdentity& product, std::string_view otherwise);
/// "<span class="sign c-gained">+</span>"
std::string sign_markup(report::Turn turn);
/// "+3 -1 ~2"
std::string counts_text(const Counts& counts);

}  // namespace render::page
