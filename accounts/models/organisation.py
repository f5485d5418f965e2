"""The tenant."""

from django.db import models

from core.ids import new_id


class Organisation(models.Model):
    """A trading desk: everything it owns is invisible to every other organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True, help_text="Names it in the X-Organisation header.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
