"""Which places callers may name."""

from pathlib import Path

import pytest

from gateway.locations import canonical, require_allowed
from gateway.settings import GatewaySettings
from shared.problems import Forbidden, InvalidInput

SETTINGS = GatewaySettings(batch_locations=" s3://calls/in/ ,s3://all-of-it, /srv/calls/,")
ALLOWED = SETTINGS.allowed_locations("batch_locations")


@pytest.mark.parametrize(
    ("told", "location"),
    [
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/", "s3://bucket"),
        ("s3://bucket//a/b/", "s3://bucket/a/b"),
        ("/srv/calls", "/srv/calls"),
        ("//srv/calls//", "/srv/calls"),
    ],
)
def test_each_place_has_one_spelling(told: str, location: str) -> None:
    assert canonical(told) == canonical(location) == location


@pytest.mark.parametrize(
    "told",
    [
        *(
            "",
            " ",
            "calls",
            "./calls",
            "~/calls",
            "/",
            "//",
            "/srv/../etc",
            "/srv/./calls",
            "/srv//calls",
            "/srv/..",
            "/..",
        ),
        *("/srv/calls\0", "/srv/calls\n", "/srv/%2e%2e/etc", "/srv/\uff0e\uff0e/etc", "/srv\\..\\etc", "/srv/\ud800"),
        *("s3://", "s3:///calls", "s3://b", "s3://bucket/../another", "s3://bucket/a//b", "s3://bucket/%2e%2e/a"),
        *(
            "s3://key:secret@bucket",
            "s3://bucket?a=b",
            "S3://bucket",
            "file:///srv/calls",
            "http://bucket",
            "/" + "a" * 2000,
        ),
    ],
)
def test_what_is_no_place(told: str) -> None:
    with pytest.raises(InvalidInput):
        canonical(told)


@pytest.mark.parametrize(
    "location",
    ["s3://calls/in", "s3://calls/in/a/b", "s3://all-of-it", "s3://all-of-it/a", "/srv/calls", "/srv/calls/a"],
)
def test_what_is_allowed(location: str) -> None:
    assert require_allowed(location, ALLOWED) == location


@pytest.mark.parametrize(
    "location",
    [
        *("s3://calls", "s3://calls/input", "s3://calls/i", "s3://all-of-it-too", "s3://all-of-i", "s3://another"),
        *("/srv", "/srv/calls-of-others", "/srv/call", "/srv/Calls", "/etc"),
    ],
)
def test_what_is_not(location: str) -> None:
    with pytest.raises(Forbidden):
        require_allowed(location, ALLOWED)


def test_no_link_leads_out(tmp_path: Path) -> None:
    allowed, outside = tmp_path / "allowed", tmp_path / "outside"
    for folder in (allowed / "inside", outside):
        folder.mkdir(parents=True)
    (allowed / "out").symlink_to(outside)
    (allowed / "round").symlink_to(allowed / "round")
    (tmp_path / "named").symlink_to(allowed)
    really = str(allowed / "inside")
    assert require_allowed(f"{allowed}/inside", [str(tmp_path / "named")]) == really
    assert require_allowed(f"{tmp_path}/named/inside", [str(allowed)]) == really
    require_allowed(f"{allowed}/round", [str(allowed)])
    for location in (f"{allowed}/out", f"{allowed}/out/deeper", f"{tmp_path}/named/out"):
        with pytest.raises(Forbidden):
            require_allowed(location, [str(allowed)])


@pytest.mark.parametrize("told", ["calls", "s3://bucket,calls", "/srv/../etc"])
def test_a_setting_that_names_no_place(told: str) -> None:
    with pytest.raises(ValueError, match="batch_locations"):
        GatewaySettings(batch_locations=told)
