"""`nanolab --version`, and `--help`: every command in one line, grouped by what one does with it.

Written out, not rendered, so that it appears at once. A test holds it against the commands: each
stands here once, with the first sentence of its own help.
"""

from nanolab import __version__

VERSION = f"nanolab {__version__}\n"

TEXT = """\
Usage: nanolab [--color WHEN] [--debug] COMMAND ...

rustlings for language models: rebuild nanochat in your terminal.

Begin:
  init     Make a workspace: your files, offline, from the packaged course.
  watch    Judge every save, until you quit.
  update   Bring your workspace to the course of now; your edits stay.

Work on an exercise:
  run      Judge one exercise once.
  hint     The next hint; the last one asks first.
  diff     Your file against the solution; before a pass it asks.
  show     What your code does, drawn: the demo of an exercise.
  bench    Your code against others: time and memory.
  goto     Make an exercise the current one, wherever it stands.
  skip     Pass an exercise by and go to the next.

Look something up:
  status   Where you are, and what comes next.
  list     The exercises, of the course or of one stage.
  map      All stages: passed, open, locked or still coming.
  read     The lesson of a stage.
  search   Find a term in names, titles, lessons and hints you have seen.
  where    Where everything is.

Think about it:
  reflect  Answer the questions of a stage.
  note     Keep a thought; it stands in the journal with its time.
  journal  Your log as Markdown.

Go back:
  reset    Bring an exercise back as it was shipped.
  undo     Take back the last reset, restore or update.
  history  Every version of a file that was judged.
  restore  Bring back a version of a file, as numbered by history.

For CI, for help, for keeps:
  verify   Judge many exercises; exit 0 only if every one passes.
  doctor   A report on this machine and workspace, fit to paste.
  export   Write your package as plain files that need no nanolab.
  dev      For contributors: add exercises, let the course check itself.

Anywhere on the line:
  --color WHEN          auto, always or never.
  --debug               Show the trace of an error.
  --version             Print the version.
  --install-completion  Teach your shell the names of exercises.
  -h, --help            This text; after a command, help on the command.

In a workspace, nanolab alone watches.
Example: nanolab init && cd nanolab-workspace && nanolab watch

Exit codes: 0 done or passed, 1 your code does not pass, 2 wrong usage,
3 workspace, 4 environment, 5 a bug in nanolab, 130 Ctrl-C, 141 closed pipe,
143 terminated.
"""
