#include "gate/proxy/hand_on.h"

#include "base/bytes.h"
#include "gate/proxy/listener.h"

namespace gate {

void hand_on(httplib::Response& answer, Fetched&& file, const std::string& content_type) { hand_on(answer, std::make_shared<const Fetched>(std::move(file)), content_type); }

void hand_on(httplib::Response& answer, std::shared_ptr<const Fetched> kept, const std::string& content_type) {
  answer.status = -1;   // 200, or 206 where a part was asked for
  const auto size = kept->body.size();
  if (size == 0) {
    answer.set_content("", content_type);
    return;
  }
  answer.set_content_provider(size, content_type, [kept](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
    const auto piece = kept->body.piece(offset, std::min<std::size_t>(length, 1u << 20));
    return piece && sink.write(piece->data(), piece->size());
  });
}

Decision decide(Front& front, const Spool& file, std::string_view market, int wait_seconds) {
  return wait_seconds > 0 ? front.ask_or_vet(file.taken_digest(), file.file(), market, wait_seconds) : front.ask(file.taken_digest(), market);
}

std::string refusal_of(const Decision& decision) {
  auto out = "Assay refuses this: " + base::printable(decision.sentence);
  if (!decision.link.empty()) out += " " + base::printable(decision.link);
  return out;
}

void refuse(httplib::Response& answer, const Decision& decision) {
  const auto text = refusal_of(decision);
  answer.status = 403;
  set_reason(answer, text);
  answer.set_header("Cache-Control", "no-store");
  answer.set_content(text + "\n", "text/plain; charset=utf-8");
}

void say_upstream_failed(httplib::Response& answer, const base::Error& error) {
  const auto text = "Assay's gate got no answer from the market: " + base::printable(error.what);
  answer.status = error.trouble == base::Trouble::limit ? 504 : 502;
  set_reason(answer, text);
  answer.set_header("Cache-Control", "no-store");
  answer.set_content(text + "\n", "text/plain; charset=utf-8");
}

void pass_status(httplib::Response& answer, const Fetched& fetched) {
  answer.status = fetched.status >= 400 && fetched.status < 600 ? fetched.status : 502;
  const auto challenge = fetched.header("www-authenticate");
  if (!challenge.empty()) answer.set_header("WWW-Authenticate", std::string(challenge));
  answer.set_content(fmt::format("The market answered {}.\n", fetched.status), "text/plain; charset=utf-8");
}

}  // namespace gate
