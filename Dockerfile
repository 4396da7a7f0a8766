# One image for every process of Dialtone: api, worker, migrate, sim, doctor.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /dialtone ./cmd/dialtone

FROM debian:bookworm-slim
# The roots are for systems whose certificates a public authority signed.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dialtone \
    && install -d -o dialtone -g dialtone -m 0700 /systems
COPY --from=build /dialtone /usr/local/bin/dialtone
USER dialtone
WORKDIR /systems
ENTRYPOINT ["dialtone"]
