#include "gate/init/templates.h"

#include <fmt/format.h>

#include <map>

#include "gate/init/policy_text.h"

namespace gate::init {
namespace {

/// {0} market, so that several gates may live on one host.
constexpr std::string_view common = "--policy /etc/assay/gate.yaml --state /var/lib/assay-gate-{0} --decisions /var/log/assay-gate-{0}/decisions.jsonl";

/// {0} what it is, {1} command line, {2} more lines of [Service], {3} market.
constexpr std::string_view unit = R"([Unit]
Description=Assay gate: {0}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/assay-gate {1}
Restart=always
RestartSec=1
StateDirectory=assay-gate-{3}
LogsDirectory=assay-gate-{3}
RuntimeDirectory=assay-gate
RuntimeDirectoryMode=0755
{2}
[Install]
WantedBy=multi-user.target
)";

constexpr std::string_view confined = R"(DynamicUser=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
MemoryDenyWriteExecute=yes
SystemCallFilter=@system-service
CapabilityBoundingSet=
)";

constexpr std::string_view for_fanotify = R"(CapabilityBoundingSet=CAP_SYS_ADMIN CAP_DAC_READ_SEARCH CAP_SYS_RESOURCE CAP_FOWNER CAP_KILL
ProtectHome=read-only
NoNewPrivileges=yes
OOMScoreAdjust=-900
LimitNOFILE=1048576
)";

File service(std::string_view market, std::string_view what, std::string_view arguments, std::string_view more = confined, std::string_view before = "") {
  return {fmt::format("/etc/systemd/system/assay-gate-{}.service", market), fmt::format(unit, what, fmt::format("{} {}{}{}", fmt::format(common, market), before, before.empty() ? "" : " ", arguments), more, market)};
}

constexpr std::string_view clamd_arguments = "clamd --socket /run/assay-gate/clamd.ctl --listen 127.0.0.1:3310";

constexpr std::string_view clamd_conf = R"(# For clamdscan --config-file=..., clamav-milter, and whatever else reads clamd's configuration.
# Clients with settings of their own: socket /run/assay-gate/clamd.ctl, or host 127.0.0.1 and port 3310.
LocalSocket /run/assay-gate/clamd.ctl
)";

constexpr std::string_view c_icap_conf = R"(# For c-icap (packages c-icap and libc-icap-mod-virus-scan): include it at the end of c-icap.conf, instead
# of virus_scan.conf and clamd_mod.conf. ICAP clients ask icap://HOST:1344/avscan.
Module common clamd_mod.so
clamd_mod.ClamdSocket /run/assay-gate/clamd.ctl
Service antivirus_module virus_scan.so
ServiceAlias avscan virus_scan?allow204=on&sizelimit=off&mode=simple
virus_scan.DefaultEngine clamd
# Everything, of every size: what is not asked about would pass. The shipped settings leave out most
# types and all above 5 MB.
virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GRAPHICS STREAM DOCUMENT
virus_scan.MaxObjectSize 0
# Not a byte to the client before the answer.
virus_scan.SendPercentData 0
# The gate can't be asked: refuse.
virus_scan.PassOnError off
)";

constexpr std::string_view squid_conf = R"(# For squid: /etc/squid/conf.d. Every answer is held until c-icap has asked the gate. What squid only
# tunnels (https without ssl-bump) can't be seen.
icap_enable on
icap_service assay respmod_precache icap://127.0.0.1:1344/avscan bypass=off
adaptation_access assay allow all
)";

constexpr std::string_view apt_conf = R"(// Asks about every package that apt is about to install. `dpkg -i` does not ask: for the strong form see
// `assay-gate apt-repo` and `assay-gate apt-proxy` in docs/markets.md.
DPkg::Pre-Install-Pkgs { "/usr/bin/assay-gate --policy /etc/assay/gate.yaml --state /var/lib/assay-gate-apt --decisions /var/log/assay-gate-apt/decisions.jsonl apt-hook"; };
DPkg::Tools::Options::/usr/bin/assay-gate { Version "3"; InfoFD "20"; };
)";

constexpr std::string_view npmrc = R"(; For npm: /etc/npmrc, or .npmrc beside package.json. A lock file with addresses of its own goes past it:
; write omit-lockfile-registry-resolved=true, or replace-registry-host=always.
registry=http://127.0.0.1:4873/
replace-registry-host=always
)";

constexpr std::string_view pip_conf = R"(# For pip: /etc/pip.conf. extra-index-url would go past the gate.
[global]
index-url = http://127.0.0.1:3141/simple/
)";

constexpr std::string_view registries_conf = R"(# For podman, skopeo, buildah, CRI-O: /etc/containers/registries.conf.d. Images of docker.io come through
# the gate and from nowhere else.
[[registry]]
prefix = "docker.io"
location = "127.0.0.1:5000"
insecure = true     # plain http on this host only; give the gate --tls-cert and --tls-key elsewhere
)";

constexpr std::string_view webhook = R"(# kubectl apply -f. caBundle: the certificate authority that signed the gate's certificate, base64.
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: assay-gate
webhooks:
  - name: gate.assay.example
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail          # closed when the gate can't be asked
    timeoutSeconds: 10
    namespaceSelector:           # the gate's own namespace, or it could never start
      matchExpressions:
        - {key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, assay]}
    rules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods, pods/ephemeralcontainers, replicationcontrollers, podtemplates]}
      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments, daemonsets, statefulsets, replicasets]}
      - {apiGroups: [batch], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [jobs, cronjobs]}
    clientConfig:
      url: https://gate.example:8443/
      caBundle: ""
)";

using Make = std::vector<File> (*)();
const std::map<std::string_view, Make, std::less<>>& table() {
  static const std::map<std::string_view, Make, std::less<>> all = {
      {"clamd", [] { return std::vector<File>{service("clamd", "clients of clamd", clamd_arguments), {"/etc/assay/clamd-client.conf", std::string(clamd_conf)}}; }},
      {"c-icap", [] { return std::vector<File>{service("clamd", "clients of clamd", clamd_arguments), {"/etc/c-icap/assay.conf", std::string(c_icap_conf)}}; }},
      {"squid",
       [] {
         return std::vector<File>{service("clamd", "clients of clamd", clamd_arguments), {"/etc/c-icap/assay.conf", std::string(c_icap_conf)}, {"/etc/squid/conf.d/assay.conf", std::string(squid_conf)}};
       }},
      {"apt",
       [] {
         return std::vector<File>{service("apt", "Debian repository", "apt-proxy --listen 127.0.0.1:3142 --upstream http://deb.debian.org/debian"), {"/etc/apt/apt.conf.d/90assay-gate", std::string(apt_conf)}};
       }},
      {"npm", [] { return std::vector<File>{service("npm", "npm registry", "npm --listen 127.0.0.1:4873 --upstream https://registry.npmjs.org --learnt /var/lib/assay-gate-npm/learnt"), {"/etc/npmrc", std::string(npmrc)}}; }},
      {"pypi",
       [] { return std::vector<File>{service("pypi", "Python package index", "pypi --listen 127.0.0.1:3141 --upstream https://pypi.org --also https://files.pythonhosted.org"), {"/etc/pip.conf", std::string(pip_conf)}}; }},
      {"oci",
       [] {
         return std::vector<File>{service("oci", "container registry", "oci --listen 127.0.0.1:5000 --upstream https://registry-1.docker.io --manifests /var/lib/assay-gate-oci/manifests"),
                                  {"/etc/containers/registries.conf.d/assay.conf", std::string(registries_conf)}};
       }},
      {"kubernetes",
       [] {
         return std::vector<File>{service("kubernetes", "admission webhook", "kubernetes --listen 0.0.0.0:8443 --tls-cert /etc/assay/tls.crt --tls-key /etc/assay/tls.key --manifests /var/lib/assay-gate-oci/manifests"),
                                  {"/etc/assay/webhook.yaml", std::string(webhook)}};
       }},
      {"exec",
       [] {
         // A host whose own programs carry no hallmark would not even start a shell: looking comes first.
         return std::vector<File>{service("exec", "execution (remove --dry-run when the decisions say what you expect)", "exec --mount /opt", for_fanotify, "--dry-run")};
       }},
  };
  return all;
}

}  // namespace

std::vector<std::string_view> markets() {
  std::vector<std::string_view> out;
  for (const auto& [name, make] : table()) out.push_back(name);
  return out;
}

std::vector<File> files_for(std::string_view market, const Filling& filling) {
  const auto found = table().find(market);
  if (found == table().end()) return {};
  std::vector<File> out{{"/etc/assay/gate.yaml", policy_text(market, filling)}};
  for (auto& file : found->second()) out.push_back(std::move(file));
  return out;
}

}  // namespace gate::init
