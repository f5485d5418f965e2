"""Writing a strategy of the organisation's own."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.errors import Conflict
from trading.strategies.models import StrategyCode
from trading.strategies.sandbox import CodeFault
from trading.strategies.sandbox.rules import LARGEST_SOURCE
from trading.strategies.selectors.catalogue import OWN, code_get, code_version, code_versions
from trading.strategies.services.code import (
    StrategyRefused,
    code_check,
    code_create,
    code_delete,
    code_update,
)

EXAMPLE = '''"""Say in a line what it does."""

from trading.strategies.domain import Bar, Context, Doc, Kind, Setup, Strategy
from trading.strategies.domain import crossed_above, crossed_below, integer


class MyStrategy(Strategy):
    key = "my_strategy"
    title = "My strategy"
    kind = Kind.TREND
    doc = Doc(
        idea="Why it should earn anything.",
        rules="When it enters, when it leaves.",
        fails_when="The market in which it loses.",
    )
    fast = integer("Fast", 20, minimum=2, maximum=200)
    slow = integer("Slow", 50, minimum=3, maximum=500)

    def conflict(self) -> str | None:
        return None if self.fast < self.slow else "Fast must be less than slow."

    def setup(self, setup: Setup) -> None:
        self.quick = setup.indicator("ema", period=self.fast)
        self.calm = setup.indicator("ema", period=self.slow)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if crossed_above(self.quick, self.calm):
            ctx.target(share=0.95)
        elif crossed_below(self.quick, self.calm):
            ctx.close()
'''


class _EditorPage(TenantPageMixin, View):
    permission_required: ClassVar[Permission] = Permission.MANAGE_STRATEGY_CODE

    def editor(
        self,
        request: HttpRequest,
        *,
        source: str,
        note: str = "",
        code: StrategyCode | None = None,
        faults: tuple[CodeFault, ...] = (),
        **more: Any,
    ) -> HttpResponse:
        """The editor with a text and what is wrong with it."""
        context: dict[str, Any] = {
            "source": source,
            "note": note,
            "code": code,
            "key": f"{OWN}{code.key}" if code else "",
            "versions": code_versions(code) if code else [],
            "faults": faults,
            "largest": LARGEST_SOURCE,
            **more,
        }
        return render(request, "strategies/code.html", context, status=422 if faults else 200)

    def text(self, request: HttpRequest) -> str:
        """As it was typed; browsers send lines with a carriage return."""
        return request.POST.get("source", "").replace("\r\n", "\n")


class NewView(_EditorPage):
    """A new strategy."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The editor with an example that runs."""
        return self.editor(request, source=EXAMPLE)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check it, or check and keep it."""
        source, note = self.text(request), request.POST.get("note", "")[:200]
        try:
            if "check" in request.POST:
                found = code_check(actor=self.actor, source=source)
                return self.editor(request, source=source, note=note, sound=found)
            code = code_create(actor=self.actor, source=source, note=note)
        except StrategyRefused as refusal:
            return self.editor(request, source=source, note=note, faults=refusal.faults)
        except Conflict as refusal:
            return self.editor(request, source=source, note=note, faults=(CodeFault(None, refusal.detail),))
        messages.success(request, f"“{code.title}” is in the catalogue.")
        return redirect("strategies:code", code_id=code.pk)


class EditView(_EditorPage):
    """The text of one."""

    def get(self, request: HttpRequest, code_id: UUID) -> HttpResponse:
        """The version in use, or the one that is asked for, to be looked at or saved again."""
        code = code_get(self.actor, code_id)
        wanted = request.GET.get("version", "")
        number = int(wanted) if wanted.isdecimal() and len(wanted) < 9 else None
        shown = code_version(code, number)
        return self.editor(request, source=shown.source, code=code, shown=shown.number)

    def post(self, request: HttpRequest, code_id: UUID) -> HttpResponse:
        """Check it, or check and keep it as the next version."""
        code = code_get(self.actor, code_id)
        source, note = self.text(request), request.POST.get("note", "")[:200]
        read = request.POST.get("version", "")
        version = int(read) if read.isdecimal() and len(read) < 9 else None
        faults: tuple[CodeFault, ...] = ()
        try:
            if "check" in request.POST:
                found = code_check(actor=self.actor, source=source)
                return self.editor(request, source=source, note=note, code=code, sound=found, shown=version)
            saved = code_update(actor=self.actor, code_id=code_id, source=source, note=note, version=version)
        except StrategyRefused as refusal:
            faults = refusal.faults
        except Conflict as refusal:
            faults = (CodeFault(None, refusal.detail),)
        if faults:
            return self.editor(request, source=source, note=note, code=code, faults=faults, shown=version)
        messages.success(request, f"Saved as version {saved.version}.")
        return redirect("strategies:code", code_id=code_id)


class DeleteView(_EditorPage):
    """Deleting one."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code_id: UUID) -> HttpResponse:
        """Delete it with all versions."""
        code = code_get(self.actor, code_id)
        try:
            code_delete(actor=self.actor, code_id=code_id)
        except Conflict as refusal:
            messages.error(request, refusal.detail)
            return redirect("strategies:code", code_id=code_id)
        messages.success(request, f"“{code.title}” is deleted.")
        return redirect("strategies:catalogue")
