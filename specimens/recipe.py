"""Reads a recipe: the small part of YAML that specimens/README.md documents.

Maps by indentation, lists of `- `, block texts (`|`, `|-`), quoted and plain scalars, and one-line
lists and maps. Every scalar is a string. Not YAML: anchors, tags, folded texts, several documents.
Standard library only, so that a machine with nothing but Python builds the specimens.
"""
import json
import re


class RecipeError(Exception):
    pass


def _scalar(text):
    text = text.strip()
    if text.startswith('"'):
        return json.loads(text)
    if text.startswith("'") and text.endswith("'") and len(text) > 1:
        return text[1:-1].replace("''", "'")
    if text.startswith("[") or text.startswith("{"):
        return _flow(text)
    return text


def _flow(text):
    value, rest = _flow_value(text.strip())
    if rest.strip():
        raise RecipeError("text after a one-line list: " + text)
    return value


def _flow_value(text):
    text = text.lstrip()
    if text[:1] == "[":
        out, text = [], text[1:].lstrip()
        while text[:1] != "]":
            value, text = _flow_value(text)
            out.append(value)
            text = text.lstrip()
            if text[:1] == ",":
                text = text[1:].lstrip()
            elif text[:1] != "]":
                raise RecipeError("open list")
        return out, text[1:]
    if text[:1] == "{":
        out, text = {}, text[1:].lstrip()
        while text[:1] != "}":
            key, _, text = text.partition(":")
            value, text = _flow_value(text)
            out[_scalar(key)] = value
            text = text.lstrip()
            if text[:1] == ",":
                text = text[1:].lstrip()
            elif text[:1] != "}":
                raise RecipeError("open map")
        return out, text[1:]
    if text[:1] == '"':
        value, end = json.JSONDecoder().raw_decode(text)
        return value, text[end:]
    if text[:1] == "'":
        end = text.index("'", 1)
        return text[1:end], text[end + 1:]
    end = re.search(r"[,\]}]|$", text).start()
    return text[:end].strip(), text[end:]


_KEY = re.compile(r'("(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s#\-\'"\[{][^:]*?|-[^\s:][^:]*?):(?:\s+(.*))?$')


class _Lines:
    def __init__(self, text, name):
        self.lines = text.split("\n")
        self.at = 0
        self.name = name

    def peek(self):
        while self.at < len(self.lines):
            line = self.lines[self.at]
            bare = line.strip()
            if bare and not bare.startswith("#"):
                return len(line) - len(line.lstrip(" ")), bare
            self.at += 1
        return -1, ""

    def fail(self, what):
        raise RecipeError("%s:%d: %s" % (self.name, self.at + 1, what))

    def block(self, indent, keep_newline):
        self.at += 1
        taken, depth = [], None
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip():
                here = len(line) - len(line.lstrip(" "))
                if here <= indent:
                    break
                depth = here if depth is None else depth
                if here < depth:
                    self.fail("a text that moves left")
            taken.append(line[depth:] if depth is not None else "")
            self.at += 1
        while taken and not taken[-1].strip():
            taken.pop()
        text = "\n".join(taken)
        return text + "\n" if keep_newline and text else text


def _value(lines, indent, rest):
    if rest in ("|", "|-"):
        return lines.block(indent, rest == "|")
    lines.at += 1
    if rest:
        return _scalar(rest)
    here, bare = lines.peek()
    if here > indent or (here == indent and bare.startswith("- ")):
        return _node(lines, here)
    return ""


def _node(lines, indent):
    _, bare = lines.peek()
    if bare.startswith("- ") or bare == "-":
        out = []
        while True:
            here, bare = lines.peek()
            if here != indent or not (bare.startswith("- ") or bare == "-"):
                return out
            rest = bare[1:].strip()
            if rest in ("|", "|-"):
                out.append(lines.block(indent, rest == "|"))
            elif rest and _KEY.match(rest) and rest[0] not in "[{\"'":
                lines.lines[lines.at] = " " * (indent + 2) + rest
                out.append(_node(lines, indent + 2))
            elif rest:
                lines.at += 1
                out.append(_scalar(rest))
            else:
                lines.at += 1
                out.append(_node(lines, lines.peek()[0]))
    out = {}
    while True:
        here, bare = lines.peek()
        if here < indent:
            return out
        if here > indent:
            lines.fail("moved right without reason")
        match = _KEY.match(bare)
        if not match:
            lines.fail("expected `key: value`")
        key = _scalar(match.group(1))
        if key in out:
            lines.fail("the key %r stands twice" % key)
        out[key] = _value(lines, indent, (match.group(2) or "").strip())


def read(path):
    with open(path, encoding="utf-8") as file:
        lines = _Lines(file.read(), path)
    indent, _ = lines.peek()
    out = _node(lines, indent)
    if lines.peek()[0] >= 0:
        lines.fail("text after the recipe")
    return out
