// Shell commands that change accounts, trust, protection, start-up or traces: plain facts by table.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "examine/scripts/evaluator.h"

namespace examine::script {

using evidence::Facet;

namespace {

struct Row {
  std::string_view name;
  std::string_view argument;  ///< alternatives separated by '|', one must occur in " line "; "" for any
  Facet facet;
  std::string_view word;
  Confidence confidence;
};

constexpr auto high = Confidence::high;
constexpr auto medium = Confidence::medium;
constexpr auto low = Confidence::low;

constexpr std::array<Row, 78> rows = {{
    {"useradd", "", Facet::command, "change-account", high},
    {"adduser", "", Facet::command, "change-account", high},
    {"usermod", "", Facet::command, "change-account", high},
    {"userdel", "", Facet::command, "change-account", high},
    {"deluser", "", Facet::command, "change-account", high},
    {"groupadd", "", Facet::command, "change-account", high},
    {"addgroup", "", Facet::command, "change-account", high},
    {"chpasswd", "", Facet::command, "change-account", high},
    {"passwd", "", Facet::command, "change-account", high},
    {"dscl", " -create ", Facet::command, "change-account", high},
    {"net", " user ", Facet::command, "change-account", medium},
    {"update-ca-certificates", "", Facet::command, "change-trust", high},
    {"update-ca-trust", "", Facet::command, "change-trust", high},
    {"certutil", " -A |-addstore", Facet::command, "change-trust", high},
    {"security", "add-trusted-cert", Facet::command, "change-trust", high},
    {"security", "add-trusted-cert", Facet::trust, "added-trust-root", high},
    {"trust", " anchor ", Facet::command, "change-trust", high},
    {"trust", " anchor ", Facet::trust, "added-trust-root", high},
    {"keytool", "-importcert|-import ", Facet::command, "change-trust", high},
    {"apt-key", " add | adv ", Facet::command, "change-trust", high},
    {"rpm", "--import", Facet::command, "change-trust", high},
    {"rpmkeys", "--import", Facet::command, "change-trust", high},
    {"npm", "strict-ssl false| strict-ssl=false", Facet::trust, "signature-bypass", high},
    {"npm", " set registry | registry http:", Facet::command, "change-trust", medium},
    {"pip", "--trusted-host", Facet::trust, "signature-bypass", medium},
    {"git", "http.sslVerify false|http.sslverify false", Facet::trust, "signature-bypass", high},
    {"apt-get", "--allow-unauthenticated", Facet::trust, "signature-bypass", high},
    {"iptables", "", Facet::command, "change-firewall", medium},
    {"ip6tables", "", Facet::command, "change-firewall", medium},
    {"iptables", " -F | --flush |-P INPUT ACCEPT", Facet::power, "disable-security", high},
    {"nft", "", Facet::command, "change-firewall", medium},
    {"nft", " flush ", Facet::power, "disable-security", high},
    {"ufw", "", Facet::command, "change-firewall", medium},
    {"ufw", " disable ", Facet::power, "disable-security", high},
    {"firewall-cmd", "", Facet::command, "change-firewall", medium},
    {"netsh", "firewall", Facet::command, "change-firewall", high},
    {"netsh", "state off|opmode disable", Facet::power, "disable-security", high},
    {"setenforce", " 0 | Permissive | permissive ", Facet::power, "disable-security", high},
    {"systemctl", " stop apparmor| disable apparmor| stop firewalld| disable firewalld| stop auditd| disable auditd| stop ufw| disable ufw| disable --now firewalld| disable --now apparmor| disable --now auditd| stop rsyslog| disable rsyslog| stop clamav| disable clamav| stop falcon",
     Facet::power, "disable-security", high},
    {"service", " auditd stop | iptables stop | apparmor stop ", Facet::power, "disable-security", high},
    {"sysctl", "randomize_va_space=0|ptrace_scope=0|kptr_restrict=0", Facet::power, "disable-security", high},
    {"aa-disable", "", Facet::power, "disable-security", medium},
    {"aa-teardown", "", Facet::power, "disable-security", high},
    {"auditctl", " -D | -e 0 ", Facet::power, "disable-security", high},
    {"csrutil", " disable ", Facet::power, "disable-security", high},
    {"spctl", "--master-disable", Facet::power, "disable-security", high},
    {"mokutil", "--disable-validation", Facet::power, "disable-security", high},
    {"history", " -c | -cw ", Facet::concealment, "log-tampering", high},
    {"unset", " HISTFILE", Facet::concealment, "log-tampering", high},
    {"journalctl", "--vacuum-time=1s|--vacuum-size=1|--rotate --vacuum", Facet::concealment, "log-tampering", medium},
    {"utmpdump", " -r ", Facet::concealment, "log-tampering", medium},
    {"wevtutil", " cl | clear-log ", Facet::concealment, "log-tampering", high},
    {"rm", "/var/log/wtmp|/var/log/btmp|/var/log/lastlog|/var/log/auth.log|/var/log/secure|/var/log/syslog|/var/log/messages|.bash_history|/var/log/audit/audit.log",
     Facet::concealment, "log-tampering", high},
    {"rm", " /var/log/*| -rf /var/log | -fr /var/log | -rf /var/log/ ", Facet::concealment, "log-tampering", high},
    {"shred", "/var/log|.bash_history", Facet::concealment, "log-tampering", high},
    {"truncate", "/var/log/wtmp|/var/log/btmp|/var/log/lastlog|/var/log/auth|/var/log/secure|/var/log/syslog|/var/log/*", Facet::concealment, "log-tampering", high},
    {"sed", " -i /var/log/auth|/var/log/auth.log|/var/log/secure|/var/log/wtmp", Facet::concealment, "log-tampering", low},
    {"touch", " -r /bin/| -r /usr/bin/| -r /etc/passwd| -r /lib| -r /sbin/", Facet::concealment, "log-tampering", medium},
    {"systemctl", " enable ", Facet::power, "persist", high},
    {"update-rc.d", "", Facet::power, "persist", medium},
    {"chkconfig", " on |--add", Facet::power, "persist", medium},
    {"rc-update", " add ", Facet::power, "persist", medium},
    {"launchctl", " load | bootstrap ", Facet::power, "persist", high},
    {"schtasks", "/create|/Create", Facet::power, "persist", high},
    {"reg", "CurrentVersion\\Run", Facet::power, "persist", high},
    {"insmod", "", Facet::command, "load-code", high},
    {"modprobe", "", Facet::command, "load-code", medium},
    {"setcap", "", Facet::power, "escalate", high},
    {"chmod", " u+s | +s | 4755 | 4777 | 04755 | 6755 ", Facet::power, "escalate", high},
    {"tcpdump", "", Facet::power, "capture-traffic", high},
    {"tshark", "", Facet::power, "capture-traffic", high},
    {"strace", " -p ", Facet::power, "trace-process", high},
    {"gdb", " -p |--pid| attach", Facet::power, "trace-process", medium},
    {"dd", " of=/dev/sd| of=/dev/nvme| of=/dev/mmcblk| of=/dev/vd| of=/dev/hd", Facet::power, "wipe", high},
    {"shred", " /dev/", Facet::power, "wipe", high},
    {"wipefs", " -a ", Facet::power, "wipe", medium},
    {"rm", "--no-preserve-root| -rf / | -rf /* | -fr / ", Facet::power, "wipe", high},
    {"pkill", " -f falcon| auditd | rsyslogd ", Facet::power, "disable-security", high},
}};

bool occurs(const std::string& line, std::string_view alternatives) {
  if (alternatives.empty()) return true;
  for (std::size_t at = 0; at <= alternatives.size();) {
    const auto end = std::min(alternatives.find('|', at), alternatives.size());
    if (line.find(alternatives.substr(at, end - at)) != std::string::npos) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

void Evaluator::state_command(const ShellCommand& c) {
  std::string line;
  for (const auto& row : rows) {
    if (row.name != c.name) continue;
    if (line.empty()) line = c.line() + " ";
    if (occurs(line, row.argument)) findings_.fact(row.facet, row.word, line.substr(0, 200), c.range, row.confidence, {{"callee", c.name}});
  }
  if (c.is({"useradd", "adduser", "usermod", "chpasswd", "passwd"})) state_account(c);
  state_trust(c);
  state_containers(c);
  if (c.is({"curl", "wget"}) && (c.has("-k") || c.has("--insecure") || c.has("--no-check-certificate")))
    findings_.fact(Facet::trust, "signature-bypass", c.name, c.range, Confidence::low, {{"callee", c.name}});
}

void Evaluator::state_account(const ShellCommand& c) {
  const auto line = c.line() + " ";
  const auto has = [&](std::string_view part) { return line.find(part) != std::string::npos; };
  const auto* uid = c.after({"-u", "--uid"});
  const bool root = (c.has("-o") || c.has("--non-unique") || c.has("-ou") || uid) && (has(" -u 0 ") || has(" --uid 0 ") || has(" -ou 0 ") || has("--uid=0 "));
  if (root && !c.is({"passwd", "chpasswd"}))
    findings_.fact(Facet::trust, "backdoor-account", line.substr(0, 200), c.range, Confidence::high, {{"callee", c.name}});
  if (has(" sudo ") || has(" wheel ") || has(",sudo") || has("sudo,") || has(" admin "))
    findings_.fact(Facet::power, "escalate", line.substr(0, 200), c.range, c.is({"usermod", "useradd", "adduser"}) ? Confidence::high : Confidence::low, {{"callee", c.name}});
  const auto* password = c.after({"-p", "--password"});
  const bool given = (password && password->exact && password->text.size() > 3 && c.is({"useradd", "usermod"})) ||
                     (c.is({"chpasswd", "passwd"}) && c.in.exact && c.in.text.size() > 3);
  if (!given) return;
  evidence::Confidence sure = Confidence::high;
  findings_.fact(Facet::trust, "hard-coded-credential", fmt::format("a password given to {}", c.name), c.range, sure, {{"callee", c.name}});
  const auto colon = c.in.text.find(':');
  findings_.fact(Facet::account, "default-login", colon == std::string::npos ? "" : c.in.text.substr(0, colon), c.range, Confidence::high);
}

/// Keys taken from outside, and roots of trust put into a store.
void Evaluator::state_trust(const ShellCommand& c) {
  const auto line = c.line() + " ";
  const auto has = [&](std::string_view part) { return line.find(part) != std::string::npos; };
  const bool key = (c.name == "apt-key" && has(" add ")) || (c.is({"rpm", "rpmkeys"}) && has("--import")) || (c.is({"gpg", "gpg2"}) && has("keyring") && (has("--import") || has("--dearmor")));
  if (key) {
    Value from = c.in;
    for (const auto& w : c.words) from.add_all(w), from.add_all(file_content(w.text));
    findings_.flow(from, "change-trust", c.name, c.range, Confidence::high, "");
  }
  const bool root = (c.name == "certutil" && has(" -A ") && (has("C,") || has("CT"))) || (c.name == "keytool" && has("-import") && has("cacerts"));
  if (root) findings_.fact(Facet::trust, "added-trust-root", line.substr(0, 200), c.range, Confidence::high, {{"callee", c.name}});
}

/// A container that gets the host: its root folder, or all rights. Who may ask for one is root.
void Evaluator::state_containers(const ShellCommand& c) {
  if (!c.is({"curl", "docker", "podman", "nerdctl", "crictl", "ctr", "nc", "socat", "ncat"})) return;
  std::string line = c.line() + " " + known_text(c.in.text) + " ";
  for (const auto& w : c.words)
    if (w.text.starts_with('@')) line += known_text(file_content(w.text.substr(1)).text);
  const auto has = [&](std::string_view part) { return line.find(part) != std::string::npos; };
  const bool socket = c.is({"curl", "nc", "ncat", "socat"});
  if (socket && !has("docker.sock") && !has("podman.sock") && !has("containerd.sock") && !has("crio.sock")) return;
  const bool root = socket ? has("\"/:/") || has("\"Source\":\"/\"") || has("\"Source\": \"/\"") : has(" -v /:/") || has("--volume=/:/") || has("--volume /:/") || has("source=/,") || has("src=/,");
  const bool rights = socket ? has("Privileged\":true") || has("Privileged\": true") : has("--privileged ");
  const bool process = has("PidMode\":\"host") || has("PidMode\": \"host") || has("--pid=host") || has("--pid host");
  if (root || (rights && process)) findings_.fact(Facet::power, "escalate", "container with the host's files", c.range, Confidence::high, {{"callee", c.name}, {"way", "container"}});
}

}  // namespace examine::script
