// Reads a script's forms in order and follows values from where they come to where they go:
// a simple taint analysis inside one file. Assignments in straight lines replace, under a branch
// they add; what functions are called with and return is gathered over a few rounds.
// It does not run code, follow other files, or know objects apart by identity.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "examine/scripts/findings.h"
#include "examine/scripts/rules.h"

namespace examine::script {

struct CallSite {
  std::string name;               ///< resolved: "os.system", ".send"
  std::string written;            ///< as in the source
  base::Range range;
  bool has_receiver = false;
  Value receiver;
  std::vector<Value> arguments;
  std::vector<base::Range> places;
  std::map<std::string, Value> named;
};

struct ShellCommand {
  std::string name;  ///< without its directory; "" when not constant
  Value whole_name;
  base::Range range;
  std::vector<Value> words;  ///< without the name
  Value in;
  bool is(std::initializer_list<std::string_view> names) const;
  bool has(std::string_view word) const;
  /// The word after an option, or what follows "option="; nullptr when absent.
  const Value* after(std::initializer_list<std::string_view> options) const;
  std::string line() const;  ///< known text of all words, for searching
};

class Evaluator {
 public:
  Evaluator(const code::syntax::Tree& tree, std::string_view source, Findings& findings, std::uint64_t step_limit, unsigned nesting = 0);

  /// All rounds. Error: limit.
  base::Result<> run();
  /// Binds a variable before the run: how a text with unknown parts is read by another evaluator.
  void preset(const std::string& name, Value value);
  const Value& output() const { return output_; }
  std::uint64_t steps() const { return steps_; }

 private:
  struct Scope {
    Ref function = none_node;
    std::map<std::string, Value> current;
    unsigned branch_depth = 0;
    std::set<std::string> outer = {};  ///< names that belong to an enclosing scope: `global x`
  };
  struct Function {
    Ref node = none_node;
    Value result;
  };

  // evaluator.cc
  Value eval(Ref ref);
  Value eval_form(Ref ref);
  Value eval_all(const code::syntax::Node& node, std::size_t from = 0);
  Value eval_sequence(const code::syntax::Node& node);
  Value eval_name(const code::syntax::Node& node);
  Value eval_assign(const code::syntax::Node& node);
  Value eval_branch(const code::syntax::Node& node);
  Value eval_loop(const code::syntax::Node& node);
  Value eval_list(const code::syntax::Node& node);
  Value eval_index(const code::syntax::Node& node);
  Value eval_compare(const code::syntax::Node& node);
  Value declare_function(Ref ref);
  void enter_function(Ref ref);
  Value call_function(Ref ref, const std::vector<Value>& arguments);
  Value lookup(const std::string& name);
  void assign(const std::string& name, Value value, bool declared, bool add = false);
  void assign_target(Ref target, const Value& value, bool declared, bool add);
  std::size_t scope_of(const std::string& name, std::size_t below) const;
  void enrich(const std::string& name, const Value& with, bool as_item = false);
  void change_receiver(const CallSite& site, const std::string& last, const std::string& receiver);
  void remember(const std::string& key, const Value& value);
  const code::syntax::Node& at(Ref ref) const { return tree_.nodes[ref]; }
  std::string unit_of(Ref function) const;

  // files, nested code
  Value read_path(const Value& path, base::Range range);
  void write_path(const Value& path, const Value& content, base::Range range, std::string_view by);
  Value file_content(const std::string& key) const;
  Value run_inner(const Value& text, code::syntax::Language language, base::Range range);
  void state_archive_source(const std::string& path, const Value& content, base::Range range);
  void authenticate(const std::string& text);
  Value run_text(const Value& text, code::syntax::Language language, base::Range range, std::string_view sink, std::string_view to);

  // calls.cc: languages with functions
  Value eval_call(Ref ref);
  CallSite site_of(Ref ref);
  Value apply_rules(CallSite& site);
  void state_deletion(const CallSite& site, const std::string& last);
  void state_clipboard(const CallSite& site);
  Value run_callbacks(CallSite& site, Value result);
  std::vector<Value> handed_to(const CallSite& site, Ref function) const;
  Value reach(CallSite& site, const CallRule& rule, const std::string& endpoint);
  Value run_list(const std::vector<Value>& items, const CallSite& site);
  std::string resolved(const std::string& name);
  void mark_event(const CallSite& site, Value& given);
  void send_by_loading(Ref target, const Value& value);

  // builtins.cc: what is computed exactly
  bool fold_call(const CallSite& site, Value& out);
  bool fold_decoding(const CallSite& site, const std::string& last, Value& out);
  bool fold_file(const CallSite& site, const std::string& last, Value& out);
  bool fold_page(const CallSite& site, const std::string& last, Value& out);
  bool fold_module(const CallSite& site, const std::string& last, Value& out);

  // shell.cc
  Value eval_command(const code::syntax::Node& node);
  Value eval_pipeline(const code::syntax::Node& node);
  Value eval_redirect(const code::syntax::Node& node);
  Value eval_capture(const code::syntax::Node& node);
  Value run_command(ShellCommand& command);
  Value run_interpreter(ShellCommand& command);
  Value run_curl(ShellCommand& command);
  Value run_wget(ShellCommand& command);
  Value run_netcat(ShellCommand& command);
  Value run_transfer(ShellCommand& command);
  Value run_filter(ShellCommand& command);
  Value run_files(ShellCommand& command);
  Value run_source(ShellCommand& command, bool& known);
  void state_command(const ShellCommand& command);
  void state_account(const ShellCommand& command);
  void state_trust(const ShellCommand& command);
  void state_containers(const ShellCommand& command);
  void verify(const ShellCommand& command);
  void run_file(const Value& path, const ShellCommand& command, std::string_view to);

  bool spend(std::uint64_t steps);

  const code::syntax::Tree& tree_;
  std::string_view source_;
  Findings& findings_;
  std::uint64_t step_limit_;
  unsigned nesting_;
  std::uint64_t steps_ = 0;
  bool exhausted_ = false;
  unsigned depth_ = 0;
  std::vector<Scope> scopes_;
  std::map<std::string, Value> summary_;  ///< joined over all assignments and rounds
  std::map<std::string, Function> functions_;
  std::map<Ref, Value> results_;
  std::set<std::string> classes_;
  std::string class_;  ///< whose body is read
  std::set<Ref> entered_;  ///< functions read in this round
  unsigned under_clipboard_ = 0;  ///< branches around that test what the clipboard holds
  unsigned under_day_ = 0;        ///< branches around that wait for a fixed day
  bool changed_ = false;
  bool failure_ignored_ = false;
  bool asks_replaced_ = false;  ///< the function that asks for passwords is replaced by the script's own
  bool sockets_made_ = false;
  bool descriptors_taken_ = false;  ///< a socket took the place of a standard stream
  Value stdin_;
  Value output_;
};

}  // namespace examine::script
