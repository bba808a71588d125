# One file for every Python container:
#   GROUP           dependency group of pyproject.toml
#   SERVICE         module that shared.serve runs
#   PACKAGES        Debian packages it needs
#   BUILD_PACKAGES  Debian packages that only the installation of GROUP needs
#   PIP_EXTRA_INDEX_URL  for torch: https://download.pytorch.org/whl/cpu leaves out 5 GB that it brings for GPUs
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG BUILD_PACKAGES=""
RUN if [ -n "$BUILD_PACKAGES" ]; then \
        apt-get update -qq && apt-get install -y -qq --no-install-recommends $BUILD_PACKAGES; \
    fi
WORKDIR /build
COPY pyproject.toml constraints.txt ./
ARG GROUP
ARG PIP_EXTRA_INDEX_URL=""
# torchaudio's libraries are built for CUDA, and it fails where they cannot be loaded; nothing here needs them
RUN python -m venv /venv \
    && /venv/bin/pip install -q --no-cache-dir --disable-pip-version-check "pip>=25.1" \
    && /venv/bin/pip install -q --no-cache-dir --group "$GROUP" -c constraints.txt \
    && rm -f /venv/lib/python3*/site-packages/torchaudio/lib/*.so \
    && /venv/bin/pip uninstall -q -y pip

FROM ${PYTHON_IMAGE}
ARG PACKAGES=""
RUN if [ -n "$PACKAGES" ]; then \
        apt-get update -qq && apt-get install -y -qq --no-install-recommends $PACKAGES \
        && rm -rf /var/lib/apt/lists/*; \
    fi
# Volumes take over the owner of the folder they are first mounted on.
RUN mkdir /keys /cache /data /jobs && chown 10001:10001 /keys /cache /data /jobs && chmod 700 /keys /data /jobs
COPY --from=build /venv /venv
WORKDIR /app
COPY shared shared
COPY gateway gateway
COPY services services
COPY jobs jobs
RUN /venv/bin/python -m compileall -q shared gateway services jobs
ARG SERVICE
ENV PATH=/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    TIMBRE_SERVICE=$SERVICE \
    TIMBRE_LISTEN_HOST=0.0.0.0 \
    TIMBRE_LISTEN_PORT=8000 \
    TIMBRE_KEYS=/keys/keys.json \
    TIMBRE_MODELS_CACHE=/cache
USER 10001:10001
EXPOSE 8000
CMD ["sh", "-c", "exec python -m shared.serve \"$TIMBRE_SERVICE\""]
