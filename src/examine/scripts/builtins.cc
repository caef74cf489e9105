// Calls whose result is known from their arguments: text operations, decodings, files, imports.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "code/syntax/literal.h"
#include "examine/scripts/evaluator.h"

namespace examine::script {

using code::syntax::Language;
using evidence::Facet;

namespace {

std::string last_segment(const std::string& name) {
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

bool among(std::string_view word, std::initializer_list<std::string_view> all) { return std::ranges::find(all, word) != all.end(); }

/// The same value under other hands: str(x), x.strip(), json.dumps(x), Buffer.from(x).
bool passes(std::string_view last) {
  return among(last, {"str",        "bytes",      "bytearray", "encode",    "decode",      "strip",     "rstrip",    "trim",       "toString", "dumps",     "stringify",  "json_encode", "serialize",
                      "to_json",    "to_s",       "to_h",      "expanduser", "expandvars", "abspath",   "realpath",  "normpath",   "resolve",  "expand_path", "Path",     "PurePath",    "URI",
                      "quote",      "quote_plus", "urlencode", "encodeURIComponent", "encodeURI", "escape", "b64encode", "btoa",    "base64_encode", "encode64", "strict_encode64", "hexlify", "bin2hex",
                      "compress",   "gzcompress", "dict",      "list",      "items",       "copy",      "values",    "entries",    "Object.entries", "fromEntries", "assign", "getvalue", "hex",
                      "tobase64string", "getbytes", "getstring", "convertto-json", "out-string", "lower", "toLowerCase", "strtolower", "as_posix", "iter", "sorted", "fspath", "http_build_query",
                      "encode_base64", "freeze", "to_a", "chomp", "download_as_string", "text", "json", "read_body", "body", "stream_get_contents", "fread", "fgets"});
}

}  // namespace

bool Evaluator::fold_decoding(const CallSite& site, const std::string& last, Value& out) {
  const bool receiver_text = site.has_receiver && site.arguments.empty();
  if (site.arguments.empty() && !receiver_text) return false;
  const Value& in = site.arguments.empty() ? site.receiver : site.arguments[0];
  const std::string option = site.arguments.size() > 1 ? site.arguments[1].text : std::string();
  std::optional<std::string> text;
  bool decodes = true;
  if (among(last, {"b64decode", "standard_b64decode", "urlsafe_b64decode", "decodebytes", "decodestring", "atob", "base64_decode", "decode64", "strict_decode64", "urlsafe_decode64",
                   "decode_base64", "frombase64string"}) ||
      (last == "from" && option == "base64")) {
    text = code::syntax::from_base64(in.text);
  } else if (among(last, {"b32decode"})) {
    text = code::syntax::from_base32(in.text);
  } else if (among(last, {"fromhex", "unhexlify", "hex2bin"}) || (last == "from" && option == "hex")) {
    text = code::syntax::from_hex(in.text);
  } else if (last == "str_rot13" || (site.name == "codecs.decode" && (option == "rot13" || option == "rot_13"))) {
    text = code::syntax::rot13(in.text);
  } else if (last == "strrev") {
    text = std::string(in.text.rbegin(), in.text.rend());
  } else if (among(last, {"unescape", "stripcslashes"})) {
    text = code::syntax::unescape(in.text);
  } else if (among(last, {"fromCharCode", "fromCodePoint"}) || (last == "pack" && site.has_receiver && site.receiver.items)) {
    std::string made;
    const auto& codes = last == "pack" ? *site.receiver.items : site.arguments.size() == 1 && in.items ? *in.items : site.arguments;
    bool whole = codes.size() > 3;
    for (const auto& c : codes) {
      if (!c.exact || c.text.empty() || c.text.size() > 7 || !std::ranges::all_of(c.text, [](char d) { return d >= '0' && d <= '9'; })) whole = false;
      else made += code::syntax::utf8(static_cast<std::uint32_t>(std::stoul(c.text)));
    }
    out = Value::constant(made);
    out.exact = whole;
    for (const auto& c : codes) out.add_all(c);
    if (whole) out.add({"decoded-string", site.name, site.range.offset, Confidence::high, "", false});
    return true;
  } else if (in.mark("@xor") && among(last, {"bytes", "bytearray", "chr", "join", "to_bytes", "fromCharCode"})) {
    out = Value::unknown(site.name);
    out.add_all(in);
    out.add({"decoded-string", site.name, site.range.offset, Confidence::high, "", false});
    return true;
  } else if (site.name == "bytes" && in.items && in.items->size() > 8) {
    std::string made;
    for (const auto& c : *in.items) made += c.exact && !c.text.empty() && c.text.size() < 4 && std::isdigit(static_cast<unsigned char>(c.text[0])) ? static_cast<char>(std::atoi(c.text.c_str())) : '?';
    text = made;
  } else if (among(last, {"decompress", "gzinflate", "gzuncompress", "gzdecode", "inflateSync", "gunzipSync"})) {
    decodes = in.mark("decoded-string") != nullptr;
  } else {
    return false;
  }
  spend(in.text.size());
  out = text ? Value::constant(*text) : Value::unknown(site.name);
  out.add_all(in);
  if (text && !in.exact) out = Value::unknown(site.name), out.add_all(in);
  if (in.exact || (decodes && in.mark("decoded-string"))) out.add({"decoded-string", site.name, site.range.offset, Confidence::high, "", false});
  return true;
}

bool Evaluator::fold_file(const CallSite& site, const std::string& last, Value& out) {
  const auto argument = [&](std::size_t i) { return i < site.arguments.size() ? site.arguments[i] : Value{}; };
  const bool opens = among(site.name, {"open", "io.open", "codecs.open", "fopen", "File.open", "sqlite3.connect", "os.open", "fs.openSync", "zipfile.ZipFile", "tarfile.open", "ZipFile"});
  if (opens && tree_.language != Language::perl) {
    const auto mode = argument(1).text;
    const bool writes = mode.find('w') != std::string::npos || mode.find('a') != std::string::npos || mode.find('x') != std::string::npos;
    const auto path = argument(0);
    if (path.text.find("://") != std::string::npos && path.text.starts_with("http")) return false;
    out = writes ? Value::unknown(site.name) : read_path(path, site.range);
    out.exact = false;
    out.add_all(path, Confidence::low);
    out.file = path.text;
    if (tree_.language == Language::php && path.text == "php://input") out.add({"network", path.text, site.range.offset, Confidence::high, "", false});
    if (writes) {
      const auto meaning = written_path(known_text(path.text));
      if (!meaning.word.empty()) findings_.fact(meaning.facet, meaning.word, known_text(path.text), site.range, Confidence::high, {{"by", site.name}});
    }
    return true;
  }
  if (tree_.language == Language::perl && site.name == "open" && site.arguments.size() >= 2) {
    const auto& path = site.arguments.size() > 2 ? site.arguments[2] : site.arguments[1];
    const auto mode = site.arguments[1].text;
    if (mode.find('|') != std::string::npos) {
      Value command = path;
      if (site.arguments.size() == 2) std::erase(command.text, '|');
      findings_.fact(Facet::command, "execute-command", known_text(command.text).substr(0, 200), site.range, Confidence::high, {{"callee", "open"}});
      run_text(command, Language::shell, site.range, "open", "execute-command");
      return true;
    }
    if (mode.find(">&") != std::string::npos && site.arguments[0].text.find("STD") != std::string::npos) descriptors_taken_ |= sockets_made_;
    Value content = mode.find('>') != std::string::npos ? Value::unknown("file") : read_path(path, site.range);
    content.file = path.text;
    const auto& node_name = site.arguments[0].path;
    if (!node_name.empty()) assign(node_name, content, false);
    return true;
  }
  if (among(last, {"readFileSync", "readFile", "createReadStream", "file_get_contents", "readfile", "file"}) || among(site.name, {"File.read", "IO.read", "File.readlines", "File.binread", "get-content", "gc", "io.file.readalltext", "io.file.readallbytes", "cat", "type", "read_file", "slurp"})) {
    const auto path = argument(0).text.empty() && site.named.contains("-path") ? site.named.at("-path") : argument(0);
    const auto known = known_text(path.text);
    if (last == "file_get_contents" && (known.starts_with("http") || known.starts_with("php://input"))) {
      findings_.fact(Facet::outside, "network", endpoint_in(known), site.range, Confidence::high, {{"callee", site.name}});
      findings_.flow(path, "network", site.name, site.range, Confidence::high, endpoint_in(known));
      out = Value::marked({"network", site.name, site.range.offset, Confidence::high, endpoint_in(known), false});
      return true;
    }
    out = read_path(path, site.range);
    out.exact = false;
    return true;
  }
  if (among(last, {"read_text", "read_bytes", "read", "readlines", "readline", "extract_text"}) && site.has_receiver && !site.receiver.mark("@socket")) {
    out = site.receiver.file.empty() ? read_path(site.receiver, site.range) : site.receiver;
    out.add_all(site.receiver);
    out.exact = false;
    if (out.text.empty()) out.text = "\x01" + site.written + "\x02";
    return true;
  }
  if (among(last, {"writeFileSync", "writeFile", "appendFileSync", "appendFile", "file_put_contents", "createWriteStream"}) || among(site.name, {"File.write", "IO.write", "set-content", "add-content", "out-file", "io.file.writeallbytes", "io.file.writealltext"})) {
    Value content;
    for (std::size_t i = 1; i < site.arguments.size(); ++i) content = site.arguments.size() == 2 ? site.arguments[i] : either(content, site.arguments[i]);
    write_path(argument(0), content, site.range, site.name);
    out.file = argument(0).text;
    return true;
  }
  const bool sends = site.receiver.mark("@request") || site.receiver.mark("@socket") || site.receiver.mark("@shell");
  if (!sends && among(last, {"write", "puts", "print", "writelines", "fwrite", "fputs", "pipe"}) && (!site.receiver.file.empty() || (!site.arguments.empty() && !site.arguments[0].file.empty()))) {
    const bool on = !site.receiver.file.empty() && last != "pipe";
    const auto& path = on ? site.receiver.file : argument(0).file;
    const Value content = last == "pipe" ? site.receiver : on ? argument(0) : argument(1);
    Value target = Value::constant(path);
    if (!path.empty()) write_path(target, content, site.range, site.name);
    return !path.empty();
  }
  if (among(last, {"save", "shot", "screenshot"}) && tree_.language == Language::python && site.has_receiver && site.receiver.is_private()) {
    const auto output = site.named.find("output");
    const Value& target = output != site.named.end() ? output->second : argument(0);
    if (target.file.empty()) write_path(target, site.receiver, site.range, site.name);
    out = target;
    out.add_all(site.receiver);
    return true;
  }
  if (among(site.name, {"pickle.dump", "json.dump", "cv2.imwrite", "wavfile.write"}) && site.arguments.size() >= 2) {
    const bool picture = site.name == "cv2.imwrite" || site.name == "wavfile.write";
    Value target = picture ? argument(0) : Value::constant(argument(1).file);
    if (!target.text.empty()) write_path(target, picture ? site.arguments.back() : argument(0), site.range, site.name);
    return true;
  }
  if (among(site.name, {"urllib.request.urlretrieve", "urlretrieve", "wget.download", "urllib.urlretrieve"})) {
    Value got = Value::marked({"network", site.name, site.range.offset, Confidence::high, endpoint_in(known_text(argument(0).text)), false});
    findings_.fact(Facet::outside, "network", endpoint_in(known_text(argument(0).text)), site.range, Confidence::high, {{"callee", site.name}});
    write_path(argument(1), got, site.range, site.name);
    out = got;
    out.text = argument(1).text;
    return true;
  }
  if (among(site.name, {"os.chmod", "fs.chmodSync", "fs.chmod", "chmod", "File.chmod"})) {
    for (const auto& a : site.arguments) {
      const Value content = file_content(a.text);
      findings_.flow(content, "write-executable", site.name, site.range, Confidence::high, "");
    }
    return true;
  }
  if (among(site.name, {"shutil.copy", "shutil.copyfile", "shutil.copy2", "shutil.move", "os.rename", "fs.copyFileSync", "copy", "rename"}) && site.arguments.size() >= 2) {
    write_path(argument(1), read_path(argument(0), site.range), site.range, site.name);
    return true;
  }
  return false;
}

bool Evaluator::fold_module(const CallSite& site, const std::string& last, Value& out) {
  if (site.name == "require" || site.name == "import" || site.name == "require_relative" || site.name == "load" || site.name == "dot-source") {
    if (site.arguments.empty()) return true;
    auto name = site.arguments[0].text;
    findings_.flow(file_content(site.arguments[0].text), "load-code", site.name, site.range, Confidence::high, "");
    if (!site.arguments[0].exact) {
      findings_.flow(site.arguments[0], "load-code", site.name, site.range, Confidence::medium, "");
      return true;
    }
    if (name.starts_with("node:")) name.erase(0, 5);
    const bool relative = name.starts_with('.') || site.name == "require_relative" || site.name == "dot-source";
    if (relative) {
      auto file = name;
      if (tree_.language == Language::python) {
        file.erase(0, file.find_first_not_of('.') == std::string::npos ? file.size() : file.find_first_not_of('.'));
        std::ranges::replace(file, '.', '/');
        file += file.empty() ? "__init__.py" : ".py";
      }
      findings_.fact(Facet::reference, "includes", file, site.range, Confidence::high);
    }
    out = Value::named(name);
    return true;
  }
  if (among(site.name, {"__import__", "importlib.import_module"}) && !site.arguments.empty() && site.arguments[0].exact) {
    out = Value::named(site.arguments[0].text);
    return true;
  }
  if ((site.name == "getattr" || site.name == "Reflect.get") && site.arguments.size() >= 2 && site.arguments[1].exact && !site.arguments[0].path.empty()) {
    out = Value::named(site.arguments[0].path + "." + site.arguments[1].text);
    out.add_all(site.arguments[0]);
    return true;
  }
  if (last == "new-object" && !site.arguments.empty()) {  // PowerShell: the type's own rule applies
    CallSite inner = site;
    inner.name = site.arguments[0].text;
    std::ranges::transform(inner.name, inner.name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (inner.name.starts_with("system.")) inner.name.erase(0, 7);
    inner.written = inner.name;
    inner.arguments.erase(inner.arguments.begin());
    out = apply_rules(inner);
    return true;
  }
  return false;
}

bool Evaluator::fold_call(const CallSite& site, Value& out) {
  const auto last = last_segment(site.name);
  if (fold_module(site, last, out) || fold_decoding(site, last, out) || fold_file(site, last, out)) return true;
  const auto argument = [&](std::size_t i) { return i < site.arguments.size() ? site.arguments[i] : Value{}; };
  if (tree_.language == Language::javascript && fold_page(site, last, out)) return true;
  if (among(site.name, {"os.getenv", "os.environ.get", "getenv", "ENV.fetch", "environment.getenvironmentvariable"})) {
    if (site.arguments.empty()) return false;
    out = Value::unknown(argument(0).text);
    if (site.arguments.size() > 1) out.text += known_text(argument(1).text);
    else if (argument(0).text == "SHELL") out.text += "/bin/sh";
    else if (argument(0).text == "COMSPEC") out.text += "cmd.exe";
    if (is_secret_name(argument(0).text)) out.add({"environment", argument(0).text, site.range.offset, Confidence::low, "", false});
    return true;
  }
  if (among(site.name, {"get-childitem", "gci", "dir", "ls"}) && argument(0).text.starts_with("env:")) {
    out = Value::marked({"environment", site.name, site.range.offset, Confidence::high, "", false});
    return true;
  }
  if (among(site.name, {"Path.home", "pathlib.Path.home", "os.homedir", "Dir.home"})) {
    out = Value::constant("~");
    return true;
  }
  if (among(site.name, {"os.path.join", "path.join", "path.resolve", "File.join", "join-path", "posixpath.join", "pathlib.Path", "Path", "os.path.expanduser"}) || last == "joinpath") {
    out = site.has_receiver && last == "joinpath" ? site.receiver : Value::constant("");
    for (const auto& a : site.arguments) out = out.text.empty() ? concat(out, a) : concat(concat(out, Value::constant("/")), a);
    out.items = nullptr;
    return true;
  }
  if (among(site.name, {"os.walk", "os.scandir", "glob.glob", "glob.iglob", "os.fwalk"}) && !site.arguments.empty()) {
    out = Value::unknown(site.name);
    out.text += argument(0).text;
    out.add_all(argument(0));
    return true;
  }
  if (among(last, {"glob", "rglob", "iterdir"}) && site.has_receiver && !site.receiver.text.empty() && tree_.language == Language::python) {
    out = concat(concat(site.receiver, Value::constant("/")), argument(0));
    out.exact = false;
    out.file.clear();
    return true;
  }
  if (last == "join" && site.has_receiver) {  // ", ".join(list), list.join(",")
    const Value& list = site.receiver.items ? site.receiver : argument(0);
    const Value& between = site.receiver.items ? argument(0) : site.receiver;
    out = Value::constant("");
    if (list.items) {
      for (std::size_t i = 0; i < list.items->size(); ++i) out = concat(i && between.exact ? concat(out, between) : out, (*list.items)[i]);
      spend(out.text.size());
    } else {
      out = Value::unknown("join");
    }
    out.add_all(list);
    out.add_all(site.receiver);
    return true;
  }
  if (last == "reverse" && site.has_receiver) {
    out = site.receiver;
    if (out.items) {
      auto turned = std::make_shared<std::vector<Value>>(out.items->rbegin(), out.items->rend());
      out.items = std::move(turned);
    } else if (out.exact) {
      std::ranges::reverse(out.text);
    }
    return true;
  }
  if (last == "split" && site.has_receiver && site.receiver.exact && argument(0).exact && argument(0).text.empty() && site.receiver.text.size() < most_list) {
    auto letters = std::make_shared<std::vector<Value>>();
    for (const char c : site.receiver.text) letters->push_back(Value::constant(std::string(1, c)));
    out = site.receiver;
    out.items = std::move(letters);
    return true;
  }
  if (among(last, {"replace", "str_replace", "gsub"}) && site.has_receiver && site.arguments.size() >= 2 && site.receiver.exact && argument(0).exact && argument(1).exact && !argument(0).text.empty()) {
    out = site.receiver;
    std::string made;
    const auto& from = argument(0).text;
    for (std::size_t at = 0; at < out.text.size() && made.size() < most_text;) {
      if (out.text.compare(at, from.size(), from) == 0) made += argument(1).text, at += from.size();
      else made += out.text[at++];
    }
    spend(out.text.size());
    out.text = made;
    return true;
  }
  if (last == "chr" && argument(0).exact && !argument(0).text.empty() && argument(0).text.size() < 4 && std::isdigit(static_cast<unsigned char>(argument(0).text[0]))) {
    out = Value::constant(code::syntax::utf8(static_cast<std::uint32_t>(std::atoi(argument(0).text.c_str()))));
    return true;
  }
  if (among(last, {"format", "sprintf", "printf", "concat"})) {
    out = site.has_receiver ? site.receiver : Value::constant("");
    for (const auto& a : site.arguments) out = concat(out, a);
    for (const auto& [name, value] : site.named) out = concat(out, value);
    out.exact = false;
    return true;
  }
  if (last == "dup2") {
    descriptors_taken_ |= sockets_made_ || std::ranges::any_of(site.arguments, [](const Value& v) { return v.mark("@socket"); });
    return true;
  }
  if (last == "connect" && site.receiver.mark("@socket")) return true;
  if (among(last, {"socket", "Socket"}) || site.name == "socket.socket") sockets_made_ = true;
  if (among(last, {"bind", "listen", "createServer"}) && (site.receiver.mark("@socket") || site.name.starts_with("net.") || site.name.starts_with("http."))) {
    findings_.fact(Facet::power, "listen", known_text(argument(0).text).substr(0, 60), site.range, Confidence::high, {{"callee", site.name}});
    if (last != "createServer") return true;
    out = Value::marked({"@socket", site.name, site.range.offset, Confidence::high, "", false});
    return true;
  }
  if (last == "pipe" && site.receiver.mark("@socket") && argument(0).path.ends_with(".stdin")) {
    findings_.fact(Facet::command, "open-shell", site.name, site.range, Confidence::high);
    findings_.whole_flow("network to open-shell", "socket", site.name, site.range, Confidence::high, site.receiver.mark("@socket")->endpoint);
    return true;
  }
  if (among(site.name, {"datetime.datetime", "datetime", "datetime.date", "date"}) && site.arguments.size() >= 3 && argument(0).exact && argument(0).text.size() == 4) {
    out = Value::marked({"@date", site.name, site.range.offset, Confidence::high, "", false});
    return true;
  }
  if (site.name == "Date" && tree_.language == Language::javascript) {
    out = Value::marked({site.arguments.empty() ? "@time" : argument(0).exact ? "@date" : "@other", site.name, site.range.offset, Confidence::high, "", false});
    return true;
  }
  if (among(site.name, {"Time.at", "Time.new", "strtotime", "mktime", "datetime.strptime", "datetime.datetime.strptime", "Time.parse", "Date.parse"}) && argument(0).exact) {
    out = Value::marked({"@date", site.name, site.range.offset, Confidence::high, "", false});
    return true;
  }
  if ((passes(last) || among(site.name, {"json.load", "json.loads", "simplejson.load", "simplejson.loads", "ujson.loads", "orjson.loads"})) && (site.has_receiver || !site.arguments.empty())) {
    out = !site.arguments.empty() && !(site.has_receiver && (site.receiver.exact || !site.receiver.marks.empty())) ? argument(0) : site.receiver;
    for (const auto& a : site.arguments) out.add_all(a);
    out.function = none_node;
    out.path.clear();
    return true;
  }
  return false;
}

}  // namespace examine::script
