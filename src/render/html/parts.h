// The parts of the page, in the order in which html.cc joins them. Each gives whole markup.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "render/areas.h"
#include "render/options.h"
#include "render/outline.h"
#include "report/report.h"

namespace render::page {

std::string_view style();
std::string_view script();

/// A whole page: no network, one script, allowed by its hash. `title` and `body` are markup.
std::string document(std::string_view title, std::string_view more_style, std::string_view body, std::string_view script);

std::string header(const report::Report& report);
std::string finding_card(const report::Report& report, const Outline& outline, const Group& group);
std::string findings_section(const report::Report& report, const Outline& outline);
std::string declaration_section(const report::Report& report, const Outline& outline);
std::string endpoints_section(const Outline& outline);
std::string coverage_section(const report::Report& report, const Outline& outline);
std::string replay_section(const report::Report& report);

/// Which areas the tree lists: breadth first, so that the cut is fair to every branch.
std::vector<bool> listed_areas(const std::vector<Area>& areas);
std::string tree_section(const report::Report& report, const std::vector<Area>& areas, const std::vector<bool>& listed);

/// The searchable list, and the data behind it.
std::string evidence_section(const report::Report& report, const Outline& outline);

/// "byte 57 (0x39), 39 bytes, line 3, in main"
std::string where_text(const evidence::Item& item);
/// An excerpt: text as <pre>, other bytes as a hex dump with offsets.
std::string excerpt_markup(const evidence::Item& item);

}  // namespace render::page
