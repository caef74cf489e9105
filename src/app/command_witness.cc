#include <sys/stat.h>

#include <cstdio>
#include <ctime>

#include "app/command_log.h"
#include "app/exit_codes.h"
#include "app/listening.h"
#include "app/log_names.h"
#include "hallmark/statement.h"
#include "tlog/witness.h"

namespace app {

using base::Trouble;

base::Result<int> command_witness(const WitnessOptions& o) {
  std::shared_ptr<const sign::Signer> signer = TRY(sign::open_signer(o.key));
  auto key = TRY(tlog::NoteKey::make(o.name, tlog::NoteType::cosignature, signer->public_key()));
  if (o.print_key) {
    fmt::print("{}\n", key.vkey());
    return exit_pass;
  }
  if (o.logs.empty()) return base::fail(Trouble::usage, "name the logs to cosign for with --log VKEY");
  std::vector<tlog::NoteKey> logs;
  for (const auto& log : o.logs) logs.push_back(TRY(note_key(log)));
  std::optional<hallmark::Time> standing;
  if (!o.now.empty()) standing = TRY(hallmark::parse_time(o.now));
  if (::mkdir(o.state.c_str(), 0700) != 0 && errno != EEXIST) return base::fail(Trouble::usage, "{} can't be made", base::printable(o.state));
  const auto vkey = key.vkey();
  const auto witness = TRY(tlog::Witness::open(o.state + "/witness.sqlite", std::move(key), std::move(signer), std::move(logs)));
  httplib::Server server;
  bound(server, tlog::most_add_checkpoint_bytes, 16);
  server.Post("/add-checkpoint", [&](const httplib::Request& request, httplib::Response& response) {
    const auto answer = witness->answer(request.body, standing ? *standing : static_cast<std::int64_t>(std::time(nullptr)));
    response.status = answer.status;
    response.set_content(answer.body, answer.content_type);
  });
  fmt::print("{}\n", vkey);
  CHECK_OK(listen_until_interrupted(server, o.listen, "witness listens at"));
  return exit_pass;
}

}  // namespace app
