# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of MySQL and NFS as CIB XML, as crm script and as pcs script: all three make the same cluster, and Pacemaker's
own checker has nothing to say. No cluster runs; the agents are those that were staged."""

import os
import pathlib
import subprocess
import sys

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests" / "lab"))

from haopslab.forms import meaning  # noqa: E402

AGENTS = pathlib.Path("/usr/lib/ocf/resource.d")
# In namespaces of their own: the staged agents beside the installed ones, and the staged library where all programs
# find it (pcs gives its children an environment of its own).
PREPARE = """
mount -t tmpfs tmpfs /mnt
mkdir -p /mnt/up /mnt/work /mnt/ocf/haops
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work /etc
for folder in {agents}/*; do
    [ "$folder" = {agents}/haops ] && continue
    mkdir /mnt/ocf/${{folder##*/}}
    mount --bind "$folder" /mnt/ocf/${{folder##*/}}
done
mount --bind {stage}{agents}/haops /mnt/ocf/haops
mount --rbind /mnt/ocf {agents}
find {stage}/usr -name 'libhaops*.so*' -printf '%h\\n' | sort -u >/etc/ld.so.conf.d/stage.conf
ldconfig
cibadmin --empty >/mnt/cib.xml
chmod 666 /mnt/cib.xml
{load} >&2 </dev/null
crm_verify --xml-file /mnt/cib.xml --verbose >&2
cat /mnt/cib.xml
"""
COMMANDS = {
    ".xml": "CIB_file=/mnt/cib.xml cibadmin --modify --allow-create --xml-file {path}",
    ".crm": "CIB_file=/mnt/cib.xml crm configure load update {path}",
    ".sh": "sh {path} /mnt/cib.xml",
}
FORMS = [("mysql-replication", "mysql.crm"), ("mysql-replication", "pcs.sh"), ("mysql-on-drbd", "mysql.crm"),
         ("mysql-on-drbd", "pcs.sh"), ("nfs-on-drbd", "files.crm"), ("nfs-on-drbd", "pcs.sh")]


def load(example, form):
    """The configuration that a form makes of an empty one."""
    stage = pathlib.Path(os.environ.get("HAOPS_STAGE", TREE / "build" / "stage")).resolve()
    path = TREE / "examples" / example / form
    script = PREPARE.format(agents=AGENTS, stage=stage, load=COMMANDS[path.suffix].format(path=path))
    done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-ec", script], text=True,
                          capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return meaning(done.stdout)


@pytest.mark.parametrize("example, form", FORMS)
def test_same_as_xml(example, form):
    assert load(example, form) == load(example, "cib.xml")


@pytest.mark.parametrize("example, script", [("mysql-replication", "grants.sql"), ("mysql-on-drbd", None)])
def test_server_takes_its_configuration(tmp_path, example, script):
    """A new database by the example's my.cnf, with the accounts of its grants."""
    folder = TREE / "examples" / example
    command = ["mariadb-install-db", f"--defaults-file={folder / 'my.cnf'}", "--user=root",
               f"--datadir={tmp_path / 'data'}", "--skip-test-db"]
    if script:
        extra = tmp_path / script
        extra.write_text("FLUSH PRIVILEGES;\n" + (folder / script).read_text(encoding="utf-8"), encoding="utf-8")
        command += [f"--extra-file={extra}"]
    done = subprocess.run(command, text=True, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0 and "ERROR" not in done.stdout + done.stderr, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["mysql", "nfs"])
def test_drbd_takes_its_configuration(name):
    """The tool for DRBD 8.4 reads the resource, as it does on n1."""
    tool = pathlib.Path("/lib/drbd/drbdadm-84")
    if not tool.exists():
        pytest.skip(f"{tool} is not there: install drbd-utils")
    path = TREE / "examples" / f"{name}-on-drbd" / f"{name}.res"
    done = subprocess.run(["unshare", "--uts", "sh", "-ec", f"hostname n1; exec {tool} -c {path} dump {name}"],
                          text=True, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0 and "fence-peer       /usr/sbin/haops-outdate-peer;" in done.stdout, done.stderr
