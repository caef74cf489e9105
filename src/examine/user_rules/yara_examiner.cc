#include "examine/user_rules/yara_examiner.h"

namespace examine {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& p : parts) out += (out.empty() ? "" : " ") + p;
  return out;
}

class YaraExaminer final : public evidence::Reader {
 public:
  explicit YaraExaminer(std::shared_ptr<const match::UserRules> rules) : rules_(std::move(rules)) {}

  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "yara",
        .finds = "matches of the YARA rules that the user brought",
        .kinds = {"*"},
        .states = {evidence::Facet::yara},
        .blind_spots = {"rules over a process's memory or over a sandbox's report (modules cuckoo, magic)", "private strings' places", "more than 64 places of one match"},
        .version = 1,
        .references = "https://yara.readthedocs.io",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    CHECK_OK(sink.spend(view.bytes.size()));
    match::Target target;
    target.filename = std::string(view.place.file_name());
    target.filepath = view.place.path();
    if (const auto dot = target.filename.rfind('.'); dot != std::string::npos) target.extension = target.filename.substr(dot);
    target.filetype = view.kind;
    if (view.entry.uid == 0) target.owner = "root";
    for (const auto& found : TRY(rules_->scan(view.bytes, target))) sink.state(item_of(found));
    return {};
  }

 private:
  static evidence::Item item_of(const match::RuleMatch& found) {
    evidence::Item item;
    item.facet = evidence::Facet::yara;
    item.value = found.rule;
    item.attributes = {{"author", found.author}, {"reference", found.reference}, {"description", found.description}, {"tags", joined(found.tags)}, {"namespace", found.name_space}};
    if (!found.strings.empty()) item.range = found.strings[0].range;
    std::string places;
    for (std::size_t i = 0; i < found.strings.size() && i < 16; ++i) places += fmt::format("{}{}@{}", i ? " " : "", found.strings[i].name, found.strings[i].range.offset);
    item.attributes["strings"] = places;
    std::erase_if(item.attributes, [](const auto& a) { return a.second.empty(); });
    return item;
  }

  std::shared_ptr<const match::UserRules> rules_;
};

}  // namespace

std::unique_ptr<const evidence::Reader> yara_examiner(std::shared_ptr<const match::UserRules> rules) { return std::make_unique<YaraExaminer>(std::move(rules)); }

}  // namespace examine
