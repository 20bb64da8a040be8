"""Settings: the environment is read here and nowhere else (docs/production.md lists the variables)."""

from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import env
from config.administration import UNFOLD  # noqa: F401  read by django-unfold

BASE_DIR = Path(__file__).resolve().parent.parent

APP_ENV = env.text("APP_ENV", "development")
if APP_ENV not in {"development", "test", "production"}:
    raise ImproperlyConfigured(f"APP_ENV 应为 development、test 或 production，现在是 {APP_ENV!r}")
PRODUCTION = APP_ENV == "production"
TESTING = APP_ENV == "test"

DEBUG = env.flag("DEBUG", default=False)
DEMO = env.flag("DEMO", default=APP_ENV == "development")
SECRET_KEY = env.text("SECRET_KEY")
FIELD_KEYS = env.names("FIELD_KEYS")
HMAC_KEY = env.text("HMAC_KEY")
SEAL_KEY = env.text("SEAL_KEY")
SITE_URL = env.text("SITE_URL").rstrip("/")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("生产环境不得打开 DEBUG")
    if DEMO:
        raise ImproperlyConfigured("生产环境不得打开 DEMO（演示账号与演示时钟）")
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10 or "insecure" in SECRET_KEY:
        raise ImproperlyConfigured("SECRET_KEY 太短、太简单或是默认值")
    if not SITE_URL.startswith("https://"):
        raise ImproperlyConfigured("生产环境的 SITE_URL 必须是 https:// 地址")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("生产环境必须列出 ALLOWED_HOSTS，且不得为 *")
    if len(SEAL_KEY) < 32 or SEAL_KEY in {SECRET_KEY, HMAC_KEY}:
        raise ImproperlyConfigured("SEAL_KEY（封存文件的密钥）至少 32 位，且不得与其他密钥相同")
if not FIELD_KEYS:
    raise ImproperlyConfigured("FIELD_KEYS 至少需要一把加密密钥")

# --- applications, lowest room first -------------------------------------------------------------------
ROOMS = [
    "foundation.health",
    "foundation.clock",
    "foundation.events",
    "foundation.accounts",
    "foundation.workdays",
    "foundation.files",
    "foundation.documents",
    "foundation.jobs",
    "foundation.operations",
    "foundation.lists",
    "foundation.display",
    "foundation.backups",
    "enterprises",
    "measures",
    "applications",
    "reviews",
    "payments",
    "tracking",
    "portal",
    "desk",
]
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "pgtrigger",
    "django_fsm",
    "django_filters",
    "django_htmx",
    "django_include_bootstrap",
    "django_celery_beat",
    "csp",
    "allauth",
    "allauth.account",
    *ROOMS,
]
if DEMO or TESTING:
    INSTALLED_APPS.append("demo")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "foundation.accounts.access.DenyByDefaultMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "foundation.display.policy.SurfacePolicyMiddleware",
    "portal.acting.ElsewhereMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "foundation.display.context.surroundings",
            ],
        },
    },
]

# --- database, broker -----------------------------------------------------------------------------------
DATABASES = {
    "default": {
        **dj_database_url.parse(env.text("DATABASE_URL")),
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "kefu"},
        "TEST": {"NAME": f"test_kefu{env.text('TEST_DB_SUFFIX', '')}"},
    }
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL 必须指向 PostgreSQL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The role that the web and the workers run as; grant_runtime gives it its rights.
RUNTIME_ROLE = env.text("DATABASE_RUNTIME_ROLE", "kefu_app")

# Where pg_dump and pg_restore of the server's version lie; empty: on PATH.
PG_BIN = env.text("PG_BIN", "")

# Rate limits live in the database: Redis carries tasks and nothing that must survive it.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries"},
}

CELERY_BROKER_URL = env.text("REDIS_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker waits for its broker as long as it takes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "visibility_timeout": 3600,
    # A dead broker must not hold up a request: the enqueue fails at once and the sweep delivers.
    "max_retries": 0,
}
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "deliver what was left behind": {
        "task": "foundation.events.tasks.sweep",
        "schedule": 60.0,
    },
    "take up jobs that were left behind": {
        "task": "foundation.jobs.tasks.sweep",
        "schedule": 60.0,
    },
    "seal the day": {
        "task": "foundation.events.tasks.seal_day",
        "schedule": crontab(minute="*/5"),
    },
    "send the daily digests": {
        "task": "foundation.events.tasks.send_digests",
        "schedule": crontab(minute="*/5"),
    },
    "watch over the system": {
        "task": "foundation.operations.tasks.watch",
        "schedule": 60.0,
    },
    "let the clock act": {
        "task": "applications.tasks.act_on_deadlines",
        "schedule": crontab(minute="*/15"),
    },
    "bring unanswered requests to join to the district": {
        "task": "enterprises.tasks.escalate_requests",
        "schedule": crontab(minute="*/15"),
    },
    "remind before calls close": {
        "task": "applications.tasks.remind_before_closing",
        "schedule": crontab(minute="*/15"),
    },
    "tell offices that money is free": {
        "task": "reviews.tasks.tell_free",
        "schedule": crontab(minute="*/5"),
    },
    "tell who can apply now": {
        "task": "applications.tasks.tell_newly_eligible",
        "schedule": crontab(minute="*/5"),
    },
    "quarter's report": {
        "task": "tracking.tasks.compile_reports",
        "schedule": crontab(hour=2, minute=0),
    },
}

if DEMO:
    CELERY_BEAT_SCHEDULE["fill the demo"] = {
        "task": "demo.tasks.fill",
        "schedule": 60.0,
        # A turn that nobody took in time is left to the next one.
        "options": {"expires": 60},
    }

# --- people ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "foundation.accounts.passwords.LongEnough",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "foundation.accounts.passwords.NotADemoPassword"},
]
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_ADAPTER = "foundation.accounts.adapter.AccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
# Proxies that set X-Forwarded-For before us: whose address the rate limits of sign-in count.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0)
# Beside allauth's own limits: objections and leads from one address (portal.views.objections).
ACCOUNT_RATE_LIMITS = {"object_to_notice": "10/h/ip"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- language, time -------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# --- files ----------------------------------------------------------------------------------------------
DATA_DIR = Path(env.text("DATA_DIR", "" if PRODUCTION else str(BASE_DIR / ".local" / "data")) or ".")
if PRODUCTION and not env.text("DATA_DIR", ""):
    raise ImproperlyConfigured("生产环境必须设置 DATA_DIR（材料、封存文件的存放处）")
DOCUMENT_ROOT = DATA_DIR / "documents"
SEAL_ROOT = DATA_DIR / "seals"
# Where each day's seal is brought: folders of other hosts, and a command that is called with the file.
SEAL_EXPORT = env.names("SEAL_EXPORT")
SEAL_COMMAND = env.text("SEAL_COMMAND", "")
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DOCUMENT_ROOT},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

# --- mail -----------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "科服直达 <noreply@kefu.example>")
if env.text("EMAIL_HOST", ""):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = env.text("EMAIL_HOST")
    EMAIL_PORT = env.number("EMAIL_PORT", 465)
    EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", True)
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

# --- text messages --------------------------------------------------------------------------------------
SMS_BACKEND = env.text("SMS_BACKEND", "foundation.events.sms.FileBackend")
SMS_SIGNATURE = env.text("SMS_SIGNATURE", "科服直达")
SMS_FILE_PATH = DATA_DIR / "sms"

# --- security -------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# The desk shows a case's documents beside it, in frames of the same origin.
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    # A load balancer asks within the network.
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    },
}
# unfold's Alpine evaluates expressions of its templates and its styles stand in the page; inline scripts stay
# refused.
ADMIN_POLICY = CONTENT_SECURITY_POLICY["DIRECTIVES"] | {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}

# --- logs: structured, without personal data ------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING" if TESTING else "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR" if TESTING else "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}
