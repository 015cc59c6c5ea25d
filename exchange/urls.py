"""Where people and their other programs meet PartnerHub."""

from django.urls import path

from exchange.views import tokens

app_name = "exchange"
urlpatterns = [
    path("profile/tokens/", tokens.tokens, name="tokens"),
    path("profile/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
]
