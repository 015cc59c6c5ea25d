"""How allauth is told about the organisation's identity provider."""

from typing import Any

Trusted = list[str] | bool  # domains of addresses that count as verified though the provider does not say so


def openid_connect(
    *, name: str, issuer: str, client_id: str, secret: str, trusted: Trusted = False
) -> dict[str, Any]:
    """One OpenID Connect provider, asked with PKCE, at /accounts/oidc/sso/login/."""
    app = {
        "provider_id": "sso",
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "verified_email": trusted, "oauth_pkce_enabled": True},
    }
    return {"APPS": [app]}


def saml(
    *, name: str, entity_id: str, sign_in_url: str, certificate: str, trusted: Trusted = False
) -> dict[str, Any]:
    """One SAML provider, at /accounts/saml/sso/: signed assertions, and only in answer to our question."""
    app = {
        "provider_id": entity_id,
        "name": name,
        "client_id": "sso",
        "settings": {
            "idp": {"entity_id": entity_id, "sso_url": sign_in_url, "x509cert": certificate},
            "verified_email": trusted,
            "use_nameid_for_email": False,
            "advanced": {"want_assertion_signed": True, "reject_idp_initiated_sso": True},
        },
    }
    return {"APPS": [app]}
