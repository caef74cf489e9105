// Tables of what the functions of each language and its libraries give and take.
#pragma once

#include <span>
#include <string_view>

#include "code/syntax/syntax.h"
#include "evidence/vocabulary.h"

namespace examine::script {

/// One function. Languages are letters: p Python, j JavaScript, h PHP, r Ruby, s PowerShell, l Perl.
struct CallRule {
  std::string_view languages;
  std::string_view callee;    ///< "os.system" matches also "x.os.system"; ".send" any receiver
  std::string_view receiver;  ///< mark that the receiver must carry; "" for none
  std::string_view gives;     ///< mark on the result; "" for none
  std::string_view takes;     ///< outside or command word that arguments reach; "" for none
  std::string_view payload;   ///< "*" all, else positions and names: "0,data"
  evidence::Confidence confidence = evidence::Confidence::high;
};

std::span<const CallRule> call_rules(code::syntax::Language language);
/// Functions whose result says nothing of their arguments: len, exists, print.
bool is_opaque_call(std::string_view name);
/// "environment" for os.environ and its kin, "network" for $_POST, "" else. `single` is set when
/// one variable of the environment is named.
std::string_view name_gives(code::syntax::Language language, std::string_view path, std::string_view& single);

}  // namespace examine::script
