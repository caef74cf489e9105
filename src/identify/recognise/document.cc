// Documents and tables: PDF, OLE compound files, SQLite, fonts, message catalogues.
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

bool is_font(base::Bytes b) {
  if (b.size() < 28) return false;
  const auto magic = big32(b, 0);
  if (magic != 0x00010000 && !has(b, 0, "OTTO") && !has(b, 0, "true")) return false;
  const auto tables = big16(b, 4);
  if (tables == 0 || tables > 128 || b.size() < 12u + 16u * tables) return false;
  for (std::size_t i = 12; i < 16; ++i)
    if (b[i] < 0x20 || b[i] > 0x7e) return false;
  return true;
}

bool is_catalogue(base::Bytes b) {
  const bool little = little32(b, 0) == 0x950412de, big = big32(b, 0) == 0x950412de;
  if ((!little && !big) || b.size() < 28) return false;
  const auto number = [&](std::uint64_t at) { return std::uint64_t{little ? little32(b, at) : big32(b, at)}; };
  return (number(4) >> 16) <= 1 && number(12) + 8 * number(8) <= b.size() && number(16) + 8 * number(8) <= b.size();
}

class Document final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"document",
                                        {"pdf", "ole", "sqlite", "font", "mo"},
                                        {"pdf", "doc", "xls", "ppt", "msi", "sqlite", "sqlite3", "ttf", "otf", "ttc", "woff", "woff2"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 8) return std::nullopt;
    if (has(b, 0, "%PDF-")) return Identity{"pdf", "PDF document", 48};
    if (has(b, 0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") && b.size() >= 512) return Identity{"ole", "OLE compound file", 64};
    if (has(b, 0, std::string_view("SQLite format 3\0", 16))) return Identity{"sqlite", "SQLite database", 128};
    if (has(b, 0, "wOFF") || has(b, 0, "wOF2") || has(b, 0, std::string_view("ttcf\0", 5))) return Identity{"font", "font", 36};
    if (is_font(b)) return Identity{"font", "font", 44};
    if (is_catalogue(b)) return Identity{"mo", "message catalogue", 48};
    // Readers of PDF accept the mark within the first kibibyte: a second kind for a polyglot.
    if (b[0] != '#' && base::text_of(base::slice(b, 0, 1024)).find("%PDF-1.") != std::string_view::npos && has_pdf_end(b)) return Identity{"pdf", "PDF document behind other bytes", 33};
    return std::nullopt;
  }

 private:
  static bool has_pdf_end(base::Bytes b) {
    const auto tail = base::text_of(base::slice(b, b.size() > 1024 ? b.size() - 1024 : 0));
    return tail.find("startxref") != tail.npos && tail.find("%%EOF") != tail.npos;
  }
};

}  // namespace

const Recogniser& document() {
  static const Document one;
  return one;
}

}  // namespace identify
