"""django-oci, a registry from PyPI: an application of Django's, which is given a project around it here."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

from tools.registries.service import NotStartedError, free_port, listening
from tools.registries.started import Started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGES = ("django-oci==0.0.17", "Django==5.2.*")
PIP_SECONDS = 120
PROJECT = """\
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

sys.path.insert(0, "packages")
from django.conf import settings

settings.configure(
    SECRET_KEY="of a test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="project_urls",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "django_oci"],
    MIDDLEWARE=[],
    DATABASES={"default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "database",
        "OPTIONS": {"init_command": "PRAGMA synchronous=OFF"},
    }},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
    DATA_UPLOAD_MAX_MEMORY_SIZE=64 * 1024**2,
    SILENCED_SYSTEM_CHECKS=["django_ratelimit.E003", "django_ratelimit.W001"],
    MEDIA_ROOT="",
    DJANGO_OCI={"DISABLE_AUTHENTICATION": True, "MEDIA_ROOT": "data", "VIEW_RATE_LIMIT": "100000/s"},
)

import django

django.setup()
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

call_command("migrate", run_syncdb=True, verbosity=0)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def log_message(self, *words):
        pass


make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), Server, Handler).serve_forever()
"""
URLS = """\
from django.urls import include, path

urlpatterns = [path("", include("django_oci.urls", namespace="django_oci"))]
"""


@contextlib.contextmanager
def plain(directory: Path) -> Iterator[Started]:
    """Over HTTP, for everybody.

    It knows no name with a dash before a slash, which the grammar of names allows: ours are given without.
    """
    install = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", "packages"]
    try:
        subprocess.run(
            [*install, *PACKAGES],
            cwd=directory,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=PIP_SECONDS,
        )
    except subprocess.SubprocessError as error:
        raise NotStartedError(f"{' '.join(PACKAGES)} could not be installed: {error}") from None
    (directory / "project.py").write_text(PROJECT, encoding="utf-8")
    (directory / "project_urls.py").write_text(URLS, encoding="utf-8")
    port = free_port()
    with listening([sys.executable, "project.py", str(port)], port, directory):
        yield Started(f"http://127.0.0.1:{port}", options=("--oci-namespace=suite",))
