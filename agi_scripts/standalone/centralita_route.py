#!/usr/bin/env python3
"""Ask Centralita who calls, for exchanges that cannot use FastAGI. One file; Python 3.6 or later, and pyst2.

In the dialplan:

    same => n,AGI(centralita_route.py,${CHANNEL(linkedid)},${DID}[,ID])
    same => n,ExecIf($[${LEN(${CENTRALITA_PRIORITY})} > 0]?Set(QUEUE_PRIO=${FILTER(0-9,${CENTRALITA_PRIORITY})}))

Settings: /etc/centralita/agi.conf (or the file that CENTRALITA_AGI_CONF names), which only its owner may read,
that is the user Asterisk runs as:

    [centralita]
    url = https://centralita.example
    token = the key that "centralita token add exchange --role integration" printed
    ca_file = /etc/centralita/ca.pem        (only for a certificate of your own)

Sets CENTRALITA_CONTACT, _PRIORITY, _LANGUAGE and _QUEUE where they are known, and always CENTRALITA_STATUS:
FOUND, POSSIBLE (several people, or not certain), NONE (a stranger), TIMEOUT, ERROR, HANGUP, or CONFIG (settings
missing, readable by others, or the token not accepted). The answer is there 0.25 s after the start, or TIMEOUT is; the
script ends with 0 whatever happens, and writes nothing to standard error.

pyst2 0.5.1 quotes nothing, writes every number to standard error and loops at the end of its input; it is used
here through Link and _hardened, which mend that from outside.
"""

import signal

if __name__ == "__main__":  # first of all: a caller who hangs up now must not end us
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

import configparser
import http.client
import io
import json
import os
import re
import stat
import sys
import threading
import time
import urllib.parse

LIMIT_S = 0.25
PATIENCE_S = 5
LONGEST_LINE = 65536
LONGEST_ANSWER = 65536
SETTINGS = "/etc/centralita/agi.conf"
VARIABLES = (
    ("CENTRALITA_CONTACT", "contact", re.compile(r"[A-Za-z0-9_-]{1,64}\Z")),
    ("CENTRALITA_PRIORITY", "priority", re.compile(r"[0-9]{1,9}\Z")),
    ("CENTRALITA_LANGUAGE", "language", re.compile(r"[A-Za-z]{2,3}(_[A-Za-z]{2})?\Z")),
    ("CENTRALITA_QUEUE", "queue", re.compile(r"[A-Za-z0-9_-]{1,80}\Z")),
)
MATCHES = ("exact", "equated", "national", "range", "ivr_id", "chosen")


class SettingsError(Exception):
    """The settings are missing, cannot be used, or may be read by others."""


class GoneError(Exception):
    """Asterisk has closed the link."""


# --- Asterisk


class Link(object):
    """Standard input as pyst2 should have read it: no HANGUP between answers, no endless end, no endless line."""

    def __init__(self, stream):
        self.is_hung_up = False
        self._stream = stream

    def readline(self):
        while True:
            line = self._stream.readline(LONGEST_LINE)
            if not line or not line.endswith(b"\n"):
                raise GoneError()
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if text == "HANGUP":
                self.is_hung_up = True
            elif not text.startswith("100"):
                return text + "\n"


class Nothing(object):
    """Takes what pyst2 tells standard error: every number of every call."""

    def write(self, text):
        pass


class Plain(object):
    """What is needed of pyst2, for an exchange where it is not installed."""

    def __init__(self, stdin, stdout):
        self._stdin, self._stdout = stdin, stdout
        self.env = {}
        for line in iter(stdin.readline, "\n"):
            name, _, text = line.partition(":")
            self.env[name.strip()] = text.strip()

    def set_variable(self, name, text):
        self._ask("SET VARIABLE %s %s" % (quoted(name), quoted(text)))

    def appexec(self, application, options):
        self._ask("EXEC %s %s" % (application, quoted(options)))

    def _ask(self, command):
        self._stdout.write(command + "\n")
        self._stdout.flush()
        line = self._stdin.readline()
        while line.startswith("520-") or not line[:3].isdigit():
            line = self._stdin.readline()


def quoted(text):
    """Return text as one word of a command; a line break ends the word, for it would begin a second command."""
    text = re.split(r"[\r\n\0]", str(text))[0]
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _hardened(stdin, stdout):
    """Return pyst2's AGI, mended; Plain when it is not installed."""
    try:
        from asterisk.agi import AGI
    except Exception:  # also a pyst2 without its own needs
        return Plain(stdin, stdout)

    class MendedAgi(AGI):
        def _quote(self, string):
            return quoted(string)

        def test_hangup(self):
            """Go on after a hang-up: variables can still be set, and are read by what runs at the end of a call."""

    return MendedAgi(stdin=stdin, stdout=stdout, stderr=Nothing())


def event(headers):
    """Return the argument of UserEvent that tells headers, escaped for the dialplan."""
    fields = ["%s: %s" % (name, re.sub(r'([\\",()\[\]])', r"\\\1", str(text))) for name, text in headers]
    return ",".join(["Centralita"] + fields)


# --- Centralita


def read_settings(path):
    """Return (url, token, ca_file or None). Raises SettingsError."""
    try:
        with open(path, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_mode & 0o077:
                raise SettingsError("others may read the settings")
            text = file.read(65536).decode("utf-8")
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(text)
        section = parser["centralita"]
        url, token = urllib.parse.urlsplit(section["url"].strip()), section["token"].strip()
        port = url.port
    except (OSError, ValueError, KeyError, configparser.Error):
        raise SettingsError("the settings cannot be read")
    if url.scheme not in ("http", "https") or not url.hostname or not re.match(r"[\x21-\x7e]+\Z", token):
        raise SettingsError("url or token cannot be used")
    return (url, port, token, section.get("ca_file"))


def ask(settings, query):
    """Return (status, answer), answer a dict or None."""
    url, port, token, ca_file = settings
    if url.scheme == "https":
        import ssl

        context = ssl.create_default_context(cafile=ca_file)
        link = http.client.HTTPSConnection(url.hostname, port, timeout=LIMIT_S, context=context)
    else:
        link = http.client.HTTPConnection(url.hostname, port, timeout=LIMIT_S)
    try:
        headers = {"Authorization": "Bearer " + token, "Accept": "application/json"}
        link.request(
            "GET", url.path.rstrip("/") + "/api/v1/lookup?" + urllib.parse.urlencode(query), headers=headers
        )
        answer = link.getresponse()
        if answer.status in (401, 403):
            return "CONFIG", None
        body = answer.read(LONGEST_ANSWER + 1)
        if answer.status != 200 or len(body) > LONGEST_ANSWER:
            return "ERROR", None
        return read_answer(body)
    finally:
        link.close()


def read_answer(body):
    """Return (status, answer) of the JSON in body."""
    answer = json.loads(body.decode("utf-8"))
    if not isinstance(answer, dict):
        return "ERROR", None
    if "CENTRALITA_CONTACT" in variables(answer):
        return "FOUND", answer
    return ("POSSIBLE" if answer.get("match") in MATCHES else "NONE"), answer


def within_limit(settings, query, started):
    """Return what ask returns, or TIMEOUT. A thread, since looking a name up has no time limit of its own."""
    found = []

    def work():
        try:
            found.append(ask(settings, query))
        except Exception:  # no answer is an answer: the call goes on
            found.append(("ERROR", None))

    thread = threading.Thread(target=work)
    thread.daemon = True
    thread.start()
    thread.join(max(0.0, LIMIT_S - (time.monotonic() - started)))
    status, answer = found[0] if found else ("TIMEOUT", None)
    is_slow = status == "ERROR" and time.monotonic() - started >= LIMIT_S
    return ("TIMEOUT", None) if is_slow else (status, answer)


def variables(answer):
    """Return {variable: text} of an answer; what does not look as it should is left out."""
    found = {}
    for variable, key, form in VARIABLES:
        value = (answer or {}).get(key)
        text = str(value).replace("-", "_") if key == "language" else str(value)
        if value is not None and not isinstance(value, bool) and form.match(text):
            found[variable] = text
    return found


# --- the call


def question(env):
    """Return what is asked: the caller's number, the number he called and, where he typed one, his id."""
    number, did = env.get("agi_callerid", ""), env.get("agi_arg_2", "") or env.get("agi_dnid", "")
    query = {"number": "" if number == "unknown" else number, "did": "" if did == "unknown" else did}
    if env.get("agi_arg_3"):
        query["id"] = env["agi_arg_3"]
    return query


def run(agi, link, started):
    """Return the status, everything else being set and told."""
    query = question(agi.env)
    try:
        settings = read_settings(os.environ.get("CENTRALITA_AGI_CONF", SETTINGS))
    except SettingsError:
        return "CONFIG"
    if link.is_hung_up:
        return "HANGUP"
    status, answer = within_limit(settings, query, started)
    found = variables(answer)
    if status in ("FOUND", "POSSIBLE"):
        told = [("Kind", "route"), ("Match", answer.get("match"))]
        told += [("Contact", found.get("CENTRALITA_CONTACT")), ("Priority", found.get("CENTRALITA_PRIORITY"))]
        attempt(agi.appexec, "UserEvent", event([(name, text) for name, text in told if text]))
    for name, text in found.items():
        attempt(agi.set_variable, name, text)
    return status


def attempt(command, *args):
    """Give a command; what Asterisk refuses does not keep the others from it."""
    try:
        command(*args)
    except GoneError:
        raise
    except Exception:
        pass


def main():
    """Answer one call. Never raises."""
    started = time.monotonic()
    link = Link(sys.stdin.buffer)
    stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="\n")
    agi, status = None, "ERROR"
    try:
        agi = _hardened(link, stdout)
        status = run(agi, link, started)
    except GoneError:
        status = "HANGUP"
    except Exception:  # whatever it is, the call goes on
        pass
    try:
        if agi is not None:
            agi.set_variable("CENTRALITA_STATUS", status)
        else:
            stdout.write('SET VARIABLE "CENTRALITA_STATUS" "%s"\n' % status)
            stdout.flush()
    except Exception:  # nobody is there to be told
        pass


if __name__ == "__main__":
    try:
        signal.signal(signal.SIGALRM, lambda number, frame: os._exit(0))
        signal.alarm(PATIENCE_S)
        main()
    finally:
        os._exit(0)
