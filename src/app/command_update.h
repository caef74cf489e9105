// Commands about versions: diff and history.
#pragma once

#include "base/result.h"

namespace CLI {
class App;
}

namespace app {

/// Registers them; each puts its exit code, or one sentence, into `result`. What is parsed lives as long as `cli`.
void add_update_commands(CLI::App& cli, base::Result<int>& result);

}  // namespace app
