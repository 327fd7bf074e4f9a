"""What every environment shares. Values come from the environment through `config.env` only."""

from __future__ import annotations

from csp.constants import NONCE, NONE, SELF

from config import env, logs

BASE_DIR = env.ROOT
SECRET_KEY = env.required("SECRET_KEY", "Any long random text; it signs sessions.")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])
SITE_URL = env.text("SITE_URL", "http://localhost:8000").rstrip("/")
TRUSTED_PROXY_COUNT = 0  # whoever is connected is the client

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "django_scopes",
    "django_structlog",
    "template_partials.apps.SimpleAppConfig",
    "config",
    "core",
    "workspaces",
    "plans",
    "identity",
    "customers",
    "catalogue",
    "invoices",
    "credit",
    "payments",
    "ledger",
    "accounting",
    "webhooks",
]

MIDDLEWARE = [
    "core.middleware.ProxyMiddleware",
    "core.uploads.BodySizeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "webhooks.middleware.DirectMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.private.PrivatePagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.NullCharacterMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "workspaces.middleware.MembershipMiddleware",
    "config.middleware.RequestLogMiddleware",
    "workspaces.middleware.WorkspaceMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "workspaces.context_processors.workspace",
            ],
        },
    }
]

DATABASES = {"default": {**env.database("DATABASE_URL"), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
# Who owns the tables, for `migrate`; and who works in them (see config/database_roles.py).
MIGRATION_DATABASE = env.other_database("MIGRATION_DATABASE_URL")
WORKING_ROLE = str(DATABASES["default"].get("USER", ""))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tandem"},
    # What a page can do without Redis for, and what may be some seconds old in each process.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "process"},
}
RATE_LIMIT_STORAGE = REDIS_URL or "memory://"
CELERY_BROKER_URL = REDIS_URL or "memory://"
# A broker out of reach must not hold up the person who saved: publishing gives up at once, the sweep sends.
# memory:// hands out one message at each look, so it looks often (see docs/runbook.md, "The processes"). For Redis
# the interval is how long a worker waits with one question: while its share of background tasks is taken it asks for
# people's alone, and a place that falls free is noticed with the next question.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
        "visibility_timeout": 300,
        "max_retries": 0,
        "queue_order_strategy": "config.queues:SparingCycle",
        "polling_interval": 0.1,
    }
    if REDIS_URL
    else {"polling_interval": 0.02}
)

AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "identity.passwords.StrengthValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "identity.adapters.AccountAdapter"
# Wrong guesses are slowed by identity.throttle, of account and network address together. A limit for the account alone
# would be a lock that any stranger could hold against its owner.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
# allauth's own also reads, and fills, its list of addresses.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
PASSWORD_RESET_TIMEOUT = 3600  # seconds, as every link in a mail
MFA_ADAPTER = "identity.adapters.FactorAdapter"
MFA_FORMS = {
    "authenticate": "identity.forms.SignInCodeForm",
    "reauthenticate": "identity.forms.ProofCodeForm",
}
MFA_TOTP_ISSUER = "Tandem"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

PASSWORD_RESET_TIMEOUT = 3600  # seconds that a link to choose a new password works

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "core.staticfiles.ModuleAwareStorage"},
}

vars().update(env.email("EMAIL_URL", "consolemail://"))
EMAIL_TIMEOUT = 10  # seconds: a mail server that hangs holds up the person whose page sends the mail
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Tandem <tandem@localhost>")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL", "")

DEFAULT_PLAN = env.text("DEFAULT_PLAN", "business")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # a notice may name a customer
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = (
    "Lax"  # Xero sends the browser back from its own site: Strict would lose the session
)
CSRF_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # as core.uploads
# What comes as a file is dropped, and never lies on the disk; the one page that wants one asks for it.
FILE_UPLOAD_HANDLERS = ["core.uploads.OnlyWhereWanted"]

# The first key encrypts, all decrypt: see docs/runbook.md, "Rotate the token keys".
FIELD_ENCRYPTION_KEYS = env.words("FIELD_ENCRYPTION_KEYS", [])

XERO_LOGIN_URL = env.text("XERO_LOGIN_URL", "https://login.xero.com").rstrip("/")
XERO_IDENTITY_URL = env.text("XERO_IDENTITY_URL", "https://identity.xero.com").rstrip("/")
XERO_API_URL = env.text("XERO_API_URL", "https://api.xero.com").rstrip("/")
XERO_WEB_URL = env.text("XERO_WEB_URL", "https://go.xero.com").rstrip("/")
XERO_CLIENT_ID = env.text("XERO_CLIENT_ID", "")
XERO_CLIENT_SECRET = env.text("XERO_CLIENT_SECRET", "")
XERO_WEBHOOK_KEYS = env.words("XERO_WEBHOOK_KEYS", [])
XERO_CALLS_A_DAY = env.number("XERO_CALLS_A_DAY", 5000)
XERO_SCOPES = env.words(
    "XERO_SCOPES",
    [
        "openid",
        "profile",
        "email",
        "offline_access",
        "accounting.settings.read",
        "accounting.contacts",
        "accounting.invoices",
        "accounting.payments",
    ],
)

DJANGO_STRUCTLOG_CELERY_ENABLED = True
LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOG_FILE = env.text("LOG_FILE", "")
LOG_SECRETS = [SECRET_KEY, XERO_CLIENT_SECRET, *XERO_WEBHOOK_KEYS, *FIELD_ENCRYPTION_KEYS]
LOGGING = logs.configure(level=LOG_LEVEL, file=LOG_FILE, secrets=LOG_SECRETS)
