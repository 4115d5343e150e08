"""Archives of less than a mebibyte that would come to gigabytes, or minutes, where only their bytes are counted."""

import base64
import zlib

from fixtures.bundles import tar

MEBIBYTE = 1 << 20


def packed(*members):
    """The members as one gzip stream, compressed as well as zlib can."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    return deflate.compress(b"".join(members) + tar.END) + deflate.flush()


def many(unit, count):
    """A list's items: `unit` so often, with `%d` as the number of each."""
    if "%d" not in unit:
        return ",".join([unit] * count)
    return ",".join(unit.replace("%d", str(at)) for at in range(count))


def manifest(text):
    return packed(tar.member(".manifest", text.encode()))


def data(text, name="data.json"):
    return packed(tar.member(name, text.encode()))


def roots():
    return manifest('{"roots":[' + many('"%d/a/a/a/a/a/a/a/a/a/a"', 60_000) + "]}")


def roots_in_each_other():
    return manifest('{"roots":[' + many('"a"', 100_000) + "]}")


def deep_paths():
    return packed(*tar.members((f"{'a/' * 40}{at}/data.json" for at in range(25_000)), b"{}"))


def deep_paths_apart():
    return packed(*tar.members((f"{at}{'/a' * 40}/data.json" for at in range(25_000)), b"{}"))


def wide_character():
    return data('{"a":"\U0001f600' + "a" * (36 * MEBIBYTE) + '"}')


def wide_character_in_yaml():
    return data('a: "\U0001f600' + "\\n" * (20 * MEBIBYTE) + '"\n', "data.yaml")


def wide_character_in_a_module():
    return packed(tar.member("a.rego", ("package a\nb := 1\n# " + "a" * (100 * MEBIBYTE) + "\U0001f600").encode()))


def wide_character_in_signatures():
    return data('{"a":"\U0001f600","signatures":["e30.' + "A" * (36 * MEBIBYTE) + '.AA"]}', ".signatures.json")


def wide_names():
    long = "/".join(["a" * 200] * 4)
    return packed(*(tar.member(f"\U0001f600{at}/{long}") for at in range(20_000)))


def combining_names():
    return packed(*(tar.member(f"{at}" + "\u0301\u0323" * 240) for at in range(9_000)))


def records():
    header = tar.extension(b"x", b"".join(tar.record(b"SCHILY.xattr.%d" % at, b"") for at in range(1_200)))
    return packed(*(header + tar.member(f"{at}") for at in range(400)))


def global_headers():
    return packed(tar.extension(b"g", tar.record(b"comment", b"a")) * 90_000)


def surrogates():
    return data('{"a":"\\ud83d\\ude00' + "\\n" * (20 * MEBIBYTE) + '"}')


def escapes_and_commas():
    return data('["' + "\\\\ab," * (12 * MEBIBYTE) + '"]')


def digits():
    return data("[1." + "1" * MEBIBYTE + "]")


def small_documents():
    return packed(*tar.members((f"{at}/data.json" for at in range(95_000)), b"{}"))


def floats():
    return data('{"a":[' + many('{"a":1e1}', 900_000) + "]}")


def zeros_in_a_module_of_wasm():
    return packed(*(tar.member(f"{at}.wasm", bytes(150 * MEBIBYTE)) for at in range(2)))


def directives():
    lines = "".join(f"%TAG !a{at}! b\n" for at in range(150_000))
    return data(f"a: 1\n...\n{lines}--- a\n", "data.yaml")


def yaml_events():
    return data("[" + "[],a: b," * 240_000 + "a]", "data.yaml")


def listed_files():
    claims = '{"files":[' + many('{"name":"a","hash":"a","algorithm":"SHA-256"}', 480_000) + "]}"
    token = f"e30.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.AA"
    return data('{"signatures":["' + token + '"]}', ".signatures.json")


def entrypoint_of_many_segments():
    return manifest('{"wasm":[{"module":"m","entrypoint":"' + "a/" * (16 * MEBIBYTE) + '"}]}')


def names_copied_into_one_tree():
    large = ('{"a":{' + many('"%d":{"b":1}', 180_000) + "}}").encode()
    small = ('{"a":{' + many('"%d":{"c":1}', 180_000) + "}}").encode()
    return packed(tar.member("data.json", large), tar.member("data.yaml", small))


def package_of_many_parts():
    return packed(tar.member("a.rego", b"package a" + b".a" * (40 * MEBIBYTE)))


def packages_of_many_parts():
    clause = "package a" + ".bb" * 330
    return packed(*tar.members((f"{at}.rego" for at in range(30_000)), clause.encode()))


def blanks_before_a_package():
    return packed(tar.member("a.rego", b"#\n" * (60 * MEBIBYTE) + b"package a\n"))


def modules_of_comments():
    return packed(*tar.members((f"{at}.rego" for at in range(200)), b"#\n" * (MEBIBYTE // 2 - 8) + b"package a\n"))


COSTLY = {
    "roots-by-the-thousand": (roots, "input.too-costly"),
    "roots-in-each-other": (roots_in_each_other, "manifest.roots-overlap"),
    "data-below-deep-paths": (deep_paths, "input.too-costly"),
    "data-below-deep-paths-of-their-own": (deep_paths_apart, "input.too-costly"),
    "one-wide-character": (wide_character, "input.too-costly"),
    "one-wide-character-in-yaml": (wide_character_in_yaml, "input.too-costly"),
    "one-wide-character-in-a-module": (wide_character_in_a_module, "signature.missing"),
    "one-wide-character-in-signatures": (wide_character_in_signatures, "input.too-costly"),
    "wide-names": (wide_names, "input.too-costly"),
    "names-of-combining-marks": (combining_names, "input.too-costly"),
    "extended-headers-full-of-records": (records, "input.too-costly"),
    "global-headers-by-the-thousand": (global_headers, "input.too-costly"),
    "escapes-beside-one-surrogate-pair": (surrogates, "signature.missing"),
    "escapes-and-commas": (escapes_and_commas, "input.too-costly"),
    "a-million-digits": (digits, "json.invalid"),
    "small-documents-by-the-thousand": (small_documents, "input.too-costly"),
    "objects-of-one-number": (floats, "input.too-costly"),
    "zeros-in-modules": (zeros_in_a_module_of_wasm, "input.too-costly"),
    "directives-of-yaml": (directives, "yaml.unsupported"),
    "events-of-yaml": (yaml_events, "input.too-costly"),
    "files-listed-by-the-thousand": (listed_files, "input.too-costly"),
    "entrypoint-of-many-segments": (entrypoint_of_many_segments, "manifest.invalid"),
    "package-of-many-parts": (package_of_many_parts, "bundle.package-unread"),
    "packages-of-many-parts": (packages_of_many_parts, "input.too-costly"),
    "blanks-before-a-package": (blanks_before_a_package, "bundle.package-unread"),
    "modules-of-comments": (modules_of_comments, "input.too-costly"),
    "names-copied-into-one-tree": (names_copied_into_one_tree, "signature.missing"),
}
"""Each attack by its name in the catalogue: what builds it, and the code that it is denied with."""
