"""Deals, under /opportunities/."""

from django.urls import path

from opportunities.views import board, detail, edits, handovers, lists, moves, work

app_name = "opportunities"
urlpatterns = [
    path("", lists.opportunity_list, name="list"),
    path("board/", board.board, name="board"),
    path("board/more/<int:stage_id>/", board.more, name="board_more"),
    path("new/", edits.new, name="new"),
    path("customers/", edits.customer_names, name="customer_names"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/move/", moves.move, name="move"),
    path("<int:pk>/edit/", edits.edit, name="edit"),
    path("<int:pk>/people/", edits.people, name="people"),
    path("<int:pk>/people/<int:involvement_id>/release/", edits.release, name="release"),
    path("<int:pk>/offer/", handovers.offer, name="offer"),
    path("hand-overs/<int:pk>/accept/", handovers.accept, name="hand_over_accept"),
    path("hand-overs/<int:pk>/return/", handovers.give_back, name="hand_over_return"),
    path("hand-overs/<int:pk>/withdraw/", handovers.withdraw, name="hand_over_withdraw"),
    path("<int:pk>/promises/new/", work.promise_new, name="promise_new"),
    path("<int:pk>/obstacles/new/", work.obstacle_new, name="obstacle_new"),
    path("promises/<int:pk>/settle/", work.promise_settle, name="promise_settle"),
    path("promises/<int:pk>/date/", work.promise_date, name="promise_date"),
]
