// THE table of abilities. One line each: what is linked or named, what it is able to do, how sure.
// low = many ordinary programs link it; medium = few programs have another use for it.
#include "examine/binary/abilities.h"

#include <algorithm>
#include <array>

namespace examine::binary_part {
namespace {

using evidence::Confidence;
using evidence::Facet;
constexpr auto low = Confidence::low;
constexpr auto medium = Confidence::medium;

constexpr auto functions = std::to_array<Ability>({
    // listening and connecting: BSD sockets, resolvers, the usual libraries, Windows
    {"bind", Facet::power, "listen", low},
    {"listen", Facet::power, "listen", medium},
    {"accept", Facet::power, "listen", medium},
    {"accept4", Facet::power, "listen", medium},
    {"WSAAccept", Facet::power, "listen", medium},
    {"connect", Facet::power, "connect", low},
    {"WSAConnect", Facet::power, "connect", low},
    {"socket", Facet::outside, "network", low},
    {"sendto", Facet::outside, "network", low},
    {"WSASocket", Facet::outside, "network", low},
    {"getaddrinfo", Facet::outside, "network", low},
    {"gethostbyname", Facet::outside, "network", low},
    {"res_query", Facet::outside, "dns", low},
    {"res_nquery", Facet::outside, "dns", low},
    {"ares_query", Facet::outside, "dns", low},
    {"DnsQuery_*", Facet::outside, "dns", low},
    {"curl_easy_perform", Facet::outside, "network", low},
    {"curl_multi_perform", Facet::outside, "network", low},
    {"SSL_connect", Facet::outside, "network", low},
    {"SSL_write", Facet::outside, "network", low},
    {"gnutls_handshake", Facet::outside, "network", low},
    {"soup_session_send*", Facet::outside, "network", low},
    {"g_socket_client_connect*", Facet::outside, "network", low},
    {"InternetOpen", Facet::outside, "network", low},
    {"InternetOpenUrl", Facet::outside, "network", medium},
    {"HttpSendRequest", Facet::outside, "network", medium},
    {"WinHttpSendRequest", Facet::outside, "network", medium},
    {"URLDownloadToFile", Facet::outside, "network", medium},
    {"FtpPutFile", Facet::outside, "network", medium},
    {"CFHTTPMessageCreateRequest", Facet::outside, "network", low},
    {"hci_*", Facet::outside, "bluetooth", low},
    {"libusb_*", Facet::outside, "usb", low},
    // command: other programs and code brought in at run time
    {"execl", Facet::command, "execute-command", low},
    {"execle", Facet::command, "execute-command", low},
    {"execlp", Facet::command, "execute-command", low},
    {"execv", Facet::command, "execute-command", low},
    {"execve", Facet::command, "execute-command", low},
    {"execvp", Facet::command, "execute-command", low},
    {"execvpe", Facet::command, "execute-command", low},
    {"fexecve", Facet::command, "execute-command", medium},
    {"system", Facet::command, "execute-command", low},
    {"popen", Facet::command, "execute-command", low},
    {"posix_spawn", Facet::command, "execute-command", low},
    {"posix_spawnp", Facet::command, "execute-command", low},
    {"g_spawn_*", Facet::command, "execute-command", low},
    {"CreateProcess", Facet::command, "execute-command", low},
    {"CreateProcessAsUser", Facet::command, "execute-command", medium},
    {"ShellExecute", Facet::command, "execute-command", low},
    {"ShellExecuteEx", Facet::command, "execute-command", low},
    {"WinExec", Facet::command, "execute-command", medium},
    {"forkpty", Facet::command, "open-shell", low},
    {"openpty", Facet::command, "open-shell", low},
    {"dlopen", Facet::command, "load-code", low},
    {"dlmopen", Facet::command, "load-code", low},
    {"LoadLibrary", Facet::command, "load-code", low},
    {"LoadLibraryEx", Facet::command, "load-code", low},
    {"memfd_create", Facet::command, "load-code", low},
    {"NSCreateObjectFileImageFromMemory", Facet::command, "load-code", medium},
    {"init_module", Facet::command, "load-code", medium},
    {"finit_module", Facet::command, "load-code", medium},
    // power over other processes, the network and rights
    {"ptrace", Facet::power, "trace-process", medium},
    {"process_vm_readv", Facet::power, "trace-process", medium},
    {"ReadProcessMemory", Facet::power, "trace-process", medium},
    {"task_for_pid", Facet::power, "trace-process", medium},
    {"process_vm_writev", Facet::power, "inject-process", medium},
    {"WriteProcessMemory", Facet::power, "inject-process", medium},
    {"CreateRemoteThread", Facet::power, "inject-process", medium},
    {"CreateRemoteThreadEx", Facet::power, "inject-process", medium},
    {"NtCreateThreadEx", Facet::power, "inject-process", medium},
    {"QueueUserAPC", Facet::power, "inject-process", medium},
    {"mach_vm_write", Facet::power, "inject-process", medium},
    {"thread_create_running", Facet::power, "inject-process", medium},
    {"pcap_open_live", Facet::power, "capture-traffic", medium},
    {"pcap_create", Facet::power, "capture-traffic", medium},
    {"pcap_loop", Facet::power, "capture-traffic", medium},
    {"pcap_dispatch", Facet::power, "capture-traffic", medium},
    {"pcap_next*", Facet::power, "capture-traffic", medium},
    {"nf_register_net_hook*", Facet::power, "capture-traffic", low},
    {"nfq_create_queue", Facet::power, "capture-traffic", medium},
    {"setuid", Facet::power, "escalate", low},
    {"seteuid", Facet::power, "escalate", low},
    {"setreuid", Facet::power, "escalate", low},
    {"setresuid", Facet::power, "escalate", low},
    {"AdjustTokenPrivileges", Facet::power, "escalate", low},
    {"ImpersonateLoggedOnUser", Facet::power, "escalate", medium},
    {"AuthorizationExecuteWithPrivileges", Facet::power, "escalate", medium},
    {"CreateService", Facet::power, "persist", medium},
    {"SMLoginItemSetEnabled", Facet::power, "persist", medium},
    // keystrokes, screen, clipboard
    {"XGrabKeyboard", Facet::private_, "keystrokes", low},
    {"XQueryKeymap", Facet::private_, "keystrokes", medium},
    {"XRecordEnableContext*", Facet::private_, "keystrokes", medium},
    {"XRecordCreateContext", Facet::private_, "keystrokes", medium},
    {"XISelectEvents", Facet::private_, "keystrokes", low},
    {"libevdev_next_event", Facet::private_, "keystrokes", low},
    {"libinput_get_event", Facet::private_, "keystrokes", low},
    {"SetWindowsHookEx", Facet::private_, "keystrokes", medium},
    {"GetAsyncKeyState", Facet::private_, "keystrokes", medium},
    {"GetKeyboardState", Facet::private_, "keystrokes", low},
    {"RegisterRawInputDevices", Facet::private_, "keystrokes", low},
    {"CGEventTapCreate", Facet::private_, "keystrokes", medium},
    {"IOHIDManagerRegisterInputValueCallback", Facet::private_, "keystrokes", low},
    {"register_keyboard_notifier", Facet::private_, "keystrokes", medium},  // Linux kernel modules
    {"XGetImage", Facet::private_, "screen", low},
    {"XShmGetImage", Facet::private_, "screen", low},
    {"xcb_get_image*", Facet::private_, "screen", low},
    {"BitBlt", Facet::private_, "screen", low},
    {"PrintWindow", Facet::private_, "screen", medium},
    {"CGDisplayCreateImage", Facet::private_, "screen", medium},
    {"CGWindowListCreateImage", Facet::private_, "screen", medium},
    {"XConvertSelection", Facet::private_, "clipboard", low},
    {"xcb_convert_selection", Facet::private_, "clipboard", low},
    {"gtk_clipboard_wait_for_text", Facet::private_, "clipboard", low},
    {"GetClipboardData", Facet::private_, "clipboard", low},
    {"AddClipboardFormatListener", Facet::private_, "clipboard", medium},
    {"SetClipboardViewer", Facet::private_, "clipboard", medium},
    // microphone, camera, place
    {"snd_pcm_readi", Facet::private_, "microphone", low},
    {"snd_pcm_readn", Facet::private_, "microphone", low},
    {"pa_simple_read", Facet::private_, "microphone", low},
    {"pa_stream_connect_record", Facet::private_, "microphone", low},
    {"waveInOpen", Facet::private_, "microphone", medium},
    {"AudioQueueNewInput", Facet::private_, "microphone", medium},
    {"v4l2_open", Facet::private_, "camera", low},
    {"capCreateCaptureWindow", Facet::private_, "camera", medium},
    {"gclue_simple_new*", Facet::private_, "location", low},
    {"gps_open", Facet::private_, "location", low},
    {"gps_read", Facet::private_, "location", low},
    // accounts, passwords, keys
    {"getspnam", Facet::private_, "credentials", medium},
    {"getspent", Facet::private_, "credentials", medium},
    {"getspnam_r", Facet::private_, "credentials", medium},
    {"pam_get_authtok", Facet::private_, "credentials", low},
    {"pam_authenticate", Facet::private_, "credentials", low},
    {"getpass", Facet::private_, "credentials", low},
    {"CryptUnprotectData", Facet::private_, "credentials", medium},
    {"CredEnumerate", Facet::private_, "credentials", medium},
    {"LsaRetrievePrivateData", Facet::private_, "credentials", medium},
    {"MiniDumpWriteDump", Facet::private_, "credentials", low},
    {"SecKeychainFindGenericPassword", Facet::private_, "credentials", low},
    {"SecKeychainFindInternetPassword", Facet::private_, "credentials", low},
    {"secret_password_lookup*", Facet::private_, "credentials", low},
    {"getpwent", Facet::private_, "account", low},
    {"getpwnam", Facet::private_, "account", low},
    {"getpwuid", Facet::private_, "account", low},
    {"getlogin", Facet::private_, "account", low},
    {"NetUserEnum", Facet::private_, "account", medium},
    {"putpwent", Facet::command, "change-account", medium},
    {"putspent", Facet::command, "change-account", medium},
    {"NetUserAdd", Facet::command, "change-account", medium},
    {"pw_add", Facet::command, "change-account", medium},
    {"CertAddEncodedCertificateToStore", Facet::command, "change-trust", medium},
    {"CertAddCertificateContextToStore", Facet::command, "change-trust", medium},
    {"SecTrustSettingsSetTrustSettings", Facet::command, "change-trust", medium},
    // the machine's identity
    {"gethostid", Facet::private_, "device-id", low},
    {"sd_id128_get_machine", Facet::private_, "device-id", low},
    {"GetVolumeInformation", Facet::private_, "device-id", low},
    {"GetAdaptersInfo", Facet::private_, "device-id", low},
    {"GetAdaptersAddresses", Facet::private_, "device-id", low},
    // turning protection off, watching for watchers
    {"IsDebuggerPresent", Facet::concealment, "anti-analysis", low},
    {"CheckRemoteDebuggerPresent", Facet::concealment, "anti-analysis", medium},
    {"NtSetInformationThread", Facet::concealment, "anti-analysis", low},
    {"ClearEventLog", Facet::concealment, "log-tampering", medium},
    {"EvtClearLog", Facet::concealment, "log-tampering", medium},
    {"security_disable*", Facet::power, "disable-security", medium},
    // Go programs carry their functions by name in .gopclntab
    {"net.(*Dialer).Dial*", Facet::outside, "network", low},
    {"net.Listen", Facet::power, "listen", low},
    {"os/exec.(*Cmd).Start", Facet::command, "execute-command", low},
    {"plugin.Open", Facet::command, "load-code", low},
});

constexpr auto strings = std::to_array<Ability>({
    // keys and passwords at rest
    {"/.ssh/id_", Facet::private_, "keys", low},
    {".ssh/id_rsa", Facet::private_, "keys", medium},
    {".ssh/id_ed25519", Facet::private_, "keys", medium},
    {".ssh/authorized_keys", Facet::private_, "keys", low},
    {"/.gnupg/", Facet::private_, "keys", low},
    {"/etc/ssh/ssh_host_", Facet::private_, "keys", low},
    {"/etc/shadow", Facet::private_, "credentials", low},
    {"/etc/krb5.keytab", Facet::private_, "credentials", low},
    {".aws/credentials", Facet::private_, "credentials", medium},
    {".config/gcloud", Facet::private_, "credentials", medium},
    {".azure/", Facet::private_, "credentials", low},
    {".docker/config.json", Facet::private_, "credentials", low},
    {".kube/config", Facet::private_, "credentials", low},
    {".git-credentials", Facet::private_, "credentials", low},
    {".netrc", Facet::private_, "credentials", low},
    {".npmrc", Facet::private_, "credentials", low},
    {".pypirc", Facet::private_, "credentials", low},
    {".pgpass", Facet::private_, "credentials", low},
    {"wallet.dat", Facet::private_, "credentials", medium},
    {".bitcoin/", Facet::private_, "credentials", low},
    {"169.254.169.254/latest/meta-data", Facet::private_, "credentials", medium},
    {"/var/run/secrets/kubernetes.io", Facet::private_, "credentials", low},
    // browsers
    {"Login Data", Facet::private_, "credentials", low},
    {"logins.json", Facet::private_, "credentials", medium},
    {"key4.db", Facet::private_, "credentials", low},
    {".mozilla/firefox", Facet::private_, "browser-history", low},
    {".config/google-chrome", Facet::private_, "browser-history", medium},
    {"Google/Chrome/User Data", Facet::private_, "browser-history", medium},
    {"Google\\Chrome\\User Data", Facet::private_, "browser-history", medium},
    {"places.sqlite", Facet::private_, "browser-history", low},
    {".bash_history", Facet::private_, "files", low},
    // devices
    {"/dev/input/event", Facet::private_, "keystrokes", low},
    {"/dev/input/by-path", Facet::private_, "keystrokes", low},
    {"/dev/video", Facet::private_, "camera", low},
    {"/dev/snd/pcm", Facet::private_, "microphone", low},
    {"/dev/fb0", Facet::private_, "screen", low},
    {"/dev/mem", Facet::power, "read-secrets", low},
    {"/dev/kmem", Facet::power, "read-secrets", low},
    {"/proc/kcore", Facet::power, "read-secrets", low},
    // the machine and its processes
    {"/etc/machine-id", Facet::private_, "device-id", low},
    {"/var/lib/dbus/machine-id", Facet::private_, "device-id", low},
    {"/sys/class/dmi/id/product_uuid", Facet::private_, "device-id", medium},
    {"/proc/%d/environ", Facet::private_, "environment", medium},
    {"/proc/%d/mem", Facet::power, "inject-process", low},
    {"/proc/%s/environ", Facet::private_, "environment", medium},
    {"/proc/self/environ", Facet::private_, "environment", low},
    {"TracerPid:", Facet::concealment, "anti-analysis", low},
    // shells and places to stay in
    {"/bin/sh", Facet::command, "open-shell", low},
    {"/bin/bash", Facet::command, "open-shell", low},
    {"/dev/tcp/", Facet::command, "open-shell", medium},
    {"/etc/ld.so.preload", Facet::power, "persist", medium},
    {"/etc/rc.local", Facet::power, "persist", low},
    {"/etc/cron.d/", Facet::power, "persist", low},
    {"/var/spool/cron", Facet::power, "persist", low},
    {"/etc/systemd/system/", Facet::power, "persist", low},
    {".config/autostart", Facet::power, "persist", low},
    {"Library/LaunchAgents", Facet::power, "persist", low},
    {"Library/LaunchDaemons", Facet::power, "persist", low},
    {"Software\\Microsoft\\Windows\\CurrentVersion\\Run", Facet::power, "persist", low},
    {"/etc/sudoers", Facet::power, "escalate", low},
    // logs that record logins
    {"/var/log/wtmp", Facet::private_, "account", low},
    {"/var/run/utmp", Facet::private_, "account", low},
    {"/var/log/lastlog", Facet::private_, "account", low},
    {"/var/log/auth.log", Facet::private_, "account", low},
    // trust
    {"/etc/ssl/certs/", Facet::command, "change-trust", low},
    {"/usr/local/share/ca-certificates", Facet::command, "change-trust", medium},
    {"update-ca-certificates", Facet::command, "change-trust", medium},
    {"iptables -", Facet::command, "change-firewall", low},
    {"setenforce 0", Facet::power, "disable-security", medium},
    {"/sys/fs/selinux/enforce", Facet::power, "disable-security", low},
});

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return name == pattern;
}

}  // namespace

std::span<const Ability> function_abilities() { return functions; }
std::span<const Ability> string_abilities() { return strings; }

std::string normalised(std::string_view name) {
  if (const auto dollar = name.find('$'); dollar != std::string_view::npos && dollar > 0) name = name.substr(0, dollar);
  if (name.starts_with("__imp_")) name.remove_prefix(6);
  if (name.starts_with("__isoc99_") || name.starts_with("__isoc23_")) name.remove_prefix(9);
  if (name.starts_with("__") && name.ends_with("_chk")) {
    name.remove_prefix(2);
    name.remove_suffix(4);
  }
  return std::string(name);
}

std::vector<const Ability*> abilities_of(std::string_view raw) {
  // The table is short and has prefixes; a first-letter index keeps large symbol tables cheap.
  static const auto by_letter = [] {
    std::array<std::vector<const Ability*>, 256> out;
    for (const auto& a : functions) out[static_cast<unsigned char>(a.pattern[0])].push_back(&a);
    return out;
  }();
  std::vector<const Ability*> out;
  const auto name = normalised(raw);
  if (name.empty()) return out;
  const std::string_view plain = name;
  const bool windows = plain.size() > 3 && (plain.ends_with('A') || plain.ends_with('W'));
  for (const auto* a : by_letter[static_cast<unsigned char>(plain[0])])
    if (matches(a->pattern, plain) || (windows && a->pattern == plain.substr(0, plain.size() - 1))) out.push_back(a);
  return out;
}

}  // namespace examine::binary_part
