"""The centre says whether it runs, whether it can work, and what it counts."""

from pathlib import Path

from sqlalchemy import text

from server.models.engine import writing
from tests.server.centre import TestCentre, open_test_centre


def test_a_running_centre_is_healthy_and_says_the_time(centre: TestCentre) -> None:
    reply = centre.client.get("/api/v1/health")
    assert reply.json == {"status": "up", "server_time": "2026-11-23T02:00:00.000Z", "protocol": 1, "schema": 1}


def test_a_migrated_centre_is_ready(centre: TestCentre) -> None:
    assert centre.client.get("/api/v1/ready").json["status"] == "ready"


def test_a_centre_without_tables_is_healthy_and_not_ready(database_url: str, tmp_path: Path) -> None:
    centre = open_test_centre(database_url, tmp_path)
    replies = [centre.client.get(f"/api/v1/{path}") for path in ("health", "ready")]
    centre.centre.engine.dispose()
    assert [reply.status_code for reply in replies] == [200, 503]
    assert replies[1].json["code"] == "not_ready"


def test_a_centre_of_an_older_version_is_not_ready(centre: TestCentre) -> None:
    with writing(centre.centre.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    reply = centre.client.get("/api/v1/ready")
    assert (reply.status_code, reply.json["database"]) == (503, "0001")


def test_a_centre_whose_database_is_away_is_not_ready(tmp_path: Path) -> None:
    centre = open_test_centre("postgresql://nobody@127.0.0.1:1/nowhere?connect_timeout=1", tmp_path)
    assert centre.client.get("/api/v1/ready").status_code == 503


def test_refusals_are_counted_by_code(one_centre: TestCentre) -> None:
    def count() -> float:
        lines = one_centre.client.get("/api/v1/metrics").text.splitlines()
        found = [line for line in lines if line.startswith('husec_refusals_total{code="unauthenticated"}')]
        return float(found[0].split()[-1]) if found else 0

    before = count()
    one_centre.client.get("/api/v1/me")
    assert count() == before + 1
