# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS between servers, and to them: what was asked for is had, and no connection is used without it."""

import pytest
from driver import PASSWORD_FILE, repoint_args
from servers import REPLICATION, ROOT, wait_until

FOLDER = ROOT / "tls"
USER = REPLICATION[0]


def make_authority(box, name):
    """A certificate authority, and certificates that it signed: of a server on 127.0.0.1, of a client."""
    folder = FOLDER / name
    box.run("mkdir", "-p", folder)
    box.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN=authority {name}",
            "-keyout", folder / "ca-key.pem", "-out", folder / "ca.pem")
    for who, names in (("server", "IP:127.0.0.1"), ("client", "DNS:client")):
        box.run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={who}", "-keyout",
                folder / f"{who}-key.pem", "-out", folder / f"{who}.csr")
        box.run("openssl", "x509", "-req", "-in", folder / f"{who}.csr", "-days", 2, "-CA", folder / "ca.pem",
                "-CAkey", folder / "ca-key.pem", "-CAcreateserial", "-extfile", "/dev/stdin", "-out",
                folder / f"{who}.pem", input=f"subjectAltName={names}\n")
    return folder


@pytest.fixture(name="authority", scope="module")
def fixture_authority(box):
    return make_authority(box, "good")


@pytest.fixture(name="stranger", scope="module")
def fixture_stranger(box):
    return make_authority(box, "stranger")


def server_options(folder):
    """Of a server that offers TLS."""
    return (f"--ssl-ca={folder}/ca.pem", f"--ssl-cert={folder}/server.pem", f"--ssl-key={folder}/server-key.pem")


def login(*options):
    """Options of a call over TCP as the replication account."""
    return {"by_tcp": True, "options": ("--user", USER, "--password-file", PASSWORD_FILE, *options)}


def test_connection(make, driver, authority, stranger):
    """With TLS, and only to a server that the authority vouches for. An account that has to use it gets in with it alone."""
    server = make(1, *server_options(authority))
    server.sql(f"ALTER USER {USER} REQUIRE SSL")
    refused = driver(server, "connect", **login())
    assert refused["result"] == "EACCES", refused
    driver.ok(server, "connect", **login("--tls"))
    driver.ok(server, "status", **login("--ca", authority / "ca.pem"))
    wrong = driver(server, "connect", **login("--ca", stranger / "ca.pem"))
    assert wrong["result"] == "EIO" and "certificate" in wrong["error"].lower(), wrong


def test_client_certificate(make, driver, authority, stranger):
    """For an account that asks for one."""
    server = make(1, *server_options(authority))
    server.sql(f"ALTER USER {USER} REQUIRE X509")
    assert driver(server, "connect", **login("--tls"))["result"] == "EACCES"
    for folder, result in ((authority, "OK"), (stranger, "EIO")):
        done = driver(server, "connect", **login("--tls", "--cert", folder / "client.pem", "--key",
                                                 folder / "client-key.pem"))
        assert done["result"] == result, done


def test_never_without(make, driver, authority):
    """A server that offers none is refused, with and without a certificate to check it by."""
    server = make(1, "--skip-ssl")
    for options in (["--tls"], ["--tls", "--ca", authority / "ca.pem"]):
        done = driver(server, "connect", **login(*options))
        assert done["result"] == "EIO" and ("SSL" in done["error"] or "TLS" in done["error"]), done
    driver.ok(server, "connect", **login())


def test_replication(make, driver, authority, stranger):
    """A replica reads with TLS; from a source that the authority does not know it reads nothing; and without TLS once more
    nothing of it is left."""
    primary, replica = make(2, *server_options(authority))
    primary.sql(f"ALTER USER {USER} REQUIRE SSL")
    driver.ok(primary, "promote", "async")
    driver.ok(replica, *repoint_args(primary), options=("--tls", "--ca", authority / "ca.pem"))
    columns = replica.replica()
    assert columns["Master_SSL_Allowed"] == "Yes" and columns["Master_SSL_Verify_Server_Cert"] == "Yes", columns
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    wait_until("it has it", lambda: replica.one("SELECT COUNT(*) FROM test.t") == "1")
    unknown = driver(replica, *repoint_args(primary), timeout_ms=3000, options=("--tls", "--ca", stranger / "ca.pem"))
    assert unknown["result"] in ("EACCES", "EIO", "ETIMEDOUT"), unknown
    assert "SSL" in unknown["error"], unknown
    assert replica.threads()[0] != "Yes"
    primary.sql(f"ALTER USER {USER} REQUIRE NONE")
    driver.ok(replica, *repoint_args(primary))
    columns = replica.replica()
    assert columns["Master_SSL_Allowed"] == "No" and columns["Master_SSL_CA_File"] == "", columns
