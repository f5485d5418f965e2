"""What the apps' admins share, and core's own rows in the admin."""

from functools import partial

from celery import current_app
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django_celery_beat.admin import ClockedScheduleAdmin as BeatClockedScheduleAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BeatPeriodicTaskAdmin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from core.events import call_on_commit
from core.models import ParkedTask, StreamEvent, StreamHead

# Their lists name rows only, and the form of a periodic task runs inline script, which our policy forbids.
admin.site.unregister((PeriodicTask, IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule))


class ReadOnly:
    """Mixed into an admin page or an inline whose rows only services write: there to look at, not to change."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(StreamHead)
class StreamHeadAdmin(ReadOnly, admin.ModelAdmin[StreamHead]):
    """Where each stream stands."""

    list_display = ("stream", "seq", "epoch", "organisation")
    list_filter = ("organisation",)
    search_fields = ("stream",)
    list_select_related = ("organisation",)


@admin.register(StreamEvent)
class StreamEventAdmin(ReadOnly, admin.ModelAdmin[StreamEvent]):
    """What sockets were told in the last days."""

    list_display = ("at", "stream", "seq", "name", "organisation")
    list_filter = ("name", "organisation")
    search_fields = ("stream",)
    list_select_related = ("organisation",)
    show_full_result_count = False


@admin.register(ParkedTask)
class ParkedTaskAdmin(ReadOnly, admin.ModelAdmin[ParkedTask]):
    """Tasks that took their worker down again and again. Send one again once its cause is mended."""

    list_display = ("parked_at", "task", "task_id")
    list_filter = ("task",)
    search_fields = ("task", "task_id")
    date_hierarchy = "parked_at"
    actions = ("send_again",)

    @admin.action(description="Send the selected tasks again")
    def send_again(self, request: HttpRequest, queryset: QuerySet[ParkedTask]) -> None:
        """Put the tasks back into their queue, under new ids, and forget that they were parked."""
        parked = list(queryset)
        for task in parked:
            call_on_commit(partial(current_app.send_task, task.task, args=task.arguments, kwargs=task.named))
        queryset.delete()
        self.message_user(request, f"{len(parked)} sent again.", messages.SUCCESS)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BeatPeriodicTaskAdmin):  # type: ignore[misc]
    """What beat rings. Rows that say so come from the code, anew whenever beat starts; switched off stays off."""

    change_form_template = "admin/change_form.html"
    list_select_related = ("interval", "crontab", "solar", "clocked")


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(admin.ModelAdmin[IntervalSchedule]):
    """Every so often."""

    list_display = ("id", "every", "period")
    list_filter = ("period",)


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(admin.ModelAdmin[CrontabSchedule]):
    """By the clock and the calendar."""

    list_display = ("id", "human_readable", "minute", "hour", "day_of_week", "day_of_month", "month_of_year")
    list_filter = ("timezone",)


@admin.register(SolarSchedule)
class SolarScheduleAdmin(admin.ModelAdmin[SolarSchedule]):
    """By the sun."""

    list_display = ("id", "event", "latitude", "longitude")
    list_filter = ("event",)


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(BeatClockedScheduleAdmin):  # type: ignore[misc]
    """Once."""

    list_display = ("id", "clocked_time")
    date_hierarchy = "clocked_time"
