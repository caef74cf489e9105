"""Two versions of one product, from one recipe: what version N is made of, and what N+1 changes.

A recipe of the category `update` has `before` (a whole product), `update` (changes that both later
halves carry, may be left out), `spy` and `twin` (changes on top of that). Changes are keys that replace the
product's, except `files`, `scripts`, `control-files` (path by path) and `layers` (layer by layer, further ones
appended), where a path's content is new, or `{gone: yes}`, or `{edit: […]}` of what the path held.
"""
import copy
import hashlib
import re

import recipe

MAPS = ("files", "scripts", "control-files")
SOURCES = ("text", "c")


def _with(content, name, number):
    """A content with @it@ and @n@ filled in."""
    if isinstance(content, str):
        return content.replace("@it@", name).replace("@n@", str(number))
    if isinstance(content, list):
        return [_with(c, name, number) for c in content]
    return {k: _with(v, name, number) for k, v in content.items()}


def _spread(files):
    """`locale/{de,fr}.json` is two files; in their content @it@ is `de`, @n@ is 1, and so on."""
    out = {}
    for path, content in files.items():
        braces = re.search(r"\{([^{}]*)\}", path)
        for n, it in enumerate(braces.group(1).split(","), 1) if braces else [(0, "")]:
            out[path[:braces.start()] + it + path[braces.end():] if braces else path] = _with(content, it, n) if braces else content
    return out


def _edited(path, held, edits):
    held = copy.deepcopy(held) if isinstance(held, dict) else {"text": held}
    source = next((s for s in SOURCES if s in held), None)
    if source is None:
        raise recipe.RecipeError("edit of %s, which is not a text" % path)
    for edit in edits:
        if held[source].count(edit["from"]) != 1:
            raise recipe.RecipeError("edit of %s: %r stands there %d times" % (path, edit["from"], held[source].count(edit["from"])))
        held[source] = held[source].replace(edit["from"], edit["to"])
    return held


def _files_after(files, changes):
    out = dict(files)
    for path, content in _spread(changes).items():
        if isinstance(content, dict) and set(content) & {"gone", "edit"} and path not in out:
            raise recipe.RecipeError("a change of %s, which is not there" % path)
        if isinstance(content, dict) and "gone" in content:
            del out[path]
        elif isinstance(content, dict) and "edit" in content:
            out[path] = _edited(path, out[path], content["edit"])
        else:
            out[path] = content
    return out


def _after(product, changes):
    out = copy.deepcopy(product)
    for key, value in (changes or {}).items():
        if key in MAPS:
            out[key] = _files_after(out.get(key, {}), value)
        elif key == "layers":
            for i, layer in enumerate(value):
                if i < len(out["layers"]):
                    out["layers"][i] = _files_after(out["layers"][i], layer or {})
                else:
                    out["layers"].append(_spread(layer))
        else:
            out[key] = value
    return out


def _dated(value, version):
    """Every text with @VERSION@ filled in: what a version bump changes anyway."""
    if isinstance(value, str):
        return value.replace("@VERSION@", version)
    if isinstance(value, list):
        return [_dated(v, version) for v in value]
    return {_dated(k, version): _dated(v, version) for k, v in value.items()}


def halves(r):
    """{"before": product, "spy": product, "twin": product} of a recipe that has been checked."""
    before = _after({"layers": []}, r["before"])
    if not before["layers"]:
        del before["layers"]
    later = _after(before, r.get("update"))
    out = {"before": before, "spy": _after(later, r["spy"]), "twin": _after(later, r["twin"])}
    if out["spy"]["version"] == before["version"] or out["spy"]["version"] != out["twin"]["version"]:
        raise recipe.RecipeError("spy and twin are the same next version")
    return {half: _dated(product, product["version"]) for half, product in out.items()}


def noise(seed, size):
    """Bytes without any pattern, always the same for a seed."""
    out = b""
    while len(out) < size:
        out += hashlib.sha256(b"%s %d" % (seed.encode(), len(out))).digest()
    return out[:size]
