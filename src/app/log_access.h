// From options to a log's writer or reader.
#pragma once

#include "app/command_log.h"
#include "app/log_names.h"
#include "hallmark/logging.h"
#include "tlog/reading.h"

namespace app {

base::Result<tlog::LogTrust> trust_of(const LogTrustOptions& options);
base::Result<std::unique_ptr<tlog::Writer>> writer_of(const LogWriteOptions& options);
/// Error: usage: FILE can't be written.
base::Result<> write_text(const std::string& file, std::string_view text);

}  // namespace app
