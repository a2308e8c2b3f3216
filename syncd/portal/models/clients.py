"""Cabinets and their clients: trees, exercises, what an engine may see."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from syncd.core.search_folding import fold
from syncd.portal.models.folded import Folded, FoldedManager
from syncd.portal.models.ids import new_id


class Cabinet(models.Model):
    """One tenant. `epoch`, `seq`, `tag`: the head of its feed. `lease_*`: the one engine that may write (RULES 7).

    `lease_request`: the last of its writes, counted from 1; an earlier one that arrives late is refused. `deposit_number`:
    the last number given to one. `colour`, `logo`: its look. `shelves`: order and labels of top-level folders
    (clients.folder_labels). `treated`: its people tick what they have dealt with. `phone`: as access sheets print it.
    `engine_cards`: its engine may create clients, and change the card of each. `host`: the name that its people know the
    portal by, '' for the portal's own. `tasks`: of the planned tasks (models.tasks), grows with each change of one;
    `packages`: the same of orders of exchange packages (models.packages).
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    name = models.CharField(max_length=200)
    epoch = models.CharField(max_length=32, default=new_id)
    seq = models.BigIntegerField(default=0)
    tag = models.CharField(max_length=32, default=new_id)
    generation = models.BigIntegerField(default=0)
    chain_head = models.CharField(max_length=64, blank=True)
    lease_number = models.BigIntegerField(default=0)
    lease_engine = models.CharField(max_length=64, blank=True)
    lease_machine = models.CharField(max_length=200, blank=True)
    lease_instance = models.CharField(max_length=64, blank=True)
    lease_until = models.FloatField(default=0)
    lease_request = models.BigIntegerField(default=0)
    deposit_number = models.BigIntegerField(default=0)
    tasks = models.BigIntegerField(default=1, db_default=1)
    packages = models.BigIntegerField(default=1, db_default=1)
    colour = models.CharField(max_length=7, default="#14507a")
    logo = models.BinaryField(blank=True, default=b"")
    logo_type = models.CharField(max_length=20, blank=True)
    shelves = models.JSONField(default=list, blank=True)
    treated = models.BooleanField(default=False)
    phone = models.CharField(max_length=40, blank=True, default="", db_default="")
    engine_cards = models.BooleanField(default=False, db_default=False)
    host = models.CharField(max_length=255, blank=True, default="", db_default="")

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["host"], condition=~models.Q(host=""), name="host_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def logo_in_mails(self) -> bool:
        """Whoever is not signed in, as who reads a mail, sees the only cabinet's, or that of the name."""
        return bool(self.logo) and (bool(self.host) or Cabinet.objects.count() == 1)


class Client(Folded):
    """`folded`: name and code as people look for them, which gives the order of names too; `folded_place`: site, group and
    sector. `rules`: the tree as a list of core FolderRule; `tree` grows with every change of what a client's rules say.

    `site` to `kind` (its type: BNC, IS, …) and `responsible` are what portfolios and reports are cut by. `client_delete`:
    what the company may do with its documents, `allow` or `request`. `kind_of_file`, `kind_of_work`: words of
    core.client_classification, '' where nobody said. `ape_2025` to `fiscal_flags`: what its fiscal calendar follows from
    (core.fiscal_facts); `closing_day`: « 31/12 ». `engine_cards`: the cabinet's engine may change this card. `template`: name of the one its tree came from. `news_since`: when the first of the cabinet's
    documents came that the company was not told of yet. `twin`: 0, but where an installation older than the rule that
    codes differ by more than case already held two of one code.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="clients")
    code = models.CharField(max_length=40)
    twin = models.SmallIntegerField(default=0, db_default=0)
    name = models.CharField(max_length=200)
    closed = models.BooleanField(default=False)
    tree = models.IntegerField(default=1)
    rules = models.JSONField(default=list)
    template = models.CharField(max_length=100, blank=True)
    direction = models.CharField(max_length=20, default="both")
    scope = models.CharField(max_length=10, default="all")
    quota = models.BigIntegerField(default=0)
    client_delete = models.CharField(max_length=10, default="allow")
    created_at = models.DateTimeField(auto_now_add=True)
    site = models.CharField(max_length=100, blank=True)
    group = models.CharField(max_length=100, blank=True)
    sector = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=100, blank=True)
    kind_of_file = models.CharField(max_length=20, blank=True, default="", db_default="")
    kind_of_work = models.CharField(max_length=20, blank=True, default="", db_default="")
    engine_cards = models.BooleanField(default=False, db_default=False)
    responsible = models.ForeignKey("User", null=True, on_delete=models.SET_NULL, related_name="responsible_for")
    siren = models.CharField(max_length=9, blank=True)
    siret = models.CharField(max_length=14, blank=True)
    ape = models.CharField(max_length=6, blank=True)
    vat = models.CharField(max_length=20, blank=True)
    ape_2025 = models.CharField(max_length=6, blank=True, default="", db_default="")
    legal_form = models.CharField(max_length=20, blank=True, default="", db_default="")
    vat_regime = models.CharField(max_length=20, blank=True, default="", db_default="")
    profit_category = models.CharField(max_length=20, blank=True, default="", db_default="")
    profit_tax = models.CharField(max_length=20, blank=True, default="", db_default="")
    headcount = models.CharField(max_length=20, blank=True, default="", db_default="")
    closing_day = models.CharField(max_length=5, blank=True, default="", db_default="")
    department = models.CharField(max_length=3, blank=True, default="", db_default="")
    fiscal_flags = models.CharField(max_length=400, blank=True, default="", db_default="")
    address = models.CharField(max_length=500, blank=True)
    contact_name = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    news_since = models.DateTimeField(null=True, db_index=True)
    folded = models.CharField(max_length=500, blank=True, default="", db_default="")
    folded_place = models.CharField(max_length=700, blank=True, default="", db_default="")

    objects = FoldedManager["Client"]()
    FOLDED: ClassVar[frozenset[str]] = frozenset({"folded", "folded_place"})
    FOLDED_OF: ClassVar[frozenset[str]] = frozenset({"name", "code", "site", "group", "sector"})

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["cabinet", "code"], name="code_once_per_cabinet"),
            models.UniqueConstraint("cabinet", Lower("code"), "twin", name="code_once_by_case"),
        ]

    def __str__(self) -> str:
        return f"{self.code} - {self.name}"

    def folds(self) -> dict[str, str]:
        place = (self.site, self.group, self.sector)
        return {"folded": fold(f"{self.name}\n{self.code}"), "folded_place": fold("\n".join(filter(None, place)))}


class Exercise(models.Model):
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="exercises")
    label = models.CharField(max_length=40)
    start = models.DateField()
    end = models.DateField()
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "label"], name="label_once_per_client")]  # noqa: RUF012


class EngineRight(models.Model):
    """A folder, with all below, that the cabinet's engine may not see. No row: it may."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="withheld")
    key = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="withheld_once")]  # noqa: RUF012


class OwnTemplate(models.Model):
    """A tree that a cabinet gives to its clients, kept from one of them. `name`: what sheets and clients call it; `rules`: as
    a client's."""

    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(max_length=100)
    title = models.CharField(max_length=100)
    rules = models.JSONField(default=list)
    client_delete = models.CharField(max_length=10, default="allow")
    by = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cabinet", "name"], name="template_once")]  # noqa: RUF012
