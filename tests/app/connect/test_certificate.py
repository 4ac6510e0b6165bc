"""An app that proves itself by a certificate, for itself and for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from scheduler.errors import InputError
from scheduler.graph.errors import SignInFailed
from scheduler.graph.signin.certificates import certificate_ends, read_certificate
from scheduler.testing.tenants import ANA, RECRUITER, START

PASSWORD = "canary-password"
ENDS = START + timedelta(days=30)


@pytest.fixture(scope="module")
def keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    """Two keys, because making them takes a while."""
    return rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)


def certified(key: rsa.RSAPrivateKey) -> str:
    """A certificate of the key, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Slotwright")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = (
        builder.serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(ENDS)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


def private(key: rsa.RSAPrivateKey, password: str = "") -> str:
    """The key as PEM, encrypted with a password if there is one."""
    how = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()


@pytest.fixture
def registered(people: Any, keys: Any, tmp_path: Path) -> Any:
    """The portal app, which knows the first certificate and no secret; the file has it with its encrypted key."""
    file = tmp_path / "app.pem"
    file.write_text(certified(keys[0]) + private(keys[0], PASSWORD))
    portal = people.desk.emulator.tenant.apps[1].client_id
    people.control(
        "apps",
        client_id=portal,
        secret="",
        certificates=[{"pem": certified(keys[0])}],
        grants=[{"role": "Calendars.Read"}, {"role": "Place.Read.All"}],
    )
    people.settings(
        client_id=portal,
        consent="admin",
        profile="full",
        certificate_file=file,
        certificate_password=SecretStr(PASSWORD),
    )
    return people


def test_the_app_signs_in_by_it(registered: Any) -> None:
    """Client credentials with a signed assertion find slots; nothing but the certificate was given."""
    with registered.desk.open() as slotwright:
        assert registered.desk.find(slotwright, [ANA]).slots


def test_people_consent_to_such_an_app(registered: Any) -> None:
    """The app proves itself by the certificate when it renews somebody's token as well."""
    portal = registered.desk.settings.client_id
    registered.settings(consent="user", profile="scheduler")
    registered.control("apps", client_id=portal, public=True)
    registered.connect(RECRUITER)
    registered.control("apps", client_id=portal, public=False)
    registered.desk.emulator.clock.advance(7200)
    with registered.desk.open() as slotwright:
        assert registered.desk.find(slotwright, [ANA]).slots


def test_one_that_was_not_uploaded(registered: Any, keys: Any) -> None:
    """AADSTS700027 says where its public part goes."""
    registered.desk.settings.certificate_file.write_text(certified(keys[1]) + private(keys[1], PASSWORD))
    with (
        registered.desk.open() as slotwright,
        pytest.raises(SignInFailed, match="not one of the app's") as refused,
    ):
        slotwright.graph.claims()
    assert 700027 == refused.value.number


def test_its_last_day_is_read(registered: Any) -> None:
    """The end of a certificate needs not be written down anywhere."""
    assert ENDS.date() == certificate_ends(registered.desk.settings.certificate_file)


@pytest.mark.parametrize(
    ("parts", "password", "words"),
    [
        (("key",), PASSWORD, "has no certificate"),
        (("certificate",), PASSWORD, "has no private key"),
        (("certificate", "key"), "wrong", "cannot be opened"),
        (("certificate", "key"), "", "cannot be opened"),
        (("certificate", "other"), "", "do not belong together"),
        (("certificate", "plain"), PASSWORD, "cannot be opened"),
        ((), "", "has no certificate"),
    ],
)
def test_files_that_cannot_be_used(
    keys: Any, tmp_path: Path, parts: tuple[str, ...], password: str, words: str
) -> None:
    """Each says what is missing or wrong, and neither key nor password."""
    content = {
        "certificate": certified(keys[0]),
        "key": private(keys[0], PASSWORD),
        "plain": private(keys[0]),
        "other": private(keys[1]),
    }
    file = tmp_path / "app.pem"
    file.write_text("".join(content[part] for part in parts))
    with pytest.raises(InputError, match=words) as refused:
        read_certificate(file, password)
    assert "settings.certificate_file" == refused.value.field
    assert PASSWORD not in str(refused.value)


def test_an_absent_file(tmp_path: Path) -> None:
    """The path is named."""
    for read in (read_certificate, certificate_ends):
        with pytest.raises(InputError, match=r"none\.pem cannot be read"):
            read(tmp_path / "none.pem")
