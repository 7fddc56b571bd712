"""What the environment says of object stores beside credentials, which the libraries read themselves."""

import os

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT")


def storage_options() -> dict[str, str]:
    """Options for whatever reads or writes in object stores.

    Whoever names an endpoint without TLS wants it reached without TLS; the libraries ask for a second variable and
    otherwise fail with a text that says nothing.
    """
    endpoints = (os.environ.get(name, "") for name in _ENDPOINTS)
    return {"allow_http": "true"} if any(url.lower().startswith("http://") for url in endpoints) else {}
