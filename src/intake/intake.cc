#include "intake/intake.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "intake/tar_writer.h"

namespace intake {
namespace {

using artifact::Nature;
using base::Trouble;
namespace fs = std::filesystem;

std::unexpected<base::Error> refused(const std::string& path, const std::string& why) {
  return base::fail(Trouble::usage, "{} can't be taken in: {}", base::printable(path), why);
}

base::Result<Piece> take_file(const std::string& path, std::string name, const Freeze& freeze) {
  const bool input = path == "-";
  // What could block for ever is refused before; a shell's <(command) is a pipe that ends.
  const int file = input ? dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return refused(path, std::strerror(errno));
  struct stat status{};
  fstat(file, &status);
  auto frozen = freeze(file);
  close(file);
  if (!frozen) {
    if (frozen.error().trouble == Trouble::usage || frozen.error().trouble == Trouble::limit) return refused(path, frozen.error().what);
    return std::unexpected(frozen.error());
  }
  Piece piece;
  piece.entry.name = std::move(name);
  piece.entry.origin = artifact::Origin::product;
  piece.entry.mode = input ? 0 : status.st_mode & 07777;
  piece.frozen = *frozen;
  return piece;
}

Nature nature_of(fs::file_type type) {
  switch (type) {
    case fs::file_type::directory: return Nature::directory;
    case fs::file_type::symlink: return Nature::symlink;
    case fs::file_type::block:
    case fs::file_type::character: return Nature::device;
    case fs::file_type::fifo: return Nature::fifo;
    case fs::file_type::socket: return Nature::socket;
    default: return Nature::file;
  }
}

constexpr std::size_t most_pieces = 1'000'000;

// Everything below a folder, without following links, so that no loop can be walked.
base::Result<std::vector<std::string>> names_below(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error), end;
  for (; !error && at != end; at.increment(error)) {
    names.push_back(at->path().lexically_relative(folder).string());
    if (names.size() > most_pieces) return refused(folder, "it holds more than a million entries");
  }
  if (error) return refused(folder, error.message());
  std::ranges::sort(names);
  return names;
}

base::Result<> take_folder(const std::string& folder, const Freeze& freeze, std::vector<Piece>& pieces) {
  for (const auto& name : TRY(names_below(folder))) {
    const auto path = folder + "/" + name;
    std::error_code error;
    const auto nature = nature_of(fs::symlink_status(path, error).type());
    if (nature == Nature::file) {
      pieces.push_back(TRY(take_file(path, name, freeze)));
      continue;
    }
    Piece piece;
    piece.entry.name = name;
    piece.entry.nature = nature;
    piece.entry.origin = artifact::Origin::product;
    if (nature == Nature::symlink) piece.entry.link = fs::read_symlink(path, error).string();
    pieces.push_back(std::move(piece));
  }
  return {};
}

// An OCI image layout becomes one tar, so that it is read like `docker save`'s.
base::Result<> take_layout(const std::string& folder, const Freeze& freeze, std::vector<Piece>& pieces) {
  const auto names = TRY(names_below(folder));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return base::fail(Trouble::io, "can't make a pipe: {}", std::strerror(errno));
  base::Result<> packed;
  base::Result<FrozenFile> frozen;
  {
    const std::jthread writer([&] {
      packed = write_tar(folder, names, ends[1]);
      close(ends[1]);
    });
    frozen = freeze(ends[0]);
    close(ends[0]);
  }
  if (!packed) return refused(folder, packed.error().what);
  Piece piece;
  piece.entry.name = fs::path(folder).lexically_normal().filename().string() + ".tar";
  piece.entry.origin = artifact::Origin::product;
  piece.frozen = TRY(std::move(frozen));
  pieces.push_back(std::move(piece));
  return {};
}

base::Digest manifest_digest(const std::vector<Piece>& pieces) {
  if (pieces.size() == 1 && pieces[0].entry.nature == Nature::file) return pieces[0].frozen.digest;
  base::Sha256 sha;
  for (const auto& p : pieces)
    sha.add(fmt::format("{} {} {} {}:", p.frozen.digest.hex(), p.frozen.size, artifact::name_of(p.entry.nature), p.entry.name.size())).add(p.entry.name).add(p.entry.link).add("\n");
  return sha.finish();
}

}  // namespace

base::Result<Product> take(const std::vector<std::string>& paths, const Freeze& freeze) {
  Product out;
  for (const auto& path : paths) {
    const auto last = path == "-" ? std::string("stdin") : fs::path(path).lexically_normal().filename().string();
    const auto name = last.empty() || last == "." || last == ".." ? fs::absolute(path).lexically_normal().parent_path().filename().string() : last;
    out.files.push_back(name);
    std::error_code error;
    const auto status = path == "-" ? fs::file_status(fs::file_type::regular) : fs::status(path, error);
    if (status.type() == fs::file_type::not_found) return refused(path, "there is no such file");
    if (error) return refused(path, error.message());
    if (status.type() == fs::file_type::directory) {
      const bool layout = fs::exists(path + "/oci-layout", error);
      CHECK_OK(layout ? take_layout(path, freeze, out.pieces) : take_folder(path, freeze, out.pieces));
    } else if (status.type() == fs::file_type::fifo && !path.starts_with("/dev/fd/")) {
      return refused(path, "it is a named pipe, which may never end; give its content on standard input, as -");
    } else if (status.type() == fs::file_type::regular || status.type() == fs::file_type::fifo) {
      out.pieces.push_back(TRY(take_file(path, name, freeze)));
    } else {
      return refused(path, "it is neither a file nor a folder");
    }
  }
  if (out.pieces.empty()) return refused(paths.empty() ? "nothing" : paths[0], "it is an empty folder");
  complete(out);
  return out;
}

void complete(Product& product) {
  std::ranges::stable_sort(product.pieces, {}, [](const Piece& p) { return p.entry.name; });
  product.size = 0;
  for (const auto& piece : product.pieces) product.size += piece.frozen.size;
  product.digest = manifest_digest(product.pieces);
}

}  // namespace intake
