"""How gunicorn serves PartnerHub, on a desk and in a container. `WEB_CONCURRENCY` counts its processes."""

import gc

gc.set_threshold(50_000)  # loading makes many objects and no garbage: looking for it takes a tenth longer

# Loaded once, before the processes part: they share what they never write.
preload_app = True
worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 8
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None  # the site logs each request itself, with its id
loglevel = "warning"
control_socket_disable = True


def when_ready(server: object) -> None:
    """Before the first process is made: the site's pages are loaded, and left alone by the collector."""
    import partnerhub.urls  # noqa: F401 - Django must be set up before

    gc.collect()
    gc.freeze()
