"""Everything that a service, or what lies before it, can answer with instead."""

from __future__ import annotations

import json
import socket
import struct

from tests.support.audit.services.site import Fault, answer


def status(number, **fields) -> Fault:
    """An error with this status."""
    return lambda exchange, _: answer(exchange, {"message": "no"}, status=number, **fields)


def says(body, **fields) -> Fault:
    """This body, with status 200."""
    return lambda exchange, _: answer(exchange, body, **fields)


def truncated(exchange, value):
    body = json.dumps(value).encode()
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body[: len(body) // 2]))


def cut(exchange, value):
    """Half of it, which says that it is all."""
    body = json.dumps(value).encode()
    answer(exchange, body[: len(body) // 2])


def reset(exchange, _):
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.connection.close()
    exchange.close_connection = True


def hang(exchange, _):
    exchange.over()


def loop(exchange, _):
    exchange.answer(302, b"", Location=exchange.path)


def short_batch(exchange, value):
    answer(exchange, {"results": value["results"][:-1]})


def long_batch(exchange, value):
    answer(exchange, {"results": [*value["results"], {}]})


def shifted_batch(exchange, value):
    answer(exchange, {"results": [*value["results"][1:], value["results"][0]]})


def emptied_batch(exchange, value):
    answer(exchange, {"results": [{} for _ in value["results"]]})


def null_results(exchange, value):
    answer(exchange, {"results": [None for _ in value["results"]]})


def missing_page(exchange, value):
    answer(exchange, {"results": [{**each, "next_page_token": ""} for each in value["results"]]})


def same_page(exchange, value):
    answer(exchange, {"results": [{**each, "next_page_token": "1"} for each in value["results"]]})


def other_id(exchange, value):
    """The record, or what is listed, under another one's id."""
    if "results" not in value:
        answer(exchange, {**value, "id": "PYSEC-2000-1"})
        return
    listed = [[{**one, "id": "PYSEC-2000-1"} for one in each.get("vulns", ())] for each in value["results"]]
    answer(exchange, {"results": [{**each, "vulns": ids} for each, ids in zip(value["results"], listed, strict=True)]})


def other_package(exchange, value):
    """The record of that id, about another package."""
    answer(exchange, json.dumps(value).replace('"name": "', '"name": "not-').encode())


EVERYWHERE: dict[str, Fault] = {
    **{f"status {number}": status(number, Retry_After="0") for number in (401, 403, 404, 429, 500, 502, 503)},
    "status 429 for an hour": status(429, Retry_After="3600"),
    "HTML": says(b"<html><body>Sign in</body></html>", Content_Type="text/html"),
    "an empty body": says(b""),
    "{}": says({}),
    "null": says(None),
    "[]": says([]),
    "a message": says({"message": "quota"}),
    "a duplicated key": says(b'{"id":"X-1","results":[],"results":[]}'),
    "UTF-16": says('{"results": []}'.encode("utf-16")),
    "packed": says(b"\x1f\x8b\x08", Content_Encoding="gzip"),
    "truncated": truncated,
    "cut": cut,
    "reset": reset,
    "hang": hang,
    "redirect loop": loop,
    "no content": lambda exchange, _: exchange.answer(204, b""),
}
"""What may come of every request."""
OF_BATCHES: dict[str, Fault] = {
    "short batch": short_batch,
    "long batch": long_batch,
    "shifted batch": shifted_batch,
    "emptied batch": emptied_batch,
    "null results": null_results,
    "missing page": missing_page,
    "the same page": same_page,
    "other ids": other_id,
}
OF_RECORDS: dict[str, Fault] = {"another id": other_id, "another package": other_package}
