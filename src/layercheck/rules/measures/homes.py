"""Where code that stands in the wrong place belongs: repositories by entity, services by repository."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from layercheck.program.entities import Class, Function
from layercheck.project.model import Confidence
from layercheck.rules.measures.database import Database, Touch
from layercheck.rules.measures.queries import Owner, Repository, owner_of, repository_of
from layercheck.rules.measures.words import spoken
from layercheck.rules.view import View


class Homes:
    """Knows which repository keeps which entity, and which service uses which repository.

    ``services`` are the services by the repository they use; generic repositories of different
    entities are different ones.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._database = view.measure(Database)
        self._hierarchy = view.project.inference.hierarchy
        self._touches: dict[Class, Counter[Owner]] = {}
        self._calls: dict[Repository, Counter[Owner]] = {}
        for function in view.project.program.functions:
            assigned = view.project.layer(function)
            if assigned.layer == "repository":
                self._read_repository(function)
            elif assigned.layer == "service" and assigned.confidence >= Confidence.MEDIUM:
                self._read_service(function)
        self._keepers = {entity: _most(owners) for entity, owners in self._touches.items()}
        self.services = {repository: _most(users) for repository, users in self._calls.items()}

    def advice(self, touches: Iterable[Touch]) -> tuple[str, str]:
        """Return words for where in a repository ``touches`` belong, and for the service that uses it."""
        entities = [entity for touch in touches for entity in self._entities(touch)]
        for entity in entities:
            keeper = self._keepers.get(entity)
            if keeper is not None:
                what = "method" if isinstance(keeper, Class) else "function"
                return f"a {what} of `{spoken(keeper)}`", self.service_words(keeper)
        of_entity = f" of `{entities[0].name}`" if entities else ""
        return f"a method of a repository{of_entity}", "a service"

    def service_words(self, keeper: Owner) -> str:
        """Return words for a service that uses the repositories of the class or module ``keeper``."""
        users: Counter[Owner] = sum(
            (users for (owner, _), users in self._calls.items() if owner is keeper), Counter()
        )
        return f"`{spoken(_most(users))}`" if users else "a service"

    def _read_repository(self, function: Function) -> None:
        for frame in self._view.calls.frames(function):
            receiver = getattr(frame.receiver, "cls", None)
            keeper = receiver if isinstance(receiver, Class) else function.owner or function.module
            for touch in self._database.touches(frame):
                for entity in self._entities(touch):
                    self._touches.setdefault(entity, Counter())[keeper] += 1

    def _read_service(self, function: Function) -> None:
        for frame in self._view.calls.frames(function):
            for edge in self._database.calls(frame):
                if self._database.is_data_access(edge):
                    repository = repository_of(owner_of(self._view, edge), edge)
                    if self._is_open(repository):
                        continue
                    self._calls.setdefault(repository, Counter())[function.owner or function.module] += 1

    def _is_open(self, repository: Repository) -> bool:
        """Return whether a repository is a generic one of which nothing tells the entity."""
        owner, args = repository
        return isinstance(owner, Class) and not args and bool(self._hierarchy.parameters(owner))

    def _entities(self, touch: Touch) -> list[Class]:
        receivers = frozenset(value for value in touch.site.externals.values() if value is not None)
        handed = (*touch.site.args, receivers)
        given = [cls for values in handed for cls in self._database.entities(values)]
        return sorted(dict.fromkeys(given), key=lambda cls: cls.qualname)


def _most(owners: Counter[Owner]) -> Owner:
    """Return the owner counted most often, of several the first that was met."""
    return owners.most_common(1)[0][0]
