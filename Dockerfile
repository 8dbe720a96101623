FROM python:3.11-slim

RUN pip install --no-cache-dir uv && useradd --create-home --uid 1000 factotum \
    && mkdir /data && chown factotum /data
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY core core
COPY connectors connectors
COPY agents agents
COPY bot bot
RUN uv sync --no-dev --no-editable && chown -R factotum /app

USER factotum
ENV FACTOTUM_HOME=/data PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
VOLUME /data
# Bot, worker and the embedded queue in one container; compose.yaml runs them apart.
CMD ["factotum", "up"]
