"""The product's settings, with what makes a test quick and independent of the machine.

`TEST_DATABASE_URL` chooses the database; without it the tests run on SQLite.
"""

import os
from pathlib import Path

os.environ["DEBUG"] = "True"
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or "sqlite:///var/test.sqlite3"
os.environ["BROKER_URL"] = "memory://"
os.environ["CACHE_URL"] = "locmemcache://tests"
os.environ["SITE_URL"] = "http://testserver"
os.environ["LOG_LEVEL"] = "WARNING"
Path("var").mkdir(exist_ok=True)

from partnerhub.settings import *  # noqa: E402, F403 - the environment must be set before
from partnerhub.settings import DATABASES, INSTALLED_APPS  # noqa: E402

INSTALLED_APPS += [f"allauth.socialaccount.providers.{kind}" for kind in ("openid_connect", "saml")]

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: pages served to a browser then have connections of their own, as in life.
    DATABASES["default"]["TEST"] = {"NAME": "var/test.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
