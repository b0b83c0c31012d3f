# Two images from one file:
#   docker build -t truenas-collector .                     the collector, alone on an empty base
#   docker build -t truenas-analyzer --target analyzer .    the analyzer on a small Debian
# Base images are named by tag here and pinned by digest when a release is built: a digest in the source would keep
# old packages alive, a tag in a release would make it unrepeatable.

FROM rust:1.95-slim-bookworm AS source
WORKDIR /src
COPY . .

FROM source AS collector-build
# musl gives a static binary that needs no C library, no resolver configuration and no locale files at run time.
# The C compiler wrapper is for ring and zstd.
RUN apt-get update \
 && apt-get install -y --no-install-recommends musl-tools \
 && rm -rf /var/lib/apt/lists/* \
 && rustup target add "$(uname -m)-unknown-linux-musl"
# The result is refused when it asks for a shared library or has outgrown its budget of 16 MiB.
RUN target="$(uname -m)-unknown-linux-musl" \
 && CARGO_PROFILE_DIST_LTO=thin cargo build --locked --profile dist --package truenas-collector --target "$target" \
 && install -D -m 0755 "target/$target/dist/truenas-collector" /out/truenas-collector \
 && readelf --dynamic /out/truenas-collector >/tmp/dynamic \
 && ! grep --quiet NEEDED /tmp/dynamic \
 && test "$(stat --format=%s /out/truenas-collector)" -le 16777216 \
 && /out/truenas-collector --version

FROM source AS analyzer-build
RUN cargo build --locked --profile dist --package truenas-analyzer \
 && install -D -m 0755 target/dist/truenas-analyzer /out/truenas-analyzer \
 && /out/truenas-analyzer --version

# The analyzer is linked to glibc, and Debian 12 has the one of the build image. Pin this line by digest at release:
# debian:12-slim@sha256:... Run it with `--network none`: it opens no socket.
FROM debian:12-slim AS analyzer
LABEL org.opencontainers.image.title="truenas-analyzer" \
      org.opencontainers.image.source="https://github.com/truenas-storage-monitor/truenas-storage-monitor" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=analyzer-build /out/truenas-analyzer /usr/local/bin/truenas-analyzer
USER 65532
ENTRYPOINT ["/usr/local/bin/truenas-analyzer"]

# Last, so that it is what a plain build gives. No shell, no package manager, no CA bundle: the two CAs that the
# collector trusts are mounted. No passwd file either: OpenShift gives it an arbitrary UID, elsewhere the numeric UID
# below satisfies `runAsNonRoot`; both have group 0, which is what makes 0440 secret files readable.
FROM scratch AS collector
LABEL org.opencontainers.image.title="truenas-collector" \
      org.opencontainers.image.source="https://github.com/truenas-storage-monitor/truenas-storage-monitor" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=collector-build /out/truenas-collector /truenas-collector
USER 65532
ENTRYPOINT ["/truenas-collector"]
