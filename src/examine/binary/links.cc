// Imports, exports and the abilities that come with them; telling strings in program data; and the
// shapes of libraries that put themselves between a program and the system.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "examine/binary/abilities.h"
#include "examine/binary/part.h"

namespace examine::binary_part {

using base::Result;
using evidence::Facet;

namespace {

void state_ability(const Ability& a, std::string_view name, std::string_view by, evidence::Sink& sink, base::Range range = {}) {
  auto item = fact(a.facet, a.word, name, range, a.confidence);
  item.attributes["by"] = by;
  sink.state(std::move(item));
}

/// Aho-Corasick over the string table: one pass over the data whatever the number of patterns.
class Searcher {
 public:
  explicit Searcher(std::span<const Ability> patterns) {
    nodes_.emplace_back();
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      std::uint16_t at = 0;
      for (const char c : patterns[i].pattern) {
        auto& next = nodes_[at].next[static_cast<unsigned char>(c)];
        if (!next) {
          const auto fresh = static_cast<std::uint16_t>(nodes_.size());
          next = fresh;  // before the vector grows and moves
          at = fresh;
          nodes_.emplace_back();
        } else {
          at = next;
        }
      }
      nodes_[at].ends.push_back(static_cast<std::uint16_t>(i));
    }
    link();
  }

  /// use(pattern index, end offset) for every match.
  template <class Use>
  void search(base::Bytes bytes, Use use) const {
    std::uint16_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      at = nodes_[at].next[bytes[i]];
      if (at && !nodes_[at].ends.empty())
        for (const auto p : nodes_[at].ends) use(p, i + 1);
    }
  }

 private:
  struct Node {
    std::array<std::uint16_t, 256> next{};
    std::vector<std::uint16_t> ends;
  };
  void link() {
    std::vector<std::uint16_t> queue, fail(nodes_.size(), 0);
    for (auto n : nodes_[0].next)
      if (n) queue.push_back(n);
    for (std::size_t q = 0; q < queue.size(); ++q) {
      const auto at = queue[q];
      for (const auto p : nodes_[fail[at]].ends) nodes_[at].ends.push_back(p);
      for (int c = 0; c < 256; ++c) {
        auto& next = nodes_[at].next[c];
        const auto other = nodes_[fail[at]].next[c];
        if (next) {
          fail[next] = other;
          queue.push_back(next);
        } else {
          next = other;
        }
      }
    }
  }
  std::vector<Node> nodes_;
};

bool printable_byte(std::uint8_t b) { return b >= 0x20 && b < 0x7f; }

/// The word (no white space) that a match stands in: at most 200 bytes to each side.
base::Range word_around(base::Bytes bytes, std::size_t begin, std::size_t end) {
  std::size_t a = begin, b = end;
  while (a > 0 && begin - a < 200 && printable_byte(bytes[a - 1])) --a;
  while (b < bytes.size() && b - end < 200 && printable_byte(bytes[b])) ++b;
  return {a, b - a};
}

}  // namespace

Result<> state_links(const Program& program, evidence::Sink& sink) {
  CHECK_OK(sink.spend((program.imports.size() + program.exports.size() + program.own_functions.size()) * 16));
  for (const auto& i : program.imports) {
    auto item = fact(Facet::import, "", i.library.empty() || i.library.find(".so") != std::string::npos || i.library.find('/') != std::string::npos ? i.name : i.library + "." + i.name);
    if (!i.library.empty()) item.attributes["library"] = i.library;
    sink.state(std::move(item));
    for (const auto* a : abilities_of(i.name)) state_ability(*a, i.name, "import", sink);
  }
  for (const auto& e : program.exports) sink.state(fact(Facet::export_, "", e));
  if (program.imports.size() > 8) return {};
  // A statically linked program: its own symbols are the library's functions.
  std::set<std::string_view> seen;
  for (const auto& f : program.own_functions)
    for (const auto* a : abilities_of(f))
      if (seen.insert(a->pattern).second) state_ability(*a, f, "symbol", sink);
  return {};
}

Result<> state_strings(const evidence::View& view, const Program& program, evidence::Sink& sink) {
  static const Searcher searcher(string_abilities());
  static constexpr unsigned most_each = 3;
  std::map<std::uint16_t, unsigned> seen;
  for (const auto& range : program.data) {
    const auto data = base::slice(view.bytes, range.offset, range.size);
    CHECK_OK(sink.spend(data.size()));
    searcher.search(data, [&](std::uint16_t pattern, std::size_t end) {
      auto& count = seen[pattern];
      if (count >= most_each) return;
      ++count;
      const auto& a = string_abilities()[pattern];
      const auto word = word_around(data, end - a.pattern.size(), end);
      const auto text = base::text_of(base::slice(data, word.offset, word.size));
      auto item = fact(a.facet, a.word, text, {range.offset + word.offset, word.size}, a.confidence);
      item.attributes["by"] = "string";
      if (text.find(' ') != std::string_view::npos && a.pattern.find(' ') == std::string_view::npos) {
        item.attributes["in"] = "prose";  // a help text names the file; it does not open it
        item.confidence = evidence::Confidence::low;
      }
      sink.state(std::move(item));
    });
  }
  return {};
}

void state_hooks(const Program& program, evidence::Sink& sink) {
  static const std::set<std::string_view> wrapped = {
      "readdir", "readdir64", "getdents", "getdents64", "open", "open64", "openat", "openat64", "fopen", "fopen64", "stat", "stat64", "lstat", "lstat64", "__xstat", "__lxstat",
      "__xstat64", "__lxstat64", "access", "unlink", "rename", "accept", "accept4", "connect", "bind", "listen", "read", "write", "send", "recv", "sendto", "recvfrom", "sendmsg",
      "recvmsg", "SSL_write", "SSL_read", "gnutls_record_send", "gnutls_record_recv", "PR_Write", "PR_Read", "execve", "execvp", "getpwnam", "getpwuid", "getspnam", "kill", "ptrace",
      "pcap_loop", "pcap_next_ex", "pam_authenticate", "pam_get_item", "crypt", "syslog", "getaddrinfo", "gethostbyname", "XNextEvent", "RSA_public_decrypt", "RSA_verify", "EVP_PKEY_verify", "EVP_DigestVerify", "EVP_DigestVerifyFinal", "EVP_VerifyFinal", "X509_verify_cert",
      "SSL_get_verify_result", "gnutls_certificate_verify_peers2", "gnutls_certificate_verify_peers3"};
  if (!program.shared) return;
  const auto imports = [&](std::string_view name) { return std::ranges::any_of(program.imports, [&](const Linked& l) { return l.name == name; }); };
  const bool looks_up = imports("dlsym") || imports("dlvsym");
  bool audit = false, pam = false, nss = false;
  for (const auto& e : program.exports) {
    if (looks_up && wrapped.contains(e)) sink.state(fact(Facet::property, "format", "interposes " + e));
    audit |= e == "la_version";
    pam |= e == "pam_sm_authenticate" || e == "pam_sm_open_session" || e == "pam_sm_chauthtok" || e == "pam_sm_setcred";
    nss |= e.starts_with("_nss_");
  }
  if (audit) sink.state(fact(Facet::property, "format", "loader audit library"));
  if (pam) sink.state(fact(Facet::property, "format", "pam module"));
  if (nss) sink.state(fact(Facet::property, "format", "nss module"));
}

}  // namespace examine::binary_part
