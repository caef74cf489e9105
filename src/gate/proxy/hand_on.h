// What every market's front end does with a file: decide on the spooled bytes, then hand those on or
// refuse with the sentence in each place where some client shows it.
#pragma once

#include <httplib.h>

#include <memory>

#include "gate/front.h"
#include "gate/proxy/upstream.h"

namespace gate {

/// The file's own bytes go out. Only after an allow.
void hand_on(httplib::Response& answer, std::shared_ptr<const Fetched> file, const std::string& content_type);
void hand_on(httplib::Response& answer, Fetched&& file, const std::string& content_type);

/// The decision about what is in the file, whose digest was taken. `wait_seconds` > 0: an unknown one is given to vetting.
Decision decide(Front& front, const Spool& file, std::string_view market, int wait_seconds);

/// "Assay refuses this: <sentence> <link>", one line.
std::string refusal_of(const Decision& decision);

/// Status 403 with the sentence as reason phrase and text body.
void refuse(httplib::Response& answer, const Decision& decision);
/// The upstream gave no usable answer: 502 (504 when too slow) and a sentence; a 401, 404, 410... of the
/// upstream's own is passed as it is (status and challenge, no body).
void say_upstream_failed(httplib::Response& answer, const base::Error& error);
void pass_status(httplib::Response& answer, const Fetched& fetched);

}  // namespace gate
