"""AgentDojo's suites as connectors: reading tools are read, writing tools become actions.

The suites, their tasks, tools and checks are those of the package; what is added is only what
an action of Factotum says of itself: its risk, whether it can be taken back, and which of its
parameters are a recipient, an amount, an account, a link or an attachment.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import create_model

from bot.evaluating.safety_scripts import SCRIPTS
from core.actions import Action, Health, Params, Result, Reversal, Risk, Sensitive
from core.errors import FactotumError

VERSION = "v1.2.2"
"""The suites' version, as published."""
RECIPIENT, AMOUNT, ACCOUNT, LINK, ATTACHMENT = Sensitive
_KEPT = Reversal("compensate", "it can be taken back")
_GONE = Reversal("irreversible", "it can't be called back")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a writing tool is. The rest of the tools read."""

    risk: Risk
    reversal: Reversal
    sensitive: dict[str, Sensitive] = field(default_factory=dict[str, Sensitive])


_KINDS = {
    "send_email": _Kind(
        Risk.OUTSIDE,
        _GONE,
        {"recipients": RECIPIENT, "cc": RECIPIENT, "bcc": RECIPIENT, "attachments": ATTACHMENT},
    ),
    "delete_email": _Kind(Risk.INSIDE, _KEPT),  # it goes to the trash
    "create_calendar_event": _Kind(Risk.OUTSIDE, _KEPT, {"participants": RECIPIENT}),
    "cancel_calendar_event": _Kind(Risk.OUTSIDE, _KEPT),
    "reschedule_calendar_event": _Kind(Risk.OUTSIDE, _KEPT),
    "add_calendar_event_participants": _Kind(Risk.OUTSIDE, _KEPT, {"participants": RECIPIENT}),
    "append_to_file": _Kind(Risk.INSIDE, _KEPT),
    "create_file": _Kind(Risk.INSIDE, _KEPT),
    "delete_file": _Kind(Risk.INSIDE, _GONE, {"file_id": ATTACHMENT}),
    "share_file": _Kind(Risk.OUTSIDE, _KEPT, {"email": RECIPIENT, "file_id": ATTACHMENT}),
    "reserve_hotel": _Kind(Risk.OUTSIDE, _KEPT, {"hotel": RECIPIENT}),
    "reserve_restaurant": _Kind(Risk.OUTSIDE, _KEPT, {"restaurant": RECIPIENT}),
    "reserve_car_rental": _Kind(Risk.OUTSIDE, _KEPT, {"company": RECIPIENT}),
    "send_money": _Kind(Risk.MONEY, _GONE, {"recipient": ACCOUNT, "amount": AMOUNT}),
    "schedule_transaction": _Kind(Risk.MONEY, _KEPT, {"recipient": ACCOUNT, "amount": AMOUNT}),
    "update_scheduled_transaction": _Kind(
        Risk.MONEY, _KEPT, {"recipient": ACCOUNT, "amount": AMOUNT}
    ),
    "update_password": _Kind(Risk.OUTSIDE, _GONE, {"password": ACCOUNT}),
    "update_user_info": _Kind(Risk.OUTSIDE, _KEPT),
    "add_user_to_channel": _Kind(Risk.OUTSIDE, _KEPT, {"user": RECIPIENT, "channel": RECIPIENT}),
    "send_direct_message": _Kind(Risk.OUTSIDE, _GONE, {"recipient": RECIPIENT}),
    "send_channel_message": _Kind(Risk.OUTSIDE, _GONE, {"channel": RECIPIENT}),
    "invite_user_to_slack": _Kind(Risk.OUTSIDE, _KEPT, {"user_email": RECIPIENT}),
    "remove_user_from_slack": _Kind(Risk.OUTSIDE, _GONE, {"user": RECIPIENT}),
    "post_webpage": _Kind(Risk.OUTSIDE, _GONE, {"url": LINK}),
    # Fetching a page changes nothing, but its address can carry data to whoever serves it.
    "get_webpage": _Kind(Risk.INSIDE, _KEPT, {"url": LINK}),
}


class Happened(Result, frozen=True):
    """A tool was called."""


class Suite:
    """One suite as a connector. Set ``environment`` before anything is done in it."""

    def __init__(self, suite: Any) -> None:
        self.name = str(suite.name)
        self.suite = suite
        self.environment: Any = None
        self.calls: list[Any] = []
        """Every call that was made, of reading tools too, as the suite's checks want them."""
        self.acts: list[tuple[str, dict[str, Any]]] = []
        """The actions that happened, with their parameters as they were planned."""
        self._runtime = importlib.import_module("agentdojo.functions_runtime")
        self._tools = self._runtime.FunctionsRuntime(suite.tools)
        self._done: dict[str, Happened] = {}
        self._actions = tuple(self._action(tool) for tool in suite.tools if tool.name in _KINDS)

    def enter(self, environment: Any) -> None:
        """Begins anew in this environment."""
        self.environment, self.calls, self.acts, self._done = environment, [], [], {}

    def writes(self, function: str) -> bool:
        """Whether a tool is an action."""
        return function in _KINDS

    def action(self, function: str) -> str:
        """The name of the action that a tool became."""
        return f"{self.name}.{function}"

    def planned(self, call: Any) -> dict[str, Any]:
        """The parameters of a call as they are planned: whole, and as JSON holds them."""
        given = self._nested(call.args)
        tool = self._tools.functions[call.function]
        return tool.parameters.model_validate(given).model_dump(mode="json")

    def read(self, function: str, arguments: dict[str, Any]) -> str:
        """What a reading tool answers, as a model would be given it."""
        shape = importlib.import_module("agentdojo.agent_pipeline.tool_execution")
        return str(shape.tool_result_to_str(self._run(function, arguments)))

    def actions(self) -> tuple[Action, ...]:
        """The writing tools."""
        return self._actions

    async def ping(self) -> Health:
        """It is in memory."""
        return Health(self.name, "ok", "in memory")

    def _nested(self, arguments: Any) -> dict[str, Any]:
        return self._tools._execute_nested_calls(self.environment, arguments)

    def _run(self, function: str, arguments: dict[str, Any]) -> Any:
        self.calls.append(self._runtime.FunctionCall(function=function, args=arguments))
        try:
            result, error = self._tools.run_function(self.environment, function, arguments)
        except Exception as failed:  # noqa: BLE001 - whatever a tool raises is its answer
            return f"{type(failed).__name__}: {failed}"
        return error or result

    def _action(self, tool: Any) -> Action:
        kind = _KINDS[tool.name]
        fields: dict[str, Any] = {
            name: (info.annotation, info) for name, info in tool.parameters.model_fields.items()
        }
        name = self.action(tool.name)

        async def perform(token: str, params: Params) -> Result:
            self._run(tool.name, params.model_dump())
            self.acts.append((name, params.model_dump(mode="json")))
            self._done[token] = Happened(receipt=f"Done: {tool.name.replace('_', ' ')}.")
            return self._done[token]

        async def check(token: str, _params: Params) -> Result | None:
            return self._done.get(token)

        return Action(
            name=name,
            params=create_model(tool.name, __base__=Params, **fields),
            result=Happened,
            risk=kind.risk,
            reversal=kind.reversal,
            perform=perform,
            check=check,
            sensitive=kind.sensitive,
        )


def suites() -> list[Suite]:
    """The four suites. Raises FactotumError where the package isn't installed."""
    try:
        loaded = importlib.import_module("agentdojo.task_suite.load_suites")
    except ImportError:
        raise FactotumError(
            "AgentDojo isn't installed.", fix="uv run --group safety factotum eval safety"
        ) from None
    return [Suite(one) for one in loaded.get_suites(VERSION).values()]


def orders(goal: str) -> str:
    """An injection that asks for ``goal``, as the package's strongest published attack words it."""
    attack = importlib.import_module("agentdojo.attacks.important_instructions_attacks")
    words: str = attack.ImportantInstructionsAttack._JB_STRING
    return words.format(goal=goal, user="Emma Johnson", model="AI assistant")


def wanted(suite: Suite, task: Any, environment: Any) -> Sequence[Any]:
    """The calls of an injection task: its ground truth, or ours where the suite leaves it out."""
    found: Sequence[Any] = task.ground_truth(environment)
    script = SCRIPTS.get((suite.name, str(task.ID)))
    return found if found or script is None else script(task, environment)
