"""All settings, driven by environment variables; `.env.example` lists each with its meaning.

Development needs no variable at all. With `DEBUG=False` the site refuses to start without its secret,
hosts and database: none of them has a default that production would accept.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
import structlog
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from partnerhub.identity import openid_connect, saml
from partnerhub.schedule import SCHEDULE

# Forms and admin classes name the model they are for, as querysets do: `ModelForm[Stage]`.
django_stubs_ext.monkeypatch()

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")  # variables of the process win over the file

# --- What production must be told ---------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=True)
DEVELOPMENT_SECRET = "only-for-development"  # noqa: S105 - refused below when DEBUG is off
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT_SECRET if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
DATABASE_URL = env.str(
    "DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'partnerhub.sqlite3'}" if DEBUG else ""
)


def refuse_incomplete_production() -> None:
    """Raise `ImproperlyConfigured` naming every variable that production lacks, all at once."""
    missing = []
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith(DEVELOPMENT_SECRET):
        missing.append("SECRET_KEY (at least 50 random characters, not the one for development)")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        missing.append("ALLOWED_HOSTS (the names people type, with commas; not *)")
    if not DATABASE_URL:
        missing.append("DATABASE_URL (postgres://user:password@host:5432/name)")
    if missing:
        raise ImproperlyConfigured("With DEBUG=False PartnerHub needs: " + "; ".join(missing) + ".")


if not DEBUG:
    refuse_incomplete_production()

# The address people use decides about cookies, redirects and links in mail.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000" if DEBUG else f"https://{ALLOWED_HOSTS[0]}")
HTTPS = urlsplit(SITE_URL).scheme == "https"
# For /.well-known/security.txt: mailto:… or https://…
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")

# --- Applications -------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "partnerhub",
    "exchange",
    "apr",
    "opportunities",
    "partners",
    "accounts",
    "audit",
    "foundation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "template_partials",
]
MIDDLEWARE = [
    "partnerhub.middleware.RequestLogMiddleware",
    "partnerhub.middleware.CompressPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "partnerhub.middleware.ReadOnceMiddleware",
    "partnerhub.middleware.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "foundation.dialogs.DialogRedirectMiddleware",
    "accounts.session_limits.SessionLimitsMiddleware",
    "partnerhub.middleware.SecondFactorMiddleware",
    "accounts.outward.UnansweredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "audit.context.AuditMiddleware",
]
ROOT_URLCONF = "partnerhub.urls"
WSGI_APPLICATION = "partnerhub.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "partnerhub.navigation.frame",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CSRF_FAILURE_VIEW = "partnerhub.errors.csrf_failure"

# --- Data ---------------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers wait for one another instead of failing half-way through a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://partnerhub")}
if CACHES["default"]["BACKEND"].endswith("RedisCache"):
    CACHES["default"]["BACKEND"] = "partnerhub.cache.SteadyCache"

# --- Sign-in ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.LengthValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people come by invitation, which proves the address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Sensitive acts ask again who it is, unless that was shown within these minutes.
ACCOUNT_REAUTHENTICATION_TIMEOUT = env.int("CONFIRM_MINUTES", default=15) * 60
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "PartnerHub"
ADMINS_NEED_SECOND_FACTOR = env.bool("ADMINS_NEED_SECOND_FACTOR", default=False)
# The organisation's identity provider, if there is one: docs/sign-in.md
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link: the content security policy lets no form lead to another site
SSO_DOMAINS = [domain.lower() for domain in env.list("SSO_DOMAINS", default=[])]
SSO_GROUPS_CLAIM = env.str("SSO_GROUPS_CLAIM", default="groups")
SSO_ROLES = env.dict("SSO_ROLES", default={})
SSO_ALLOW_PRIVATE = env.bool("SSO_ALLOW_PRIVATE", default=DEBUG)
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
SAML_ENTITY_ID = env.str("SAML_ENTITY_ID", default="")
SSO_TRUSTED = SSO_DOMAINS if env.bool("SSO_TRUSTS_EMAIL", default=False) else False
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {}
if OIDC_ISSUER:
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = openid_connect(
        name=env.str("OIDC_NAME", default="") or str(urlsplit(OIDC_ISSUER).hostname),
        issuer=OIDC_ISSUER,
        client_id=env.str("OIDC_CLIENT_ID"),
        secret=env.str("OIDC_CLIENT_SECRET"),
        trusted=SSO_TRUSTED,
    )
if SAML_ENTITY_ID:
    INSTALLED_APPS.append("allauth.socialaccount.providers.saml")
    SOCIALACCOUNT_PROVIDERS["saml"] = saml(
        name=env.str("SAML_NAME", default="SAML"),
        entity_id=SAML_ENTITY_ID,
        sign_in_url=env.str("SAML_SIGN_IN_URL"),
        certificate=env.str("SAML_CERTIFICATE"),
        trusted=SSO_TRUSTED,
    )
# Rate limits count per client: how many proxies in front of us may be believed about its address.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# --- Safety of the browser ----------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = (
    env.int("SESSION_HOURS", default=14 * 24) * 3600
)  # from signing in, however much it is used
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=24 * 60)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^ready/$"]  # probes inside the network speak plain HTTP
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL] if HTTPS else [])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- Language and time --------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- Files --------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [BASE_DIR / "static"]
if (NODE_MODULES / "sortablejs").exists():  # until the packages are installed there is nothing to serve
    STATICFILES_DIRS.append(("vendor/sortablejs", NODE_MODULES / "sortablejs" / "modular"))
# Hashing and compressing take half a minute, so only a build for production does it (`collectstatic`).
STATIC_BUILD = env.bool("STATIC_BUILD", default=not DEBUG)
WHITENOISE_USE_FINDERS = not STATIC_BUILD
WHITENOISE_AUTOREFRESH = not STATIC_BUILD
if STATIC_BUILD:
    STATICFILES_BACKEND = "whitenoise.storage.CompressedManifestStaticFilesStorage"
else:
    STATICFILES_BACKEND = "django.contrib.staticfiles.storage.StaticFilesStorage"
MEDIA_ROOT = BASE_DIR / "var" / "media"  # never served; uploads are read by the worker
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATICFILES_BACKEND},
}
# Bytes of one uploaded file that an import accepts; forms without files stay small.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=50 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Mail: the site only writes it down (accounts.mail); the worker sends it by this transport --------------

MAIL = env.email_url("EMAIL_URL", default="consolemail://")
MAIL_TRANSPORT = MAIL["EMAIL_BACKEND"]
EMAIL_BACKEND = "accounts.mail.OutboxBackend"
EMAIL_HOST = MAIL["EMAIL_HOST"]
EMAIL_PORT = MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER = MAIL["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_FILE_PATH = MAIL["EMAIL_FILE_PATH"]
EMAIL_USE_TLS = MAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="PartnerHub <partnerhub@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Background work: messages only say "look", the work itself stands in tables ----------------------------

CELERY_BROKER_URL = env.str("BROKER_URL", default="memory://")
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 25 * 60
CELERY_TASK_TIME_LIMIT = 30 * 60
VISIBILITY_TIMEOUT = 40 * 60  # Redis hands a task out again after this: later than any task can still run
CELERY_TASK_DEFAULT_QUEUE = "rollup"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # all entries are short ticks: nothing to remember on disk
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": VISIBILITY_TIMEOUT,
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }

# --- API: closed unless a view opens it ---------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "exchange.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "exchange.api.authentication.ScopeAllows",
    ],
    "DEFAULT_FILTER_BACKENDS": ["foundation.api.filters.KnownFilters"],
    "DEFAULT_PAGINATION_CLASS": "foundation.api.pages.CursorPages",
    "PAGE_SIZE": 50,
    "DEFAULT_PARSER_CLASSES": ["foundation.api.parsers.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "foundation.api.problems.answer",
    "DEFAULT_THROTTLE_CLASSES": [
        "foundation.api.throttling.AnonymousRate",
        "foundation.api.throttling.PersonRate",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "60/min",
        "user": env.str("API_RATE", default="600/min"),
        "import": "60/hour",
        "letter": "200/hour",
    },
    "DEFAULT_SCHEMA_CLASS": "foundation.api.schema.ApiSchema",
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
}
# Where answers are kept that a client may ask for again with an Idempotency-Key.
API_IDEMPOTENCY = "exchange.api.idempotency.answer_once"
SPECTACULAR_SETTINGS = {
    "TITLE": "PartnerHub API",
    "DESCRIPTION": "Accountability for partner managers and account executives: docs/api.md is the guide.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "foundation.api.schema.finish",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ActionCapacity": "apr.models.ActionCapacity",
        "DealCapacity": "opportunities.models.Capacity",
        "DealStatus": "opportunities.models.OpportunityStatus",
        "InvolvementKind": "opportunities.models.InvolvementKind",
        "Verdict": "apr.api.scores.VERDICTS",
        "TeamKind": "accounts.models.TeamKind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": False, "filter": True},
}

# --- Log: one line per event, with the request's id and nothing personal ------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="text" if DEBUG else "json")
LOG_RENDERER = (
    structlog.processors.JSONRenderer()
    if LOG_FORMAT == "json"
    else structlog.dev.ConsoleRenderer(colors=False)
)
LOG_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[*LOG_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": LOG_PROCESSORS,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                LOG_RENDERER,
            ],
        },
    },
    "filters": {"no_secrets": {"()": "partnerhub.logs.NoSecrets"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_secrets"]}
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Our own request line replaces these; ticks would drown everything else.
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "kombu.connection": {"level": "ERROR"},  # it wonders at memory:// having no host
    },
}
