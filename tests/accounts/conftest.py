"""A client that speaks JSON with a token."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import PASSWORD

LogIn = Callable[[User], APIClient]


@pytest.fixture
def log_in() -> LogIn:
    """Returns a function that logs a user in over the API and gives their client."""

    def _log_in(user: User) -> APIClient:
        client = APIClient()
        answer = client.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD}, format="json")
        assert answer.status_code == 200, answer.content
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
        return client

    return _log_in
