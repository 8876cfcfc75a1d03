"""The contributor's commands: `nanolab dev check` (proof.py) and `nanolab dev new` (scaffold.py).

A rule about the course is one small generator of findings; `proof.py` lists them all, and beside
them stand the subjects: files, pairs of stub and solution, imports, texts, checks, style, leaks,
and trials, for which the exercise is run.
"""
