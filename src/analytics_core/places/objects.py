"""Objects of S3 and what speaks like it, Google Cloud Storage or Azure Blob Storage, below one URL.

Credentials, region and endpoint come from the environment, by the names that the stores' own tools use.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import from_url

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.endpoints import storage_options
from analytics_core.places.places import Seal

if TYPE_CHECKING:
    from obstore import ObjectMeta, PutResult, UpdateVersion
    from obstore.store import ClientConfig, RetryConfig

_QUERY = re.compile(r"\?[^\s)\"']*")
"""Of an address in an error text: may hold a signature."""
_MACHINE_CREDENTIALS = ("169.254.169.254", "metadata.google.internal")
"""Where machines of a cloud ask for credentials, and any other machine asks in vain."""


class Objects:
    """Objects by name. What goes wrong is an OSError of one line.

    Args:
        url: SCHEME://BUCKET/PREFIX; WorkspaceError where it says more or less.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.netloc or "@" in parts.netloc or parts.query or parts.fragment:
            text = "a URL is SCHEME://BUCKET/PREFIX and nothing else; credentials belong in the environment"
            raise WorkspaceError(f"[storage] tables: {text}")
        self.url = url.rstrip("/")
        try:
            # Who waits for an answer wants to know within seconds that there is none.
            patience: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
            options: ClientConfig = {"allow_http": "allow_http" in storage_options()}
            self._store = from_url(self.url, client_options=options, retry_config=patience)
        except (BaseError, ValueError) as error:
            raise WorkspaceError(f"[storage] tables: {self.url}: {_reason(error)}") from None

    def get(self, name: str) -> "tuple[str, UpdateVersion] | None":
        """An object's text and what tells this version of it from others; None where there is no such object."""
        with self._translate_errors():
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError:
                return None
            text = bytes(found.bytes()).decode()
            return text, _version(found.meta)

    def load(self, name: str) -> bytes | None:
        """An object's content; None where there is no such object."""
        with self._translate_errors():
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError:
                return None

    def put(self, name: str, content: bytes) -> None:
        """Write an object, whatever was there."""
        with self._translate_errors():
            obstore.put(self._store, name, content)

    def seals(self, folder: str) -> dict[str, Seal]:
        """Size and ETag of the objects below a folder, by name from there."""
        with self._translate_errors():
            found = [item for page in obstore.list(self._store, folder) for item in page]
        return {item["path"][len(folder) + 1 :]: Seal(item["size"], item["e_tag"] or "") for item in found}

    def create(self, name: str, content: BytesIO) -> str:
        """Write an object that must not be there yet; its ETag."""
        with self._translate_errors():
            try:
                return obstore.put(self._store, name, content, mode="create")["e_tag"] or ""
            except AlreadyExistsError:
                # Also said to who asks a second time because the first answer was lost.
                found = obstore.get(self._store, name)
                if bytes(found.bytes()) != content.getvalue():
                    raise OSError(f"{self.url}/{name} is there already; another import took over") from None
                return found.meta["e_tag"] or ""

    def replace(self, name: str, text: str, known: "UpdateVersion | None") -> "UpdateVersion | None":
        """Write an object if the one there is the `known` version, or if there is none where None.

        Args:
            name: of the object.
            text: never the same as what anybody else writes or has written there.
            known: the version to replace.

        Returns:
            The new version; None where another was there, and still is.
        """
        with self._translate_errors():
            try:
                written = obstore.put(self._store, name, text.encode(), mode=known or "create")
            except (AlreadyExistsError, PreconditionError):
                # Also said to who asks a second time because the first answer was lost.
                found = self.get(name)
                return found[1] if found and found[0] == text else None
            except FileNotFoundError:
                # Said of a known version that was deleted, and of a bucket that is not there.
                if known:
                    return None
                raise
            return _version(written)

    def delete(self, name: str) -> None:
        """Delete an object, and those whose names go on after a slash."""
        with self._translate_errors():
            below = [item["path"] for page in obstore.list(self._store, name) for item in page]
            for path in (*below, name):
                with suppress(FileNotFoundError):  # S3 says nothing of an object that is not there, others do
                    obstore.delete(self._store, path)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            raise OSError(f"{self.url}: {_reason(error)}") from None


def _version(told: "ObjectMeta | PutResult") -> "UpdateVersion":
    """What a store tells of an object; some know it by one thing, some by the other."""
    version: UpdateVersion = {}
    if told["e_tag"] is not None:
        version["e_tag"] = told["e_tag"]
    if told["version"] is not None:
        version["version"] = told["version"]
    return version


def _reason(error: Exception) -> str:
    """One line, without what an address may hold beside the name."""
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return "access denied; are the credentials in the environment right?"
    if isinstance(error, FileNotFoundError):
        return "there is no such bucket"
    if "NoSuchBucket" in str(error):
        return "there is no such bucket"
    if any(address in str(error) for address in _MACHINE_CREDENTIALS):
        return "there are no credentials in the environment"
    return _QUERY.sub("", " ".join(str(error).split("\n\nDebug source")[0].split()))[:200]
