// The map of the product: a treemap in plain HTML, sized by bytes, coloured by coverage or by
// finding; a radio button switches, without script.
#pragma once

#include <string>
#include <vector>

#include "render/areas.h"

namespace render::page {

/// The <section>; `listed[i]` says whether the tree below the map has a row for area i to link to.
std::string map_section(const report::Report& report, const std::vector<Area>& areas, const std::vector<bool>& listed);

/// A horizontal gradient in the colours of the labels, by share.
std::string label_gradient(const evidence::Tally& tally);

}  // namespace render::page
