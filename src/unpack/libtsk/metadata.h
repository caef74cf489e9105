// The bytes of file systems that hold no file: what libtsk names only in part.
#pragma once

#include "evidence/sink.h"
#include "unpack/libtsk/library.h"

namespace unpack::libtsk_format {

/// NTFS: claims the records of the master file table up to what each of them uses, so that the
/// slack behind stays open to a look.
base::Result<> claim_file_records(base::Bytes image, const std::vector<base::Range>& table, std::uint64_t record_size, Ledger& ledger, evidence::Sink& sink);
/// The size of a file record, from the boot sector.
std::uint64_t file_record_size(base::Bytes image);

/// APFS: claims the blocks that are objects with a sound checksum.
base::Result<> claim_objects(base::Bytes image, std::uint64_t block, Ledger& ledger, evidence::Sink& sink);

}  // namespace unpack::libtsk_format
