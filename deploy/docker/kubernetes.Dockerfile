# The program ided-kubernetes: the ide service whose workspaces are pods of a
# cluster. Build from the root of the repository:
#
#   docker build -f deploy/docker/kubernetes.Dockerfile -t atrium-ided-kubernetes .
ARG GOLANG=golang:1.26-bookworm

FROM ${GOLANG} AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOWORK=off
COPY proto/ proto/
COPY pkg/ pkg/
COPY services/ide/ services/ide/
RUN cd services/ide/kubernetes && go build -trimpath -buildvcs=false -o /out/ ./cmd/ided-kubernetes \
 && mkdir /out/data

# It is static and needs nothing but authorities' certificates.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=10001:10001 /out/data/ /var/lib/atrium/
COPY --from=build /out/ided-kubernetes /usr/local/bin/
USER 10001:10001
WORKDIR /var/lib/atrium
ENV PATH=/usr/local/bin ATRIUM_DATA_DIR=/var/lib/atrium
EXPOSE 7103 7113 9093
ENTRYPOINT ["ided-kubernetes"]
