#include "render/html/squarify.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace render::page {

std::vector<Box> squarify(const std::vector<double>& weights, Box whole) {
  std::vector<Box> out;
  double left = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t from = 0; from < weights.size();) {
    // The row is laid along the shorter side; it grows while its worst box gets squarer.
    const double side = std::min(whole.width, whole.height);
    const double scale = left > 0 ? whole.width * whole.height / left : 0;
    double sum = 0, best = 0;
    std::size_t to = from;
    while (to < weights.size()) {
      const double grown = (sum + weights[to]) * scale;
      const double big = weights[from] * scale, small = weights[to] * scale;
      const double worst = std::max(side * side * big / (grown * grown), grown * grown / (side * side * small));
      if (to > from && worst > best) break;
      best = worst;
      sum += weights[to++];
    }
    const double thick = side > 0 ? sum * scale / side : 0;
    const bool tall = whole.width >= whole.height;
    double at = 0;
    for (auto i = from; i < to; ++i) {
      const double length = sum > 0 ? weights[i] / sum * side : 0;
      out.push_back(tall ? Box{whole.x, whole.y + at, thick, length} : Box{whole.x + at, whole.y, length, thick});
      at += length;
    }
    if (tall) whole.x += thick, whole.width = std::max(0.0, whole.width - thick);
    else whole.y += thick, whole.height = std::max(0.0, whole.height - thick);
    for (auto i = from; i < to; ++i) left -= weights[i];
    from = to;
  }
  return out;
}

}  // namespace render::page
