"""Rows of the rules that must hold on every disk and system a mirror may lie on, told with the verbs of `World`.

`basic` and `extra` fill `ROWS`. Whoever has another disk, or another system, makes a World of their own (`on_disk` has one)
and tells every row in it; `python -m tests.rows DIR` does so for a directory. A row fails by raising; what it returns is the
weaker rule that held instead ("" when the rule itself did).
"""
