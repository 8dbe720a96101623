"""The one error type that crosses rooms."""


class FactotumError(Exception):
    """Something went wrong that a person should read about.

    ``message`` is one or two plain sentences: what happened and what was kept.
    ``fix`` says what to do. ``permanent`` is false where trying again may help;
    ``retry_after`` (seconds) says when, if the other side told us.
    ``ambiguous`` is true where the outside may have acted before it failed, so that
    the effect has to be checked before it is tried again.
    """

    def __init__(
        self,
        message: str,
        *,
        fix: str = "",
        permanent: bool = True,
        retry_after: float | None = None,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.permanent = permanent
        self.retry_after = retry_after
        self.ambiguous = ambiguous

    def sentence(self) -> str:
        """The message followed by the fix, as shown to a person."""
        return f"{self.message} {self.fix}".strip()
