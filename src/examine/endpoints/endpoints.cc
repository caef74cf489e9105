// Endpoints named in any artifact: URLs, hosts, addresses, mails, onion names, phone numbers,
// wallets, in ASCII and UTF-16LE text, with where they stand.
// Reserved, documentation, private and loopback names, XML namespaces and licence addresses are
// labelled; a label never leaves anything out. What is encoded (base64, XOR) is opened by
// `concealment`, whose children come here again.
#include <cstring>
#include <map>

#include "evidence/reader.h"
#include "examine/endpoints/scan.h"

namespace examine {
namespace {

using evidence::Facet;

constexpr std::size_t most_of_a_word = 1000;  // distinct values listed one by one

class Collection {
 public:
  void add(Sighting s, std::uint64_t base, std::uint64_t stride, std::string_view encoding) {
    Key key{s.word, s.value};
    if (const auto found = seen_.find(key); found != seen_.end()) {
      found->second.count++;
      found->second.confidence = std::max(found->second.confidence, s.confidence);
      return;
    }
    if (++distinct_[std::string(s.word)] > most_of_a_word) {
      ++unlisted_[std::string(s.word)];
      return;
    }
    evidence::Item item;
    item.facet = Facet::endpoint;
    item.word = s.word;
    item.value = std::move(s.value);
    item.attributes = std::move(s.attributes);
    if (!encoding.empty()) item.attributes["encoding"] = encoding;
    item.range = {base + s.offset * stride, s.size * stride};
    item.confidence = s.confidence;
    item.secret = s.secret;
    seen_.emplace(std::move(key), std::move(item));
  }

  void state(evidence::Sink& sink, std::uint64_t size) {
    for (auto& [key, item] : seen_) sink.state(std::move(item));
    for (const auto& [word, count] : unlisted_) {
      evidence::Item item;
      item.facet = Facet::endpoint;
      item.word = word;
      item.value = fmt::format("{} more of this kind", count);
      item.attributes = {{"listed", "no"}};
      item.range = {0, size};
      item.excerpt = " ";
      item.confidence = evidence::Confidence::low;
      sink.state(std::move(item));
    }
  }

 private:
  using Key = std::pair<std::string, std::string>;
  std::map<Key, evidence::Item> seen_;
  std::map<std::string, std::size_t> distinct_, unlisted_;
};

bool is_prose(std::string_view kind, std::string_view name) {
  if (kind != "text" && kind != "empty" && kind != "html" && kind != "markdown") return false;
  for (const std::string_view ending : {".conf", ".cfg", ".ini", ".json", ".yaml", ".yml", ".toml", ".xml", ".service", ".desktop", ".list", ".env", ".properties"})
    if (name.ends_with(ending)) return false;
  return true;
}

// Runs of UTF-16LE text of the ASCII range, at least 7 characters.
template <class Take>
void each_wide_run(base::Bytes bytes, Take take) {
  constexpr std::size_t least = 7;
  const auto printable = [](std::uint8_t b) { return (b >= 0x20 && b < 0x7f) || b == '\t' || b == '\n' || b == '\r'; };
  std::string run;
  // A run has a zero at every second byte, so the search goes from zero to zero.
  for (std::size_t i = 0; i + 2 * least <= bytes.size();) {
    if (bytes[i + 1] != 0) {
      const auto* zero = static_cast<const std::uint8_t*>(std::memchr(bytes.data() + i + 2, 0, bytes.size() - i - 2));
      if (!zero) return;
      i = static_cast<std::size_t>(zero - bytes.data()) - 1;
      continue;
    }
    if (!printable(bytes[i])) {
      ++i;
      continue;
    }
    run.clear();
    std::size_t end = i;
    while (end + 1 < bytes.size() && bytes[end + 1] == 0 && printable(bytes[end])) {
      run += static_cast<char>(bytes[end]);
      end += 2;
    }
    if (run.size() >= least) take(i, run);
    i = std::max(end, i + 1);
  }
}

class Endpoints final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "endpoints",
        .finds = "URLs, hosts, addresses, mails, onion names, phone numbers and wallets, with where they stand",
        .kinds = {"*"},
        .states = {Facet::endpoint},
        .blind_spots = {"names built at run time from parts", "UTF-16BE and other encodings than ASCII and UTF-16LE", "hosts outside a context that says host (URL, mail, ssh target, field, command, lone literal)",
                        "internationalised names that are not written as punycode", "Ethereum addresses without EIP-55 letter case", "beyond 1000 distinct values of a word in one artifact, only their number"},
        .version = 1,
        .references = "RFC 3986, RFC 4291, RFC 5321, RFC 2606, RFC 6761, publicsuffix.org, Tor rend-spec-v3, BIP 173, EIP-55",
        .of_remainder = true,
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    CHECK_OK(sink.spend(2 * view.bytes.size()));
    Collection found;
    const bool code = !is_prose(view.kind, view.place.file_name());
    for (auto& s : scan_endpoints(base::text_of(view.bytes), code)) found.add(std::move(s), 0, 1, {});
    each_wide_run(view.bytes, [&](std::size_t offset, std::string_view text) {
      for (auto& s : scan_endpoints(text, code)) found.add(std::move(s), offset, 2, "utf-16le");
    });
    found.state(sink, view.bytes.size());
    return {};
  }
};

}  // namespace

const evidence::Reader& endpoints() {
  static const Endpoints reader;
  return reader;
}

}  // namespace examine
