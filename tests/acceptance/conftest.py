"""A served centre on each database, and the people of these tests: alice, bob, charlie, dao."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.http_phone import HttpPhone
from tests.acceptance.kit_process import COMMANDS
from tests.acceptance.office import ELSEWHERE, PHRAE, PROVINCES, Office, Province, furnish
from tests.acceptance.server_process import ServerProcess, served

SERVERS_OF = pytest.StashKey[list[ServerProcess]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("process")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Show the centre's log beside a failure."""
    report = yield
    if report.failed:
        for server in item.stash.get(SERVERS_OF, []):
            report.sections.append((f"log of {server.url}", server.log_tail()))
    return report


@pytest.fixture(scope="session")
def shared_servers() -> Iterator[dict[str, ServerProcess]]:
    """The running centres that tests of this worker share, by kind of database."""
    servers: dict[str, ServerProcess] = {}
    yield servers
    for server in servers.values():
        server.close()


@pytest.fixture(scope="session", autouse=True)
def commands() -> Iterator[None]:
    """The loaded kit from which commands are forked ends with the run."""
    yield
    COMMANDS.close()


@pytest.fixture
def new_database(database_kind: str, request: pytest.FixtureRequest) -> Callable[[], str]:
    """Give a function that makes a furnished database, which the whole run keeps."""
    source = request.getfixturevalue("sqlite_files" if database_kind == "sqlite" else "postgres_databases")
    return lambda: str(source.create(furnish))


@pytest.fixture
def shared_server(
    database_kind: str,
    new_database: Callable[[], str],
    shared_servers: dict[str, ServerProcess],
    tmp_path_factory: pytest.TempPathFactory,
) -> ServerProcess:
    if database_kind not in shared_servers:
        server = ServerProcess(new_database(), tmp_path_factory.mktemp(f"centre-{database_kind}"))
        shared_servers[database_kind] = server
        server.start()
    return shared_servers[database_kind]


@pytest.fixture
def office(shared_server: ServerProcess, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    """The shared centre. The test has a province of it to itself."""
    request.node.stash[SERVERS_OF] = [shared_server]
    office = Office(shared_server, tmp_path)
    yield office
    office.close()


@pytest.fixture
def open_office(
    new_database: Callable[[], str], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Office]]:
    """Give a function that opens a centre for this test alone, with settings or workers of its own."""
    ends: list[Callable[[], Any]] = []
    request.node.stash[SERVERS_OF] = []

    def make(**options: Any) -> Office:
        serving = served(new_database(), tmp_path / f"centre-{len(ends)}", **options)
        server = serving.__enter__()
        request.node.stash[SERVERS_OF].append(server)
        office = Office(server, tmp_path)
        ends.extend([lambda: serving.__exit__(None, None, None), office.close])
        return office

    yield make
    for end in reversed(ends):
        end()


@pytest.fixture
def own_office(open_office: Callable[..., Office]) -> Office:
    """A centre for this test alone."""
    return open_office()


@pytest.fixture
def province(database_kind: str, request: pytest.FixtureRequest) -> Province:
    """Where the test plays: Phrae, or on a shared centre a province that no other test uses."""
    if "own_office" in request.fixturenames:
        return PHRAE
    server: ServerProcess = request.getfixturevalue("shared_server")
    return next(server.kept.setdefault("provinces", iter(PROVINCES)))


@pytest.fixture
def elsewhere() -> Province:
    return ELSEWHERE


@pytest.fixture
def here(database_kind: str, request: pytest.FixtureRequest) -> Office:
    """The centre that this test uses: its own if it asks for one, else the shared one."""
    office = request.getfixturevalue("own_office" if "own_office" in request.fixturenames else "office")
    assert isinstance(office, Office)
    return office


@pytest.fixture
def alice(here: Office, province: Province) -> HttpPhone:
    """A social worker of the province."""
    return here.phone(f"social_worker@{province.scope}")


@pytest.fixture
def bob(here: Office, province: Province) -> HttpPhone:
    """Of the province's day team."""
    return here.phone(f"rru_member@team:{province.day_team}")


@pytest.fixture
def charlie(here: Office, elsewhere: Province) -> HttpPhone:
    """A social worker of another province."""
    return here.phone(f"social_worker@{elsewhere.scope}")


@pytest.fixture
def dao(here: Office, province: Province) -> HttpPhone:
    """A volunteer of one village."""
    return here.phone(f"volunteer@village:{province.village}")
