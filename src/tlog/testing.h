// What the tests of this room share: keys made anew, temporary folders. Only tests include it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "sign/key.h"
#include "tlog/note.h"

namespace tlog::testing {

inline std::shared_ptr<const sign::Signer> new_signer(sign::Algorithm algorithm = sign::Algorithm::ed25519) {
  const auto pem = sign::generate(algorithm, "");
  EXPECT_TRUE(pem);
  auto signer = sign::signer_from_pem(*pem, "test");
  EXPECT_TRUE(signer) << signer.error().to_string();
  return std::move(*signer);
}

inline NoteKey key_of(const sign::Signer& signer, std::string name, NoteType type = NoteType::ed25519) {
  auto key = NoteKey::make(std::move(name), type, signer.public_key());
  EXPECT_TRUE(key) << key.error().to_string();
  return *key;
}

struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/assay-tlog-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
};

}  // namespace tlog::testing
