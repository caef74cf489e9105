// Compiled Python: the marshalled tree of code objects, 2.7 to 3.13. Names, constants and docstrings are
// handed on as a text; the imported names are stated; bytecode itself is not read.
// CPython: Python/marshal.c, Lib/importlib/_bootstrap_external.py (magic numbers), Objects/codeobject.c.
#include <set>

#include "base/cursor.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;

constexpr int most_marshal_depth = 200;
constexpr std::size_t most_constants = 16u << 20;

/// Which fields a code object has, by the magic number of its compiler.
enum class Layout { two, three, positional, three_eleven };

Layout layout_of(unsigned magic) {
  if (magic >= 20121) return Layout::two;          // 2.x
  if (magic >= 3495) return Layout::three_eleven;  // 3.11 and later
  if (magic >= 3412) return Layout::positional;    // 3.8: positional-only arguments
  return Layout::three;
}
unsigned header_size(unsigned magic) {
  if (magic >= 20121) return 8;
  return magic >= 3392 ? 16 : magic >= 3190 ? 12 : 8;  // 3.7: flags; 3.3: size of the source
}

class Marshal {
 public:
  Marshal(base::Bytes bytes, Layout layout, evidence::Sink& sink) : bytes_(bytes), at_(bytes), layout_(layout), sink_(sink) {}

  base::Result<> object(int depth = 0) {
    if (depth > most_marshal_depth) return base::fail(Trouble::limit, "marshalled objects nest deeper than {}", most_marshal_depth);
    CHECK_OK(sink_.spend(8));
    const auto mark = at_.u8();
    const auto type = mark & 0x7F;
    CHECK_OK(at_.status("the marshalled data"));
    // A marked object can be named again by its number, in the order in which the marks stand.
    const auto number = again_.size();
    const bool marked = mark & 0x80 || (type == 't' && layout_ == Layout::two);
    if (marked) again_.emplace_back();
    last_ = {};
    CHECK_OK(body(type, depth));
    if (marked && is_text(type)) again_[number] = last_;
    return {};
  }

  const std::string& constants() const { return constants_; }
  const std::set<std::string>& names() const { return names_; }
  const std::vector<base::Range>& bytecode() const { return bytecode_; }
  std::uint64_t position() const { return at_.position(); }

 private:
  static bool is_text(int type) { return std::string_view("stuaAzZ").find(static_cast<char>(type)) != std::string_view::npos; }

  base::Result<> body(int type, int depth) {
    switch (type) {
      case '0': case 'N': case 'F': case 'T': case 'S': case '.': return {};
      case 'r': case 'R': {
        const auto n = at_.u32();
        if (n < again_.size()) seen(again_[n]);
        return {};
      }
      case 'i': at_.skip(4); return {};
      case 'I': case 'g': at_.skip(8); return {};
      case 'y': at_.skip(16); return {};
      case 'f': at_.skip(at_.u8()); return {};
      case 'x': at_.skip(at_.u8()); at_.skip(at_.u8()); return {};
      case 'l': {
        const auto digits = static_cast<std::int32_t>(at_.u32());
        at_.skip(2 * static_cast<std::uint64_t>(digits < 0 ? -static_cast<std::int64_t>(digits) : digits));
        return {};
      }
      case 's': case 't': case 'u': case 'a': case 'A': return text(at_.u32());
      case 'z': case 'Z': return text(at_.u8());
      case ')': return sequence(at_.u8(), depth);
      case '(': case '[': case '<': case '>': return sequence(at_.u32(), depth);
      case '{': return dictionary(depth);
      case 'c': return code(depth);
      default: return base::fail(Trouble::malformed, "a marshalled object of type 0x{:02x}", type);
    }
  }

  base::Result<> text(std::uint64_t size) {
    const auto from = at_.position();
    const auto bytes = at_.take(size);
    CHECK_OK(at_.status("a marshalled string"));
    last_ = {from, bytes.size()};
    seen(last_);
    if (quiet_ || bytes.empty()) return {};
    CHECK_OK(sink_.spend(size));
    if (constants_.size() < most_constants) constants_.append(base::text_of(bytes)).append("\n");
    return {};
  }
  base::Result<> sequence(std::uint64_t count, int depth) {
    if (count > at_.left()) return base::fail(Trouble::truncated, "a marshalled list of {} entries", count);
    for (; count; --count) CHECK_OK(object(depth + 1));
    return {};
  }
  base::Result<> dictionary(int depth) {
    while (at_.left()) {
      const auto before = at_;
      if (at_.u8() == '0') return {};
      at_ = before;
      CHECK_OK(object(depth + 1));
      CHECK_OK(object(depth + 1));
    }
    return base::fail(Trouble::truncated, "a marshalled dictionary has no end");
  }

  // Byte strings that are tables for the interpreter, not constants of the program.
  base::Result<> table(int depth, bool is_code) {
    quiet_ = true;
    last_ = {};
    auto done = object(depth + 1);
    quiet_ = false;
    if (done && last_.size && is_code) bytecode_.push_back(last_);
    return done;
  }
  base::Result<> code(int depth) {
    at_.skip(layout_ == Layout::two ? 16 : layout_ == Layout::three ? 20 : layout_ == Layout::positional ? 24 : 20);
    CHECK_OK(table(depth, true));
    CHECK_OK(object(depth + 1));  // constants
    collecting_ = true;
    const auto names = object(depth + 1);  // globals, attributes, imports
    collecting_ = false;
    CHECK_OK(names);
    if (layout_ == Layout::three_eleven) {
      CHECK_OK(object(depth + 1));      // names of locals, cells and free variables
      CHECK_OK(table(depth, false));    // their kinds
    } else {
      for (int i = 0; i < 3; ++i) CHECK_OK(object(depth + 1));
    }
    CHECK_OK(object(depth + 1));  // file name
    CHECK_OK(object(depth + 1));  // name
    if (layout_ == Layout::three_eleven) CHECK_OK(object(depth + 1));  // qualified name
    at_.skip(4);                  // first line
    CHECK_OK(table(depth, false));
    if (layout_ == Layout::three_eleven) CHECK_OK(table(depth, false));  // exceptions
    return at_.status("a marshalled code object");
  }
  void seen(base::Range text) {
    if (collecting_ && text.size && names_.size() < 20'000) names_.emplace(base::text_of(base::slice(bytes_, text.offset, text.size)));
  }

  base::Bytes bytes_;
  base::Cursor at_;
  Layout layout_;
  evidence::Sink& sink_;
  std::string constants_;
  std::set<std::string> names_;
  std::vector<base::Range> bytecode_;
  std::vector<base::Range> again_;
  base::Range last_;
  bool quiet_ = false, collecting_ = false;
};

class Pyc final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "pyc",
        .finds = "Strings and names of compiled Python.",
        .kinds = {"pyc"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble, evidence::Facet::property},
        .blind_spots = {"Python bytecode is not decoded: its strings and names are read, what it does with them is not.", "Numbers among the constants are not handed on."},
        .references = "CPython Python/marshal.c",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    base::Cursor head(view.bytes);
    const auto magic = head.u16();
    const std::uint64_t start = header_size(magic);
    if (view.bytes.size() <= start) return base::fail(Trouble::truncated, "the compiled file ends in its header");
    Marshal tree(base::slice(view.bytes, start), layout_of(magic), sink);
    const auto done = tree.object();
    const auto end = start + tree.position();
    // Structure is a stronger label than scanned, so what stands between the bytecodes is labelled piece by piece.
    std::uint64_t at = 0;
    for (const auto& code : tree.bytecode()) {
      if (start + code.offset > at) sink.label({at, start + code.offset - at}, Label::structure, "marshalled Python");
      sink.label({start + code.offset, code.size}, Label::scanned, "bytecode");
      at = start + code.offset + code.size;
    }
    if (end > at) sink.label({at, end - at}, Label::structure, "marshalled Python");
    CHECK_OK(give(tree, sink));
    if (!done) {
      sink.label({end, view.bytes.size() - end}, Label::opaque, "damaged");
      return done;
    }
    return hand_on_rest(view, sink, end, evidence::Confidence::medium);
  }

 private:
  static base::Result<> give(const Marshal& tree, evidence::Sink& sink) {
    artifact::Entry entry;
    entry.origin = artifact::Origin::embedded;
    entry.name = "constants";
    CHECK_OK(sink.child(entry, base::bytes_of(tree.constants())));
    std::string names;
    for (const auto& n : tree.names()) names.append(n).append("\n");
    entry.name = "names";
    CHECK_OK(sink.child(entry, base::bytes_of(names)));
    evidence::Item item;
    item.facet = evidence::Facet::property;
    item.word = "format";
    item.value = "bytecode that is not decoded";
    std::uint64_t size = 0;
    for (const auto& r : tree.bytecode()) size += r.size;
    item.attributes["bytes"] = fmt::format("{}", size);
    sink.state(std::move(item));
    return {};
  }
};

}  // namespace

const evidence::Reader& pyc() {
  static const Pyc reader;
  return reader;
}

}  // namespace unpack
