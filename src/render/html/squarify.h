// Where the boxes of a treemap stand.
#pragma once

#include <vector>

namespace render::page {

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

/// Squarified treemap (Bruls, Huizing, van Wijk 2000): boxes of the given weights, largest first,
/// that fill `whole`. Weights are positive and sorted downwards.
std::vector<Box> squarify(const std::vector<double>& weights, Box whole);

}  // namespace render::page
