# One image for web, worker, clock and migrations; they differ only in their command.

# The packages for the browser.
FROM node:24-slim AS browser
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

# The Python packages, by hash.
FROM python:3.11-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.txt ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes -r requirements.txt

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=False STATIC_BUILD=True
RUN useradd --system --uid 1000 --create-home partnerhub
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
COPY --from=browser /app/node_modules node_modules
# Hashing and compressing need settings, but neither the real secret nor a database.
RUN SECRET_KEY=only-to-build-the-static-files-of-this-image-0123456789 ALLOWED_HOSTS=localhost \
    DATABASE_URL=sqlite:////dev/shm/none.sqlite3 python manage.py collectstatic --noinput \
    && mkdir -p var && chown partnerhub var
USER partnerhub
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8000/ready/', timeout=4)"]
CMD ["gunicorn", "partnerhub.wsgi", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm"]
