"""Django's settings, from the data directory in SYNCD_PORTAL_DIR (set by `portal.setup.use`)."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path

from syncd.portal import environment, portal_file

DATA = Path(os.environ.get("SYNCD_PORTAL_DIR", "."))
BLOBS = DATA / "blobs"
UPLOADS = DATA / "uploads"
RESERVE = environment.reserve()
FILE = portal_file.read(DATA)


def _secret() -> str:
    path = DATA / "secret_key"
    if path.exists():
        return path.read_text().strip()
    return secrets.token_hex(32)  # only while a new portal is made: `bootstrap.use` refuses one that has lost it


SECRET_KEY = _secret()
DEBUG = False
_PUBLIC = environment.public()
ALLOWED_HOSTS = list(_PUBLIC.hosts)
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "syncd.portal.apps.PortalConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",  # refuses names the portal is not reached by
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "syncd.portal.web.security.Idle",
    "syncd.portal.web.language.Language",
    "syncd.portal.web.error_pages.NoControls",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "syncd.portal.web.security.SecurityHeaders",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 8  # wrong passwords of one name from one address, then a quarter of an hour's rest
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "syncd.portal.web.security.who_tries"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "again", "current"]  # what is mistyped is nearly right
AXES_LOCKOUT_CALLABLE = "syncd.portal.web.security.throttled"
AXES_VERBOSE = False
APPEND_SLASH = False
ROOT_URLCONF = "syncd.portal.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n", "syncd.portal.templatetags.parts"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ],
        },
    }
]
DATABASES = {"default": portal_file.postgresql(FILE.database) if FILE.database else portal_file.embedded(DATA)}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 50_000}}}
AUTH_USER_MODEL = "portal.User"
PASSWORD_HASHERS = ["syncd.portal.people.passwords.Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/connexion"
LOGIN_REDIRECT_URL = "/"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 86400
PUBLIC_URL: str = str(_PUBLIC.address)
SECURE = _PUBLIC.address.secure
# Whether a request came over https is the server's to say (uvicorn: the TLS it speaks itself, or a proxy it trusts):
# a header that anybody may send says nothing (no SECURE_PROXY_SSL_HEADER).
if SECURE:
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"  # no other host, no plain http sets them
    CSRF_TRUSTED_ORIGINS = [_PUBLIC.address.origin]
SESSION_ENGINE = "syncd.portal.people.session_store"
SESSION_COOKIE_AGE = 14 * 86400
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "syncd.portal.web.security.stale"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "printed", Path(__file__).parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.timezone()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
_SMTP = environment.mail()
EMAIL_HOST, EMAIL_PORT = (_SMTP.host, _SMTP.port) if _SMTP else ("", 25)
EMAIL_USE_SSL, EMAIL_USE_TLS = (_SMTP.scheme == "smtps", _SMTP.scheme == "smtp+starttls") if _SMTP else (False, False)
EMAIL_HOST_USER = os.environ.get("SYNCD_PORTAL_SMTP_USER", "")
EMAIL_HOST_PASSWORD = environment.password()
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("SYNCD_PORTAL_MAIL_FROM", "")
QUIET: float = environment.quiet()  # seconds without a further deposit before people are told
LOGGING_CONFIG = None
FULL_TEXT: bool = environment.full_text()
PLATFORMS_HERE: bool = environment.platforms_here()
