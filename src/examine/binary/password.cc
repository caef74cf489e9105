// Programs that compare a typed password with a text of their own: see code/machine/password_check.h.
// Only programs that compare, read input and ask for a password are decoded at all.
#include <algorithm>

#include "code/machine/password_check.h"
#include "examine/binary/part.h"

namespace examine::binary_part {

using base::Bytes;
using base::Result;

namespace {

/// A text of the program, from its first printable byte to NUL, in one or two bytes a character.
std::string text_around(Bytes data, std::size_t at, std::size_t step) {
  const auto printable = [](std::uint8_t b) { return b >= 0x20 && b < 0x7f; };
  std::size_t begin = at;
  while (begin >= step && at - begin < 80 * step && printable(data[begin - step])) begin -= step;
  std::string out;
  for (std::size_t i = begin; i < data.size() && out.size() < 100 && (printable(data[i]) || data[i] == '\n' || data[i] == '\t'); i += step) out += static_cast<char>(data[i]);
  while (!out.empty() && (out.back() == ' ' || out.back() == '\n' || out.back() == '\t')) out.pop_back();
  return out;
}

/// Does the program hold a prompt for a password? Decides whether it is decoded, so it must be
/// cheap, and generous only towards short texts that end or begin as prompts do.
bool prompts_for_password(const evidence::View& view, const Program& program) {
  static constexpr std::string_view letters = "pP";
  for (const auto* ranges : {&program.data, &program.code})
    for (const auto& range : *ranges) {
      const auto data = base::slice(view.bytes, range.offset, range.size);
      const auto all = base::text_of(data);
      for (auto at = all.find_first_of(letters); at != std::string_view::npos; at = all.find_first_of(letters, at + 1)) {
        if (at + 8 > data.size()) break;
        const std::size_t step = data[at + 1] == 0 ? 2 : 1;
        const auto second = data[at + step] | 0x20, third = data[at + 2 * step] | 0x20;
        if (!(second == 'a' && third == 's') && !(second == 'i' && third == 'n')) continue;
        const auto text = text_around(data, at, step);
        if (!code::machine::asks_for_password(text) || text.size() > 60) continue;
        if (text.ends_with(':') || text.ends_with('?') || text.ends_with('>') || text.starts_with("Enter") || text.starts_with("enter") || text.starts_with("Please") || text.starts_with("Type")) return true;
      }
    }
  return false;
}

std::string plain(std::string_view name) {
  if (name.starts_with("__isoc99_") || name.starts_with("__isoc23_")) name.remove_prefix(9);
  if (name.starts_with("__") && name.ends_with("_chk")) name = name.substr(2, name.size() - 6);
  return std::string(name.substr(0, name.find('$', 1)));
}

}  // namespace

std::optional<code::machine::Image> image_of(const evidence::View& view) {
  using code::machine::image_of;
  if (view.kind == "pe") {
    const auto& file = view.parsed<Result<parse::pe::Image>>([&] { return parse::pe::read(view.bytes); });
    return file ? image_of(view.bytes, *file) : std::nullopt;
  }
  if (view.kind == "macho") {
    const auto& file = view.parsed<Result<parse::macho::Image>>([&] { return parse::macho::read(view.bytes); });
    return file ? image_of(view.bytes, *file) : std::nullopt;
  }
  if (view.kind == "coff") {
    const auto object = parse::pe::read_object(view.bytes);
    return object ? image_of(view.bytes, *object) : std::nullopt;
  }
  const auto& file = view.parsed<Result<parse::elf::File>>([&] { return parse::elf::read(view.bytes); });
  return file ? image_of(view.bytes, *file) : std::nullopt;
}

Result<> state_password_checks(const evidence::View& view, const Program& program, evidence::Sink& sink) {
  bool compares = false, reads = false;
  const auto look = [&](std::string_view raw) {
    const auto name = plain(raw);
    compares |= code::machine::compares(name);
    reads |= code::machine::reads_input(name);
  };
  for (const auto& i : program.imports) look(i.name);
  for (const auto& f : program.own_functions) look(f);
  if (!compares || !reads || !prompts_for_password(view, program)) return {};
  auto image = image_of(view);
  if (!image) return {};
  std::uint64_t work = 0;
  const auto calls = code::machine::calls_of(*image, work);
  CHECK_OK(sink.spend(work * 8));
  // A program too large for this look stays scanned, as all code does; the card says so.
  if (!calls) return calls.error().trouble == base::Trouble::limit ? Result<>{} : std::unexpected(calls.error());
  for (const auto& c : code::machine::password_checks(*image, *calls)) {
    const auto at = base::slice(view.bytes, c.text_offset, c.text.size());
    auto item = fact(evidence::Facet::trust, "hard-coded-credential", c.text, {at.empty() ? 0 : c.text_offset, at.size()}, evidence::Confidence::medium);
    item.secret = true;
    item.attributes["compared-by"] = c.comparison;
    item.attributes["typed-by"] = c.input;
    item.attributes["prompt"] = c.prompt;
    item.attributes["call-at"] = fmt::format("{:#x}", c.call_offset);
    sink.state(std::move(item));
  }
  return {};
}

}  // namespace examine::binary_part
