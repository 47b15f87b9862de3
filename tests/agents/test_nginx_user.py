# SPDX-License-Identifier: GPL-2.0-or-later
"""The nginx agent as another user than root: it cannot see what runs, and says so."""

import nginxlab
import pytest
from netlab import Result

NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


@pytest.fixture(name="box")
def fixture_box(agents):
    """Namespaces of their own with a real nginx."""
    made = nginxlab.Box(agents)
    yield made
    made.close()


@pytest.mark.parametrize("action", ["start", "monitor", "stop"])
def test_other_user_is_refused(box, action):
    """Neither "not running" nor "stopped" while the server runs."""
    params = {"configfile": box.config()}
    assert box.call("start", params).code == 0
    done = Result(box.run(*NOBODY, box.agent.program, action, check=False,
                                   env=box.environment(params)))
    assert done.code == 4 and "run this as root" in done.reason
    assert box.call("monitor", params).code == 0
    assert box.call("stop", params).code == 0
