// What takes effect: commands, evaluation, loaded code. And the look-ups over all tables.
#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "examine/scripts/rules.h"

namespace examine::script {

using code::syntax::Language;

extern const std::span<const CallRule> outside_rules;

namespace {

constexpr auto high = evidence::Confidence::high;
constexpr auto medium = evidence::Confidence::medium;
constexpr auto low = evidence::Confidence::low;

constexpr CallRule rules[] = {
    {"p", "os.system", "", "", "execute-command", "0"},
    {"p", "os.popen", "", "", "execute-command", "0"},
    {"p", "subprocess.run", "", "", "execute-command", "0,args"},
    {"p", "subprocess.call", "", "", "execute-command", "0,args"},
    {"p", "subprocess.check_call", "", "", "execute-command", "0,args"},
    {"p", "subprocess.check_output", "", "", "execute-command", "0,args"},
    {"p", "subprocess.Popen", "", "", "execute-command", "0,args"},
    {"p", "subprocess.getoutput", "", "", "execute-command", "0"},
    {"p", "subprocess.getstatusoutput", "", "", "execute-command", "0"},
    {"p", "commands.getoutput", "", "", "execute-command", "0"},
    {"p", "pty.spawn", "", "", "execute-command", "0"},
    {"p", "os.execl", "", "", "execute-command", "*"},
    {"p", "os.execv", "", "", "execute-command", "*"},
    {"p", "os.execvp", "", "", "execute-command", "*"},
    {"p", "os.execve", "", "", "execute-command", "*"},
    {"p", "os.spawnl", "", "", "execute-command", "*"},
    {"p", "os.startfile", "", "", "execute-command", "0"},
    {"p", "asyncio.create_subprocess_shell", "", "", "execute-command", "0"},
    {"p", "eval", "", "", "evaluate", "0"},
    {"p", "exec", "", "", "evaluate", "0"},
    {"p", "types.FunctionType", "", "", "evaluate", "0", medium},
    {"p", "os.execlp", "", "", "execute-command", "*"},
    {"p", "os.spawnv", "", "", "execute-command", "*"},
    {"p", "asyncio.create_subprocess_exec", "", "", "execute-command", "0"},
    {"p", "runpy.run_module", "", "", "evaluate", "0"},
    {"p", "builtins.exec", "", "", "evaluate", "0"},
    {"p", "builtins.eval", "", "", "evaluate", "0"},
    {"p", "runpy.run_path", "", "", "evaluate", "0"},
    {"p", "pickle.loads", "", "", "evaluate", "0", medium},
    {"p", "pickle.load", "", "", "evaluate", "0", medium},
    {"p", "cPickle.loads", "", "", "evaluate", "0", medium},
    {"p", "dill.loads", "", "", "evaluate", "0", medium},
    {"p", "cloudpickle.loads", "", "", "evaluate", "0", medium},
    {"p", "joblib.load", "", "", "evaluate", "0", medium},
    {"p", "torch.load", "", "", "evaluate", "0", medium},
    {"p", "yaml.unsafe_load", "", "", "evaluate", "0", medium},
    {"p", "jsonpickle.decode", "", "", "evaluate", "0", medium},
    {"p", "marshal.loads", "", "", "load-code", "0", medium},
    {"p", "importlib.import_module", "", "", "load-code", "0", medium},
    {"p", "__import__", "", "", "load-code", "0", medium},
    {"p", "ctypes.CDLL", "", "", "load-code", "0", medium},
    {"j", "eval", "", "", "evaluate", "0"},
    {"j", "Function", "", "", "evaluate", "*"},
    {"j", "vm.runInThisContext", "", "", "evaluate", "0"},
    {"j", "vm.runInNewContext", "", "", "evaluate", "0"},
    {"j", "vm.runInContext", "", "", "evaluate", "0"},
    {"j", "vm.Script", "", "", "evaluate", "0"},
    {"j", "._compile", "", "", "evaluate", "0"},
    {"j", "child_process.exec", "", "", "execute-command", "0"},
    {"j", "child_process.execSync", "", "", "execute-command", "0"},
    {"j", "child_process.spawn", "", "", "execute-command", "0,1"},
    {"j", "child_process.spawnSync", "", "", "execute-command", "0,1"},
    {"j", "child_process.execFile", "", "", "execute-command", "0,1"},
    {"j", "child_process.execFileSync", "", "", "execute-command", "0,1"},
    {"j", "child_process.fork", "", "", "execute-command", "0"},
    {"j", "execa", "", "", "execute-command", "0,1"},
    {"j", "process.dlopen", "", "", "load-code", "*"},
    {"j", "WebAssembly.instantiate", "", "", "load-code", "0", low},
    {"h", "eval", "", "", "evaluate", "0"},
    {"h", "assert", "", "", "evaluate", "0"},
    {"h", "create_function", "", "", "evaluate", "1"},
    {"h", "call_user_func", "", "", "evaluate", "0"},
    {"h", "call_user_func_array", "", "", "evaluate", "0"},
    {"h", "include", "", "", "evaluate", "0"},
    {"h", "system", "", "", "execute-command", "0"},
    {"h", "exec", "", "", "execute-command", "0"},
    {"h", "shell_exec", "", "", "execute-command", "0"},
    {"h", "passthru", "", "", "execute-command", "0"},
    {"h", "popen", "", "", "execute-command", "0"},
    {"h", "proc_open", "", "", "execute-command", "0"},
    {"h", "pcntl_exec", "", "", "execute-command", "0"},
    {"hrl", "`", "", "", "execute-command", "0"},
    {"r", "eval", "", "", "evaluate", "0"},
    {"r", "Kernel.eval", "", "", "evaluate", "0"},
    {"r", ".instance_eval", "", "", "evaluate", "0"},
    {"r", ".class_eval", "", "", "evaluate", "0"},
    {"r", ".module_eval", "", "", "evaluate", "0"},
    {"r", "system", "", "", "execute-command", "*"},
    {"r", "Kernel.system", "", "", "execute-command", "*"},
    {"r", "exec", "", "", "execute-command", "*"},
    {"r", "spawn", "", "", "execute-command", "*"},
    {"r", "IO.popen", "", "", "execute-command", "*"},
    {"r", "Open3.capture2", "", "", "execute-command", "*"},
    {"r", "Open3.capture3", "", "", "execute-command", "*"},
    {"r", "Open3.popen3", "", "", "execute-command", "*"},
    {"r", "Marshal.load", "", "", "load-code", "0", medium},
    {"l", "system", "", "", "execute-command", "*"},
    {"l", "exec", "", "", "execute-command", "*"},
    {"l", "eval", "", "", "evaluate", "0"},
    {"s", "iex", "", "", "evaluate", "*"},
    {"s", "invoke-expression", "", "", "evaluate", "*"},
    {"s", "scriptblock.create", "", "", "evaluate", "*"},
    {"s", ".invokescript", "", "", "evaluate", "*"},
    {"s", "start-process", "", "", "execute-command", "*"},
    {"s", "()", "", "", "execute-command", "*"},
    {"s", "reflection.assembly.load", "", "", "load-code", "*"},
    {"s", "add-type", "", "", "load-code", "*", medium},
};

constexpr std::array<std::string_view, 54> opaque_calls = {
    "len",       "isinstance", "hasattr",  "type",    "int",       "float",  "bool",      "range",     "id",          "hash",      "os.path.exists", "os.path.isfile",
    "os.path.isdir", "os.stat", "os.path.getsize", "os.access", "os.chmod", "os.remove", "os.unlink", "os.makedirs", "os.mkdir", "fs.existsSync", "fs.statSync",
    "fs.unlinkSync", "fs.mkdirSync", "parseInt", "parseFloat", "Number", "Boolean", "isNaN",  "count",     "strlen",    "file_exists", "is_file",  "is_dir",        "isset",
    "empty",     "defined",    "length",   "test-path", "startswith", "endswith", "hashlib.sha256", "hashlib.md5", "hashlib.sha1", "crypto.createHash",
    "escapeshellarg", "escapeshellcmd", "intval", "in_array", "htmlspecialchars", "shlex.quote", "pipes.quote", "array_key_exists"};

char letter_of(Language language) {
  switch (language) {
    case Language::python: return 'p';
    case Language::javascript: return 'j';
    case Language::php: return 'h';
    case Language::ruby: return 'r';
    case Language::powershell: return 's';
    case Language::perl: return 'l';
    case Language::shell: return '-';
  }
  return '-';
}

std::vector<CallRule> of_language(Language language) {
  std::vector<CallRule> out;
  for (const auto rules_of : {outside_rules, std::span<const CallRule>(rules)})
    for (const auto& r : rules_of)
      if (r.languages.find(letter_of(language)) != std::string_view::npos) out.push_back(r);
  return out;
}

struct EnvironmentName {
  Language language;
  std::string_view path;
};
constexpr std::array<EnvironmentName, 8> environments = {{{Language::python, "os.environ"},
                                                          {Language::python, "os.environb"},
                                                          {Language::javascript, "process.env"},
                                                          {Language::php, "_ENV"},
                                                          {Language::ruby, "ENV"},
                                                          {Language::perl, "ENV"},
                                                          {Language::powershell, "env"},
                                                          {Language::javascript, "Deno.env"}}};

}  // namespace

std::span<const CallRule> call_rules(Language language) {
  static const std::array<std::vector<CallRule>, 7> all = [] {
    std::array<std::vector<CallRule>, 7> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = of_language(static_cast<Language>(i));
    return out;
  }();
  return all[static_cast<std::size_t>(language)];
}

bool is_opaque_call(std::string_view name) {
  if (std::ranges::find(opaque_calls, name) != opaque_calls.end()) return true;
  const auto dot = name.rfind('.');
  const auto last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  return last == "exists" || last == "isfile" || last == "is_file" || last == "startswith" || last == "endswith" || last == "indexOf" || last == "includes" || last == "test" ||
         last == "length" || last == "size" || last == "hexdigest" || last == "has" || last == "hasOwnProperty";
}

std::string_view name_gives(Language language, std::string_view path, std::string_view& single) {
  if (language == Language::php && (path == "_POST" || path == "_GET" || path == "_REQUEST" || path == "_COOKIE" || path.starts_with("_POST.") ||
                                    path.starts_with("_GET.") || path.starts_with("_REQUEST.") || path.starts_with("_COOKIE.")))
    return "network";
  if (language == Language::php && path.starts_with("_SERVER.HTTP_") && path != "_SERVER.HTTP_HOST") return "network";
  if (language == Language::javascript && path.starts_with("vscode.window.activeTextEditor")) return "files";
  for (const auto& e : environments) {
    if (e.language != language || !path.starts_with(e.path)) continue;
    if (path.size() == e.path.size()) return "environment";
    if (path[e.path.size()] != '.') continue;
    single = path.substr(e.path.size() + 1);
    return "environment";
  }
  return "";
}

}  // namespace examine::script
