#include "examine/concealment/recognise.h"

#include <algorithm>
#include <array>

namespace examine::concealment_parts {
namespace {

using namespace std::string_view_literals;

struct Magic { std::string_view bytes, what; bool runs, archive; };
constexpr Magic magics[] = {
    {"\x7f" "ELF"sv, "ELF", true, false}, {"#!/"sv, "script", true, false}, {"#! /"sv, "script", true, false}, {"<?php"sv, "PHP", true, false},
    {"PK\x03\x04"sv, "zip", false, true}, {"\x1f\x8b\x08"sv, "gzip", false, true}, {"\xfd" "7zXZ\0"sv, "xz", false, true}, {"BZh91AY&SY"sv, "bzip2", false, true},
    {"7z\xbc\xaf\x27\x1c"sv, "7z", false, true}, {"\x28\xb5\x2f\xfd"sv, "zstd", false, true}, {"\xca\xfe\xba\xbe\0\0\0"sv, "Java class", true, false}, {"\xcf\xfa\xed\xfe"sv, "Mach-O", true, false},
    {"dex\n03"sv, "DEX", true, false}, {"\0asm\1\0\0\0"sv, "WebAssembly", false, false}, {"!<arch>\n"sv, "ar", false, true}, {"Rar!\x1a\x07"sv, "rar", false, true}, {"MSCF\0\0\0\0"sv, "cab", false, true}};

struct Mark { std::string_view text, what; };
// One of these is enough.
constexpr Mark strong[] = {
    {"/dev/tcp/"sv, "shell commands"}, {"/bin/sh -i"sv, "shell commands"}, {"bash -i"sv, "shell commands"}, {"| sh"sv, "shell commands"}, {"|sh"sv, "shell commands"}, {"| bash"sv, "shell commands"},
    {"|bash"sv, "shell commands"}, {"curl -"sv, "shell commands"}, {"curl http"sv, "shell commands"}, {"wget http"sv, "shell commands"}, {"wget -"sv, "shell commands"}, {"chmod +x"sv, "shell commands"},
    {"authorized_keys"sv, "shell commands"}, {"crontab -"sv, "shell commands"}, {"/etc/shadow"sv, "shell commands"}, {"ld.so.preload"sv, "shell commands"},
    {"os.system("sv, "Python"}, {"subprocess."sv, "Python"}, {"import socket"sv, "Python"}, {"import os"sv, "Python"}, {"import base64"sv, "Python"}, {"import urllib"sv, "Python"}, {"import requests"sv, "Python"}, {"exec(compile("sv, "Python"}, {"__import__("sv, "Python"},
    {"child_process"sv, "JavaScript"}, {"process.env"sv, "JavaScript"}, {"require('http"sv, "JavaScript"}, {"require(\"http"sv, "JavaScript"}, {"require('os')"sv, "JavaScript"}, {"require('fs')"sv, "JavaScript"}, {"XMLHttpRequest"sv, "JavaScript"},
    {"Invoke-Expression"sv, "PowerShell"}, {"DownloadString"sv, "PowerShell"}, {"New-Object Net."sv, "PowerShell"}, {"IEX("sv, "PowerShell"}, {"IEX "sv, "PowerShell"}, {"-NoProfile"sv, "PowerShell"},
    {"shell_exec("sv, "PHP"}, {"$_POST["sv, "PHP"}, {"$_GET["sv, "PHP"}, {"base64_decode("sv, "PHP"}, {"cmd.exe"sv, "Windows commands"}, {"cmd /c"sv, "Windows commands"}, {"use IO::Socket"sv, "Perl"}, {"eval("sv, "code"}, {"exec("sv, "code"}};
// Two of these are.
constexpr Mark weak[] = {{"function"sv, "JavaScript"}, {"var "sv, "JavaScript"}, {"=>"sv, "JavaScript"}, {"return "sv, "code"}, {"import "sv, "Python"}, {"def "sv, "Python"}, {"print("sv, "Python"},
                         {"echo "sv, "shell commands"}, {"export "sv, "shell commands"}, {"$("sv, "shell commands"}, {"; then"sv, "shell commands"}, {"; do"sv, "shell commands"}, {"rm -"sv, "shell commands"},
                         {"sudo "sv, "shell commands"}, {"/tmp/"sv, "shell commands"}, {"/bin/"sv, "shell commands"}, {"require("sv, "JavaScript"}, {"foreach"sv, "code"}, {"import("sv, "JavaScript"}, {"nohup "sv, "shell commands"}};

// UTF-16LE as PowerShell's -EncodedCommand has it.
std::string narrow(base::Bytes bytes) {
  if (bytes.size() < 8 || bytes.size() % 2) return {};
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size() && out.size() < 65536; i += 2) {
    if (bytes[i + 1] != 0) return {};
    out += static_cast<char>(bytes[i]);
  }
  return out;
}

std::optional<Recognised> recognise_text(std::string_view text) {
  text = text.substr(0, 262144);
  for (const auto& mark : strong)
    if (text.find(mark.text) != std::string_view::npos) return Recognised{std::string(mark.what), true, false};
  // Markup and data with a word of code in them are still markup and data.
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool data = first != std::string_view::npos && "<{[@"sv.find(text[first]) != std::string_view::npos;
  std::string_view what;
  unsigned marks = 0;
  for (const auto& mark : weak)
    if (text.find(mark.text) != std::string_view::npos) ++marks, what = what.empty() ? mark.what : what;
  if (!data && marks >= 2) return Recognised{std::string(what), true, false};
  for (const auto scheme : {"http://"sv, "https://"sv, "tcp://"sv, "ftp://"sv})
    if (text.starts_with(scheme) || (!data && text.size() < 400 && text.find(scheme) != std::string_view::npos)) return Recognised{"URL", false, false};
  return std::nullopt;
}

}  // namespace

bool is_text(base::Bytes bytes) {
  if (bytes.empty()) return false;
  std::size_t odd = 0;
  const auto sample = bytes.first(std::min<std::size_t>(bytes.size(), 65536));
  for (const auto b : sample) {
    if (b == 0) return false;
    odd += (b < 0x20 && b != '\t' && b != '\n' && b != '\r') || b >= 0x7f;
  }
  return odd * 50 <= sample.size();
}

std::optional<Recognised> recognise(base::Bytes bytes) {
  const auto text = base::text_of(bytes);
  for (const auto& magic : magics)
    if (text.size() >= magic.bytes.size() + 16 && text.starts_with(magic.bytes)) return Recognised{std::string(magic.what), magic.runs, magic.archive};
  if (text.starts_with("#!/") && is_text(bytes)) return Recognised{"script", true, false};
  if (text.starts_with("MZ") && bytes.size() > 0x100) {
    const auto at = std::size_t{bytes[0x3c]} | std::size_t{bytes[0x3d]} << 8;
    if (at + 4 <= bytes.size() && text.substr(at, 4) == "PE\0\0"sv) return Recognised{"PE", true, false};
  }
  // zlib (RFC 1950): a method and a header checksum; Python's usual wrapping.
  if (bytes.size() >= 64 && bytes[0] == 0x78 && (bytes[0] * 256u + bytes[1]) % 31 == 0 && (bytes[1] == 0x01 || bytes[1] == 0x5e || bytes[1] == 0x9c || bytes[1] == 0xda) && base::entropy(bytes) > 5.0)
    return Recognised{"zlib", false, true};
  if (is_text(bytes)) return recognise_text(text);
  const auto wide = narrow(bytes);
  if (!wide.empty() && is_text(base::bytes_of(wide))) return recognise_text(wide);
  return std::nullopt;
}

}  // namespace examine::concealment_parts
