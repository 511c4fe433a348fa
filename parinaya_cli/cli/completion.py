"""``parinaya completion``: what a shell needs to complete commands, slugs and refs."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result

app = single()


@verb(
    app,
    "completion",
    examples=[
        "parinaya completion bash > ~/.local/share/bash-completion/completions/parinaya",
        "parinaya completion zsh > ~/.zfunc/_parinaya",
        "parinaya completion fish > ~/.config/fish/completions/parinaya.fish",
    ],
)
def completion(
    call: Call,  # noqa: ARG001 (every command is handed its call)
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="The shell.")],
) -> Result:
    """Print the script that teaches a shell to complete parinaya's commands, slugs and refs.

    The option --install-completion of parinaya puts it in place for the shell you are in. Slugs and refs are those of a
    small file beside the settings, which commands renew as they run; no server is asked. For zsh the folder must be in
    fpath.
    """
    from typer._completion_shared import get_completion_script

    script = get_completion_script(prog_name="parinaya", complete_var="_PARINAYA_COMPLETE", shell=shell)
    return Result({"shell": shell, "script": script}, script, essential=True)
