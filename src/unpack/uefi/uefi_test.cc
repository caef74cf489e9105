#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/digest.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"
#include "unpack/uefi/make.h"
#include "unpack/uefi/tiano.h"
#include "unpack/walk.h"

namespace unpack {
const evidence::Reader& uefi();
namespace {

using namespace uefi_format;
using evidence::Facet;

constexpr const char* some_guid = "11223344-5566-7788-99AA-BBCCDDEEFF00";
constexpr const char* lzma_guid = "EE4E5898-3914-4259-9D6E-DC7BD79403CF";

std::string small_image() {
  const auto inner = chained({section(0x10, "MZ inner program"), section(0x15, utf16("Inner")), section(0x14, le(1, 2) + utf16("1.0"))});
  const auto depex = section(0x13, '\x02' + guid(some_guid) + '\x08');
  return volume(files({ffs_file(some_guid, 7, chained({depex, section(0x10, "MZ a program"), section(0x19, "raw data"), section(0x15, utf16("Outer"))})),
                       ffs_file("22222222-5566-7788-99AA-BBCCDDEEFF00", 7, section(1, le(inner.size(), 4) + '\x01' + TianoWriter(5).write(inner))),
                       ffs_file("33333333-5566-7788-99AA-BBCCDDEEFF00", 7, guided(lzma_guid, lzma_encoded(inner))),
                       ffs_file("44444444-5566-7788-99AA-BBCCDDEEFF00", 0xF0, std::string(100, '\xFF')), ffs_file("55555555-5566-7788-99AA-BBCCDDEEFF00", 1, "bare content")}),
                4096);
}

void expect_all_labelled(const evidence::Reading& r, std::size_t size) {
  const auto tiles = evidence::tile(r.sink.claims, size, {{}, evidence::Label::scanned, ""});
  ASSERT_TRUE(tiles);
  for (const auto& t : *tiles)
    EXPECT_TRUE(t.label != evidence::Label::scanned && t.label != evidence::Label::opaque) << "byte " << t.range.offset << " of " << t.range.size << " " << t.why;
}

TEST(Uefi, FilesSectionsAndNames) {
  const auto image = small_image();
  const auto r = evidence::read_alone(uefi(), base::bytes_of(image), "uefi-image");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("Outer.efi"));
  EXPECT_EQ(base::text_of(r.sink.child_named("Outer.efi")->bytes), "MZ a program");
  ASSERT_TRUE(r.sink.child_named("Outer.raw"));
  ASSERT_TRUE(r.sink.child_named("55555555-5566-7788-99AA-BBCCDDEEFF00.raw"));
  for (const auto* name : {"22222222-5566-7788-99AA-BBCCDDEEFF00.sections", "33333333-5566-7788-99AA-BBCCDDEEFF00.sections"}) {
    const auto* packed = r.sink.child_named(name);
    ASSERT_TRUE(packed) << name;
    const auto inner = evidence::read_alone(uefi(), packed->bytes, "uefi-sections", name);
    ASSERT_TRUE(inner.sink.child_named("Inner.efi")) << name;
    EXPECT_EQ(base::text_of(inner.sink.child_named("Inner.efi")->bytes), "MZ inner program");
    expect_all_labelled(inner, packed->bytes.size());
  }
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
  expect_all_labelled(r, image.size());
}

TEST(Uefi, WrongSumsAreStated) {
  auto image = small_image();
  image[0x48 + 16] ^= 1;
  const auto r = evidence::read_alone(uefi(), base::bytes_of(image), "uefi-image");
  EXPECT_TRUE(r.sink.has(Facet::trouble, "malformed", fmt::format("the header checksum of the firmware file {} does not hold", some_guid)));
  EXPECT_TRUE(r.sink.child_named("Outer.efi"));
}

TEST(Uefi, BytesInFreeSpaceAndPadFilesAreHiddenMembers) {
  auto image = small_image();
  image.replace(3000, 20, "something not erased");
  const auto r = evidence::read_alone(uefi(), base::bytes_of(image), "uefi-image");
  ASSERT_TRUE(r.sink.child_named("firmware-slack@0xbb8"));
  EXPECT_EQ(r.sink.child_named("firmware-slack@0xbb8")->entry.origin, artifact::Origin::hidden);
}

TEST(Uefi, VolumesWithGaps) {
  const auto image = std::string(65536, '\xFF') + volume(ffs_file(some_guid, 1, "one"), 4096) + std::string(64, '\0') + volume(ffs_file(some_guid, 1, "two"), 4096) + std::string(65536 - 8256, '\xFF');
  EXPECT_EQ(identify::identify({base::bytes_of(image), ""}).kind, "uefi-image");
  const auto r = evidence::read_alone(uefi(), base::bytes_of(image), "uefi-image");
  EXPECT_TRUE(r.sink.child_named(fmt::format("volume@0x10000/{}.raw", some_guid)));
  EXPECT_TRUE(r.sink.child_named(fmt::format("volume@0x11040/{}.raw", some_guid)));
  expect_all_labelled(r, image.size());
}

TEST(Uefi, TianoAndEfiForms) {
  const auto text = some_text(70000);
  for (const unsigned bits : {4u, 5u}) {
    const auto packed = TianoWriter(bits).write(text);
    const auto out = tiano(base::bytes_of(packed), bits);
    ASSERT_TRUE(out) << out.error().what;
    EXPECT_EQ(base::text_of(*out), text);
  }
}

std::string variable(int state, std::string_view name, const std::string& data) {
  auto out = le(0x55AA, 2) + static_cast<char>(state) + '\0' + le(7, 4) + std::string(28, '\0') + le(2 * name.size() + 2, 4) + le(data.size(), 4) + guid(some_guid) + utf16(name) + data;
  out.resize((out.size() + 3) / 4 * 4, '\xFF');
  return out;
}

std::string signature_list(const std::string& certificate) {
  return guid("A5C059A1-94E4-4AA7-87B5-AB155C2BF072") + le(28 + 16 + certificate.size(), 4) + le(0, 4) + le(16 + certificate.size(), 4) + guid(some_guid) + certificate;
}

std::string variable_image() {
  const auto entries = variable(0x3F, "db", signature_list("a certificate")) + variable(0x3D, "Old", "deleted data");
  auto store = guid("AAF32C78-947B-439A-A180-2E144EC37792") + le(0x400, 4) + '\x5A' + '\xFE' + std::string(6, '\0') + entries;
  store.resize(0x400, '\xFF');
  return volume(store + guid("9E58292B-7C68-497D-A0CE-6500FD9F1B95") + std::string(16, '\x01'), 4096, "FFF12B8D-7696-4C8B-A985-2747075B4F50");
}

TEST(Uefi, VariablesAndTheCertificatesInThem) {
  const auto image = variable_image();
  const auto r = evidence::read_alone(uefi(), base::bytes_of(image), "uefi-image");
  const auto* db = r.sink.child_named("variables/db-11223344-5566-7788-99aa-bbccddeeff00");
  ASSERT_TRUE(db);
  const auto* old = r.sink.child_named("variables/Old-11223344-5566-7788-99aa-bbccddeeff00");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->entry.origin, artifact::Origin::hidden);
  expect_all_labelled(r, image.size());
  EXPECT_EQ(identify::identify({db->bytes, ""}).kind, "efi-signature-list");
  const auto list = evidence::read_alone(uefi(), db->bytes, "efi-signature-list");
  ASSERT_EQ(list.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(list.sink.children[0].bytes), "a certificate");
}

TEST(Uefi, RecordsOfAnNvarStore) {
  const auto own = "NVAR" + le(10 + 16 + 6 + 4, 2) + le(0xFFFFFF, 3) + '\x86' + guid(some_guid) + std::string("Setup\0", 6) + "data";
  const auto by_index = "NVAR" + le(10 + 1 + 5 + 3, 2) + le(0xFFFFFF, 3) + '\x82' + '\0' + std::string("Boot\0", 5) + "abc";
  const auto store = own + by_index + std::string(64, '\xFF') + guid("99999999-5566-7788-99AA-BBCCDDEEFF00");
  const auto image = volume(ffs_file("CEF5B9A3-476D-497F-9FDC-E98143E0422C", 1, store), 4096);
  const auto r = evidence::read_alone(uefi(), base::bytes_of(image), "uefi-image");
  ASSERT_TRUE(r.sink.child_named("CEF5B9A3-476D-497F-9FDC-E98143E0422C/Setup-11223344-5566-7788-99aa-bbccddeeff00"));
  ASSERT_TRUE(r.sink.child_named("CEF5B9A3-476D-497F-9FDC-E98143E0422C/Boot-99999999-5566-7788-99aa-bbccddeeff00"));
  EXPECT_EQ(base::text_of(r.sink.children[1].bytes), "abc");
  expect_all_labelled(r, image.size());
}

std::string management_capsule() {
  const auto signature = le(3, 8) + le(24 + 10, 4) + le(0x0200, 2) + le(0x0EF1, 2) + guid("4AAFD29D-68DF-49EE-8AA9-347D375665A7") + "pkcs7 here";
  const auto payload = signature + "the payload";
  const auto item = le(2, 4) + guid(some_guid) + le(1, 4) + le(payload.size(), 4) + le(0, 4) + le(0, 8) + payload;
  const std::string driver = "MZ driver";
  const auto body = le(1, 4) + le(1, 2) + le(1, 2) + le(24, 8) + le(24 + driver.size(), 8) + driver + item;
  return guid("6DCBD5ED-E82D-4C44-BDA1-7194199AD92A") + le(28, 4) + le(0, 4) + le(28 + body.size(), 4) + body;
}

TEST(Uefi, CapsulesOfFirmwareManagement) {
  const auto bytes = management_capsule();
  EXPECT_EQ(identify::identify({base::bytes_of(bytes), ""}).kind, "uefi-capsule");
  const auto r = evidence::read_alone(uefi(), base::bytes_of(bytes), "uefi-capsule");
  ASSERT_TRUE(r.result);
  ASSERT_TRUE(r.sink.child_named("driver-0.efi"));
  ASSERT_TRUE(r.sink.child_named(fmt::format("payload-0-{}.bin", some_guid)));
  EXPECT_EQ(base::text_of(r.sink.child_named(fmt::format("payload-0-{}.bin", some_guid))->bytes), "the payload");
  EXPECT_TRUE(r.sink.child_named(fmt::format("payload-0-{}.p7", some_guid)));
  expect_all_labelled(r, bytes.size());
}

std::string intel_image() {
  std::string descriptor(4096, '\xFF');
  descriptor.replace(0x10, 12, le(0x0FF0A55A, 4) + le(0x00040003, 4) + le(0x00100006, 4));
  descriptor.replace(0x30, 12, std::string(12, '\x01'));
  descriptor.replace(0x40, 20, le(0, 4) + le(0x00030002, 4) + le(0x00010001, 4) + le(0x7FFF, 4) + le(0x7FFF, 4));
  descriptor.replace(0x60, 20, std::string(20, '\x02'));
  std::string engine = std::string(16, '\0') + "$FPT" + le(1, 4) + "\x20\x10\x20" + std::string(21, '\0') + "FTPR" + std::string(4, '\0') + le(0x200, 4) + le(0x100, 4) + std::string(16, '\0');
  engine.resize(0x200, '\xFF');
  engine += some_text(0x100);
  engine.resize(0x1000, '\xFF');
  auto out = descriptor + engine + std::string(0x800, '\xFF') + volume(ffs_file(some_guid, 1, "one"), 0x1000);
  out.resize(0x4000, '\xFF');
  return out;
}

TEST(Uefi, IntelRegionsAndEnginePartitions) {
  const auto image = intel_image();
  EXPECT_EQ(identify::identify({base::bytes_of(image), ""}).kind, "intel-flash");
  const auto r = evidence::read_alone(uefi(), base::bytes_of(image), "intel-flash");
  const auto* bios = r.sink.child_named("bios.region");
  ASSERT_TRUE(bios);
  EXPECT_EQ(bios->entry.kind, "uefi-image");
  EXPECT_EQ(bios->bytes.size(), 0x2000u);
  const auto* engine = r.sink.child_named("management-engine.region");
  ASSERT_TRUE(engine);
  expect_all_labelled(r, image.size());
  EXPECT_EQ(identify::identify({engine->bytes, ""}).kind, "intel-me");
  const auto parts = evidence::read_alone(uefi(), engine->bytes, "intel-me");
  ASSERT_TRUE(parts.sink.child_named("FTPR.partition"));
  EXPECT_EQ(parts.sink.child_named("FTPR.partition")->bytes.size(), 0x100u);
}

// Volumes inside variable stores inside volumes: the reader must not follow them without end.
TEST(Uefi, NestedVariableVolumesEnd) {
  std::string image;
  for (std::size_t size = 72 * 20000; size > 0; size -= 72) image += volume("", 72, "FFF12B8D-7696-4C8B-A985-2747075B4F50").replace(0x20, 8, le(size, 8));
  read_hostile(uefi(), base::bytes_of(image), "uefi-image", "nested");
}

TEST(Uefi, Survives) {
  expect_survives(uefi(), small_image(), "uefi-image", 3000);
  expect_survives(uefi(), variable_image(), "uefi-image", 2000);
  expect_survives(uefi(), management_capsule(), "uefi-capsule", 1000);
  expect_survives(uefi(), intel_image(), "intel-flash", 1000, "file", 200);
  expect_survives(uefi(), signature_list("certificate"), "efi-signature-list", 1000);
  expect_survives(uefi(), chained({section(0x10, "MZ inner program"), section(0x15, utf16("Inner")), section(0x14, le(1, 2) + utf16("1.0"))}), "uefi-sections", 1000);
}

// Every section that an independent tool takes out of the machine's own firmware images is found.
TEST(Uefi, SameSectionsAsAnIndependentTool) {
  unsigned compared = 0;
  for (const auto* path : {"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_CODE.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"}) {
    if (!std::filesystem::exists(path)) continue;
    const parse::ScratchFolder folder;
    if (!parse::run_tool(fmt::format("cp {} '{}' && cd '{}' && (UEFIExtract image all || true) && test -d image.dump", path, folder / "image", folder / ""))) GTEST_SKIP() << "no UEFIExtract";
    std::set<std::string> ours;
    std::map<std::string, unsigned> troubles;
    artifact::Entry entry;
    entry.name = "image";
    const auto image = parse::file_bytes(path);
    walk(image, entry, {}, [&](const Visited& v) {
      if (v.reader.empty()) ours.insert(base::sha256(v.bytes).hex());
      else if (v.items)
        for (const auto& i : *v.items) ADD_FAILURE() << v.place.to_string() << ": " << i.word << " " << i.value;
    });
    for (const auto& f : std::filesystem::recursive_directory_iterator(folder / "image.dump")) {
      const auto section = f.path().parent_path().filename().string();
      if (f.path().filename() != "body.bin" || section.find("section") == section.npos) continue;
      if (section.find("PE32") == section.npos && section.find("TE image") == section.npos && section.find("Volume image") == section.npos && section.find("Raw section") == section.npos) continue;
      const auto bytes = parse::file_bytes(f.path());
      if (std::ranges::all_of(bytes, [&](auto b) { return b == bytes[0]; })) continue;
      EXPECT_TRUE(ours.contains(base::sha256(bytes).hex())) << path << " " << f.path();
      ++compared;
    }
  }
  if (!compared) GTEST_SKIP() << "no firmware image here";
  RecordProperty("compared", static_cast<int>(compared));
}

}  // namespace
}  // namespace unpack
