FROM python:3.13.18-slim AS build
ENV UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups
COPY . .
# Collecting reads the settings and connects to nothing: these values only let it start.
RUN SECRET_KEY=build DATABASE_URL=postgres:///build REDIS_URL=redis://build SITE_URL=https://build \
    FIELD_ENCRYPTION_KEYS=build DJANGO_SETTINGS_MODULE=config.settings.prod \
    .venv/bin/python manage.py collectstatic --noinput

FROM python:3.13.18-slim
RUN useradd --system --create-home --uid 10001 tandem
WORKDIR /app
COPY --from=build /app /app
USER tandem
ENV PATH=/app/.venv/bin:$PATH DJANGO_SETTINGS_MODULE=config.settings.prod \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
# core.serving says how: workers, threads, and that a request is read whole before a thread sees it.
CMD ["gunicorn", "--config", "python:core.serving", "config.wsgi", "--bind", "0.0.0.0:8000"]
