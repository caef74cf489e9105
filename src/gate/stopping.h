// Ends a gate that runs until it is told: SIGTERM and SIGINT become a descriptor that can be polled.
#pragma once

namespace gate {

/// Installs the handlers on first use. Readable for good once a signal came. SIGPIPE is ignored from then on.
int stop_descriptor();

}  // namespace gate
