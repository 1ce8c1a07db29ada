"""What all tests share: the real test data, where it is there, and one finished run of the demo."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("taojin", deadline=None)  # the first call compiles, machines are shared
settings.load_profile("taojin")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"no real test data at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the bundled demo in this process, without Dask."""
    from taojin.pipeline import recipe
    from taojin.pipeline.curate import Where, curate

    run = tmp_path_factory.mktemp("demo") / "run"
    curate(recipe.load(None), Where(run))
    return run
