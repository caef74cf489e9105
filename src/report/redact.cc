// See report/redact.h. Ranges decide first, because they are exact; then the text of known secrets;
// then anything that has the form of a mail address.
#include "report/redact.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace report {
namespace {

using evidence::Item;

constexpr std::size_t start_size = 8;       ///< shorter secrets are hidden by their range alone
constexpr std::size_t most_secrets = 20000; ///< texts kept; ranges are hidden without limit
constexpr std::size_t most_overlaps = 16;   ///< an item that overlaps more secrets is hidden whole
constexpr std::string_view mark = "[redacted fingerprint ";

/// "@" also stands in unit names, versions and picture names.
bool is_mail_host(std::string_view host) {
  static constexpr std::array<std::string_view, 16> no_domains = {"css", "gif", "html", "jpeg", "jpg", "js", "json", "mount", "path", "png", "service", "slice", "socket", "svg", "target", "timer"};
  const auto dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || host.size() - dot < 3) return false;
  const auto last = host.substr(dot + 1);
  return std::ranges::all_of(last, [](unsigned char c) { return std::isalpha(c); }) && !std::ranges::binary_search(no_domains, last);
}

bool is_mail_byte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::string_view(".!#$%&'*+/=?^_`{|}~-").find(c) != std::string_view::npos; }
bool is_host_byte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.'; }

/// Replaces personal mail addresses: local@host.tld, found by their "@".
std::string without_mails(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    std::size_t from = at, to = at + 1;
    while (from > done && at - from < 64 && is_mail_byte(text[from - 1])) --from;
    while (to < text.size() && to - at < 255 && is_host_byte(text[to])) ++to;
    while (to > at + 1 && (text[to - 1] == '.' || text[to - 1] == '-')) --to;
    // What precedes an address in a URL or an assignment is not part of it.
    for (auto cut = from; cut < at; ++cut)
      if (text[cut] == '/' || text[cut] == '=' || text[cut] == '\'' || text[cut] == '`' || text[cut] == '|') from = cut + 1;
    const auto address = text.substr(from, to - from);
    const auto host = text.substr(at + 1, to - at - 1);
    if (from == at || !is_mail_host(host) || !is_personal_mail(address)) continue;
    out += text.substr(done, from - done);
    out += redaction_of(address);
    done = to;
  }
  out += text.substr(done);
  return out;
}

struct Hidden {
  base::Range range;
  std::string fingerprint;
};

/// Sorted runs of an artifact's bytes that hold a secret; overlapping ones joined.
std::vector<Hidden> hidden_runs(const evidence::Dossier& dossier) {
  std::vector<Hidden> runs;
  for (const auto& item : dossier.items)
    if (is_secret(item) && item.range.size) runs.push_back({item.range, redaction_of(item.value.empty() ? item.excerpt : item.value)});
  std::ranges::sort(runs, {}, [](const Hidden& h) { return std::pair(h.range.offset, h.range.size); });
  std::vector<Hidden> out;
  for (auto& run : runs) {
    if (!out.empty() && run.range.offset < out.back().range.end()) {
      const auto end = std::max(out.back().range.end(), run.range.end());
      out.back().range.size = end - out.back().range.offset;
    } else {
      out.push_back(std::move(run));
    }
  }
  return out;
}

/// An excerpt that starts at `offset`, with the hidden runs cut out.
std::string cut_out(std::string_view excerpt, std::uint64_t offset, const std::vector<Hidden>& runs) {
  std::string out;
  std::uint64_t at = offset;
  const auto end = offset + excerpt.size();
  auto run = std::ranges::upper_bound(runs, offset, {}, [](const Hidden& h) { return h.range.offset; });
  if (run != runs.begin()) --run;
  for (; run != runs.end() && run->range.offset < end; ++run) {
    if (run->range.end() <= at) continue;
    const auto from = std::max(run->range.offset, at);
    out += excerpt.substr(at - offset, from - at);
    out += run->fingerprint;
    at = std::min(run->range.end(), end);
  }
  out += excerpt.substr(at - offset);
  return out;
}

/// True where the whole range lies inside one hidden run: nothing of its value may be shown.
bool inside(const base::Range& range, const std::vector<Hidden>& runs) {
  if (!range.size) return false;
  const auto after = std::ranges::upper_bound(runs, range.offset, {}, [](const Hidden& h) { return h.range.offset; });
  return after != runs.begin() && range.end() <= std::prev(after)->range.end();
}

/// Runs of 8 and more bytes that `text` shares with `secret`: a value that was normalised or cut.
std::string without_pieces(std::string_view text, std::string_view secret, std::string_view by) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t best = 0;
    if (text.size() - i >= start_size) {
      for (auto at = secret.find(text.substr(i, start_size)); at != std::string_view::npos; at = secret.find(text.substr(i, start_size), at + 1)) {
        std::size_t n = start_size;
        while (i + n < text.size() && at + n < secret.size() && text[i + n] == secret[at + n]) ++n;
        best = std::max(best, n);
      }
    }
    if (best) out += by, i += best;
    else out += text[i++];
  }
  return out;
}

/// The value of an item whose range overlaps a secret's.
std::string without_overlap(std::string value, const Item& secret) {
  const auto by = redaction_of(secret.value.empty() ? secret.excerpt : secret.value);
  if (secret.value.size() >= 3)
    for (auto at = value.find(secret.value); at != std::string::npos; at = value.find(secret.value, at + by.size())) value.replace(at, secret.value.size(), by);
  value = without_pieces(value, secret.value, by);
  return secret.excerpt.size() <= secret.range.size ? without_pieces(value, secret.excerpt, by) : value;
}

bool overlap(const base::Range& a, const base::Range& b) { return a.size && b.size && a.offset < b.end() && b.offset < a.end(); }

/// Value and attributes of an item whose range meets secrets' ranges. `secrets` are sorted by offset,
/// and none is wider than `widest`, so only those that start near enough are looked at.
void hide_overlaps(Item& item, const std::vector<const Item*>& secrets, std::uint64_t widest) {
  const auto low = item.range.offset > widest ? item.range.offset - widest : 0;
  std::size_t met = 0;
  for (auto s = std::ranges::lower_bound(secrets, low, {}, [](const Item* i) { return i->range.offset; });
       s != secrets.end() && (*s)->range.offset < item.range.end(); ++s) {
    if (!overlap((*s)->range, item.range)) continue;
    if (++met > most_overlaps) {
      item.value = redaction_of(item.value);
      item.attributes.clear();
      return;
    }
    item.value = without_overlap(item.value, **s);
    for (auto& [name, value] : item.attributes) value = without_overlap(value, **s);
  }
}

}  // namespace

std::string redaction_of(std::string_view secret) { return "[redacted " + evidence::fingerprint(secret) + "]"; }

bool is_personal_mail(std::string_view address) {
  static constexpr std::array<std::string_view, 32> roles = {
      "abuse", "admin", "billing", "bugs", "ci", "contact", "dev", "devel", "ftp", "git", "hello", "help", "hostmaster", "info", "legal", "list",
      "mailer-daemon", "maintainers", "no-reply", "noreply", "office", "postmaster", "press", "privacy", "root", "sales", "security", "service",
      "submit", "support", "team", "webmaster"};
  std::string local(address.substr(0, address.find('@')));
  std::ranges::transform(local, local.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return !std::ranges::binary_search(roles, local);
}

bool is_secret(const Item& item) {
  if (item.secret) return true;
  if (item.facet != evidence::Facet::endpoint) return false;
  // Numbers of up to six digits are short codes of a service, not somebody's.
  if (item.word == "phone") return std::ranges::count_if(item.value, [](unsigned char c) { return std::isdigit(c); }) > 6;
  return item.word == "mail" && is_personal_mail(item.value);
}

namespace {
/// A filter before the map: almost every position of a text starts no secret.
std::size_t slot_of(const char* start) {
  std::uint64_t word;
  __builtin_memcpy(&word, start, sizeof word);
  return (word * 0x9E3779B97F4A7C15u) >> 48;
}
}  // namespace

namespace {

// A short secret of letters alone is often a word that stands in names and sentences as well ("a
// user's password is the user's name"): hunting for it would black out the product's own name.
bool is_word_like(std::string_view secret) {
  return secret.size() < 16 && std::ranges::all_of(secret, [](unsigned char c) { return std::isalpha(c) != 0; });
}

}  // namespace

void Redactor::learn_text(std::string_view secret) {
  if (secret.size() < start_size || is_word_like(secret) || secret.starts_with(mark) || by_start_.size() >= most_secrets) return;
  auto& list = by_start_[std::string(secret.substr(0, start_size))];
  if (std::ranges::find(list, secret) != list.end() || list.size() >= 64) return;
  list.emplace_back(secret);
  starts_.resize(1u << 16);
  starts_[slot_of(secret.data())] = true;
  std::ranges::sort(list, [](const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
}

void Redactor::learn(const evidence::Dossier& dossier) {
  for (const auto& item : dossier.items) {
    if (!is_secret(item)) continue;
    // A value that doesn't stand in the bytes is a description ("RSA 2048"): hidden in its own item,
    // but not hunted for elsewhere. An excerpt wider than its range carries more than the secret.
    if (item.excerpt.find(std::string_view(item.value).substr(0, 32)) != std::string::npos) learn_text(item.value);
    if (item.excerpt.size() <= item.range.size) learn_text(item.excerpt);
  }
}

std::string Redactor::text(std::string_view raw) const {
  if (by_start_.empty() && raw.find('@') == std::string_view::npos) return std::string(raw);
  std::string out;
  std::size_t done = 0;
  for (std::size_t i = 0; !by_start_.empty() && i + start_size <= raw.size();) {
    const auto found = starts_[slot_of(raw.data() + i)] ? by_start_.find(raw.substr(i, start_size)) : by_start_.end();
    if (found == by_start_.end()) {
      ++i;
      continue;
    }
    // The longest common start: the text may have been cut inside the secret.
    std::size_t best = 0;
    const std::string* secret = nullptr;
    for (const auto& s : found->second) {
      const auto rest = raw.substr(i);
      const auto n = static_cast<std::size_t>(std::ranges::mismatch(rest, s).in1 - rest.begin());
      // The first part of a mail address is a name that many things bear, the product often among them.
      const auto at = s.find('@');
      if (at != std::string::npos && n <= at) continue;
      if (n > best) best = n, secret = &s;
    }
    if (!secret) {
      ++i;
      continue;
    }
    out += raw.substr(done, i - done);
    out += redaction_of(*secret);
    i = done = i + best;
  }
  out += raw.substr(done);
  return without_mails(out);
}

std::vector<Exhibit> Redactor::exhibits(artifact::NodeId node, const base::Digest& artifact, const evidence::Dossier& dossier) const {
  const auto runs = hidden_runs(dossier);
  std::vector<const Item*> secrets;
  for (const auto& item : dossier.items)
    if (is_secret(item) && item.range.size) secrets.push_back(&item);
  std::ranges::sort(secrets, {}, [](const Item* i) { return i->range.offset; });
  std::uint64_t widest = 0;
  for (const auto* s : secrets) widest = std::max(widest, s->range.size);

  std::vector<Exhibit> out;
  out.reserve(dossier.items.size());
  for (const auto& item : dossier.items) {
    Exhibit e{evidence::digest_of(item, artifact).hex().substr(0, 16), node, item};
    auto& shown = e.item;
    if (is_secret(item)) {
      shown.value = evidence::fingerprint(item.value.empty() ? item.excerpt : item.value);
      if (!item.excerpt.empty()) shown.excerpt = redaction_of(item.value.empty() ? item.excerpt : item.value);
    } else {
      shown.excerpt = cut_out(item.excerpt, item.range.offset, runs);
      if (inside(item.range, runs)) shown.value = redaction_of(item.value);
      hide_overlaps(shown, secrets, widest);
      shown.value = text(shown.value);
      shown.excerpt = text(shown.excerpt);
    }
    shown.unit = text(shown.unit);
    for (auto& [name, value] : shown.attributes) value = text(is_secret(item) ? without_overlap(value, item) : value);
    out.push_back(std::move(e));
  }
  return out;
}

void Redactor::apply(ProductIdentity& product) const {
  for (auto* t : {&product.name, &product.version, &product.maker, &product.purl}) *t = text(*t);
  for (auto& file : product.files) file = text(file);
}

void Redactor::apply(Exhibit& e) const {
  for (auto* t : {&e.item.value, &e.item.excerpt, &e.item.unit}) *t = text(*t);
  for (auto& [name, value] : e.item.attributes) value = text(value);
}

void Redactor::apply(Baseline& b) const {
  const auto hide = [&](std::string& t) { t = text(t); };
  apply(b.product);
  for (auto& a : b.artifacts) hide(a.place);
  for (auto& e : b.evidence) apply(e);
  std::ranges::for_each(b.places, hide);
  for (auto& f : b.resolved)
    for (auto* t : {&f.what, &f.place}) hide(*t);
  for (auto& d : b.declaration)
    for (auto* t : {&d.value, &d.was}) hide(*t);
}

void Redactor::apply(Report& r) const {
  const auto hide = [&](std::string& t) { t = text(t); };
  apply(r.product);
  for (auto& reason : r.reasons) hide(reason.text);
  for (auto& f : r.findings)
    for (auto* t : {&f.what, &f.why, &f.settle, &f.remedy}) hide(*t);
  for (auto& d : r.declaration)
    for (auto* t : {&d.value, &d.purpose, &d.recipient, &d.note}) hide(*t);
  for (auto& a : r.artifacts)
    for (auto* t : {&a.name, &a.place, &a.link}) hide(*t);
  for (auto& e : r.evidence) apply(e);
  std::ranges::for_each(r.not_covered, hide);
  if (r.baseline) apply(*r.baseline);
}

std::vector<Exhibit> exhibits(artifact::NodeId node, const base::Digest& artifact, const evidence::Dossier& dossier) {
  Redactor redactor;
  redactor.learn(dossier);
  return redactor.exhibits(node, artifact, dossier);
}

}  // namespace report
