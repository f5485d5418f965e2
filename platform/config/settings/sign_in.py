"""How people and programs log in (django-allauth, and what stands on it)."""

from .environment import env

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# With the enumeration guard, a verified address is what lets sign-up tell nothing about who is registered.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Sauda] "
ACCOUNT_EMAIL_NOTIFICATIONS = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A key that asks for a fingerprint or a PIN is two factors in one, so it may stand for the password too.
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Sauda"
USERSESSIONS_ADAPTER = "accounts.adapter.UserSessionsAdapter"

HEADLESS_TOKEN_STRATEGY = "allauth.headless.tokens.strategies.jwt.JWTTokenStrategy"
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 900
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = 86_400
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True

# Reverse proxies that append to X-Forwarded-For; addresses before them are the client's own claim.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
# How long an answer about a caller is kept; a right that is taken away ends it at once.
AUTH_CACHE_SECONDS = 60
