"""Turns the bundled spec into the package's generated code.

`document` reads the spec, `classes` decides which Python class stands for which schema, `models`, `resources` and
`catalogue` derive what the templates in `generator-templates/` lay out, `project` renders them, `files` formats,
compares and writes.
"""
