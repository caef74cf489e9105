// Values and marks, and the tables of paths that hold something private or that take effect.
#include "examine/scripts/value.h"

#include <algorithm>
#include <array>

namespace examine::script {
namespace {

using evidence::Facet;

struct Known {
  std::string_view part;  ///< occurs in the path; a leading '^' binds it to the start, a trailing '$' to the end
  std::string_view word;
  Confidence confidence;
};

constexpr auto sure = Confidence::high;
constexpr auto likely = Confidence::medium;

constexpr std::array<Known, 62> private_paths = {{
    {".ssh/id_", "credentials", sure},          {"/.ssh$", "credentials", sure},            {"/.ssh/$", "credentials", sure},
    {"/.ssh/*", "credentials", sure},           {"id_rsa$", "credentials", likely},         {"id_ed25519$", "credentials", likely},
    {"/.aws/", "credentials", sure},            {"/.aws$", "credentials", sure},            {"/.netrc", "credentials", likely},
    {".npmrc$", "credentials", likely},         {"/.pypirc", "credentials", sure},          {".git-credentials", "credentials", sure},
    {"/.docker/config.json", "credentials", sure}, {"/.kube/config", "credentials", sure},  {"/.gnupg", "keys", likely},
    {"/.config/gcloud", "credentials", sure},   {"/.azure/", "credentials", sure},          {"/.config/gh/hosts", "credentials", sure},
    {"Login Data", "credentials", sure},        {"logins.json", "credentials", likely},     {"key4.db", "credentials", sure},
    {"cookies.sqlite", "credentials", sure},    {"Network/Cookies", "credentials", sure},   {"/Default/Cookies", "credentials", sure},
    {"Web Data", "credentials", likely},        {"/etc/shadow", "credentials", sure},       {"/etc/gshadow", "credentials", likely},
    {"wallet.dat", "credentials", sure},        {"/.electrum/wallets", "credentials", sure}, {"/keystore/UTC", "credentials", sure},
    {".ethereum/keystore", "credentials", sure}, {"nkbihfbeogaeaoehlefnkodbefgpgknn", "credentials", sure}, {"/.config/solana/id.json", "credentials", sure},
    {"login.keychain", "credentials", sure},    {"/.password-store", "credentials", sure},  {"/.local/share/keyrings", "credentials", sure},
    {".kdbx", "credentials", likely},           {"Local Storage/leveldb", "credentials", likely}, {"Local Storage\\leveldb", "credentials", likely},
    {"/.bash_history", "files", sure},          {"/.zsh_history", "files", sure},           {"/Documents", "files", likely},
    {"/Desktop", "files", likely},              {"places.sqlite", "browser-history", sure}, {"/Default/History", "browser-history", sure},
    {"/etc/passwd", "account", sure},           {"/environ$", "environment", sure},         {"/dev/input/", "keystrokes", sure},
    {"/var/mail", "messages", likely},          {"/.thunderbird", "messages", likely},      {"sms.db", "messages", likely},
    {"mmssms.db", "messages", sure},            {"contacts2.db", "contacts", sure},         {"/.config/Signal", "messages", sure},
    {"Telegram Desktop/tdata", "messages", sure}, {"/dev/video", "camera", sure},           {"/dev/snd", "microphone", likely},
    {"/dev/fb0", "screen", sure},               {"/etc/machine-id", "device-id", sure},     {"/dmi/id/product_", "device-id", sure},
    {"/sys/class/net/", "device-id", likely},   {"/proc/net/", "device-id", Confidence::low},
}};

struct Effect {
  std::string_view part;
  Facet facet;
  std::string_view word;
};

constexpr std::array<Effect, 35> written_paths = {{
    {"/etc/cron", Facet::power, "persist"},          {"/var/spool/cron", Facet::power, "persist"},   {"/etc/rc.local", Facet::power, "persist"},
    {"/etc/init.d/", Facet::power, "persist"},       {"/etc/systemd/system", Facet::power, "persist"}, {"/.config/systemd/user", Facet::power, "persist"},
    {"/lib/systemd/system", Facet::power, "persist"}, {"/.config/autostart", Facet::power, "persist"}, {"/etc/xdg/autostart", Facet::power, "persist"},
    {".git/hooks/", Facet::power, "persist"},        {".bashrc", Facet::power, "persist"},            {".bash_profile", Facet::power, "persist"},     {"/.profile", Facet::power, "persist"},
    {".zshrc", Facet::power, "persist"},             {"/etc/profile", Facet::power, "persist"},      {"/etc/bash.bashrc", Facet::power, "persist"},
    {"/etc/ld.so.preload", Facet::power, "inject-process"}, {"/LaunchAgents/", Facet::power, "persist"}, {"/LaunchDaemons/", Facet::power, "persist"},
    {"CurrentVersion\\Run", Facet::power, "persist"}, {"Start Menu\\Programs\\Startup", Facet::power, "persist"}, {"/etc/udev/rules.d", Facet::power, "persist"},
    {"authorized_keys", Facet::command, "change-account"}, {"/etc/passwd", Facet::command, "change-account"}, {"/etc/shadow", Facet::command, "change-account"},
    {"/etc/sudoers", Facet::command, "change-account"}, {"/etc/pam.d/", Facet::command, "change-account"}, {"/etc/group", Facet::command, "change-account"},
    {"/usr/local/share/ca-certificates", Facet::command, "change-trust"}, {"/etc/ssl/certs", Facet::command, "change-trust"},
    {"/etc/pki/ca-trust", Facet::command, "change-trust"}, {"/etc/apt/trusted.gpg", Facet::command, "change-trust"},
    {"/usr/share/keyrings", Facet::command, "change-trust"}, {"/etc/hosts", Facet::command, "change-trust"}, {"/etc/resolv.conf", Facet::command, "change-trust"},
}};

bool fits(std::string_view path, std::string_view part) {
  if (part.ends_with('$')) return path.ends_with(part.substr(0, part.size() - 1));
  return path.find(part) != std::string_view::npos;
}

}  // namespace

Value Value::constant(std::string text) {
  Value out;
  out.text = std::move(text);
  out.exact = out.text.size() <= most_text;
  if (!out.exact) out.text.resize(most_text);
  return out;
}

Value Value::unknown(std::string_view name) {
  Value out;
  out.text = "\x01" + std::string(name) + "\x02";
  return out;
}

Value Value::named(std::string path) {
  Value out = unknown(path);
  out.path = std::move(path);
  return out;
}

Value Value::marked(Mark mark) {
  Value out = unknown(mark.source);
  out.add(std::move(mark));
  return out;
}

void Value::add(Mark mark) {
  for (auto& m : marks)
    if (m.word == mark.word && m.source == mark.source && m.at == mark.at) {
      m.confidence = std::max(m.confidence, mark.confidence);
      m.authenticated |= mark.authenticated;
      return;
    }
  if (marks.size() < most_marks) marks.push_back(std::move(mark));
}

void Value::add_all(const Value& from) {
  for (const auto& m : from.marks) add(m);
}

void Value::add_all(const Value& from, Confidence most) {
  for (auto m : from.marks) {
    m.confidence = least(m.confidence, most);
    add(std::move(m));
  }
}

const Mark* Value::mark(std::string_view word) const {
  const Mark* best = nullptr;
  for (const auto& m : marks)
    if (m.word == word && (!best || m.confidence > best->confidence || (m.confidence == best->confidence && best->endpoint.empty() && !m.endpoint.empty()))) best = &m;
  return best;
}

bool Value::is_private() const {
  return std::ranges::any_of(marks, [](const Mark& m) { return evidence::is_word(Facet::private_, m.word); });
}

Value either(Value a, const Value& b) {
  a.add_all(b);
  if (!b.text.empty() || b.exact) a.text = b.text, a.exact = b.exact;
  if (!b.path.empty()) a.path = b.path;
  if (!b.file.empty()) a.file = b.file;
  if (b.function != none_node) a.function = b.function;
  if (b.items) a.items = b.items;
  return a;
}

Value concat(const Value& a, const Value& b) {
  Value out;
  out.marks = a.marks;
  out.add_all(b);
  out.exact = a.exact && b.exact && a.text.size() + b.text.size() <= most_text;
  out.text = a.text;
  out.text.append(b.text, 0, most_text - std::min(most_text, a.text.size()));
  return out;
}

Value telling_item(const Value& list) {
  if (!list.items) return list;
  for (const auto& item : *list.items) {
    if (item.text.empty() || item.text.size() > 1024) continue;
    const auto known = known_text(item.text);
    if (private_path(known).word.empty() && private_path("/" + known).word.empty()) continue;
    Value out = item;
    out.add_all(list);
    return out;
  }
  return list;
}

std::string known_text(std::string_view text) {
  std::string out;
  bool inside = false;
  for (const char c : text) {
    if (c == '\x01') inside = true;
    else if (c == '\x02') inside = false;
    else if (!inside) out += c;
  }
  return out;
}

Confidence least(Confidence a, Confidence b) { return std::min(a, b); }

PathMeaning private_path(std::string_view path) {
  if (path.size() > 4096) return {"", Confidence::low};
  std::string plain(path);
  std::ranges::replace(plain, '\\', '/');
  for (const auto never : {"known_hosts", "authorized_keys", ".pub"})
    if (plain.ends_with(never)) return {"", Confidence::low};
  for (const auto& row : private_paths)
    if (fits(plain, row.part) || plain == row.part.substr(row.part.starts_with('/') ? 1 : 0)) return {row.word, row.confidence};
  return {"", Confidence::low};
}

WriteMeaning written_path(std::string_view path) {
  if (path.size() > 4096) return {};
  for (const auto& row : written_paths)
    if (path.find(row.part) != std::string_view::npos) return {row.facet, row.word};
  return {};
}

bool is_secret_name(std::string_view name) {
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c); });
  for (const auto part : {"TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL"})
    if (upper.find(part) != std::string::npos) return true;
  return upper.starts_with("AWS_");
}

std::string endpoint_in(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme != std::string_view::npos) {
    auto from = scheme;
    while (from > 0 && ((text[from - 1] >= 'a' && text[from - 1] <= 'z') || (text[from - 1] >= 'A' && text[from - 1] <= 'Z'))) --from;
    auto to = text.find_first_of(" \t\r\n\"'<>\x01|;)", scheme);
    return std::string(text.substr(from, to == std::string_view::npos ? 300 : std::min<std::size_t>(to - from, 300)));
  }
  const auto word = text.substr(0, text.find_first_of(" \t\r\n\x01"));
  const bool host = word.size() >= 4 && word.size() < 254 && word.find('.') != std::string_view::npos && !word.starts_with('.') && !word.starts_with('/') &&
                    std::ranges::all_of(word, [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == ':' || c == '/' || c == '_' || c == '@'; });
  return host ? std::string(word) : std::string();
}

}  // namespace examine::script
