// Container images in a tar: OCI image layouts and what `docker save` writes. The tar unpacker
// hands on all members; this reader adds what the image says of itself: who it is, what it runs at
// start, as health check and when built upon (as steps), which blobs are not what their digest
// says, and which files of lower layers the final tree hides (they are members all the same).
// https://github.com/opencontainers/image-spec. Signatures and attestations are not checked.
#include <nlohmann/json.hpp>

#include <map>
#include <set>

#include "base/digest.h"
#include "unpack/member.h"
#include "unpack/oci/layers.h"
#include "unpack/stream.h"
#include "unpack/tar/names.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Facet;
using nlohmann::json;

std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-") == word.npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// A command as a shell would take it: a text, a list of words, or a list that calls a shell itself.
std::string command_line(const json& j) {
  if (j.is_string()) return j.get<std::string>();
  if (!j.is_array()) return {};
  std::vector<std::string> words;
  for (const auto& w : j)
    if (w.is_string()) words.push_back(w.get<std::string>());
  if (!words.empty() && (words[0] == "CMD" || words[0] == "CMD-SHELL" || words[0] == "NONE")) {
    const bool shell = words[0] == "CMD-SHELL";
    if (words[0] == "NONE") return {};
    words.erase(words.begin());
    if (shell && words.size() == 1) return words[0];
  }
  if (words.size() == 3 && words[0].ends_with("sh") && words[1] == "-c") return words[2];
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : " ") + quoted(w);
  return out;
}

std::string text_in(const json& j, const char* key) {
  const auto at = j.is_object() ? j.find(key) : j.end();
  return j.is_object() && at != j.end() && at->is_string() ? at->get<std::string>() : std::string{};
}
const json& part_of(const json& j, const char* key) {
  static const json none;
  const auto at = j.is_object() ? j.find(key) : j.end();
  return j.is_object() && at != j.end() ? *at : none;
}

class ImageRead {
 public:
  ImageRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink) {}

  base::Result<> run() {
    tar_format::NameScan scan([&](const tar_format::Member& m, std::uint64_t offset) -> base::Result<> {
      if (m.entry.nature == artifact::Nature::file) files_.emplace(artifact::normal_path(m.entry.name), base::slice(view_.bytes, offset, m.size));
      if (m.entry.nature == artifact::Nature::symlink || m.entry.nature == artifact::Nature::hardlink) links_.emplace(artifact::normal_path(m.entry.name), m.entry.link);
      return sink_.spend(512);
    });
    (void)scan.feed(view_.bytes);  // damage is the tar unpacker's to state
    if (files_.contains("manifest.json")) return docker_save();
    if (files_.contains("index.json")) return index(TRY(parsed("index.json")), 0);
    return base::fail(Trouble::malformed, "the image has neither manifest.json nor index.json");
  }

 private:
  base::Result<json> parsed(const std::string& name) {
    const auto at = files_.find(name);
    if (at == files_.end()) return base::fail(Trouble::truncated, "the image names {}, which it does not hold", base::printable(name));
    if (at->second.size() > (8u << 20)) return base::fail(Trouble::limit, "{} has {} bytes", base::printable(name), at->second.size());
    CHECK_OK(sink_.spend(at->second.size()));
    auto out = json::parse(at->second.begin(), at->second.end(), nullptr, false);
    if (out.is_discarded()) return base::fail(Trouble::malformed, "{} is no JSON", base::printable(name));
    return out;
  }

  // A blob by its digest; states it when the content has another.
  std::string blob(const std::string& digest) {
    const auto colon = digest.find(':');
    if (colon == digest.npos) return {};
    const auto hex = digest.substr(colon + 1);
    const auto name = "blobs/" + digest.substr(0, colon) + "/" + hex;
    const auto at = files_.find(name);
    if (at != files_.end() && digest.starts_with("sha256:") && base::sha256(at->second).hex() != hex)
      state_mismatch(sink_, name, "the blob's digest is not its name", evidence::Confidence::medium);
    return name;
  }

  base::Result<> docker_save() {
    const auto manifest = TRY(parsed("manifest.json"));
    if (!manifest.is_array()) return base::fail(Trouble::malformed, "manifest.json is no list");
    for (const auto& image : manifest) {
      std::string tag;
      const auto& tags = part_of(image, "RepoTags");
      if (tags.is_array() && !tags.empty() && tags[0].is_string()) tag = tags[0].get<std::string>();
      std::vector<std::string> layers;
      if (const auto& list = part_of(image, "Layers"); list.is_array())
        for (const auto& l : list)
          if (l.is_string()) layers.push_back(artifact::normal_path(l.get<std::string>()));
      CHECK_OK(one_image(artifact::normal_path(text_in(image, "Config")), layers, tag));
    }
    return {};
  }

  base::Result<> index(const json& list, int depth) {
    if (depth > 4) return base::fail(Trouble::limit, "image indexes nest deeper than 4");
    const auto& manifests = part_of(list, "manifests");
    if (!manifests.is_array()) return base::fail(Trouble::malformed, "the image index lists no manifests");
    for (const auto& m : manifests) {
      const auto digest = text_in(m, "digest");
      const auto name = blob(digest);
      if (!seen_.insert(name).second) continue;
      if (!files_.contains(name)) {  // a layout may hold one platform of several
        state_trouble(sink_, "truncated", "a manifest that the image does not hold: " + base::printable(digest));
        continue;
      }
      const auto manifest = TRY(parsed(name));
      if (manifest.is_object() && manifest.contains("manifests")) {
        CHECK_OK(index(manifest, depth + 1));
        continue;
      }
      std::vector<std::string> layers;
      if (const auto& found = part_of(manifest, "layers"); found.is_array())
        for (const auto& l : found) layers.push_back(blob(text_in(l, "digest")));
      auto tag = text_in(part_of(m, "annotations"), "io.containerd.image.name");
      if (tag.empty()) tag = text_in(part_of(m, "annotations"), "org.opencontainers.image.ref.name");
      CHECK_OK(one_image(blob(text_in(part_of(manifest, "config"), "digest")), layers, tag));
    }
    return {};
  }

  base::Result<> one_image(const std::string& config_name, const std::vector<std::string>& layers, const std::string& tag) {
    const auto config = TRY(parsed(config_name));
    identity(config, tag);
    CHECK_OK(steps(part_of(config, "config")));
    return hidden_files(layers);
  }

  void identity(const json& config, const std::string& tag) {
    const auto& labels = part_of(part_of(config, "config"), "Labels");
    auto name = tag, version = std::string{};
    const auto colon = tag.rfind(':');
    if (colon != tag.npos && tag.find('/', colon) == tag.npos) name = tag.substr(0, colon), version = tag.substr(colon + 1);
    if (name.empty()) name = text_in(labels, "org.opencontainers.image.title");
    if (const auto stated = text_in(labels, "org.opencontainers.image.version"); version.empty()) version = stated;
    const auto state = [&](std::string_view word, const std::string& value) {
      if (value.empty()) return;
      evidence::Item item;
      item.facet = Facet::identity;
      item.word = word;
      item.value = value;
      item.attributes["ecosystem"] = "oci";
      if (const auto arch = text_in(config, "architecture"); !arch.empty()) item.attributes["architecture"] = arch;
      sink_.state(std::move(item));
    };
    state("package", name);
    state("version", version);
    state("maker", text_in(labels, "org.opencontainers.image.vendor"));
  }

  base::Result<> steps(const json& run) {
    CHECK_OK(step("entrypoint", command_line(part_of(run, "Entrypoint"))));
    CHECK_OK(step("cmd", command_line(part_of(run, "Cmd"))));
    CHECK_OK(step("healthcheck", command_line(part_of(part_of(run, "Healthcheck"), "Test"))));
    const auto& later = part_of(run, "OnBuild");
    if (!later.is_array()) return {};
    unsigned i = 0;
    for (const auto& line : later) {
      auto text = line.is_string() ? line.get<std::string>() : std::string{};
      if (text.starts_with("RUN ")) text = text.substr(4);
      CHECK_OK(step(fmt::format("onbuild-{}", i++), text));
    }
    return {};
  }

  base::Result<> step(std::string name, const std::string& command) {
    if (command.empty()) return {};
    CHECK_OK(sink_.spend(command.size()));
    artifact::Entry entry;
    entry.name = std::move(name);
    entry.origin = artifact::Origin::step;
    entry.kind = "script/shell";
    return sink_.child(entry, base::bytes_of(command + "\n"));
  }

  base::Result<> hidden_files(const std::vector<std::string>& layers) {
    oci_format::FinalTree tree;
    for (unsigned i = 0; i < layers.size() && i < 1000; ++i) {
      auto name = layers[i];
      // Old `docker save` shares layers by links.
      if (const auto link = links_.find(name); link != links_.end() && !files_.contains(name)) name = artifact::normal_path(link->second.substr(link->second.starts_with("../") ? 3 : 0));
      const auto at = files_.find(name);
      if (at == files_.end()) {
        state_trouble(sink_, "truncated", "a layer that the image does not hold: " + base::printable(name));
        continue;
      }
      tar_format::NameScan scan([&](const tar_format::Member& m, std::uint64_t) -> base::Result<> {
        tree.see(m.entry, i);
        return sink_.spend(512);
      });
      if (auto done = scan_layer(at->second, scan); !done && !scan.ended()) {
        if (done.error().trouble == Trouble::limit) return done;
        state_trouble(sink_, name_of(done.error().trouble), fmt::format("layer {}: {}", i, done.error().what));
      }
      tree.end_of_layer();
    }
    return state_hidden(tree);
  }

  base::Result<> scan_layer(base::Bytes layer, tar_format::NameScan& scan) {
    const stream::Take take = [&](base::Bytes b) -> base::Result<> {
      CHECK_OK(sink_.spend(b.size() / 8 + 1));
      return scan.feed(b);
    };
    if (base::starts_with(layer, "\x1f\x8b")) return stream::gzip_member(layer, take).end;
    if (base::starts_with(layer, "\x28\xb5\x2f\xfd")) return stream::zstd_frame(layer, take).end;
    return scan.feed(layer);
  }

  base::Result<> state_hidden(const oci_format::FinalTree& tree) {
    std::size_t stated = 0;
    for (const bool deleted : {true, false})  // what was deleted is told before what was replaced
      for (const auto& file : tree.hidden()) {
        if (file.deleted != deleted || ++stated > 1000) continue;
        evidence::Item item;
        item.facet = Facet::property;
        item.word = "build";
        item.value = file.path;
        item.attributes = {{"hidden", deleted ? "deleted by a later layer" : "replaced by a later layer"},
                           {"layer", std::to_string(file.layer)}, {"by", std::to_string(file.by)}};
        sink_.state(std::move(item));
      }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  std::map<std::string, base::Bytes> files_;
  std::map<std::string, std::string> links_;
  std::set<std::string> seen_;
};

class Oci final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "oci",
        .finds = "What a container image runs, who it says it is, blobs under a wrong digest, and files that later layers hide.",
        .kinds = {"oci-image"},
        .states = {Facet::identity, Facet::property, Facet::concealment, Facet::trouble},
        .blind_spots = {"Of the hidden files the first 1,000 are listed.", "Layers compressed with other than gzip or zstd are not compared with the others.",
                        "Signatures and attestations are not checked."},
        .references = "https://github.com/opencontainers/image-spec",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return ImageRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& oci() {
  static const Oci reader;
  return reader;
}

}  // namespace unpack
