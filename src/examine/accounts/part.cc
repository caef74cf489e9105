#include "examine/accounts/part.h"

#include <algorithm>

namespace examine::account_parts {

using namespace std::string_view_literals;

std::vector<Line> lines_of(base::Bytes bytes, std::size_t most) {
  std::vector<Line> out;
  const auto text = base::text_of(bytes);
  for (std::size_t begin = 0; begin < text.size() && out.size() < most;) {
    const auto end = std::min(text.find('\n', begin), text.size());
    auto line = text.substr(begin, end - begin);
    const auto first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos) {
      line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
      out.push_back({begin + first, line});
    }
    begin = end + 1;
  }
  return out;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos && out.size() < 256;) {
    const auto end = std::min(line.find_first_of(" \t", at), line.size());
    out.push_back(line.substr(at, end - at));
    at = end;
  }
  return out;
}

std::vector<std::string_view> split(std::string_view line, char at) {
  std::vector<std::string_view> out;
  while (out.size() < 64) {
    const auto end = line.find(at);
    out.push_back(line.substr(0, end));
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  return out;
}

bool is_at(const std::string& path, std::string_view wanted) {
  if (path == wanted) return true;
  if (!path.ends_with(wanted) || path[path.size() - wanted.size() - 1] != '/') return false;
  const auto root = std::string_view(path).substr(0, path.size() - wanted.size());
  return ("/" + std::string(root)).find("/share/") == std::string::npos;
}

std::string_view below(const std::string& path, std::string_view folder) {
  const std::string_view p = path;
  if (p.starts_with(folder)) return p.substr(folder.size());
  const auto at = p.find("/" + std::string(folder));
  if (at == std::string_view::npos || ("/" + std::string(p.substr(0, at + 1))).find("/share/") != std::string::npos) return {};
  return p.substr(at + 1 + folder.size());
}

void state(evidence::Sink& sink, evidence::Facet facet, std::string_view word, std::string value, base::Range range, std::map<std::string, std::string> attributes, evidence::Confidence confidence) {
  evidence::Item item;
  item.facet = facet;
  item.word = word;
  item.value = std::move(value);
  item.range = range;
  std::erase_if(attributes, [](const auto& a) { return a.second.empty(); });
  item.attributes = std::move(attributes);
  item.confidence = confidence;
  sink.state(std::move(item));
}

namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }  // npos + 1 = 0

// Words with their quotes undone, as a service manager splits a command.
std::vector<std::string> arguments_of(std::string_view command) {
  std::vector<std::string> out;
  std::string word;
  bool open = false;
  char quote = 0;
  for (std::size_t i = 0; i < command.size() && out.size() < 256; ++i) {
    const char c = command[i];
    if (quote) {
      if (c == quote) quote = 0;
      else if (c == '\\' && quote == '"' && i + 1 < command.size() && "\"\\$`"sv.find(command[i + 1]) != std::string_view::npos) word += command[++i];
      else word += c;
    } else if (c == '"' || c == '\'') {
      quote = c, open = true;
    } else if (c == '\\' && i + 1 < command.size()) {
      word += command[++i], open = true;
    } else if (c == ' ' || c == '\t') {
      if (open) out.push_back(std::move(word)), word.clear(), open = false;
    } else {
      word += c, open = true;
    }
  }
  if (open) out.push_back(std::move(word));
  return out;
}

std::string interpreter_kind(std::string_view program) {
  auto name = std::string(base_name(program));
  while (!name.empty() && (name.back() == '.' || (name.back() >= '0' && name.back() <= '9'))) name.pop_back();
  for (const auto shell : {"sh"sv, "bash"sv, "dash"sv, "ash"sv, "zsh"sv, "ksh"sv})
    if (name == shell) return "script/shell";
  if (name == "python") return "script/python";
  if (name == "perl") return "script/perl";
  if (name == "ruby") return "script/ruby";
  if (name == "node" || name == "nodejs") return "script/javascript";
  if (name == "php") return "script/php";
  if (name == "pwsh" || name == "powershell") return "script/powershell";
  return {};
}

base::Result<> hand_on(evidence::Sink& sink, const Service& service, std::string kind, std::string_view code) {
  artifact::Entry entry;
  entry.name = service.form + " " + service.name;
  entry.origin = artifact::Origin::step;
  entry.kind = std::move(kind);
  return sink.child(entry, base::bytes_of(code));
}

}  // namespace

base::Result<> state_service(const evidence::View& view, evidence::Sink& sink, const Service& service) {
  using evidence::Facet;
  const auto range = service.range.size ? service.range : base::Range{0, std::min<std::uint64_t>(view.bytes.size(), 200)};
  const std::map<std::string, std::string> attributes = {{"form", service.form}, {"starts", service.starts}, {"runs", service.runs.substr(0, 500)}, {"user", service.user}};
  state(sink, Facet::account, "service", service.name, range, attributes);
  if (service.starts != "demand" && service.starts != "bus") state(sink, Facet::power, "persist", service.name, range, {{"form", service.form}, {"starts", service.starts}});
  if (service.runs.empty()) {
    state(sink, Facet::reference, "runs", "/" + view.place.path(), range, {{"by", service.form}});
    return {};
  }
  if (service.whole_line_is_shell) CHECK_OK(hand_on(sink, service, "script/shell", service.runs));
  auto arguments = arguments_of(service.runs);
  while (!arguments.empty() && (arguments[0] == "exec" || arguments[0] == "env" || arguments[0].ends_with("/env") || arguments[0] == "nohup" || arguments[0] == "test" || arguments[0] == "[")) {
    if (arguments[0] == "test" || arguments[0] == "[") break;
    arguments.erase(arguments.begin());
  }
  if (arguments.empty()) return {};
  const auto kind = interpreter_kind(arguments[0]);
  std::string runs = arguments[0];
  if (!kind.empty())
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      const std::string_view a = arguments[i];
      const bool inline_code = a == "-c" || a == "-e" || a == "-r" || a == "-Command" || (kind == "script/shell" && a.size() < 6 && a.starts_with('-') && a.ends_with('c'));
      if (inline_code && i + 1 < arguments.size()) {
        if (!service.whole_line_is_shell) CHECK_OK(hand_on(sink, service, kind, arguments[i + 1]));
        runs.clear();
        break;
      }
      if (!a.starts_with('-')) {
        runs = a;
        break;
      }
    }
  if (!runs.empty() && runs.find('/') != std::string::npos) state(sink, Facet::reference, "runs", runs, range, {{"by", service.form}});
  return {};
}

}  // namespace examine::account_parts
