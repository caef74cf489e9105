// `assay-gate decide DIGEST|FILE...`: one decision a line.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "gate/market.h"

namespace gate {
namespace {

struct DecideOptions {
  std::vector<std::string> products;
  std::string format = "text";
};

/// A digest as it stands, or the digest of a file's bytes.
base::Result<base::Digest> product_of(const std::string& text) {
  const std::string_view hex = text.starts_with("sha256:") ? std::string_view(text).substr(7) : std::string_view(text);
  if (const auto digest = base::Digest::from_hex(hex)) return *digest;
  const int file = ::open(text.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat about{};
  if (file < 0 || ::fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
    const int error = file < 0 ? errno : 0;
    if (file >= 0) ::close(file);
    return base::fail(base::Trouble::usage, "{}: {}; give files, or SHA-256 digests in hex", base::printable(text), error ? std::strerror(error) : "it is no file");
  }
  auto digest = digest_of_file(file);
  ::close(file);
  return digest;
}

std::string in_json(const Decision& d, const base::Digest& product) {
  nlohmann::ordered_json out = {{"product", product.hex()}, {"answer", name_of(d.answer)}, {"why", name_of(d.why)}, {"sentence", d.sentence}};
  if (!d.link.empty()) out["link"] = d.link;
  if (d.hallmark != base::Digest{}) out["hallmark"] = d.hallmark.hex();
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<int> command_decide(const DecideOptions& options, const Door& door) {
  std::vector<base::Digest> products;
  for (const auto& text : options.products) products.push_back(TRY(product_of(text)));
  const auto front = TRY(door.open());
  int code = 0;
  for (const auto& product : products) {
    const auto decision = front->ask(product, "decide");
    if (options.format == "json") fmt::print("{}\n", in_json(decision, product));
    else fmt::print("{}: {}{}{}\n", name_of(decision.answer), decision.sentence, decision.link.empty() ? "" : " ", decision.link);
    if (decision.answer == Answer::deny) code = 1;
    if (decision.answer == Answer::wait && code == 0) code = 5;
  }
  return code;
}

}  // namespace

void add_decide(Door& door) {
  const auto options = std::make_shared<DecideOptions>();
  auto* command = door.cli.add_subcommand("decide", "Say what the gate would answer");
  command->add_option("PRODUCT", options->products, "Files, or SHA-256 digests in hex")->required()->type_name("");
  command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}))->type_name("FORMAT")->capture_default_str();
  command->callback([options, door] { door.result = command_decide(*options, door); });
}

}  // namespace gate
