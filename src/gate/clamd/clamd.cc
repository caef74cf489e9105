// `assay-gate clamd`: every program that asks clamd about a file asks the hallmark instead.
#include "gate/clamd/server.h"
#include "gate/market.h"
#include "gate/stopping.h"

namespace gate {
namespace {

struct ClamdOptions {
  clamd::ServerOptions server;
  std::string unknown, mode = "0666";
};

base::Result<int> command_clamd(ClamdOptions options, const Door& door) {
  auto& how = options.server.how;
  std::size_t read = 0;
  try {
    options.server.socket_mode = static_cast<unsigned>(std::stoul(options.mode, &read, 8));
  } catch (const std::exception&) {
  }
  if (read != options.mode.size() || options.server.socket_mode > 0777) return base::fail(base::Trouble::usage, "--socket-mode takes an octal mode, as 0660");
  const int stop = stop_descriptor();
  const auto front = TRY(door.open());
  const bool can_vet = !front->policy().vet_command.empty();
  if (options.unknown.empty()) options.unknown = front->policy().wait_for_unknown ? "wait" : "deny";
  if (options.unknown != "deny" && !can_vet) return base::fail(base::Trouble::usage, "--unknown {} needs a vet command in the gate's policy", options.unknown);
  how.unknown = options.unknown == "wait" ? clamd::Unknown::wait : options.unknown == "vet" ? clamd::Unknown::vet : clamd::Unknown::deny;
  front->start_refreshing();
  CHECK_OK(clamd::serve(*front, options.server, door.state(), stop));
  return 0;
}

}  // namespace

void add_clamd(Door& door) {
  const auto o = std::make_shared<ClamdOptions>();
  auto* command = door.cli.add_subcommand("clamd", "Answer clients of clamd: scanners, mail filters, ICAP servers");
  command->add_option("--socket", o->server.socket, "Unix socket to listen at")->type_name("PATH");
  command->add_option("--socket-mode", o->mode, "Who may use the socket, as for chmod")->type_name("MODE")->capture_default_str();
  command->add_option("--listen", o->server.addresses, "TCP address to listen at; may be repeated")->type_name("ADDR:PORT")->allow_extra_args(false);
  command->add_option("--unknown", o->unknown, "What carries no hallmark: deny; wait (vet it, and wait); vet (vet it, and deny until then)")->check(CLI::IsMember({"deny", "wait", "vet"}))->type_name("HOW");
  command->add_option("--wait", o->server.how.wait_seconds, "Longest wait for a vetting, in seconds")->type_name("N")->check(CLI::Range(0, 3600))->capture_default_str();
  command->add_option("--most-bytes", o->server.how.most_bytes, "Largest product; more is answered as an error")->type_name("BYTES")->transform(CLI::AsSizeValue(false))->capture_default_str();
  command->add_option("--most-clients", o->server.most_clients, "Clients at once; more wait")->type_name("N")->check(CLI::Range(1, 10'000))->capture_default_str();
  command->add_flag("!--no-paths", o->server.how.paths, "Read no paths that clients name (SCAN): bytes and descriptors only");
  command->callback([o, door] { door.result = command_clamd(*o, door); });
}

}  // namespace gate
