// What is new about findings: each against the findings of the version before.
#pragma once

#include "judge/matching.h"

namespace judge {

/// The item behind a fact of `matching`: the product's own, or one that it lost.
const evidence::Item& item_at(const Case& c, artifact::NodeId node, std::uint32_t index);
/// The digest of the artifact that the fact stands, or stood, in.
const base::Digest& artifact_at(const Case& c, artifact::NodeId node, std::uint32_t index);

/// True for a fact that the version before had not, or had otherwise.
bool is_news(const evidence::Item& item);

/// Fills Finding::news; `by_news` tells which findings rest on a fact that is_news. Does nothing without an update.
void tell_news(const Case& c, const std::vector<bool>& by_news, std::vector<report::Finding>& findings);

/// The findings of the version before that no finding continues.
std::vector<report::PastFinding> resolved(const Case& c, const std::vector<report::Finding>& findings);

}  // namespace judge
