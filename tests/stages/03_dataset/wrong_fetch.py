"""Wrong answers to 03_dataset/fetch."""

from nanolab.wrongs import wrong

_THERE = """    if _is_there(final):
        return True
    final"""
_AGAIN = """        if _is_there(final):
            return True
        return _persist("""
_ALONE = "with _alone(final):"
_NAME = 'if name in ("", ".", "..") or "/" in name or "\\\\" in name:'
_ATTEMPTS = "if attempts < 1:"
_LOOP = "for attempt in range(1, attempts + 1):"
_ABSENT = "except FileNotFoundError as error:"
_FAILED = "except (OSError, ValueError) as error:"
_FULL = "if isinstance(error, OSError) and error.errno in _FULL:"
_PRINT = 'print(f"{final.name}: attempt {attempt} of {attempts} failed: {error}")'
_PAUSE = "        if attempt < attempts:\n            sleep(2**attempt)\n"
_GIVE_UP = "            sleep(2**attempt)\n    return False\n"
_TEMPORARY = 'temporary = final.with_name(final.name + ".tmp")'
_OPEN = 'with temporary.open("wb") as file:'
_PIECES = "            for chunk in chunks:\n                file.write(chunk)\n"
_SIZE = "if expected_size is not None and size != expected_size:"
_CHECK = """        if check is not None:
            check(temporary)
        temporary.replace(final)
"""
_CLEAN = "        temporary.unlink(missing_ok=True)\n\n\ndef _is_there"
_COUNT = "if promised is not None and received != int(promised):"
_TOLD = 'raise OSError(f"{url}: {received} of {promised} bytes came")'
_FOLDER = "    if path.is_dir():\n"

WRONGS = [
    wrong(
        "again_and_again",
        "fetches a file that is there already",
        (_THERE, "    final"),
        (_AGAIN, "        return _persist("),
    ),
    wrong(
        "first_piece",
        "writes only the first piece of a file",
        (_PIECES, "            file.write(next(iter(chunks)))\n"),
    ),
    wrong(
        "last_piece",
        "begins the file anew with each piece",
        (
            _PIECES,
            "            for chunk in chunks:\n                file.seek(0)\n                file.truncate()\n                file.write(chunk)\n",
        ),
    ),
    wrong(
        "sleeps_at_the_end",
        "waits once more after the last attempt",
        (_PAUSE, "        sleep(2**attempt)\n"),
    ),
    wrong(
        "begins_with_one",
        "begins with a pause of one second",
        ("sleep(2**attempt)", "sleep(2 ** (attempt - 1))"),
    ),
    wrong("same_pause", "always waits for the same time", ("sleep(2**attempt)", "sleep(2)")),
    wrong(
        "linear",
        "makes the pauses longer, but does not double them",
        ("sleep(2**attempt)", "sleep(2 * attempt)"),
    ),
    wrong("no_pause", "tries again at once", (_PAUSE, "")),
    wrong(
        "one_attempt_too_few",
        "makes an attempt less than it should",
        (_LOOP, "for attempt in range(1, max(attempts, 2)):"),
    ),
    wrong(
        "one_attempt_too_many",
        "makes an attempt more than it should",
        (_LOOP, "for attempt in range(attempts + 1):"),
    ),
    wrong("silent", "does not print what went wrong", (_PRINT, "pass")),
    wrong(
        "raises",
        "raises an error when the last attempt has failed",
        (
            _GIVE_UP,
            '            sleep(2**attempt)\n    raise OSError(f"{final.name} could not be fetched")\n',
        ),
    ),
    wrong(
        "always_true",
        "says that the file is there, whatever happened",
        (_GIVE_UP, _GIVE_UP.replace("False", "True")),
    ),
    wrong(
        "in_place",
        "writes under the final name from the beginning",
        (_TEMPORARY, "temporary = final"),
        (_CHECK, "        if check is not None:\n            check(temporary)\n"),
        (_CLEAN, "        pass\n\n\ndef _is_there"),
    ),
    wrong(
        "appends",
        "goes on where an earlier attempt or crash has stopped, although the source begins anew",
        (_OPEN, 'with temporary.open("ab") as file:'),
    ),
    wrong(
        "keeps_half",
        "leaves the temporary file behind when an attempt fails",
        (_CLEAN, "        pass\n\n\ndef _is_there"),
    ),
    wrong(
        "keeps_half_on_ctrl_c",
        "leaves the temporary file behind on Ctrl-C",
        (
            "    finally:\n        # also on Ctrl-C",
            "    except Exception:\n        temporary.unlink(missing_ok=True)\n        raise\n    else:\n        # also on Ctrl-C",
        ),
    ),
    wrong(
        "leaves_tmp",
        "copies the temporary file, and leaves it there",
        ("temporary.replace(final)", "shutil.copyfile(temporary, final)"),
        (_CLEAN, "        pass\n\n\ndef _is_there"),
    ),
    wrong("any_size", "does not compare the size with the expected one", (_SIZE, "if False:")),
    wrong(
        "too_long_is_fine",
        "takes a file that is longer than expected",
        (_SIZE, _SIZE.replace("!=", "<")),
    ),
    wrong("unchecked", "does not call the check", (_CHECK, "        temporary.replace(final)\n")),
    wrong(
        "checks_too_late",
        "gives the file its name before it is checked",
        (
            _CHECK,
            "        temporary.replace(final)\n        try:\n            if check is not None:\n                check(final)\n        except ValueError:\n            final.unlink()\n            raise\n",
        ),
    ),
    wrong(
        "patient_with_404",
        "tries again for what the source does not have",
        (_ABSENT, "except UnicodeError as error:"),
    ),
    wrong(
        "patient_with_full_disk",
        "tries again when there is no room",
        (_FULL, "if False:"),
    ),
    wrong(
        "swallows_ctrl_c",
        "takes Ctrl-C for a failure of the network",
        (_FAILED, "except (Exception, KeyboardInterrupt) as error:"),
    ),
    wrong(
        "any_error",
        "takes an error of the program for one of the network",
        (_FAILED, "except Exception as error:"),
    ),
    wrong(
        "only_network",
        "does not try again when the check refuses a file",
        (_FAILED, "except OSError as error:"),
    ),
    wrong("any_name", "accepts a name that leads into another folder", (_NAME, "if not name:")),
    wrong(
        "backslash",
        "forgets that a backslash separates folders, too",
        (_NAME, _NAME.replace(' or "\\\\" in name', "")),
    ),
    wrong(
        "dots", "accepts a name of dots", (_NAME, 'if not name or "/" in name or "\\\\" in name:')
    ),
    wrong("no_attempts", "accepts that there be no attempts at all", (_ATTEMPTS, "if False:")),
    wrong(
        "folder_is_there", "takes a folder of that name for the file", (_FOLDER, "    if False:\n")
    ),
    wrong("no_lock", "does not hold the lock", (_ALONE, "with contextlib.nullcontext():")),
    wrong(
        "asks_once",
        "does not look again when it has waited for the lock",
        (_AGAIN, "        return _persist("),
    ),
    wrong("believes_the_end", "takes an early end for the end", (_COUNT, "if False:")),
    wrong(
        "always_promised",
        "fails when a server does not say how long its answer is",
        (_COUNT, "if received != int(promised or 0):"),
    ),
    wrong(
        "one_number",
        "does not say how much came, and how much should have",
        (_TOLD, 'raise OSError(f"{url}: too short")'),
    ),
]
