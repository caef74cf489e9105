// Lines of a terminal page: indented, wrapped, coloured when wanted. Callers give escaped text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/options.h"
#include "report/report.h"

namespace render {

enum class Ink { plain, bold, dim, red, yellow, green, blue };

Ink ink_of(report::Verdict verdict);
Ink ink_of(report::Effect effect);

class Page {
 public:
  explicit Page(const Options& options);

  std::size_t width() const { return width_; }
  std::string ink(Ink ink, std::string_view text) const;

  void blank() { out_ += '\n'; }
  /// One line as it is; the caller vouches for its width.
  void line(std::string_view text) { (out_ += text) += '\n'; }
  void heading(std::string_view text);
  /// Rows in a box of the page's width.
  void frame(Ink edge, const std::vector<std::pair<std::string, Ink>>& rows);
  /// `label` in a column of its own, `text` wrapped beside it, at most `most` lines.
  void field(std::size_t indent, std::string_view label, std::size_t label_width, std::string_view text, Ink ink = Ink::plain, std::size_t most = 100);
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::size_t width_;
  bool colour_;
};

}  // namespace render
