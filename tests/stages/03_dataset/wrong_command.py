"""Wrong answers to 03_dataset/command."""

from nanolab.wrongs import wrong

_ASKED = "if options.all == (options.num_files is not None):"
_RANGE = "if not 0 <= options.num_files <= count:"
_ALL = "options.num_files = count"
_WORKERS = "if options.num_workers < 1:"
_BRING = "bring = partial(fetch, dest_dir=data_dir, opener=opener, check=describe)"
_THERE = "there = list(pool.map(bring, names))"
_CAME = "return [name for name, came in zip(names, there, strict=True) if not came]"
_NEWS = 'return [one for one in verify(data_dir, manifest) if one.kind != "extra"]'
_OPTIONS = "options = parse(argv)"
_WHERE = 'data_dir = artifact("base_data") if options.data_dir is None else options.data_dir'
_NAMES = "names = [index_to_filename(i) for i in range(options.num_files)]"
_EARLIER = "earlier = load_manifest(path) if path.exists() else None"
_CHANGED = "changed = changed_since(earlier, data_dir) if earlier else []"
_SAVE = """        if not problems:
            manifest = build_manifest(data_dir)
            save_manifest(manifest, path)
"""
_CAUGHT = "except (OSError, ValueError) as error:"
_ERROR = 'print(f"error: {one.name}: {one.kind}", file=sys.stderr)'
_FAILED = "        return 1\n    print("
_TABLE = 'print("\\n".join(report(manifest, earlier)))'

WRONGS = [
    wrong(
        "minus_one_is_all",
        "takes -n -1 for all shards",
        (_RANGE, f"if options.num_files == -1:\n        {_ALL}\n    {_RANGE}"),
        (
            "    if options.all:\n        options.num_files = count\n",
            "    if options.all:\n        options.num_files = -1\n",
        ),
    ),
    wrong(
        "nothing_is_all",
        "fetches all shards when it is not told how many",
        (
            _ASKED,
            "options.all |= options.num_files is None\n    if options.all and options.num_files is not None:",
        ),
    ),
    wrong(
        "both",
        "takes --all together with -n",
        (_ASKED, "if not options.all and options.num_files is None:"),
    ),
    wrong("too_many", "accepts more shards than there are", (_RANGE, "if options.num_files < 0:")),
    wrong(
        "forgets_the_first",
        "takes the number of the last shard for how many there are",
        (_ALL, "options.num_files = count - 1"),
    ),
    wrong("no_workers", "accepts that there be no workers", (_WORKERS, "if False:")),
    wrong(
        "one_too_many",
        "fetches a shard more than it was asked for",
        (_NAMES, _NAMES.replace("range(options.num_files)", "range(options.num_files + 1)")),
    ),
    wrong(
        "from_one",
        "counts shards from 1",
        (_NAMES, _NAMES.replace("range(options.num_files)", "range(1, options.num_files + 1)")),
    ),
    wrong(
        "elsewhere",
        "does not look at --data-dir",
        (_WHERE, 'data_dir = artifact("base_data")'),
    ),
    wrong(
        "makes_both",
        "makes the default folder although another one is given",
        (_WHERE, f'artifact("base_data").mkdir(exist_ok=True)\n    {_WHERE}'),
    ),
    wrong(
        "no_default",
        "goes to the current folder without --data-dir",
        (_WHERE, 'data_dir = options.data_dir or Path("base_data")'),
    ),
    wrong("no_manifest", "writes no manifest", ("            save_manifest(manifest, path)\n", "")),
    wrong("no_table", "prints no table", (_TABLE, "report(manifest, earlier)")),
    wrong(
        "code_of_success",
        "gives True for success, which is the exit code 1",
        ("    return 0\n\n\ndef _read_file", "    return True\n\n\ndef _read_file"),
    ),
    wrong(
        "always_zero",
        "gives the exit code 0 although shards are missing",
        (_FAILED, "        return 0\n    print("),
    ),
    wrong("unnamed", "does not name the shards that are wrong", (_ERROR, "pass")),
    wrong(
        "to_stdout", "prints problems to stdout", (_ERROR, _ERROR.replace(", file=sys.stderr", ""))
    ),
    wrong(
        "all_or_none",
        "names all shards when one did not come",
        (_CAME, "return [] if all(there) else list(names)"),
    ),
    wrong(
        "names_the_others",
        "gives the names of those that came",
        (_CAME, _CAME.replace("if not came", "if came")),
    ),
    wrong("nobody_missing", "forgets which shards did not come", (_CAME, "return []")),
    wrong(
        "manifest_anyway",
        "writes a manifest although shards are missing",
        (
            _SAVE,
            "        manifest = build_manifest(data_dir)\n        save_manifest(manifest, path)\n",
        ),
    ),
    wrong(
        "fetches_again",
        "fetches everything again",
        (
            _THERE,
            f"for name in names:\n            (data_dir / name).unlink(missing_ok=True)\n        {_THERE}",
        ),
    ),
    wrong(
        "forgets_manifest",
        "does not look at the manifest of an earlier run",
        (_EARLIER, "earlier = None"),
    ),
    wrong(
        "new_manifest_first",
        "makes the new manifest before it looks at the old one",
        (
            _CHANGED,
            f"save_manifest(build_manifest(data_dir), path)\n        earlier = load_manifest(path)\n        {_CHANGED}",
        ),
    ),
    wrong(
        "extra_is_wrong",
        "takes a new shard for a problem",
        (_NEWS, "return verify(data_dir, manifest)"),
    ),
    wrong(
        "unchecked",
        "does not look at a file before it gets its name",
        (_BRING, _BRING.replace(", check=describe", "")),
    ),
    wrong(
        "goes_on",
        "begins all other downloads although there is no room for the first",
        (
            _THERE,
            "waiting = [pool.submit(bring, name) for name in names]\n        there = [one.result() for one in waiting]",
        ),
    ),
    wrong(
        "lets_errors_through",
        "ends with a traceback when a file is damaged",
        (_CAUGHT, "except ZeroDivisionError as error:"),
    ),
    wrong(
        "ignores_argv",
        "reads the arguments of the process, whatever it is given",
        (_OPTIONS, "options = parse()"),
    ),
]
