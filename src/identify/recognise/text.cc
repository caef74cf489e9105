// Text and its plain forms: JSON, YAML, XML, HTML, CSS, manual pages. JSON is judged by its first
// and last characters only; who parses it says the rest.
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

bool json_like(base::Bytes b, std::string_view front) {
  if (front.size() < 2) return false;
  const auto whole = base::text_of(b);
  const auto last = whole.find_last_not_of(" \t\r\n");
  if (last == whole.npos) return false;
  const auto next = trim_front(front.substr(1));
  if (next.empty()) return false;
  if (front[0] == '{') return whole[last] == '}' && (next[0] == '"' || next[0] == '}');
  if (front[0] != '[' || whole[last] != ']') return false;
  return next[0] == '{' || next[0] == '[' || next[0] == '"' || next[0] == ']' || next[0] == '-' || (next[0] >= '0' && next[0] <= '9');
}

bool man_like(std::string_view front) {
  if (!front.starts_with(".") && !front.starts_with("'\\\"") && !front.starts_with("'''")) return false;
  return front.starts_with(".TH ") || front.starts_with(".Dd ") || front.find("\n.TH ") != front.npos || front.find("\n.Dd ") != front.npos ||
         front.find("\n.SH ") != front.npos || front.starts_with(".so man");
}

class Text final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"text",
                                        {"json", "yaml", "xml", "html", "css", "man", "text"},
                                        {"txt", "md", "rst", "json", "yaml", "yml", "xml", "html", "htm", "xhtml", "css", "csv", "ini", "conf", "log"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    if (!is_text(s.bytes)) return std::nullopt;
    const auto text = opening(s.bytes);
    const auto front = trim_front(text);
    const auto ext = extension(s.name);
    const auto head = lower(front.substr(0, 512));
    const bool xml = head.starts_with("<?xml");
    if (head.starts_with("<!doctype html") || head.starts_with("<html") || (xml && head.find("<!doctype html") != head.npos) ||
        (one_of(ext, {"html", "htm", "xhtml"}) && head.find('<') != head.npos))
      return Identity{"html", "HTML", 14};
    if (xml || (head.starts_with("<!doctype ") && ext != "md") || (ext == "xml" && head.starts_with("<"))) return Identity{"xml", "XML", 13};
    if (json_like(s.bytes, front)) return Identity{"json", "JSON", ext == "json" ? 14u : 10u};
    if (one_of(ext, {"yaml", "yml"}) || front.starts_with("%YAML ") || (front.starts_with("---\n") && front.find(": ") != front.npos && ext.empty()))
      return Identity{"yaml", "YAML", 10};
    if (ext == "css") return Identity{"css", "style sheet", 10};
    if (man_like(front)) return Identity{"man", "manual page", 10};
    return Identity{"text", "text", 4};
  }
};

}  // namespace

const Recogniser& text() {
  static const Text one;
  return one;
}

}  // namespace identify
