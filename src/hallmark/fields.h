// JSON from strangers, read under limits, and an object's fields taken out of it one by one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "hallmark/statement.h"

namespace hallmark {

/// Sorted keys, no white space: RFC 8785 for the texts and whole numbers used here.
using Json = nlohmann::json;

/// One JSON value (RFC 8259). Error: malformed or limit: not JSON, a key twice in one object, deeper than 24
/// levels, more than 400,000 values, more than `most_bytes`.
base::Result<Json> parse_json(std::string_view text, std::size_t most_bytes);

/// One line, the same bytes for the same value; never throws.
std::string print_json(const Json& json);

/// Base64 as protobuf's JSON form takes it: the standard or the URL-safe alphabet, padded or not; no stray bits.
std::optional<base::Buffer> from_any_base64(std::string_view text);

/// {"sha256": "<hex>"}, the DigestSet of in-toto.
Json digest_set(const base::Digest& digest);
/// The same from hex; an empty text gives an empty set.
Json digest_set(std::string_view hex);

inline constexpr std::size_t most_text_bytes = 65'536;
inline constexpr std::size_t most_list_items = 10'000;

/// Takes an object apart. The first thing that is wrong is kept, and told by done(); everything read after
/// it is empty. Unknown keys are passed over (in-toto and DSSE both ask for that). Texts must be printable:
/// what goes on to a terminal or a log is as it was signed.
class Fields {
 public:
  Fields(const Json& object, std::string what);

  std::string text(const std::string& key);             ///< must be there, not empty
  std::string text_or_empty(const std::string& key);
  std::string raw_text(const std::string& key);         ///< as it stands, newlines and all: not for people
  std::vector<std::string> texts(const std::string& key);   ///< a missing list is an empty one
  base::Digest digest(const std::string& key);          ///< of a DigestSet
  std::optional<base::Digest> digest_or_none(const std::string& key);
  std::string hex_or_empty(const std::string& key);     ///< of a DigestSet
  std::vector<std::string> hex_list(const std::string& key);   ///< SHA-256 in hex
  Time time(const std::string& key);
  void period(Time& issued, Time& expires);             ///< the members of these names; it ends after it begins
  std::uint64_t number(const std::string& key);
  bool flag(const std::string& key);
  base::Buffer bytes(const std::string& key);           ///< base64, either alphabet
  /// A member that must be an object, or a list; an empty one where it is not.
  const Json& object(const std::string& key);
  const Json& list(const std::string& key, std::size_t most = most_list_items);
  bool has(const std::string& key) const;

  void wrong(std::string_view key, std::string_view why);
  /// What is wrong in a member that was taken apart by itself is wrong here.
  void wrong_in(std::string_view key, const Fields& member);
  base::Result<> done() const;

 private:
  const Json* find(const std::string& key) const;
  std::string checked(const Json& value, const std::string& key);
  base::Digest checked_digest(const Json& value, const std::string& key);
  const Json& json_;
  std::string what_;
  std::optional<base::Error> error_;
};

}  // namespace hallmark
