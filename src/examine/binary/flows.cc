// What small programs in machine code do with what they receive and read, as far as calls and their
// arguments tell: see code/machine/calls.h. A flow is stated where one function fills a buffer from
// one side and hands the same buffer to the other; for keys, where a function that reads an input
// device also sends, since each key passes through a variable.
// Only programs that link both sides, and at most 90 functions, are decoded at all. Not followed:
// buffers that are copied, kept in structures, or passed between functions; branches.
#include <algorithm>
#include <set>
#include <span>

#include "code/machine/calls.h"
#include "examine/binary/part.h"

namespace examine::binary_part {

using base::Result;
using code::machine::Call;
using code::machine::Image;
using code::machine::Value;
using evidence::Confidence;
using evidence::Facet;

namespace {

constexpr std::size_t most_imports = 90;

struct Fill {
  std::string_view name;
  int buffer, descriptor;  ///< numbers of the arguments; -1 = none
};
constexpr Fill receivers[] = {{"recv", 1, -1}, {"recvfrom", 1, -1}, {"SSL_read", 1, -1}, {"read", 1, 0}};
constexpr Fill file_readers[] = {{"fread", 0, 3}, {"fgets", 0, 2}, {"read", 1, 0}, {"pread", 1, 0}, {"getline", 0, 2}};
constexpr Fill senders[] = {{"send", 1, -1}, {"sendto", 1, -1}, {"SSL_write", 1, -1}, {"write", 1, 0}};
constexpr std::string_view runners[] = {"system", "popen", "execl", "execlp", "execv", "execvp"};

std::string plain(std::string_view name) {
  if (name.starts_with("__") && name.ends_with("_chk")) name = name.substr(2, name.size() - 6);
  if (name.ends_with("64")) name.remove_suffix(2);
  return std::string(name);
}

template <std::size_t N>
const Fill* among(const Fill (&rows)[N], std::string_view name) {
  for (const auto& r : rows)
    if (r.name == name) return &r;
  return nullptr;
}

bool runs(std::string_view name) { return std::ranges::find(runners, name) != std::end(runners); }

/// The same variable, or a place less than 4 KiB behind its start.
bool within(const Image& image, const Value& buffer, const Value& used) {
  if (buffer.kind == Value::Kind::stack && used.kind == Value::Kind::stack) return used.n >= buffer.n && used.n - buffer.n < 4096;
  const auto a = code::machine::number_of(image, buffer), b = code::machine::number_of(image, used);
  return a && b && *a > 4096 && *b >= *a && *b - *a < 4096;
}

class Flows {
 public:
  Flows(const evidence::View& view, const Program& program, const Image& image, std::span<const Call> calls, evidence::Sink& sink)
      : view_(view), image_(image), calls_(calls), sink_(sink) {
    for (const auto& i : program.imports) imports_.insert(plain(i.name));
  }

  void state() {
    for (std::size_t from = 0; from < calls_.size();) {
      auto to = from;
      while (to < calls_.size() && calls_[to].function == calls_[from].function) ++to;
      function(from, to);
      from = to;
    }
  }

 private:
  bool links(std::initializer_list<std::string_view> names) const {
    return std::ranges::any_of(names, [&](auto n) { return imports_.contains(n); });
  }
  /// Other machines, not only sockets of this one.
  bool reaches_others() const { return links({"getaddrinfo", "gethostbyname", "inet_pton", "inet_addr", "inet_aton", "SSL_connect"}); }

  std::string text_of(const Value& v) const {
    const auto n = code::machine::number_of(image_, v);
    const auto text = n ? image_.text_at(*n) : std::nullopt;
    return text ? *text : std::string();
  }
  /// The call whose result a value is; nullptr when it is none.
  const Call* made_by(const Value& v) const {
    return v.kind == Value::Kind::result && static_cast<std::size_t>(v.n) < calls_.size() ? &calls_[static_cast<std::size_t>(v.n)] : nullptr;
  }
  bool is_socket(const Value& v) const {
    const auto* from = made_by(v);
    return from && (from->name == "socket" || from->name == "accept" || from->name == "accept4");
  }

  void flow(std::string value, const Call& source, const Call& sink, Confidence confidence, std::string endpoint, std::string from) {
    auto item = fact(Facet::flow, "", value, {}, confidence);
    if (const auto at = image_.offset_of(sink.address); at && *at < view_.bytes.size()) item.range = {*at, 1};
    item.attributes["source"] = from.empty() ? source.name : from;
    item.attributes["sink"] = sink.name;
    if (const auto at = image_.offset_of(source.address)) item.attributes["source_at"] = std::to_string(*at);
    if (!endpoint.empty()) item.attributes["endpoint"] = endpoint;
    sink_.state(std::move(item));
  }

  void function(std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      const auto name = plain(calls_[i].name);
      if (const auto* r = among(receivers, name); r && (r->descriptor < 0 || is_socket(calls_[i].arguments[0]))) received(i, from, to, calls_[i].arguments[static_cast<std::size_t>(r->buffer)]);
      if (const auto* r = among(file_readers, name); r) read(i, from, to, calls_[i].arguments[static_cast<std::size_t>(r->buffer)]);
      if (name == "open" || name == "fopen" || name == "openat") opened(i, from, to);
    }
  }

  void received(std::size_t at, std::size_t from, std::size_t to, const Value& buffer) {
    for (auto i = from; i < to; ++i)
      if (runs(calls_[i].name) && within(image_, buffer, calls_[i].arguments[0])) return flow("network to execute-command", calls_[at], calls_[i], Confidence::high, "", "");
  }

  /// A file's content leaves as it is: what it is follows from the paths that the program holds.
  void read(std::size_t at, std::size_t from, std::size_t to, const Value& buffer) {
    for (auto i = from; i < to; ++i) {
      const auto* s = among(senders, plain(calls_[i].name));
      if (!s || i == at || (s->descriptor >= 0 && !is_socket(calls_[i].arguments[0]))) continue;
      if (!within(image_, buffer, calls_[i].arguments[static_cast<std::size_t>(s->buffer)])) continue;
      for (const auto& [part, word] : secrets)
        if (const auto path = path_with(part); !path.empty()) flow(fmt::format("{} to network", word), calls_[at], calls_[i], Confidence::medium, host(), path);
      return;
    }
  }

  void opened(std::size_t at, std::size_t from, std::size_t to) {
    const auto path = text_of(calls_[at].arguments[0]), other = text_of(calls_[at].arguments[1]);
    const auto device = path.starts_with("/dev/input/") ? path : other.starts_with("/dev/input/") ? other : std::string();
    if (device.empty() || !reaches_others()) return;
    for (auto i = from; i < to; ++i) {
      const auto name = plain(calls_[i].name);
      if (name == "send" || name == "sendto" || name == "SSL_write" || name == "curl_easy_perform") return flow("keystrokes to network", calls_[at], calls_[i], Confidence::medium, host(), device);
    }
  }

  /// The first constant name that is looked up or connected to.
  std::string host() const {
    for (const auto& c : calls_)
      for (const auto& a : c.arguments) {
        const auto text = text_of(a);
        if (text.size() > 3 && text.size() < 254 && text.find('.') != std::string::npos && text.find_first_of(" /%") == std::string::npos &&
            (c.name == "getaddrinfo" || c.name == "gethostbyname" || c.name == "inet_addr" || c.name == "inet_pton" || c.name == "inet_aton" || c.name.empty()))
          return text;
      }
    return {};
  }

  std::string path_with(std::string_view part) const {
    for (const auto& region : image_.regions) {
      if (region.code) continue;
      const auto text = base::text_of(region.bytes);
      const auto at = text.find(part);
      if (at == std::string_view::npos) continue;
      return std::string(part);
    }
    return {};
  }

  static constexpr std::pair<std::string_view, std::string_view> secrets[] = {
      {".ssh/id_", "keys"}, {".gnupg/", "keys"}, {".aws/credentials", "credentials"}, {".git-credentials", "credentials"}, {"logins.json", "credentials"},
      {"Login Data", "credentials"}, {"wallet.dat", "credentials"}, {".docker/config.json", "credentials"}, {".kube/config", "credentials"}, {"/etc/shadow", "credentials"}};

  const evidence::View& view_;
  const Image& image_;
  std::span<const Call> calls_;
  evidence::Sink& sink_;
  std::set<std::string, std::less<>> imports_;
};

}  // namespace

namespace {

/// What imports alone say of a very small program: recording keys of a display and sending; making
/// a program in memory and running it.
void state_shapes(const evidence::View& view, const Program& program, evidence::Sink& sink) {
  if (program.imports.size() > 60) return;
  std::set<std::string, std::less<>> names;
  for (const auto& i : program.imports) names.insert(plain(i.name));
  const auto first = [&](std::initializer_list<std::string_view> of) {
    const auto hit = std::ranges::find_if(of, [&](auto n) { return names.contains(n); });
    return hit == of.end() ? std::string_view() : *hit;
  };
  const auto keys = first({"XQueryKeymap", "XRecordEnableContext", "XRecordEnableContextAsync"});
  const auto named = first({"getaddrinfo", "gethostbyname", "inet_pton", "inet_addr", "inet_aton"});
  const auto sends = named.empty() ? first({"curl_easy_perform"}) : first({"curl_easy_perform", "send", "sendto", "SSL_write", "connect"});
  if (!keys.empty() && !sends.empty()) {
    auto item = fact(Facet::flow, "", "keystrokes to network", {}, Confidence::medium);
    item.attributes["source"] = std::string(keys);
    item.attributes["sink"] = std::string(sends);
    for (const auto& range : program.data) {
      const auto text = base::text_of(base::slice(view.bytes, range.offset, range.size));
      const auto at = std::min(text.find("http://"), text.find("https://"));
      if (at == std::string_view::npos) continue;
      item.attributes["endpoint"] = std::string(text.substr(at, std::min<std::size_t>(text.find('\0', at) - at, 200)));
      break;
    }
    sink.state(std::move(item));
  }
  const auto memory = first({"memfd_create"}), run = first({"fexecve", "execveat"});
  if (!memory.empty() && !run.empty() && program.imports.size() <= 40)
    sink.state(fact(Facet::concealment, "encrypted-payload", "runs a program that it makes in memory", {}, Confidence::medium));
}

}  // namespace

Result<> state_flows(const evidence::View& view, const Program& program, evidence::Sink& sink) {
  if (program.imports.size() > most_imports || !program.linked) return {};
  state_shapes(view, program, sink);
  bool in = false, out = false;
  for (const auto& i : program.imports) {
    const auto name = plain(i.name);
    in |= among(receivers, name) || among(file_readers, name);
    out |= name == "socket" || name == "SSL_connect" || name == "curl_easy_perform";
  }
  if (!in || !out) return {};
  auto image = image_of(view);
  if (!image) return {};
  std::uint64_t work = 0;
  const auto calls = code::machine::calls_of(*image, work);
  CHECK_OK(sink.spend(work * 8));
  if (!calls) return calls.error().trouble == base::Trouble::limit ? Result<>{} : std::unexpected(calls.error());
  Flows(view, program, *image, *calls, sink).state();
  return {};
}

}  // namespace examine::binary_part
