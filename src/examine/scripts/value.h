// What is known of a value while a script is read: its text as far as it is constant, and the
// marks of where it comes from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "code/syntax/syntax.h"
#include "evidence/vocabulary.h"

namespace examine::script {

using code::syntax::Ref;
using code::syntax::none_node;
using evidence::Confidence;

/// Where a value comes from. Words of private_ and outside, "decoded-string", and inner marks
/// that start with '@' and never leave this examiner ("@socket", "@time").
struct Mark {
  std::string word;
  std::string source;    ///< callee or path
  std::uint64_t at = 0;  ///< offset of the source
  Confidence confidence = Confidence::high;
  std::string endpoint;
  bool authenticated = false;
};

inline constexpr std::size_t most_marks = 12;
inline constexpr std::size_t most_text = 256u << 10;
inline constexpr std::size_t most_list = 20'000;

struct Value {
  std::vector<Mark> marks;
  std::string text;       ///< unknown parts stand as \x01 name \x02
  bool exact = false;     ///< text is the whole value
  std::string path;       ///< dotted name that it stands for: "subprocess.run"
  std::string file;       ///< key of the opened file that it reads or writes
  Ref function = none_node;
  std::shared_ptr<const std::vector<Value>> items;  ///< of a list literal

  static Value constant(std::string text);
  static Value unknown(std::string_view name);
  static Value named(std::string path);
  static Value marked(Mark mark);

  void add(Mark mark);
  void add_all(const Value& from);
  /// Takes the marks, lowered to at most this confidence.
  void add_all(const Value& from, Confidence most);
  const Mark* mark(std::string_view word) const;
  bool is_private() const;
};

/// Two ways to the same place: marks of both, the later text.
Value either(Value a, const Value& b);
/// What a loop over a list is read with: the item that names a private place, else the list itself.
Value telling_item(const Value& list);
/// One text after another.
Value concat(const Value& a, const Value& b);
/// The text without unknown parts, for searching.
std::string known_text(std::string_view text);
Confidence least(Confidence a, Confidence b);

/// Which private word the content of a file of this path has; "" when none.
struct PathMeaning {
  std::string_view word;
  Confidence confidence;
};
PathMeaning private_path(std::string_view path);
/// What writing to this path does; word "" when nothing special.
struct WriteMeaning {
  evidence::Facet facet = evidence::Facet::power;
  std::string_view word;
};
WriteMeaning written_path(std::string_view path);
/// True for a name of a variable that usually holds a secret: API_TOKEN, AWS_SECRET_ACCESS_KEY.
bool is_secret_name(std::string_view name);
/// The host or URL that a text names; "" when none.
std::string endpoint_in(std::string_view text);

}  // namespace examine::script
