// The lowering that languages with expressions and functions share; each language adds what is its own.
#pragma once

#include "code/syntax/lower.h"

namespace code::syntax {

class General : public Lowering {
 public:
  General(const RawTree& raw_tree, Language language) : Lowering(raw_tree, language) {}

 protected:
  Ref lower(Ref n) override;

  /// The first of these fields that the node has.
  Ref either_field(Ref n, std::initializer_list<std::string_view> names) const;
  virtual std::string name_text(Ref n) const;  ///< of an identifier
  Ref dotted(Ref n, Ref object, std::string attribute);
  Ref call(Ref n, Ref callee, Ref arguments, Ref block = none_node);
  Ref call_on(Ref n, Ref object, std::string method, std::vector<Ref> arguments);
  std::vector<Ref> arguments_of(Ref n);
  virtual Ref string(Ref n);
  Ref string_pieces(Ref n, bool escapes);
  Ref binary(Ref n);
  Ref assign(Ref n, Ref left, Ref right, std::string op = "=", bool declared = false);
  Ref function(Ref n);
  Ref conditional(Ref n);
  Ref loop(Ref n);
  Ref text(Ref n) { return make(Form::text, n, std::string(raw.source(n))); }
  Ref sequence(Ref n) { return make(Form::sequence, n, {}, sub_all(n)); }

 private:
  Ref expression(Ref n);
  Ref statement(Ref n);
  Ref python_import(Ref n);
  Ref script_import(Ref n);
  Ref member(Ref n);
  Ref pair(Ref n);
  Ref for_each(Ref n);
  Ref ruby_call(Ref n);
  Ref php_call(Ref n);
};

}  // namespace code::syntax
