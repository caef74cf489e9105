// `assay-gate break-glass`: opens the gate by hand for a while. The opening is a signed statement; it is
// in the decision log, and in a transparency log when one is named, before it takes effect.
#include <chrono>
#include <nlohmann/json.hpp>

#include "gate/market.h"
#include "gate/opening.h"
#include "gate/publish.h"
#include "gate/record.h"

namespace gate {
namespace {

struct GlassOptions {
  std::string reason, approver, duration = "1h", key, log, log_key;
  std::vector<std::string> products;
};

base::Result<int> command_break_glass(const GlassOptions& options, const Door& door) {
  const auto policy = TRY(door.load());
  if (policy.break_glass_keys.empty()) return base::fail(base::Trouble::usage, "this gate can't be opened by hand: its policy names no break-glass keys");
  const auto seconds = read_duration(options.duration);
  if (!seconds || *seconds <= 0) return base::fail(base::Trouble::usage, "--for takes a time, as 30m or 2h");
  Opening opening;
  opening.reason = options.reason;
  opening.approver = options.approver;
  opening.issued = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  opening.expires = opening.issued + *seconds;
  for (const auto& text : options.products) {
    const auto product = base::Digest::from_hex(text);
    if (!product) return base::fail(base::Trouble::usage, "{} is no SHA-256 digest in hex", base::printable(text));
    opening.products.insert(*product);
  }
  const auto signer = TRY(sign::open_signer(options.key));
  const auto envelope = TRY(seal_opening(policy, opening, *signer));
  // Recorded first: an opening that could not be written down does not happen.
  const auto record = TRY(Record::open(door.decisions(), policy.name));
  if (!options.log.empty()) CHECK_OK(publish(envelope, signer->public_key(), options.log, options.log_key, policy.trust.logs));
  nlohmann::ordered_json line = {{"time", hallmark::print_time(opening.issued)}, {"gate", policy.name}, {"market", "break-glass"}, {"answer", "allow"}, {"why", name_of(Why::break_glass)}, {"reason", opening.reason},
                                 {"approver", opening.approver}, {"until", hallmark::print_time(opening.expires)}, {"statement", envelope.payload_digest().hex()}, {"key", signer->public_key().id().hex()}};
  auto products = nlohmann::ordered_json::array();
  for (const auto& product : opening.products) products.push_back(product.hex());
  line["products"] = std::move(products);
  record->add_line(line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace), true);
  CHECK_OK(record->settle());
  CHECK_OK(store_opening(door.state(), opening, envelope));
  fmt::print("The gate {} lets {} in by hand until {}. Statement {}{}\n", base::printable(policy.name), opening.products.empty() ? "everything" : fmt::format("{} product{}", opening.products.size(), opening.products.size() == 1 ? "" : "s"),
             hallmark::print_time(opening.expires), envelope.payload_digest().hex(), options.log.empty() ? "" : ", logged");
  return 0;
}

}  // namespace

void add_break_glass(Door& door) {
  const auto o = std::make_shared<GlassOptions>();
  auto* command = door.cli.add_subcommand("break-glass", "Open the gate by hand for a while; signed and recorded");
  command->add_option("--reason", o->reason, "Why, for those who read the log later")->required()->type_name("TEXT");
  command->add_option("--approver", o->approver, "Who decided it")->required()->type_name("NAME");
  command->add_option("--for", o->duration, "How long: 30m, 2h; the policy sets the most")->type_name("TIME")->capture_default_str();
  command->add_option("--key", o->key, "A key that the policy names under break-glass: PEM file or PKCS#11 URI")->required()->type_name("KEY");
  command->add_option("--product", o->products, "Only this product: SHA-256 in hex; may be repeated")->type_name("DIGEST")->allow_extra_args(false);
  command->add_option("--log", o->log, "Log that the opening goes into: a folder, or the address that takes entries")->type_name("LOG");
  command->add_option("--log-key", o->log_key, "The log's own key, when --log is a folder")->type_name("KEY");
  command->callback([o, door] { door.result = command_break_glass(*o, door); });
}

}  // namespace gate
