#!/bin/sh
# Renders the configuration and becomes NGINX, with any arguments given: `start.sh`, `start.sh -t`.
# Everything NGINX writes lies in one folder, TIMBRE_NGINX_FOLDER, so that its root may be read-only.
set -eu

PATH=$PATH:/usr/local/sbin:/usr/sbin             # where NGINX is, though not for every user
here=$(cd "$(dirname "$0")" && pwd)
folder=${TIMBRE_NGINX_FOLDER:-/tmp/nginx}
: "${TIMBRE_NGINX_LISTEN:=8080}"              # address:port or port
: "${TIMBRE_TLS_CERTIFICATE:=}"               # PEM file; with it and its key NGINX answers https
: "${TIMBRE_TLS_KEY:=}"                       # PEM file
: "${TIMBRE_RESOLVER:=127.0.0.11}"            # docker's own; asked only for upstreams given by name
: "${TIMBRE_UPSTREAM_SPEAKER:=}"              # host:port of services/speaker; empty: this Timbre runs none
: "${TIMBRE_REQUESTS_PER_SECOND:=100}"        # of one key, or of one address without a key
: "${TIMBRE_BURST_REQUESTS:=200}"             # that may come at once above that rate
: "${TIMBRE_CONNECTIONS_PER_KEY:=48}"         # requests of one key that are answered at once
: "${TIMBRE_CONNECTIONS_PER_SERVICE:=64}"     # requests to one service that are answered at once
: "${TIMBRE_CLIENT_SECONDS:=10}"              # for a request's head, and between two pieces of its body
export TIMBRE_RESOLVER TIMBRE_UPSTREAM_SPEAKER TIMBRE_REQUESTS_PER_SECOND TIMBRE_BURST_REQUESTS \
    TIMBRE_CONNECTIONS_PER_KEY TIMBRE_CONNECTIONS_PER_SERVICE TIMBRE_CLIENT_SECONDS

is_at_least() { # VERSION: whether this is an NGINX of that version or later
    version=$(nginx -v 2>&1 | sed 's|.*nginx/||; s| .*||')
    printf '%s\n%s\n' "$1" "$version" | sort -CV
}

# HTTP/2 is what AWS's Polly client in JavaScript speaks. Without TLS, only NGINX from 1.25.1 on tells it from HTTP/1.1.
listen() {
    http2=
    if is_at_least 1.25.1; then echo "http2 on;"; else http2=" http2"; fi
    # docker-compose.yml mounts /dev/null where no certificate is named
    if [ -z "$TIMBRE_TLS_CERTIFICATE" ] || [ -c "$TIMBRE_TLS_CERTIFICATE" ]; then
        echo "listen $TIMBRE_NGINX_LISTEN;"
        return
    fi
    echo "listen $TIMBRE_NGINX_LISTEN ssl$http2;"
    echo "ssl_certificate $TIMBRE_TLS_CERTIFICATE;"
    echo "ssl_certificate_key $TIMBRE_TLS_KEY;"
    echo "ssl_protocols TLSv1.2 TLSv1.3;"
    echo "ssl_session_cache shared:timbre_tls:1m;"
    echo "ssl_session_tickets off;"
}

# upstream NAME ADDRESS... : a group with kept connections, and the variable $NAME that says where to pass a call.
# Without an address the variable is empty, and the location answers that there is no such service.
# NGINX before 1.27.3 cannot follow a name inside a group: there the variable holds the name, and each call is resolved.
upstream() {
    name=$1 option=
    shift
    case ${1:-} in
    "")
        echo "map '' \$$name { default ''; }"
        return
        ;;
    [0-9]*) ;;
    *)
        if ! is_at_least 1.27.3; then
            echo "map '' \$$name { default $1; }"
            return
        fi
        option=resolve
        ;;
    esac
    echo "map '' \$$name { default timbre_$name; }"
    echo "upstream timbre_$name {"
    echo "    zone timbre_$name 256k;"
    for address; do echo "    server $address fail_timeout=2s $option;"; done
    echo "    keepalive 64;"
    echo "}"
}

upstreams() {
    env | sed -n 's/^TIMBRE_UPSTREAM_\([A-Z]*\)=/\1 /p' | while read -r name addresses; do
        # shellcheck disable=SC2086  # one word an address
        upstream "$(echo "$name" | tr '[:upper:]' '[:lower:]')" $addresses
    done
}

mkdir -p "$folder/conf.d"
cp "$here/nginx.conf" "$folder/"
cp -R "$here/problems" "$here/pages" "$folder/"
for template in "$here"/templates/*.conf; do
    variables=$(env | sed -n 's/^\(TIMBRE_[A-Z_]*\)=.*/${\1}/p')
    envsubst "$variables" <"$template" >"$folder/conf.d/${template##*/}"
done
listen >"$folder/listen"
upstreams >"$folder/conf.d/upstreams.conf"

set -- -e stderr -p "$folder/" -c "$folder/nginx.conf" "$@"
if [ "$(id -u)" = 0 ]; then set -- -g "user $(id -un);" "$@"; fi
exec nginx "$@"
