"""How gunicorn serves PartnerHub, on a desk and in a container. `WEB_CONCURRENCY` counts its processes."""

worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 8
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None  # the site logs each request itself, with its id
loglevel = "warning"
control_socket_disable = True
