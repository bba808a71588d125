"""Objects in places that the operator allows."""

from pathlib import Path

import pytest

from gateway.places import place_at, require_place
from gateway.settings import GatewaySettings
from shared.problems import Forbidden, InvalidInput


def test_each_use_has_a_setting_of_its_own(tmp_path: Path) -> None:
    settings = GatewaySettings(media_locations=f"{tmp_path}/in", output_locations=f"{tmp_path}/out,s3://bucket/a")
    place = place_at(f"{tmp_path}/out/deep/b.json", settings, "output_locations")
    place.objects.put(place.key, b"{}")
    assert Path(place.address.removeprefix("file://")) == tmp_path / "out" / "deep" / "b.json"
    assert Path(tmp_path, "out", "deep", "b.json").read_bytes() == b"{}"
    assert require_place("s3://bucket/a/b.json", settings, "output_locations") == "s3://bucket/a/b.json"
    for location in (f"{tmp_path}/out/b.json", "s3://bucket/a/b.json"):
        with pytest.raises(Forbidden, match="operator says where"):
            require_place(location, settings, "media_locations")


def test_without_the_setting_its_name_is_told() -> None:
    with pytest.raises(Forbidden, match="TIMBRE_OUTPUT_LOCATIONS"):
        require_place("s3://bucket/a", GatewaySettings(media_locations="s3://bucket"), "output_locations")


@pytest.mark.parametrize("location", ["s3://bucket", "s3://bucket/", "s3://bucket/../other/a", "a.wav", ""])
def test_what_names_no_object(location: str) -> None:
    with pytest.raises(InvalidInput):
        require_place(location, GatewaySettings(media_locations="s3://bucket"), "media_locations")
