"""Where people and their other programs meet PartnerHub."""

from django.urls import path

from exchange.views import exports, imports, personal, tokens

app_name = "exchange"
urlpatterns = [
    path("profile/tokens/", tokens.tokens, name="tokens"),
    path("profile/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("profile/data/", personal.own_data, name="own_data"),
    path("export/<slug:kind>/", exports.export_list, name="export"),
    path("import/", imports.imports, name="imports"),
    path("import/<int:pk>/", imports.import_run, name="import_run"),
    path("import/<int:pk>/answers/", imports.import_answers, name="import_answers"),
    path("import/<int:pk>/refused/", imports.import_refused, name="import_refused"),
    path("import/<int:pk>/apply/", imports.apply_import, name="import_apply"),
    path("import/<int:pk>/cancel/", imports.cancel_import, name="import_cancel"),
]
